import { CatalogObject } from "../checks/database/catalog";
import { defaultsFor, withoutDefaults } from "../checks/database/default-privileges";
import { Expected, quoted } from "../checks/database/expected";
import { Adoption, membership } from "./plan";
import { Situation } from "./situation";

/** How the old user's rights and login are taken away, and given back. No I/O in here. */

const canLogIn = ({ roles, old }: Situation) => Boolean(roles.find(({ name }) => name === old)?.canLogin);

/** Rights of its own on what others own: they are had as a member of the new owner as well, should it be switched on again. */
function explicitRights({ objects, old }: Situation, expected: Expected): string[] {
  const { masterUsername } = expected.config;
  const grantable = [expected.owner, masterUsername, "pg_database_owner"];
  const has = ({ acl, owner }: CatalogObject) =>
    grantable.includes(owner) && acl.some(({ grantee }) => grantee === old);
  return objects
    .filter(has)
    .map(
      ({ kind, type, name }) =>
        `REVOKE ALL ON ${kind === "function" ? "ROUTINE" : kind === "table" ? "TABLE" : type} ${name} FROM ${quoted(old)}`,
    );
}

/** What is left to take away once everything is adopted. */
export function switchOff(situation: Situation, expected: Expected, { membership: joins }: Adoption): string[] {
  const { old, oldActsAsOwner, objects, defaultPrivileges, memberships } = situation;
  const { masterUsername } = expected.config;
  const isMaster = old === masterUsername;
  const database = objects.find(({ kind, owner }) => kind === "database" && owner === old);
  const master = memberships.some(({ role, member, acts }) => role === old && member === masterUsername && acts);
  return [
    ...(database && !isMaster ? [`ALTER DATABASE ${database.name} OWNER TO ${quoted(masterUsername)}`] : []),
    ...withoutDefaults(old, defaultPrivileges),
    ...(isMaster ? [] : explicitRights(situation, expected)),
    ...(oldActsAsOwner || joins.length > 0 ? [`REVOKE ${quoted(expected.owner)} FROM ${quoted(old)}`] : []),
    ...(!isMaster && canLogIn(situation) ? [`ALTER ROLE ${quoted(old)} NOLOGIN`] : []),
    ...(master ? [`REVOKE ${quoted(old)} FROM ${quoted(masterUsername)}`] : []),
  ];
}

/** What an application needs that still comes as the old user. */
export function switchOn(situation: Situation, expected: Expected): string[] {
  const { old, oldActsAsOwner, version, defaultPrivileges } = situation;
  return [
    ...(canLogIn(situation) ? [] : [`ALTER ROLE ${quoted(old)} LOGIN`]),
    ...(oldActsAsOwner ? [] : [membership(expected.owner, old, version)]),
    ...defaultsFor(old, defaultPrivileges, expected),
  ];
}

/** Why it cannot be switched on: only what was switched off is. */
export function cannotSwitchOn(situation: Situation, expected: Expected): string | undefined {
  const { old, oldActsAsOwner } = situation;
  const isOff = old === expected.config.masterUsername ? !oldActsAsOwner : !canLogIn(situation);
  return isOff || oldActsAsOwner
    ? undefined
    : `${old} is not switched off: it can log in, and has no part in ${expected.owner}`;
}

/** What remains of it that only a person can decide on. */
export function leftOver({ roles, memberships, old }: Situation, expected: Expected): string[] {
  const role = roles.find(({ name }) => name === old);
  if (!role || old === expected.config.masterUsername) {
    return [];
  }
  const attributes = [
    role.createDb && "CREATEDB",
    role.createRole && "CREATEROLE",
    role.replication && "REPLICATION",
    role.bypassRls && "BYPASSRLS",
  ].filter((attribute) => attribute !== false);
  const groups = memberships
    .filter(({ role: of, member, acts }) => member === old && acts && of !== expected.owner)
    .map(({ role: of }) => of);
  return [
    ...attributes.map((attribute) => `ALTER ROLE ${quoted(old)} NO${attribute}`),
    ...groups.map((group) => `REVOKE ${quoted(group)} FROM ${quoted(old)}`),
  ];
}
