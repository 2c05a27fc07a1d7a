import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { OpsError } from "../shared/errors";

/** Where packages put the programs of one major version, besides the PATH. */
const FOLDERS = (major: number) => [
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/pgsql-${major}/bin`,
  `/opt/homebrew/opt/postgresql@${major}/bin`,
];

/**
 * The path of pg_dump, pg_restore, initdb … of one major version: that of the server, or what is dumped by one might not be
 * read by the other. Fails when there is none.
 */
export async function findProgram(name: string, major: number): Promise<string> {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), ...FOLDERS(major)].filter(Boolean);
  const others: string[] = [];
  for (const folder of folders) {
    const file = path.join(folder, name);
    const { stdout } = await promisify(execFile)(file, ["--version"]).catch(() => ({ stdout: "" }));
    const version = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    if (version === String(major)) {
      return file;
    }
    others.push(...(version ? [version] : []));
  }
  const found = others.length > 0 ? `of version ${[...new Set(others)].join(", ")} only` : "on the PATH";
  throw new OpsError(`There is no ${name} ${found}; install PostgreSQL ${major}, whose server this is about`);
}
