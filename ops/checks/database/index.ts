import { Client } from "pg";
import { EXTENSION_SCHEMA } from "../../../components/access";
import { clientConfig, Connection, placeOf, readLogin, withCaFile } from "../../backups/connection";
import { CheckConfig } from "../config";
import { CheckResult, CheckTitle } from "../finding";
import * as access from "./access";
import { Catalog, readCatalog } from "./catalog";
import * as connection from "./connection";
import { Expected } from "./expected";
import * as logins from "./logins";
import * as security from "./row-security";
import * as settings from "./settings";

/** Every check inside the database, in the order in which they are shown. */
export const DATABASE_CHECKS: readonly CheckTitle[] = [
  access.GRANTS,
  access.FUTURE,
  access.OWNERSHIP,
  access.PUBLIC_RIGHTS,
  logins.ATTRIBUTES,
  logins.MEMBERSHIPS,
  logins.LOGIN_SETTINGS,
  connection.PASSWORDS,
  connection.TLS,
  settings.PARAMETERS,
  settings.EXTENSIONS,
  settings.FUNCTIONS,
  security.ROW_SECURITY,
  settings.REPLICATION,
];

/** What was seen, and what the checks make of it. */
export interface DatabaseReport {
  results: CheckResult[];
  matrix: access.MatrixCell[];
}

/** What the checks make of a catalog: no server is asked. */
export function judge(catalog: Catalog, door: connection.Door, config: CheckConfig, now: Date): DatabaseReport {
  const expected = new Expected(config);
  return {
    results: [
      access.checkGrants(catalog, expected),
      access.checkDefaultPrivileges(catalog, expected),
      access.checkOwnership(catalog, expected),
      access.checkPublic(catalog),
      logins.checkLogins(catalog, expected),
      logins.checkMemberships(catalog, expected),
      logins.checkLoginSettings(catalog, expected),
      connection.checkPasswords(catalog, expected),
      connection.checkTls(catalog, door, now),
      settings.checkParameters(catalog, expected),
      settings.checkExtensions(catalog, expected, EXTENSION_SCHEMA),
      settings.checkFunctions(catalog),
      security.checkRowSecurity(catalog, expected),
      settings.checkReplication(catalog),
    ],
    matrix: access.matrixOf(catalog, expected),
  };
}

export interface WayToDatabase {
  /** The port of this machine that is forwarded to the server. */
  forwardedPort?: number;
  credentials?: Parameters<typeof readLogin>[1];
}

/** Logs in as the role monitor, looks, and says what is not as it should be. */
export async function checkDatabase(
  config: CheckConfig,
  { forwardedPort, credentials }: WayToDatabase,
  now: Date,
): Promise<DatabaseReport> {
  const { username, password } = await readLogin(config.secretArn, credentials);
  const { host, port, verifyName } = placeOf(config.database, forwardedPort);
  return withCaFile(config.caFile, async (caFile) => {
    const database = config.database.name;
    const login: Connection = { host, port, database, user: username, password, tls: { caFile, verifyName } };
    const client = new Client({ ...(await clientConfig(login)), application_name: "markenmate-check" });
    client.on("error", () => undefined); // what is under way fails with it
    const withoutTls = connection.tryWithoutTls({ host, port }, username, database);
    await Promise.all([client.connect(), withoutTls.catch(() => undefined)]);
    try {
      const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
      const door = { certificateEnds: connection.certificateEnd(stream), withoutTls: await withoutTls };
      return judge(await readCatalog(client), door, config, now);
    } finally {
      await client.end();
    }
  });
}
