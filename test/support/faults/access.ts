import { PlantedFault } from "./fault";

const OF_TABLE = "public.customers";

export const ACCESS_FAULTS: PlantedFault[] = [
  {
    name: "a right too many on a table",
    plant: [`GRANT TRUNCATE ON ${OF_TABLE} TO markenmate_app`],
    undo: [`REVOKE TRUNCATE ON ${OF_TABLE} FROM markenmate_app`],
    finds: [["grants", "markenmate_app on table public.customers"]],
    cure: "REVOKE TRUNCATE ON TABLE public.customers FROM markenmate_app",
  },
  {
    name: "a right missing on a table",
    plant: [`REVOKE INSERT ON ${OF_TABLE} FROM markenmate_app`],
    undo: [`GRANT INSERT ON ${OF_TABLE} TO markenmate_app`],
    finds: [["grants", "markenmate_app on table public.customers"]],
    cure: "GRANT INSERT ON TABLE public.customers TO markenmate_app",
  },
  {
    name: "a report that may write",
    plant: [`GRANT UPDATE ON ${OF_TABLE} TO markenmate_readonly`],
    undo: [`REVOKE UPDATE ON ${OF_TABLE} FROM markenmate_readonly`],
    finds: [["grants", "markenmate_readonly on table public.customers"]],
  },
  {
    name: "monitoring that may read rows",
    plant: [`GRANT SELECT ON ${OF_TABLE} TO markenmate_monitor`],
    undo: [`REVOKE SELECT ON ${OF_TABLE} FROM markenmate_monitor`],
    finds: [["grants", "markenmate_monitor on table public.customers"]],
  },
  {
    name: "a backup that misses a table",
    plant: [`REVOKE SELECT ON ${OF_TABLE} FROM markenmate_backup`],
    undo: [`GRANT SELECT ON ${OF_TABLE} TO markenmate_backup`],
    finds: [["grants", "markenmate_backup on table public.customers"]],
  },
  {
    name: "a backup that misses Drizzle's journal",
    plant: ["REVOKE SELECT ON drizzle.__drizzle_migrations FROM markenmate_backup"],
    undo: ["GRANT SELECT ON drizzle.__drizzle_migrations TO markenmate_backup"],
    finds: [["grants", "markenmate_backup on table drizzle.__drizzle_migrations"]],
  },
  {
    name: "an application that reads Drizzle's journal",
    plant: ["GRANT SELECT ON drizzle.__drizzle_migrations TO markenmate_app"],
    undo: ["REVOKE SELECT ON drizzle.__drizzle_migrations FROM markenmate_app"],
    finds: [["grants", "markenmate_app on table drizzle.__drizzle_migrations"]],
  },
  {
    name: "a right that may be passed on",
    plant: [`GRANT SELECT ON ${OF_TABLE} TO markenmate_readonly WITH GRANT OPTION`],
    undo: [`REVOKE GRANT OPTION FOR SELECT ON ${OF_TABLE} FROM markenmate_readonly`],
    finds: [["grants", "markenmate_readonly on table public.customers"]],
    cure: "REVOKE GRANT OPTION FOR SELECT",
  },
  {
    name: "a right of a second login of its own",
    plant: [`GRANT SELECT ON ${OF_TABLE} TO markenmate_monitor_clone`],
    undo: [`REVOKE SELECT ON ${OF_TABLE} FROM markenmate_monitor_clone`],
    finds: [["grants", "markenmate_monitor_clone on table public.customers"]],
  },
  {
    name: "a right on a column",
    plant: [`GRANT SELECT (name) ON ${OF_TABLE} TO markenmate_monitor`],
    undo: [`REVOKE SELECT (name) ON ${OF_TABLE} FROM markenmate_monitor`],
    finds: [["grants", "markenmate_monitor on column public.customers.name"]],
    cure: "REVOKE SELECT (name) ON public.customers FROM markenmate_monitor",
  },
  {
    name: "a role that can create tables",
    plant: ["GRANT CREATE ON SCHEMA public TO markenmate_app"],
    undo: ["REVOKE CREATE ON SCHEMA public FROM markenmate_app"],
    finds: [["grants", "markenmate_app on schema public"]],
  },
  {
    name: "a role that cannot look into the schema",
    plant: ["REVOKE USAGE ON SCHEMA public FROM markenmate_readonly"],
    undo: ["GRANT USAGE ON SCHEMA public TO markenmate_readonly"],
    finds: [["grants", "markenmate_readonly on schema public"]],
  },
  {
    name: "an application with a way to the extensions",
    plant: ["GRANT USAGE ON SCHEMA extensions TO markenmate_app"],
    undo: ["REVOKE USAGE ON SCHEMA extensions FROM markenmate_app"],
    finds: [["grants", "markenmate_app on schema extensions"]],
  },
  {
    name: "a role that can make schemas",
    plant: ["GRANT CREATE ON DATABASE markenmate TO markenmate_app"],
    undo: ["REVOKE CREATE ON DATABASE markenmate FROM markenmate_app"],
    finds: [["grants", "markenmate_app on database markenmate"]],
  },
  {
    name: "a role that may not connect",
    plant: ["REVOKE CONNECT ON DATABASE markenmate FROM markenmate_backup"],
    undo: ["GRANT CONNECT ON DATABASE markenmate TO markenmate_backup"],
    finds: [["grants", "markenmate_backup on database markenmate"]],
  },
  {
    name: "a report that moves a sequence",
    plant: ["GRANT UPDATE ON SEQUENCE public.customers_id_seq TO markenmate_readonly"],
    undo: ["REVOKE UPDATE ON SEQUENCE public.customers_id_seq FROM markenmate_readonly"],
    finds: [["grants", "markenmate_readonly on sequence public.customers_id_seq"]],
  },
  {
    name: "an application without a sequence",
    plant: ["REVOKE USAGE ON SEQUENCE public.customers_id_seq FROM markenmate_app"],
    undo: ["GRANT USAGE ON SEQUENCE public.customers_id_seq TO markenmate_app"],
    finds: [["grants", "markenmate_app on sequence public.customers_id_seq"]],
  },
  {
    name: "a report that calls functions",
    plant: ["GRANT EXECUTE ON FUNCTION public.new_answer() TO markenmate_readonly"],
    undo: ["REVOKE EXECUTE ON FUNCTION public.new_answer() FROM markenmate_readonly"],
    finds: [["grants", "markenmate_readonly on function public.new_answer()"]],
  },
  {
    name: "a view that reports cannot read",
    plant: [
      "CREATE VIEW public.names AS SELECT name FROM public.customers",
      "ALTER VIEW public.names OWNER TO markenmate_migrate",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON public.names TO markenmate_app",
      "GRANT SELECT ON public.names TO markenmate_backup",
    ],
    undo: ["DROP VIEW public.names"],
    finds: [["grants", "markenmate_readonly on view public.names"]],
  },
  {
    name: "a right of PUBLIC on a table",
    plant: [`GRANT SELECT ON ${OF_TABLE} TO PUBLIC`],
    undo: [`REVOKE SELECT ON ${OF_TABLE} FROM PUBLIC`],
    finds: [["public", "table public.customers"]],
    cure: "REVOKE SELECT ON TABLE public.customers FROM PUBLIC",
  },
  {
    name: "a right of PUBLIC on a column",
    plant: [`GRANT UPDATE (name) ON ${OF_TABLE} TO PUBLIC`],
    undo: [`REVOKE UPDATE (name) ON ${OF_TABLE} FROM PUBLIC`],
    finds: [["public", "column public.customers.name"]],
  },
  {
    name: "a schema that everybody may create in",
    plant: ["GRANT CREATE ON SCHEMA public TO PUBLIC"],
    undo: ["REVOKE CREATE ON SCHEMA public FROM PUBLIC"],
    finds: [["public", "schema public"]],
  },
  {
    name: "a database that everybody may connect to",
    plant: ["GRANT CONNECT ON DATABASE markenmate TO PUBLIC"],
    undo: ["REVOKE CONNECT ON DATABASE markenmate FROM PUBLIC"],
    finds: [["public", "database markenmate"]],
  },
  {
    name: "a function that everybody may call",
    plant: ["GRANT EXECUTE ON FUNCTION public.new_answer() TO PUBLIC"],
    undo: ["REVOKE EXECUTE ON FUNCTION public.new_answer() FROM PUBLIC"],
    finds: [["public", "function public.new_answer()"]],
    cure: "REVOKE EXECUTE ON ROUTINE public.new_answer() FROM PUBLIC",
  },
  {
    name: "default privileges that miss the application",
    plant: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public REVOKE DELETE ON TABLES FROM markenmate_app",
    ],
    undo: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public GRANT DELETE ON TABLES TO markenmate_app",
    ],
    finds: [["default-privileges", "DELETE for markenmate_app on the tables that markenmate_migrate makes in public"]],
    cure: "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public GRANT DELETE ON TABLES TO markenmate_app",
  },
  {
    name: "default privileges that may be passed on",
    plant: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public GRANT SELECT ON TABLES TO markenmate_app WITH GRANT OPTION",
    ],
    undo: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public REVOKE GRANT OPTION FOR SELECT ON TABLES FROM markenmate_app",
    ],
    finds: [["default-privileges", "SELECT for markenmate_app on the tables that markenmate_migrate makes in public"]],
    cure: "REVOKE GRANT OPTION FOR SELECT ON TABLES FROM markenmate_app",
  },
  {
    name: "default privileges that give too much",
    plant: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public GRANT INSERT ON TABLES TO markenmate_readonly",
    ],
    undo: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate IN SCHEMA public REVOKE INSERT ON TABLES FROM markenmate_readonly",
    ],
    finds: [
      ["default-privileges", "INSERT for markenmate_readonly on the tables that markenmate_migrate makes in public"],
    ],
  },
  {
    name: "default privileges bound to the wrong creator, as in the guide",
    plant: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_admin IN SCHEMA public GRANT SELECT ON TABLES TO markenmate_app",
    ],
    undo: [
      "ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_admin IN SCHEMA public REVOKE SELECT ON TABLES FROM markenmate_app",
    ],
    finds: [["default-privileges", "SELECT for markenmate_app on the tables that markenmate_admin makes in public"]],
  },
  {
    name: "new functions that everybody may call",
    plant: ["ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate GRANT EXECUTE ON FUNCTIONS TO PUBLIC"],
    undo: ["ALTER DEFAULT PRIVILEGES FOR ROLE markenmate_migrate REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"],
    finds: [
      ["default-privileges", "EXECUTE for PUBLIC on the functions that markenmate_migrate makes in every schema"],
    ],
  },
  {
    name: "a table of the wrong owner",
    plant: ["ALTER TABLE public.orders OWNER TO markenmate_admin"],
    undo: ["ALTER TABLE public.orders OWNER TO markenmate_migrate"],
    finds: [
      ["ownership", "sequence public.orders_id_seq"],
      ["ownership", "table public.orders"],
    ],
  },
  {
    name: "a function of the wrong owner",
    plant: ["ALTER FUNCTION public.new_answer() OWNER TO markenmate_admin"],
    undo: ["ALTER FUNCTION public.new_answer() OWNER TO markenmate_migrate"],
    finds: [["ownership", "function public.new_answer()"]],
  },
  {
    name: "a database of the wrong owner",
    plant: ["ALTER DATABASE markenmate OWNER TO markenmate_migrate"],
    undo: [
      "ALTER DATABASE markenmate OWNER TO markenmate_admin",
      "GRANT CONNECT, CREATE, TEMPORARY ON DATABASE markenmate TO markenmate_migrate",
    ],
    finds: [["ownership", "database markenmate"]],
  },
  {
    name: "a schema of the wrong owner",
    plant: ["CREATE SCHEMA odd AUTHORIZATION markenmate_readonly"],
    undo: ["DROP SCHEMA odd"],
    finds: [["ownership", "schema odd"]],
  },
];
