import path from "node:path";
import { ClientConfig } from "pg";
import { run } from "../../../lib/process";
import { ROOT } from "../../../platform/shared/paths";
import { LocalStack } from "../local-stack";

/** Runs a folder's migrations, this one's unless another is named, with drizzle-kit, as the migrate role or with another login. */
export async function migrateWithDrizzle(
  stack: LocalStack,
  folder = "test/support/drizzle",
  login?: ClientConfig,
): Promise<void> {
  const { host, port, database, user, password } = login ?? (await stack.connection("migrate"));
  await run(
    process.execPath,
    [path.join(ROOT, "node_modules/drizzle-kit/bin.cjs"), "migrate", "--config", `${folder}/drizzle.config.ts`],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PGHOST: host,
        PGPORT: String(port),
        PGDATABASE: database,
        PGUSER: user,
        PGPASSWORD: password as string,
        PGSSLROOTCERT: path.join(stack.platform.dir, "tls", "ca.pem"),
      },
    },
  );
}
