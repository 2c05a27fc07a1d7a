import { CheckFailure, Property, ResourceModel, Values } from "../protocol/model";
import { PostgresContext, Session } from "./connection";
import { lockRole, withRolesGranted } from "./membership";
import { identifier, inSetOrder, literal } from "./quoting";
import { readRole } from "./role-read";

/** What a role may do: input, and the words of CREATE ROLE and ALTER ROLE, NO- in front for "may not". */
const ATTRIBUTES = {
  superuser: "SUPERUSER",
  createDatabase: "CREATEDB",
  createRole: "CREATEROLE",
  inherit: "INHERIT",
  login: "LOGIN",
  bypassRowLevelSecurity: "BYPASSRLS",
  replication: "REPLICATION",
} as const;
type Attribute = keyof typeof ATTRIBUTES;

function attribute(inputs: Values, name: Attribute): string {
  return (inputs[name] ? "" : "NO") + ATTRIBUTES[name];
}

const atLeast = (name: string, least: number): Property => ({
  validate: (value: number) => (value < least ? `expected ${name} to be at least (${least}), got ${value}` : undefined),
});

/** No message may carry the password that its statement did. */
async function withoutPassword<T>(inputs: Values, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = error as Error;
    for (const password of [inputs.password, inputs.passwordWo] as (string | undefined)[]) {
      if (password) {
        failure.message = failure.message.replaceAll(password, "XXXX");
      }
    }
    throw failure;
  }
}

function passwordOf(inputs: Values): string {
  return (inputs.passwordWo ?? inputs.password ?? "") as string;
}

function createStatement(inputs: Values): string {
  const options: string[] = [];
  const password = passwordOf(inputs);
  if (password.toUpperCase() === "NULL") {
    options.push("PASSWORD NULL");
  } else if (password) {
    options.push(`${inputs.encryptedPassword ? "ENCRYPTED" : "UNENCRYPTED"} PASSWORD ${literal(password)}`);
  }
  if (inputs.validUntil) {
    options.push(`VALID UNTIL ${literal(validUntil(inputs))}`);
  }
  options.push(`CONNECTION LIMIT ${inputs.connectionLimit as number}`);
  options.push(...(Object.keys(ATTRIBUTES) as Attribute[]).map((name) => attribute(inputs, name)));
  return `CREATE ROLE ${identifier(inputs.name as string)} WITH ${options.join(" ")}`;
}

function validUntil(inputs: Values): string {
  const given = inputs.validUntil as string;
  return given.toLowerCase() === "infinity" ? "infinity" : given;
}

async function grantRoles(session: Session, role: string, roles: string[]): Promise<void> {
  for (const granted of inSetOrder(roles)) {
    await session.run(
      `could not grant role ${granted} to ${role}`,
      `GRANT ${identifier(granted)} TO ${identifier(role)}`,
    );
  }
}

/** Every membership goes, whoever granted it: what the `roles` input does not list is lost at any update. */
async function revokeRoles(session: Session, role: string): Promise<void> {
  const held = await session.rows(
    `could not get roles list for role ${role}`,
    `SELECT pg_get_userbyid(roleid)
		FROM pg_catalog.pg_auth_members members
		JOIN pg_catalog.pg_roles ON members.member = pg_roles.oid
		WHERE rolname = $1`,
    [role],
  );
  for (const { pg_get_userbyid: granted } of held as { pg_get_userbyid: string }[]) {
    await session.run(
      `could not revoke role ${granted} from ${role}`,
      `REVOKE ${identifier(granted)} FROM ${identifier(role)}`,
    );
  }
}

async function setSearchPath(session: Session, inputs: Values): Promise<void> {
  const name = inputs.name as string;
  const parts = (inputs.searchPaths ?? []) as string[];
  const faulty = parts.find((part) => part.includes(", "));
  if (faulty !== undefined) {
    throw new Error(`search_path cannot contain \`, \`: ${faulty}`);
  }
  const path = parts.length > 0 ? parts.map(identifier).join(", ") : "DEFAULT";
  await session.run(
    `could not set search_path ${path} for ${name}`,
    `ALTER ROLE ${identifier(name)} SET search_path TO ${path}`,
  );
}

/** The settings that come with each login, where they are among `changed`. */
async function setSessionSettings(session: Session, inputs: Values, changed: string[]): Promise<void> {
  const name = inputs.name as string;
  const settings = [
    ["statementTimeout", "statement_timeout", String],
    ["idleInTransactionSessionTimeout", "idle_in_transaction_session_timeout", String],
    ["assumeRole", "ROLE", identifier],
  ] as const;
  for (const [input, setting, asSql] of settings) {
    const value = inputs[input] as never;
    if (changed.includes(input)) {
      await session.run(
        `could not ${value ? "set" : "reset"} ${setting} for ${name}`,
        `ALTER ROLE ${identifier(name)} ${value ? `SET ${setting} TO ${asSql(value)}` : `RESET ${setting}`}`,
      );
    }
  }
}

async function alterAttributes(session: Session, before: Values, inputs: Values, changed: string[]): Promise<void> {
  const name = inputs.name as string;
  const alter = (what: string, change: string) =>
    session.run(`Error updating role ${what}`, `ALTER ROLE ${identifier(name)} ${change}`);
  const alterAttribute = async (input: Attribute) => {
    if (changed.includes(input)) {
      await alter(ATTRIBUTES[input], `WITH ${attribute(inputs, input)}`);
    }
  };

  if (changed.includes("name")) {
    await session.run(
      "Error updating role NAME",
      `ALTER ROLE ${identifier(before.name as string)} RENAME TO ${identifier(name)}`,
    );
  }
  // A new name takes an md5 password away, for it is hashed with the name. An empty one means that there is none.
  if (["password", "passwordWoVersion", "name"].some((input) => changed.includes(input))) {
    await alter("password", `PASSWORD ${literal(passwordOf(inputs))}`);
  }
  await alterAttribute("bypassRowLevelSecurity");
  if (changed.includes("connectionLimit")) {
    await alter("CONNECTION LIMIT", `CONNECTION LIMIT ${inputs.connectionLimit as number}`);
  }
  for (const input of ["createDatabase", "createRole", "inherit", "login", "replication", "superuser"] as const) {
    await alterAttribute(input);
  }
  if (changed.includes("validUntil") && inputs.validUntil) {
    await alter("VALID UNTIL", `VALID UNTIL ${literal(validUntil(inputs))}`);
  }
}

function passwordFailures(inputs: Values): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const other of ["passwordWo", "passwordWoVersion"]) {
    if (inputs.password !== undefined && inputs[other] !== undefined) {
      failures.push({
        property: "password",
        reason: `Conflicting configuration arguments: "password" conflicts with ${other}`,
      });
    }
  }
  if ((inputs.passwordWo === undefined) !== (inputs.passwordWoVersion === undefined)) {
    const reason = "Missing required argument: all of passwordWo, passwordWoVersion must be specified";
    failures.push({ property: inputs.passwordWo === undefined ? "passwordWoVersion" : "passwordWo", reason });
  }
  return failures;
}

/** `postgresql_role`, as in resource_postgresql_role.go. */
export const role: ResourceModel<PostgresContext> = {
  properties: {
    name: { required: true },
    password: { secret: true },
    // Sent when its version changes, never kept.
    passwordWo: { secret: true, notRead: true, same: () => true },
    passwordWoVersion: {},
    encrypted: {},
    encryptedPassword: { default: true },
    roles: { set: true },
    searchPaths: {},
    validUntil: { default: "infinity" },
    connectionLimit: { default: -1, ...atLeast("connection_limit", -1) },
    superuser: { default: false },
    createDatabase: { default: false },
    createRole: { default: false },
    inherit: { default: true },
    login: { default: false },
    replication: { default: false },
    bypassRowLevelSecurity: { default: false },
    skipDropRole: { default: false },
    skipReassignOwned: { default: false },
    statementTimeout: atLeast("statement_timeout", 0),
    idleInTransactionSessionTimeout: atLeast("idle_in_transaction_session_timeout", 0),
    assumeRole: {},
  },
  autoName: { property: "name", maxLength: 255 },
  check: passwordFailures,

  create: (context, inputs) =>
    withoutPassword(inputs, async () => {
      const name = inputs.name as string;
      await context.transaction(undefined, async (session) => {
        await session.run(`error creating role ${name}`, createStatement(inputs));
        await grantRoles(session, name, inputs.roles as string[]);
        await setSearchPath(session, inputs);
        await setSessionSettings(
          session,
          inputs,
          Object.keys(inputs).filter((input) => inputs[input]),
        );
      });
      const state = await readRole(context, name, inputs);
      if (!state) {
        throw new Error(`role ${name} is gone right after its creation`);
      }
      return { id: name, state };
    }),

  // By id, which stays the first name when the role is renamed: as with the official plugin, a refresh after a renaming
  // does not find it.
  read: async (context, id, state) => {
    const found = await context.direct((session) =>
      session.row("could not look for role", "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname=$1", [id]),
    );
    return found ? readRole(context, id, state) : undefined;
  },

  update: (context, _id, before, inputs, changed) =>
    withoutPassword(inputs, async () => {
      const name = inputs.name as string;
      await context.transaction(undefined, async (session) => {
        await lockRole(session, before.name as string);
        await alterAttributes(session, before, inputs, changed);
        await revokeRoles(session, name);
        await grantRoles(session, name, inputs.roles as string[]);
        await setSearchPath(session, inputs);
        await setSessionSettings(session, inputs, changed);
      });
      const state = await readRole(context, name, inputs);
      if (!state) {
        throw new Error(`role ${name} is gone right after its update`);
      }
      return state;
    }),

  delete: (context, _id, state) => {
    const name = state.name as string;
    const heir = context.settings.databaseUsername;
    return context.transaction(undefined, async (session) => {
      await lockRole(session, name);
      if (!state.skipReassignOwned) {
        await withRolesGranted(session, [name], async () => {
          await session.run(
            `could not reassign owned by role ${name} to ${heir}`,
            `REASSIGN OWNED BY ${identifier(name)} TO ${identifier(heir)}`,
          );
          await session.run(`could not drop owned by role ${name}`, `DROP OWNED BY ${identifier(name)}`);
        });
      }
      if (!state.skipDropRole) {
        await session.run(`could not delete role ${name}`, `DROP ROLE ${identifier(name)}`);
      }
    });
  },
};
