/** Something that must not be, how a superuser brings it about, and what the live check must say of it: that, and nothing else. */
export interface PlantedFault {
  name: string;
  /** The first version of PostgreSQL that can have it. */
  since?: number;
  plant: string[];
  undo: string[];
  /** Check and subject of each finding. */
  finds: [check: string, subject: string][];
  /** Words that the first cure must have. */
  cure?: string;
}

const OF_TABLE = "public.customers";

const ACCESS_FAULTS: PlantedFault[] = [
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
      ["ownership", "table public.orders"],
      ["ownership", "sequence public.orders_id_seq"],
    ],
    cure: "ALTER TABLE public.orders OWNER TO markenmate_migrate",
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

const LOGIN_FAULTS: PlantedFault[] = [
  ...(
    [
      ["a superuser", "SUPERUSER"],
      ["a login that makes databases", "CREATEDB"],
      ["a login that makes roles", "CREATEROLE"],
      ["a login that replicates", "REPLICATION"],
      ["a login that row-level security does not bind", "BYPASSRLS"],
    ] as const
  ).map(([name, attribute]) => ({
    name,
    plant: [`ALTER ROLE markenmate_app ${attribute}`],
    undo: [`ALTER ROLE markenmate_app NO${attribute}`],
    finds: [["logins", "markenmate_app"]] as [string, string][],
    cure: `ALTER ROLE markenmate_app NO${attribute}`,
  })),
  {
    name: "a master that is a superuser",
    plant: ["ALTER ROLE markenmate_admin SUPERUSER"],
    undo: ["ALTER ROLE markenmate_admin NOSUPERUSER"],
    finds: [["logins", "markenmate_admin"]],
  },
  {
    name: "a login that nobody knows",
    plant: ["CREATE ROLE backdoor LOGIN"],
    undo: ["DROP ROLE backdoor"],
    finds: [["logins", "backdoor"]],
  },
  {
    name: "a superuser that calls itself RDS's",
    plant: ["CREATE ROLE rds_ad SUPERUSER"],
    undo: ["DROP ROLE rds_ad"],
    finds: [["logins", "rds_ad"]],
  },
  {
    name: "a second login that may log in before its turn",
    plant: ["ALTER ROLE markenmate_readonly_clone LOGIN"],
    undo: ["ALTER ROLE markenmate_readonly_clone NOLOGIN"],
    finds: [["logins", "markenmate_readonly_clone"]],
  },
  {
    name: "a login that is shut out",
    plant: ["ALTER ROLE markenmate_app NOLOGIN"],
    undo: ["ALTER ROLE markenmate_app LOGIN"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "a login with an end",
    plant: ["ALTER ROLE markenmate_app VALID UNTIL '2031-01-01 00:00:00+00'"],
    undo: ["ALTER ROLE markenmate_app VALID UNTIL 'infinity'"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "a login with a limit of connections",
    plant: ["ALTER ROLE markenmate_app CONNECTION LIMIT 2"],
    undo: ["ALTER ROLE markenmate_app CONNECTION LIMIT -1"],
    finds: [["logins", "markenmate_app"]],
  },
  {
    name: "an application that can become the owner",
    plant: ["GRANT markenmate_migrate TO markenmate_app"],
    undo: ["REVOKE markenmate_migrate FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in markenmate_migrate"]],
    cure: "REVOKE markenmate_migrate FROM markenmate_app",
  },
  {
    name: "a report that reads everything",
    plant: ["GRANT pg_read_all_data TO markenmate_readonly"],
    undo: ["REVOKE pg_read_all_data FROM markenmate_readonly"],
    finds: [["memberships", "markenmate_readonly in pg_read_all_data"]],
  },
  {
    name: "an application that runs programs on the server",
    plant: ["GRANT pg_execute_server_program TO markenmate_app"],
    undo: ["REVOKE pg_execute_server_program FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in pg_execute_server_program"]],
  },
  {
    name: "an application with the master's rights",
    plant: ["GRANT rds_superuser TO markenmate_app"],
    undo: ["REVOKE rds_superuser FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in rds_superuser"]],
  },
  {
    name: "a login that IAM's tokens shut its password out of",
    plant: ["GRANT rds_iam TO markenmate_app"],
    undo: ["REVOKE rds_iam FROM markenmate_app"],
    finds: [["memberships", "markenmate_app in rds_iam"]],
  },
  {
    name: "a master that acts as the owner",
    since: 16,
    plant: ["GRANT markenmate_migrate TO markenmate_admin WITH SET TRUE, INHERIT TRUE"],
    undo: ["GRANT markenmate_migrate TO markenmate_admin WITH SET FALSE, INHERIT FALSE"],
    finds: [["memberships", "markenmate_admin in markenmate_migrate"]],
  },
  {
    name: "a second login that lost its role",
    plant: ["REVOKE markenmate_readonly FROM markenmate_readonly_clone GRANTED BY markenmate_admin"],
    undo: ["GRANT markenmate_readonly TO markenmate_readonly_clone GRANTED BY markenmate_admin"],
    finds: [["memberships", "markenmate_readonly_clone in markenmate_readonly"]],
  },
  {
    name: "a second login that acts as itself",
    plant: ["ALTER ROLE markenmate_app_clone RESET role"],
    undo: ["ALTER ROLE markenmate_app_clone SET role = 'markenmate_app'"],
    finds: [["login-settings", "markenmate_app_clone: role"]],
  },
  {
    name: "a login without its limit",
    plant: ["ALTER ROLE markenmate_app RESET statement_timeout"],
    undo: ["ALTER ROLE markenmate_app SET statement_timeout = '30000'"],
    finds: [["login-settings", "markenmate_app: statement_timeout"]],
  },
  {
    name: "a login with another limit",
    plant: ["ALTER ROLE markenmate_app SET idle_in_transaction_session_timeout = '0'"],
    undo: ["ALTER ROLE markenmate_app SET idle_in_transaction_session_timeout = '60000'"],
    finds: [["login-settings", "markenmate_app: idle_in_transaction_session_timeout"]],
  },
  {
    name: "a login that is not logged, by ALTER ROLE",
    plant: ["ALTER ROLE markenmate_app SET log_statement = 'none'"],
    undo: ["ALTER ROLE markenmate_app RESET log_statement"],
    finds: [["login-settings", "markenmate_app: log_statement"]],
    cure: "ALTER ROLE markenmate_app RESET log_statement",
  },
  {
    name: "a setting of a login in this database",
    plant: ["ALTER ROLE markenmate_app IN DATABASE markenmate SET search_path = 'evil'"],
    undo: ["ALTER ROLE markenmate_app IN DATABASE markenmate RESET search_path"],
    finds: [["login-settings", "markenmate_app in markenmate: search_path"]],
    cure: "ALTER ROLE markenmate_app IN DATABASE markenmate RESET search_path",
  },
  {
    name: "a database in which slow statements are not logged",
    plant: ["ALTER DATABASE markenmate SET log_min_duration_statement = '-1'"],
    undo: ["ALTER DATABASE markenmate RESET log_min_duration_statement"],
    finds: [["login-settings", "database markenmate: log_min_duration_statement"]],
    cure: "ALTER DATABASE markenmate RESET log_min_duration_statement",
  },
];

/** ALTER SYSTEM, which RDS does not let anybody; here it stands for whatever changes a server past its parameter group. */
const bySystem = (name: string, parameter: string, value: string, cure?: string): PlantedFault => ({
  name,
  plant: [`ALTER SYSTEM SET ${parameter} = '${value}'`, "SELECT pg_reload_conf()"],
  undo: [`ALTER SYSTEM RESET ${parameter}`, "SELECT pg_reload_conf()"],
  finds: [["parameters", parameter]],
  cure,
});

const SERVER_FAULTS: PlantedFault[] = [
  bySystem("statements that are not logged", "log_statement", "none", "ALTER SYSTEM RESET log_statement"),
  bySystem("slow statements that are not logged", "log_min_duration_statement", "-1"),
  bySystem("connections that are not logged", "log_connections", "off"),
  bySystem("disconnections that are not logged", "log_disconnections", "off"),
  bySystem("lock waits that are not logged", "log_lock_waits", "off"),
  bySystem("values in the log", "log_parameter_max_length", "1024"),
  bySystem("old TLS", "ssl_min_protocol_version", "TLSv1.1"),
  bySystem("passwords as md5", "password_encryption", "md5"),
  bySystem("queues behind locks", "lock_timeout", "0"),
  bySystem("a setting that the parameter group does not know", "temp_file_limit", "1048576"),
  bySystem("a line for every statement", "log_duration", "on"),
  {
    name: "a static setting that waits for a restart",
    plant: ["ALTER SYSTEM SET max_connections = '50'", "SELECT pg_reload_conf()"],
    undo: ["ALTER SYSTEM RESET max_connections", "SELECT pg_reload_conf()"],
    finds: [["parameters", "max_connections"]],
  },
  {
    name: "an extension that nobody asked for",
    plant: ["CREATE EXTENSION dblink SCHEMA extensions"],
    undo: ["DROP EXTENSION dblink"],
    finds: [["extensions", "dblink"]],
  },
  {
    name: "an extension among the tables",
    plant: ["ALTER EXTENSION pg_stat_statements SET SCHEMA public"],
    undo: ["ALTER EXTENSION pg_stat_statements SET SCHEMA extensions"],
    finds: [["extensions", "pg_stat_statements"]],
    cure: "ALTER EXTENSION pg_stat_statements SET SCHEMA extensions",
  },
  {
    name: "an extension that is gone",
    plant: ["DROP EXTENSION pg_stat_statements"],
    undo: ["CREATE EXTENSION pg_stat_statements SCHEMA extensions"],
    finds: [["extensions", "pg_stat_statements"]],
  },
  {
    name: "an extension that was not updated",
    plant: ["DROP EXTENSION pg_stat_statements", "CREATE EXTENSION pg_stat_statements SCHEMA extensions VERSION '1.9'"],
    undo: ["DROP EXTENSION pg_stat_statements", "CREATE EXTENSION pg_stat_statements SCHEMA extensions"],
    finds: [["extensions", "pg_stat_statements"]],
    cure: "ALTER EXTENSION pg_stat_statements UPDATE",
  },
  {
    name: "a function of its owner's rights that looks names up where the caller says",
    plant: [
      "CREATE FUNCTION public.raise() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
      "ALTER FUNCTION public.raise() OWNER TO markenmate_migrate",
      "REVOKE EXECUTE ON FUNCTION public.raise() FROM PUBLIC",
      "GRANT EXECUTE ON FUNCTION public.raise() TO markenmate_app",
    ],
    undo: ["DROP FUNCTION public.raise()"],
    finds: [["definer-functions", "function public.raise()"]],
    cure: "ALTER FUNCTION public.raise() SET search_path",
  },
  {
    name: "a slot that nobody reads",
    plant: ["SELECT pg_create_physical_replication_slot('forgotten', true)"],
    undo: ["SELECT pg_drop_replication_slot('forgotten')"],
    finds: [["replication", "slot forgotten"]],
  },
  {
    name: "a publication",
    plant: ["CREATE PUBLICATION leak FOR TABLE public.customers"],
    undo: ["DROP PUBLICATION leak"],
    finds: [["replication", "publication leak"]],
  },
  {
    name: "row-level security that hides rows from backups",
    plant: [`ALTER TABLE ${OF_TABLE} ENABLE ROW LEVEL SECURITY`],
    undo: [`ALTER TABLE ${OF_TABLE} DISABLE ROW LEVEL SECURITY`],
    finds: [["row-level-security", "table public.customers"]],
    cure: "FOR SELECT TO markenmate_backup USING (true)",
  },
  {
    name: "policies that nobody is held to",
    plant: [`CREATE POLICY own ON ${OF_TABLE} USING (true)`],
    undo: [`DROP POLICY own ON ${OF_TABLE}`],
    finds: [["row-level-security", "table public.customers"]],
    cure: "ENABLE ROW LEVEL SECURITY",
  },
  {
    name: "a table with markup for a name",
    plant: [
      `CREATE TABLE public."<script>alert('x')</script>" (id int)`,
      `ALTER TABLE public."<script>alert('x')</script>" OWNER TO markenmate_readonly`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON public."<script>alert('x')</script>" TO markenmate_app`,
      `GRANT SELECT ON public."<script>alert('x')</script>" TO markenmate_readonly, markenmate_backup`,
    ],
    undo: [`DROP TABLE public."<script>alert('x')</script>"`],
    finds: [["ownership", `table public."<script>alert('x')</script>"`]],
  },
];

export const PLANTED_FAULTS = [...ACCESS_FAULTS, ...LOGIN_FAULTS, ...SERVER_FAULTS];
