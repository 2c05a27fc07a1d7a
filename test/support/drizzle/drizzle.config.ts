import { readFileSync } from "node:fs";
import { defineConfig } from "drizzle-kit";

/** drizzle-kit as a deployment would run it: as the migrate role, the server's certificate and name verified. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./test/support/drizzle/schema.ts",
  out: "./test/support/drizzle/migrations",
  dbCredentials: {
    host: process.env.PGHOST as string,
    port: Number(process.env.PGPORT),
    database: process.env.PGDATABASE as string,
    user: process.env.PGUSER as string,
    password: process.env.PGPASSWORD as string,
    ssl: { ca: readFileSync(process.env.PGSSLROOTCERT as string, "utf8") },
  },
});
