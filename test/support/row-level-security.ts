import path from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { Client, Pool, PoolConfig } from "pg";
import { ACCESS, loginRoleName, ownerRole, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { ROOT } from "../../platform/shared/paths";
import { startPlainPostgres } from "./plain-postgres";

const PASSWORD = "password-of-a-test";
const roleOf = (role: RoleName) => loginRoleName("markenmate", role);

/** A plain server with the stack's roles and rights and the recipe's tables: quicker than a whole stack. */
export interface RecipeServer {
  connection(role: RoleName): PoolConfig;
  /** Logs in as a role, does the work and logs out. */
  as<Result>(role: RoleName, work: (client: Client) => Promise<Result>): Promise<Result>;
  asSuperuser<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
  stop(): Promise<void>;
}

/** What the access matrix says about the schema public and what migrations make in it. */
function rights(): string[] {
  const owner = roleOf(ownerRole());
  return ROLE_NAMES.flatMap((role) => {
    const { grants: matrix, everywhere } = ACCESS[role];
    const { database, schema, table, sequence, function: functions } = matrix;
    const where = everywhere ? "" : " IN SCHEMA public";
    const grants = [
      { privileges: database, on: "ON DATABASE postgres" },
      { privileges: schema, on: "ON SCHEMA public" },
      { privileges: everywhere ? schema : [], on: "ON SCHEMAS", future: true },
      { privileges: table, on: "ON TABLES", future: true },
      { privileges: sequence, on: "ON SEQUENCES", future: true },
      { privileges: functions, on: "ON FUNCTIONS", future: true },
    ].filter(({ privileges }) => privileges.length > 0);
    return [
      `CREATE ROLE ${roleOf(role)} LOGIN PASSWORD '${PASSWORD}'`,
      ...grants.map(({ privileges, on, future }) => {
        const by = future ? `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner}${where} ` : "";
        return `${by}GRANT ${privileges.join(", ")} ${on} TO ${roleOf(role)}`;
      }),
    ];
  });
}

export async function startRecipe(major: 15 | 17): Promise<RecipeServer> {
  const server = await startPlainPostgres(major);
  const at = { host: server.host, port: server.port, database: "postgres" };
  const connection = (role: RoleName) => ({ ...at, user: roleOf(role), password: PASSWORD });
  const using = async <Result>(login: PoolConfig, work: (client: Client) => Promise<Result>): Promise<Result> => {
    const client = new Client(login);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const asSuperuser: RecipeServer["asSuperuser"] = (work) => using({ ...at, ...server.superuser }, work);
  try {
    await asSuperuser(async (client) => {
      // The owner comes first: the others' rights are given for what it makes.
      const statements = rights();
      const roles = statements.filter((sql) => sql.startsWith("CREATE ROLE"));
      const grants = statements.filter((sql) => !roles.includes(sql));
      for (const sql of ["REVOKE ALL ON SCHEMA public FROM PUBLIC", ...roles, ...grants]) {
        await client.query(sql);
      }
    });
    const pool = new Pool({ ...connection(ownerRole()), max: 1 });
    await migrate(drizzle(pool), { migrationsFolder: path.join(ROOT, "docs/examples/row-level-security/migrations") });
    await pool.end();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { connection, as: (role, work) => using(connection(role), work), asSuperuser, stop: () => server.stop() };
}
