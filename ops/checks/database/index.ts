import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { EXTENSION_SCHEMA } from "../../../model/access/matrix";
import { certificateEnd } from "../../shared/connection";
import { withLogin } from "../../shared/database-login";
import { CheckConfig, databasesOf } from "../../../model/outputs/check";
import { CheckResult, CheckTitle } from "../finding";
import * as access from "./access";
import { Catalog, readCatalog } from "./catalog";
import * as connection from "./connection";
import * as future from "./default-privileges";
import { Expected } from "./expected";
import * as logins from "./logins";
import * as security from "./row-security";
import * as settings from "./settings";

/** Every check inside the database, in the order in which they are shown. */
export const DATABASE_CHECKS: readonly CheckTitle[] = [
  access.GRANTS,
  future.FUTURE,
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

/** What the checks of one database make of a catalog: no server is asked. */
function judgeDatabase(catalog: Catalog, expected: Expected): DatabaseReport {
  return {
    results: [
      access.checkGrants(catalog, expected),
      future.checkDefaultPrivileges(catalog, expected),
      access.checkOwnership(catalog, expected),
      access.checkPublic(catalog),
      settings.checkExtensions(catalog, expected, EXTENSION_SCHEMA),
      settings.checkFunctions(catalog),
      security.checkRowSecurity(catalog, expected),
    ],
    matrix: access.matrixOf(catalog, expected),
  };
}

/** And those of the whole server. */
export function judge(catalog: Catalog, door: connection.Door, config: CheckConfig, now: Date): DatabaseReport {
  const expected = new Expected(config);
  const database = judgeDatabase(catalog, expected);
  const server = [
    logins.checkLogins(catalog, expected),
    logins.checkMemberships(catalog, expected),
    logins.checkLoginSettings(catalog, expected),
    connection.checkPasswords(catalog, expected),
    connection.checkTls(catalog, door, now),
    settings.checkParameters(catalog, expected),
    settings.checkReplication(catalog),
  ];
  return { ...database, results: inOrder([...database.results, ...server]) };
}

function inOrder(results: CheckResult[]): CheckResult[] {
  return DATABASE_CHECKS.flatMap(({ check }) => results.filter((result) => result.check === check));
}

/** A further database's findings among those of the same checks, with its name. */
function joinReports(report: DatabaseReport, name: string, further: DatabaseReport): DatabaseReport {
  const found = (check: string) =>
    further.results
      .filter((result) => result.check === check)
      .flatMap(({ findings }) => findings.map((finding) => ({ ...finding, subject: `${name}: ${finding.subject}` })));
  return {
    results: report.results.map((result) => ({ ...result, findings: [...result.findings, ...found(result.check)] })),
    matrix: [...report.matrix, ...further.matrix],
  };
}

export interface WayToDatabase {
  /** The port of this machine that is forwarded to the server. */
  forwardedPort?: number;
  credentials?: AwsCredentialIdentityProvider;
}

/** Logs in as the role monitor, looks into every database, and says what is not as it should be. */
export async function checkDatabase(config: CheckConfig, way: WayToDatabase, now: Date): Promise<DatabaseReport> {
  const login = { ...config, ...way, applicationName: "markenmate-check" };
  let report = await withLogin(login, async ({ client, user, place }) => {
    const certificateEnds = certificateEnd(client) ?? now;
    const withoutTls = connection.tryWithoutTls(place, user, config.database.name);
    const [catalog, door] = await Promise.all([readCatalog(client), withoutTls]);
    return judge(catalog, { certificateEnds, withoutTls: door }, config, now);
  });
  for (const name of databasesOf(config).slice(1)) {
    const database = { ...config.database, name };
    const catalog = await withLogin({ ...login, database }, ({ client }) => readCatalog(client));
    report = joinReports(report, name, judgeDatabase(catalog, new Expected(config, name)));
  }
  return { ...report, matrix: access.together(report.matrix) };
}
