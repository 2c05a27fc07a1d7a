import { ACCESS, predefinedRoles } from "../../../model/access/matrix";
import { TRUSTED_SEARCH_PATH } from "../../../lib/search-path";
import { hasTrustedSearchPath } from "../../../model/access/search-path";
import { computeAuditSettings } from "../../../model/access/audit";
import { CheckResult, Problem, result } from "../finding";
import { Catalog, CatalogRole, Membership, RoleSetting } from "./catalog";
import { Expected, isInternal, literal, quoted, RDS_SUPERUSER } from "./expected";

const SECURITY_CHECKS = "guide: Automated Security Checks";

export const ATTRIBUTES = {
  check: "logins",
  title: "There are the stack's logins and no others, none is a superuser, and each can do what it is for",
  controls: ["guide: Permission Verification", SECURITY_CHECKS, "CIS 1.8", "CIS 4.3", "CIS 5.5"],
};

/** What a login may have beyond LOGIN, and the word of ALTER ROLE that takes it away. */
const ATTRIBUTE_NAMES = {
  superuser: "SUPERUSER",
  createRole: "CREATEROLE",
  createDb: "CREATEDB",
  replication: "REPLICATION",
  bypassRls: "BYPASSRLS",
} as const satisfies Partial<Record<keyof CatalogRole, string>>;
type Attribute = keyof typeof ATTRIBUTE_NAMES;

/** RDS gives them to the master, who is no superuser. */
const OF_MASTER: Attribute[] = ["createRole", "createDb"];
/** Reports about RDS's master contradict each other. */
const EITHER_WAY_OF_MASTER: Attribute[] = ["bypassRls"];

function attributeProblems(role: CatalogRole, wanted: Attribute[], eitherWay: Attribute[] = []): Problem[] {
  const has = (Object.keys(ATTRIBUTE_NAMES) as Attribute[]).filter((attribute) => role[attribute]);
  return has
    .filter((attribute) => !wanted.includes(attribute) && !eitherWay.includes(attribute))
    .map((attribute) => ({
      subject: role.name,
      found: ATTRIBUTE_NAMES[attribute],
      expected: `NO${ATTRIBUTE_NAMES[attribute]}`,
      cure: `ALTER ROLE ${quoted(role.name)} NO${ATTRIBUTE_NAMES[attribute]}`,
    }));
}

function loginProblems(role: CatalogRole, canLogin: boolean): Problem[] {
  const { name, connectionLimit, validUntil } = role;
  const update = "pulumi up --refresh";
  return [
    ...attributeProblems(role, []),
    ...(role.canLogin === canLogin
      ? []
      : [
          {
            subject: name,
            found: role.canLogin ? "may log in" : "may not log in",
            expected: canLogin ? "may log in" : "is shut out until its turn comes",
            cure: update,
          },
        ]),
    ...(connectionLimit === -1
      ? []
      : [
          {
            subject: name,
            found: `CONNECTION LIMIT ${connectionLimit}`,
            expected: "no limit of its own",
            cure: update,
          },
        ]),
    ...(validUntil === null || validUntil === "infinity"
      ? []
      : [{ subject: name, found: `VALID UNTIL ${validUntil}`, expected: "no end", cure: update }]),
  ];
}

export function checkLogins({ roles }: Catalog, expected: Expected): CheckResult {
  const { masterUsername } = expected.config;
  const problems = roles.flatMap((role) => {
    const login = expected.logins.find((known) => known.login === role.name);
    if (login) {
      return loginProblems(role, login.canLogin);
    }
    if (role.name === masterUsername) {
      return attributeProblems(role, OF_MASTER, EITHER_WAY_OF_MASTER);
    }
    if (isInternal(role.name)) {
      return role.superuser && role.name !== RDS_SUPERUSER ? attributeProblems(role, []) : [];
    }
    const drop = `find out who uses it, then DROP ROLE ${quoted(role.name)}`;
    return role.canLogin || role.superuser
      ? [{ subject: role.name, found: "a login that this stack does not know", expected: "no such login", cure: drop }]
      : attributeProblems(role, []);
  });
  const missing = [...expected.logins.map(({ login }) => login), masterUsername]
    .filter((login) => !roles.some(({ name }) => name === login))
    .map((login) => ({ subject: login, found: "does not exist", expected: "a login", cure: "pulumi up --refresh" }));
  return result(ATTRIBUTES, [...problems, ...missing]);
}

export const MEMBERSHIPS = {
  check: "memberships",
  title: "Nobody has another role's rights but the second login of each role, and monitoring those of pg_monitor",
  controls: ["guide: Permission Verification", "CIS 4.3", "CIS 4.10", "OWASP: least privilege"],
};

export function checkMemberships({ memberships, roles }: Catalog, expected: Expected): CheckResult {
  const { masterUsername } = expected.config;
  const wanted = [
    ...expected.logins
      .filter(({ login, base }) => login !== base)
      .map(({ login, base }) => ({ role: base, member: login })),
    ...expected.logins
      .filter(({ login, base }) => login === base)
      .flatMap(({ login, role }) => predefinedRoles(role).map((predefined) => ({ role: predefined, member: login }))),
    { role: "rds_superuser", member: masterUsername },
  ];
  const isWanted = ({ role, member, admin, acts }: Membership) =>
    wanted.some((one) => one.role === role && one.member === member && (!admin || member === masterUsername)) ||
    // Since PostgreSQL 16 whoever makes a role may pass it on, and cannot act as it.
    (member === masterUsername && admin && !acts) ||
    isInternal(member);
  const extra = memberships.filter((membership) => !isWanted(membership));
  const missing = wanted
    .filter((one) => roles.some(({ name }) => name === one.role) && roles.some(({ name }) => name === one.member))
    .filter((one) => !memberships.some(({ role, member }) => role === one.role && member === one.member));
  return result(MEMBERSHIPS, [
    ...extra.map(({ role, member, admin }) => ({
      subject: `${member} in ${role}`,
      found: admin ? "a member who may let others in" : "a member",
      expected: wanted.some((one) => one.role === role && one.member === member) ? "a member" : "no member",
      cure: `REVOKE ${admin && wanted.some((one) => one.role === role && one.member === member) ? "ADMIN OPTION FOR " : ""}${quoted(role)} FROM ${quoted(member)}`,
    })),
    ...missing.map(({ role, member }) => ({
      subject: `${member} in ${role}`,
      found: "no member",
      expected: "a member",
      cure: `GRANT ${quoted(role)} TO ${quoted(member)}`,
    })),
  ]);
}

export const LOGIN_SETTINGS = {
  check: "login-settings",
  title:
    "Every login has its limits, acts as its role and is audited as it should, and no other setting stands on a login or the database",
  controls: ["guide: Security Hardening", "guide: Audit Logging", "CIS 3.2", "CIS 6.2", "CIS 6.3"],
};

/** What stands on each of the stack's logins and the master; a limit of 0 is none. */
function wantedSettings(expected: Expected): Map<string, Map<string, string>> {
  const { masterUsername, extensions } = expected.config;
  const wanted = new Map<string, Map<string, string>>(
    expected.logins.map(({ login, base, role }) => {
      const { statementTimeoutMs, idleInTransactionTimeoutMs } = ACCESS[role];
      const settings = new Map<string, string>();
      const limit = (name: string, value: number) => value > 0 && settings.set(name, String(value));
      limit("statement_timeout", statementTimeoutMs);
      limit("idle_in_transaction_session_timeout", idleInTransactionTimeoutMs);
      if (login !== base) {
        settings.set("role", base);
      }
      if (hasTrustedSearchPath(role)) {
        settings.set("search_path", TRUSTED_SEARCH_PATH);
      }
      return [login, settings];
    }),
  );
  wanted.set(masterUsername, new Map([["search_path", TRUSTED_SEARCH_PATH]]));
  const audits = expected.everyApplication.flatMap((application) =>
    computeAuditSettings(application, masterUsername, extensions.includes("pgaudit")),
  );
  for (const { login, value } of audits) {
    if (value !== undefined) {
      wanted.get(login)?.set("pgaudit.log", value);
    }
  }
  return wanted;
}

function cureOf({ role, database, name }: RoleSetting): string {
  const where = database === null ? "" : ` IN DATABASE ${quoted(database)}`;
  return role === null
    ? `ALTER DATABASE ${quoted(database ?? "")} RESET ${name}`
    : `ALTER ROLE ${quoted(role)}${where} RESET ${name}`;
}

export function checkLoginSettings({ roleSettings, roles }: Catalog, expected: Expected): CheckResult {
  const wanted = wantedSettings(expected);
  // RDS's own roles are RDS's business.
  const ours = roleSettings.filter(({ role }) => role === null || !isInternal(role));
  const problems = ours.flatMap((setting): Problem[] => {
    const { role, database, name, value } = setting;
    const should = database === null && role !== null ? wanted.get(role)?.get(name) : undefined;
    if (should === value) {
      return [];
    }
    const subject = role === null ? `database ${database ?? ""}` : database === null ? role : `${role} in ${database}`;
    return [
      {
        subject: `${subject}: ${name}`,
        found: value || "(empty)",
        expected: should ?? "the server's own value",
        cure:
          should === undefined ? cureOf(setting) : `ALTER ROLE ${quoted(role ?? "")} SET ${name} = ${literal(should)}`,
      },
    ];
  });
  const missing = [...wanted].flatMap(([login, settings]) =>
    [...settings]
      .filter(([name]) => !ours.some((one) => one.role === login && one.database === null && one.name === name))
      .filter(() => roles.some(({ name }) => name === login))
      .map(([name, value]) => ({
        subject: `${login}: ${name}`,
        found: "the server's own value",
        expected: value,
        cure: `ALTER ROLE ${quoted(login)} SET ${name} = ${literal(value)}`,
      })),
  );
  return result(LOGIN_SETTINGS, [...problems, ...missing]);
}
