import { loginRoleName } from "../../model/access/matrix";
import { Expected, isInternal } from "../checks/database/expected";
import { Adoption } from "./plan";
import { Situation } from "./situation";

/** What a person should know before an application changes from the old user to the stack's roles. No I/O in here. */

const DRIZZLE = "drizzle";
const MOST_NAMES = 8;

/** `a, b and 3 more`. */
export function listed(names: string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function ofObjects({ moves }: Adoption, situation: Situation, expected: Expected): string[] {
  const { owner } = expected;
  const definers = moves.filter(({ definer }) => definer).map(({ name }) => name);
  const views = moves.filter(({ readsAsOwner }) => readsAsOwner).map(({ name }) => name);
  const largeObjects = moves.filter(({ type }) => type === "large object").length;
  return [
    definers.length > 0 &&
      `SECURITY DEFINER functions run with the rights of ${owner} from then on: ${listed(definers)}`,
    views.length > 0 && `Views read with the rights of ${owner} from then on: ${listed(views)}`,
    largeObjects > 0 &&
      `The access matrix has no rights on large objects: whoever shall read one of the ${largeObjects} needs GRANT SELECT ON LARGE OBJECT`,
    situation.foreignServers.length > 0 &&
      `Foreign tables are read with a user mapping: make one for each role that shall read them, on ${listed(situation.foreignServers)}`,
    moves.some(({ type, name }) => type === "schema" && name === DRIZZLE) &&
      `Drizzle's journal is ${owner}'s then: run migrations as it, not when the application starts`,
  ].filter((note) => note !== false);
}

function ofRows({ tables, objects, policies, old, roles }: Situation, expected: Expected): string[] {
  const app = loginRoleName(expected.config.application, "app");
  const owned = objects.filter(({ owner }) => owner === old).map(({ name }) => name);
  const open = tables
    .filter(({ enabled, forced }) => enabled && !forced)
    .map(({ schema, name }) => `${schema}.${name}`)
    .filter((name) => owned.includes(name));
  return [
    open.length > 0 &&
      `Row-level security did not hold for ${old}, which owned the table, and holds for ${app}: ${listed(open)}`,
    policies.length > 0 && `Policies are for ${old} by name, and show ${app} nothing: ${listed(policies)}`,
    Boolean(roles.find(({ name }) => name === old)?.bypassRls) &&
      `${old} sees every row whatever the policies say (BYPASSRLS), and ${app} does not`,
  ].filter((note) => note !== false);
}

function ofRole({ old, objects, roleSettings, memberships, otherDatabases }: Situation, expected: Expected): string[] {
  const { application, masterUsername, schemas } = expected.config;
  const isMaster = old === masterUsername;
  const settings = roleSettings.filter(({ role }) => role === old).map(({ name, value }) => `${name} = ${value}`);
  const through = memberships.filter(({ role, acts }) => role === old && acts).map(({ member }) => member);
  const has = memberships
    .filter(({ role, member, acts }) => member === old && acts && role !== expected.owner)
    .map(({ role }) => role);
  const known = [old, expected.owner, masterUsername, "pg_database_owner"];
  const others = objects.filter(
    ({ owner, schema }) => schemas.includes(schema ?? "") && !known.includes(owner) && !isInternal(owner),
  );
  return [
    isMaster &&
      `${old} is the master and stays it. It keeps the database, the schemas of the settings and the extensions`,
    settings.length > 0 &&
      `Settings stand on ${old} that ${loginRoleName(application, "app")} has not: ${listed(settings)}; an application that needs them says so when it connects`,
    !isMaster &&
      through.some((member) => member !== masterUsername) &&
      `Others act through ${old}, and lose their rights when it is switched off: ${listed(through.filter((member) => member !== masterUsername))}`,
    !isMaster && has.length > 0 && `${old} is a member of other roles, which is left as it is: ${listed(has)}`,
    !isMaster &&
      otherDatabases.length > 0 &&
      `Something belongs to ${old} in other databases of the server, which are not looked at: ${listed(otherDatabases)}`,
    others.length > 0 &&
      `Not ${old}'s, and left to whom they belong: ${listed(others.map(({ name, owner }) => `${name} (${owner})`))}`,
  ].filter((note) => note !== false);
}

/** Roles of somebody else's making keep what they were given. */
function ofStrangers({ objects, old }: Situation, expected: Expected): string[] {
  const counts = new Map<string, number>();
  for (const { acl, owner } of objects.filter((object) => object.owner === old && object.kind !== "database")) {
    const strangers = new Set(acl.map(({ grantee }) => grantee));
    for (const name of strangers) {
      const ours = expected.isStackLogin(name) || [owner, "PUBLIC", expected.config.masterUsername].includes(name);
      counts.set(name, (counts.get(name) ?? 0) + (ours ? 0 : 1));
    }
  }
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} has rights on ${count} of these objects and keeps them; ops/check names each`);
}

export function notes(situation: Situation, expected: Expected, plan: Adoption): string[] {
  return [
    ...ofRole(situation, expected),
    ...(plan.moves.length > 0 ? ofObjects(plan, situation, expected) : []),
    ...ofRows(situation, expected),
    ...ofStrangers(situation, expected),
  ];
}
