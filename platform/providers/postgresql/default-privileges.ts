import { ResourceModel, Values } from "../protocol/model";
import { names, PUBLIC, roleOid } from "./catalog";
import { PostgresContext, Session } from "./connection";
import { lockRole, withRolesGranted } from "./membership";
import { OBJECT_LETTERS, oneOf, readBack, targetExists, validatePrivileges } from "./privileges";
import { identifier, inSetOrder } from "./quoting";

function validate(inputs: Values): void {
  if (inputs.schema && inputs.objectType === "schema") {
    throw new Error("cannot specify `schema` when `object_type` is `schema`");
  }
  if (inputs.withGrantOption && (inputs.role as string).toLowerCase() === PUBLIC) {
    throw new Error("with_grant_option cannot be true for role 'public'");
  }
  validatePrivileges(inputs);
}

/** How both statements begin: without a schema two blanks remain, as in the official plugin. */
function alter({ owner, schema }: Values): string {
  const inSchema = schema ? `IN SCHEMA ${identifier(schema as string)}` : "";
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner as string)} ${inSchema}`;
}

const objects = ({ objectType }: Values): string => `${(objectType as string).toUpperCase()}S`;

async function revoke(session: Session, privileges: Values): Promise<void> {
  await session.run(
    "could not revoke default privileges",
    `${alter(privileges)} REVOKE ALL ON ${objects(privileges)} FROM ${identifier(privileges.role as string)}`,
  );
}

async function grant(session: Session, inputs: Values): Promise<void> {
  const privileges = inSetOrder(inputs.privileges as string[]);
  if (privileges.length > 0) {
    const option = inputs.withGrantOption ? " WITH GRANT OPTION" : "";
    await session.run(
      "could not alter default privileges",
      `${alter(inputs)} GRANT ${privileges.join(",")} ON ${objects(inputs)} TO ${identifier(inputs.role as string)}${option}`,
    );
  }
}

/** Works as a member of the role whose objects the privileges will be on. */
function change(context: PostgresContext, { database, owner }: Values, work: (session: Session) => Promise<void>) {
  return context.transaction(database as string, async (session) => {
    await lockRole(session, owner as string);
    await withRolesGranted(session, [owner as string], () => work(session));
  });
}

/** Undefined when nothing is granted although something should be (resource_postgresql_default_privileges.go, readRoleDefaultPrivileges). */
function readPrivileges(context: PostgresContext, state: Values): Promise<Values | undefined> {
  return context.reading(state.database as string, async (session) => {
    await lockRole(session, state.owner as string);
    const grantee = await roleOid(session, state.role as string);
    const letter = OBJECT_LETTERS[state.objectType as string];
    const row = state.schema
      ? await session.row(
          "could not read default privileges",
          `SELECT array_agg(prtype) FROM (
		SELECT defaclnamespace, (aclexplode(defaclacl)).* FROM pg_default_acl
		WHERE defaclobjtype = $3
	) AS t (namespace, grantor_oid, grantee_oid, prtype, grantable)
	JOIN pg_namespace ON pg_namespace.oid = namespace
	WHERE grantee_oid = $1 AND nspname = $2 AND pg_get_userbyid(grantor_oid) = $4;
`,
          [grantee, state.schema, letter, state.owner],
        )
      : await session.row(
          "could not read default privileges",
          `SELECT array_agg(prtype) FROM (
		SELECT defaclnamespace, (aclexplode(defaclacl)).* FROM pg_default_acl
		WHERE defaclobjtype = $2
	) AS t (namespace, grantor_oid, grantee_oid, prtype, grantable)
	WHERE grantee_oid = $1 AND namespace = 0 AND pg_get_userbyid(grantor_oid) = $3;
`,
          [grantee, letter, state.owner],
        );
    const granted = names(row?.array_agg);
    if (granted.length === 0 && (state.privileges as string[]).length > 0) {
      return undefined;
    }
    return { withGrantOption: false, ...state, privileges: readBack(granted, state) };
  });
}

async function apply(context: PostgresContext, inputs: Values): Promise<Values> {
  validate(inputs);
  await change(context, inputs, async (session) => {
    await revoke(session, inputs);
    await grant(session, inputs);
  });
  const state = await readPrivileges(context, inputs);
  if (!state) {
    // PostgreSQL keeps no entry for what is its default anyway. The official plugin then ends with an empty id.
    throw new Error(
      `default privileges of ${inputs.role as string} on ${objects(inputs)} of ${inputs.owner as string} left no trace: ` +
        "they are PostgreSQL's own default",
    );
  }
  return state;
}

function idOf({ role, database, schema, owner, objectType }: Values): string {
  return [role, database, schema || "noschema", owner, objectType].join("_");
}

/** `postgresql_default_privileges`, as in resource_postgresql_default_privileges.go. */
export const defaultPrivileges: ResourceModel<PostgresContext> = {
  properties: {
    role: { required: true, forceNew: true },
    database: { required: true, forceNew: true },
    owner: { required: true, forceNew: true },
    schema: { forceNew: true },
    objectType: {
      required: true,
      forceNew: true,
      validate: oneOf(["table", "sequence", "function", "routine", "type", "schema"]),
    },
    privileges: { required: true, set: true },
    withGrantOption: { forceNew: true, default: false },
  },

  create: async (context, inputs) => ({ id: idOf(inputs), state: await apply(context, inputs) }),

  read: async (context, _id, state) => {
    if (!state.role) {
      throw new Error("resource postgresql_default_privileges doesn't support import");
    }
    return (await targetExists(context, state)) ? readPrivileges(context, state) : undefined;
  },

  update: (context, _id, _before, inputs) => apply(context, inputs),

  delete: (context, _id, state) => change(context, state, (session) => revoke(session, state)),
};
