import { readFileSync } from "node:fs";
import { defineConfig } from "drizzle-kit";

/** As the migrate role, the server's certificate and name verified. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./docs/examples/row-level-security/schema.ts",
  out: "./docs/examples/row-level-security/migrations",
  ...(process.env.PGHOST && {
    dbCredentials: {
      host: process.env.PGHOST,
      port: Number(process.env.PGPORT),
      database: process.env.PGDATABASE as string,
      user: process.env.PGUSER as string,
      password: process.env.PGPASSWORD as string,
      ssl: { ca: readFileSync(process.env.PGSSLROOTCERT as string, "utf8") },
    },
  }),
});
