import { ResourceModel, Values } from "../protocol/model";
import { databaseExists, databaseOwner, schemaExists } from "./catalog";
import { PostgresContext, Session } from "./connection";
import { roleExists, withRolesGranted } from "./membership";
import { identifier } from "./quoting";

/** Database and schema: from the state, or for an import from the id, `database.schema`. */
function locate(context: PostgresContext, id: string, state: Values): { database: string; name: string } {
  if (state.name) {
    return { database: (state.database as string) || context.settings.database, name: state.name as string };
  }
  const parts = id.split(".");
  if (parts.length !== 2) {
    throw new Error(`schema ID ${id} has not the expected format 'database.schema'`);
  }
  return { database: parts[0] as string, name: parts[1] as string };
}

const grantee = (policy: Values): string => (policy.role ? identifier(policy.role as string) : "PUBLIC");

/** One GRANT or REVOKE for each privilege of a policy (schema.go of sean-/postgresql-acl). */
function policyStatements(verb: "GRANT" | "REVOKE", schema: string, policy: Values): string[] {
  const statement = (privilege: string, on: unknown, withGrant: unknown) => {
    if (!on && !withGrant) {
      return [];
    }
    const target = `${privilege} ON SCHEMA ${identifier(schema)}`;
    if (verb === "GRANT") {
      return [`GRANT ${target} TO ${grantee(policy)}${withGrant ? " WITH GRANT OPTION" : ""}`];
    }
    return [`REVOKE ${withGrant ? "GRANT OPTION FOR " : ""}${target} FROM ${grantee(policy)}`];
  };
  return [
    ...statement("CREATE", policy.create, policy.createWithGrant),
    ...statement("USAGE", policy.usage, policy.usageWithGrant),
  ];
}

/** Policies by role; those of one role add up. */
function policiesByRole(policies: unknown): Map<string, Values> {
  const byRole = new Map<string, Values>();
  for (const policy of (policies ?? []) as Values[]) {
    const key = ((policy.role ?? "") as string).toLowerCase();
    const merged: Values = { ...byRole.get(key) };
    for (const [name, value] of Object.entries(policy)) {
      merged[name] = value || merged[name];
    }
    byRole.set(key, merged);
  }
  return byRole;
}

async function setOwner(session: Session, name: string, owner: string): Promise<void> {
  await session.run("Error updating schema OWNER", `ALTER SCHEMA ${identifier(name)} OWNER TO ${identifier(owner)}`);
}

async function createSchema(session: Session, inputs: Values): Promise<void> {
  const name = inputs.name as string;
  const owner = inputs.owner as string | undefined;
  const found = await session.row(
    "Error looking for schema",
    "SELECT TRUE FROM pg_catalog.pg_namespace WHERE nspname = $1",
    [name],
  );
  const statements: string[] = [];
  if (!found) {
    const ifNotExists = (inputs.ifNotExists ?? true) ? "IF NOT EXISTS " : "";
    const authorization = owner ? ` AUTHORIZATION ${identifier(owner)}` : "";
    statements.push(`CREATE SCHEMA ${ifNotExists}${identifier(name)}${authorization}`);
  } else if (owner) {
    // A schema that is there already is adopted, whatever `ifNotExists` says.
    await setOwner(session, name, owner);
  }
  for (const policy of policiesByRole(inputs.policies).values()) {
    statements.push(...policyStatements("GRANT", name, policy));
  }
  for (const statement of statements) {
    await session.run(`Error creating schema ${name}`, statement);
  }
}

async function changePolicies(session: Session, before: Values, inputs: Values): Promise<void> {
  const name = inputs.name as string;
  const olds = policiesByRole(before.policies);
  const news = policiesByRole(inputs.policies);
  const statements: string[] = [];
  for (const [key, policy] of olds) {
    // What PUBLIC has is never revoked, and a role that is gone has nothing left to revoke.
    const dropped = !news.has(key) && policy.role && (await roleExists(session, policy.role as string));
    const changed = news.has(key) && JSON.stringify(news.get(key)) !== JSON.stringify(policy);
    if (dropped || changed) {
      statements.push(...policyStatements("REVOKE", name, policy));
    }
  }
  for (const [key, policy] of news) {
    if (JSON.stringify(olds.get(key)) !== JSON.stringify(policy)) {
      statements.push(...policyStatements("GRANT", name, policy));
    }
  }
  const owner = (inputs.owner ?? before.owner) as string | undefined;
  await withRolesGranted(session, owner ? [owner] : [], async () => {
    for (const statement of statements) {
      await session.run("Error updating schema DCL", statement);
    }
  });
}

/** The policies are the state's: the official plugin looks at the access list and keeps nothing of it. */
async function readSchema(context: PostgresContext, id: string, state: Values): Promise<Values | undefined> {
  const { database, name } = locate(context, id, state);
  const row = await context.reading(database, (session) =>
    session.row(
      "Error reading schema",
      "SELECT pg_catalog.pg_get_userbyid(n.nspowner), COALESCE(n.nspacl, '{}'::aclitem[])::TEXT[] FROM pg_catalog.pg_namespace n WHERE n.nspname=$1",
      [name],
    ),
  );
  return (
    row && {
      name,
      owner: row.pg_get_userbyid,
      database,
      ifNotExists: state.ifNotExists ?? true,
      dropCascade: state.dropCascade ?? false,
      policies: state.policies as unknown,
    }
  );
}

async function mustRead(context: PostgresContext, id: string, state: Values): Promise<Values> {
  const found = await readSchema(context, id, state);
  if (!found) {
    throw new Error(`schema ${state.name as string} is gone right after it was applied`);
  }
  return found;
}

/** `postgresql_schema`, as in resource_postgresql_schema.go. */
export const schema: ResourceModel<PostgresContext> = {
  properties: {
    name: { required: true },
    database: { computed: true, forceNew: true },
    owner: { computed: true },
    ifNotExists: { default: true },
    dropCascade: { default: false },
    policies: { computed: true, set: true },
  },
  autoName: { property: "name", maxLength: 255 },

  create: async (context, inputs) => {
    const { database, name } = locate(context, "", inputs);
    await context.transaction(database, async (session) => {
      // The database's owner may create schemas; only a member of the schema's owner may give it to that one.
      const roles = [await databaseOwner(session, database)];
      const owner = inputs.owner as string | undefined;
      if (owner && !roles.includes(owner)) {
        roles.push(owner);
      }
      await withRolesGranted(session, roles, () => createSchema(session, inputs));
    });
    const id = `${database}.${name}`;
    return { id, state: await mustRead(context, id, inputs) };
  },

  read: async (context, id, state) => {
    const { database, name } = locate(context, id, state);
    if (!(await context.direct((session) => databaseExists(session, database)))) {
      return undefined;
    }
    const found = await context.reading(database, (session) =>
      session.row("Error reading schema", "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname=$1", [name]),
    );
    return found && readSchema(context, id, state);
  },

  update: async (context, id, before, inputs, changed) => {
    const { database, name } = locate(context, id, inputs);
    await context.transaction(database, async (session) => {
      if (changed.includes("name")) {
        await session.run(
          "Error updating schema NAME",
          `ALTER SCHEMA ${identifier(before.name as string)} RENAME TO ${identifier(name)}`,
        );
      }
      if (changed.includes("owner") && inputs.owner) {
        await setOwner(session, name, inputs.owner as string);
      }
      if (changed.includes("policies")) {
        await changePolicies(session, before, inputs);
      }
    });
    return mustRead(context, id, { ...before, ...inputs });
  },

  delete: (context, id, state) => {
    const { database, name } = locate(context, id, state);
    return context.transaction(database, async (session) => {
      if (!(await schemaExists(session, name))) {
        return;
      }
      await withRolesGranted(session, [state.owner as string], () =>
        session.run(
          "Error deleting schema",
          `DROP SCHEMA ${identifier(name)} ${state.dropCascade ? "CASCADE" : "RESTRICT"}`,
        ),
      );
    });
  },
};
