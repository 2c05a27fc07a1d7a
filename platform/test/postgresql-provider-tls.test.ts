import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresql } from "../providers/postgresql";
import { PostgresContext } from "../providers/postgresql/connection";
import { Values } from "../providers/protocol/model";
import { PlainPostgres, startPlainPostgres } from "../../test/support/plain-postgres";
import { Managed } from "../../test/support/postgresql-provider";

describe("TLS of the local postgresql provider", () => {
  let server: PlainPostgres;
  let directory: string;
  const context = (config: Values) =>
    postgresql.configure({
      ...{ host: server.host, port: server.port, database: "postgres", superuser: true },
      ...{ username: server.superuser.user, password: server.superuser.password, ...config },
    }) as PostgresContext;
  /** Whether the connection was encrypted, or why there is none. */
  const connect = async (config: Values): Promise<boolean | string> => {
    const connections = context(config);
    try {
      const query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      return await connections.direct(async (session) => (await session.row("", query))?.ssl as boolean);
    } catch (error) {
      return (error as Error).message;
    } finally {
      await connections.close();
    }
  };
  const authority = () => join(directory, "authority.pem");
  const other = () => join(directory, "other.pem");

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "provider-tls-"));
    const extensions = [{ name: "subjectAltName" as const, altNames: [{ type: 2 as const, value: "localhost" }] }];
    const made = await generate([{ name: "commonName", value: "localhost" }], { extensions });
    const stranger = await generate([{ name: "commonName", value: "localhost" }], {});
    writeFileSync(authority(), made.cert);
    writeFileSync(other(), stranger.cert);
    server = await startPlainPostgres(15, { tls: { certificate: made.cert, key: made.private } });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("disable does without, require takes any certificate and is the default", async () => {
    expect(await connect({ sslmode: "disable" })).toBe(false);
    expect(await connect({ sslmode: "require" })).toBe(true);
    expect(await connect({})).toBe(true);
  });

  test("verify-ca checks who signed, verify-full also the name", async () => {
    expect(await connect({ sslmode: "verify-ca", sslrootcert: authority() })).toBe(true);
    expect(await connect({ sslmode: "verify-ca", sslrootcert: other() })).toMatch(/self-signed certificate/);
    expect(await connect({ sslmode: "verify-ca" })).toMatch(/self-signed certificate/);
    expect(await connect({ sslmode: "verify-full", sslrootcert: authority(), host: "localhost" })).toBe(true);
    expect(await connect({ sslmode: "verify-full", sslrootcert: authority() })).toMatch(
      /127\.0\.0\.1 is not in the cert/,
    );
    expect(await connect({ sslmode: "verify-full", sslrootcert: "/nowhere.pem" })).toMatch(/cannot read sslrootcert/);
  });

  test("require with a root certificate checks who signed", async () => {
    expect(await connect({ sslmode: "require", sslrootcert: other() })).toMatch(/self-signed certificate/);
    expect(await connect({ sslmode: "require", sslrootcert: authority() })).toBe(true);
  });

  test("a superuser reads passwords back, and keeps those that it cannot compare", async () => {
    const connections = context({ sslmode: "require" });
    const plain = await new Managed(connections, "Role").create({ name: "t_plain", login: true, password: "kept" });
    expect(plain.state.password).toBe("kept");
    expect(await plain.drift()).toEqual([]);
    await connections.direct((session) => session.run("", "ALTER ROLE t_plain PASSWORD NULL"));
    expect(await plain.drift()).toEqual(["password"]);
    await plain.delete();
    await connections.close();
  });
});
