import { PlantedFault } from "./fault";

/** ALTER SYSTEM, which RDS does not let anybody; here it stands for whatever changes a server past its parameter group. */
const bySystem = (name: string, parameter: string, value: string, cure?: string): PlantedFault => ({
  name,
  plant: [`ALTER SYSTEM SET ${parameter} = '${value}'`],
  undo: [`ALTER SYSTEM RESET ${parameter}`],
  finds: [["parameters", parameter]],
  cure,
});

export const SERVER_FAULTS: PlantedFault[] = [
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
  bySystem("a log in the time of another zone", "log_timezone", "Europe/Berlin"),
  {
    name: "a login that may switch its log off",
    plant: ["GRANT SET ON PARAMETER log_statement TO markenmate_app"],
    undo: ["REVOKE SET ON PARAMETER log_statement FROM markenmate_app"],
    finds: [["parameters", "markenmate_app on log_statement"]],
    cure: "REVOKE SET ON PARAMETER log_statement FROM markenmate_app",
  },
  {
    name: "a static setting that waits for a restart",
    plant: ["ALTER SYSTEM SET max_connections = '50'"],
    undo: ["ALTER SYSTEM RESET max_connections"],
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
    plant: [`ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY`],
    undo: [`ALTER TABLE public.customers DISABLE ROW LEVEL SECURITY`],
    finds: [["row-level-security", "table public.customers"]],
    cure: "FOR SELECT TO markenmate_backup USING (true)",
  },
  {
    name: "policies that nobody is held to",
    plant: [`CREATE POLICY own ON public.customers USING (true)`],
    undo: [`DROP POLICY own ON public.customers`],
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
