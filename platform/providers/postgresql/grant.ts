import { ResourceModel, Values } from "../protocol/model";
import { ownersIn } from "./catalog";
import { PostgresContext, Session } from "./connection";
import { readGrant } from "./grant-read";
import { grantStatement, revokeStatement } from "./grant-sql";
import { lockDatabase, lockRole, withRolesGranted } from "./membership";
import { oneOf, targetExists, validatePrivileges, WITHOUT_SCHEMA } from "./privileges";
import { inSetOrder } from "./quoting";

const OBJECT_TYPES = [
  ...["database", "function", "procedure", "routine", "schema", "sequence", "table"],
  ...["foreign_data_wrapper", "foreign_server", "column"],
];

/** Found when a grant is applied, not in a preview, as with the official plugin. */
function validate(inputs: Values): void {
  const type = inputs.objectType as string;
  const count = (list: string) => ((inputs[list] ?? []) as string[]).length;
  const foreign = type === "foreign_data_wrapper" || type === "foreign_server";
  const rules: [wrong: boolean, message: string][] = [
    [!inputs.schema && !WITHOUT_SCHEMA.includes(type), "parameter 'schema' is mandatory for postgresql_grant resource"],
    [
      count("objects") > 0 && (type === "database" || type === "schema"),
      "cannot specify `objects` when `object_type` is `database` or `schema`",
    ],
    [count("columns") > 0 && type !== "column", "cannot specify `columns` when `object_type` is not `column`"],
    [count("columns") === 0 && type === "column", "must specify `columns` when `object_type` is `column`"],
    [
      count("privileges") !== 1 && type === "column",
      "must specify exactly 1 `privileges` when `object_type` is `column`",
    ],
    [
      count("objects") !== 1 && type === "column",
      "must specify exactly 1 table in the `objects` field when `object_type` is `column`",
    ],
    [
      count("objects") !== 1 && foreign,
      "one element must be specified in `objects` when `object_type` is `foreign_data_wrapper` or `foreign_server`",
    ],
  ];
  const broken = rules.find(([wrong]) => wrong);
  if (broken) {
    throw new Error(broken[1]);
  }
  validatePrivileges(inputs);
}

/** Opens the transaction in which privileges change: under locks, and as a member of the owners of what they are on. */
async function change(
  context: PostgresContext,
  grant: Values,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const { role, database, schema, objectType } = grant as Record<string, string>;
  await context.transaction(database, async (session) => {
    await lockRole(session, role as string);
    if (objectType === "database") {
      await lockDatabase(session, database as string);
    }
    const owners = WITHOUT_SCHEMA.includes(objectType ?? "")
      ? []
      : await ownersIn(session, schema as string, { tables: objectType !== "schema" });
    await withRolesGranted(session, owners, () => work(session));
  });
}

async function revoke(session: Session, grant: Values): Promise<void> {
  await session.run("could not execute revoke query", revokeStatement(grant));
}

/** One transaction takes away what was granted and grants what is wanted: readers never lose access in between. */
async function apply(context: PostgresContext, before: Values, inputs: Values): Promise<Values> {
  validate(inputs);
  await change(context, inputs, async (session) => {
    await revoke(session, before);
    if ((inputs.privileges as string[]).length > 0) {
      await session.run("could not execute grant query", grantStatement(inputs));
    }
  });
  return readGrant(context, inputs);
}

function idOf(grant: Values): string {
  const parts = [grant.role, grant.database];
  if (!WITHOUT_SCHEMA.includes(grant.objectType as string)) {
    parts.push(grant.schema);
  }
  parts.push(grant.objectType, ...inSetOrder(grant.objects as string[]), ...inSetOrder(grant.columns as string[]));
  return parts.join("_");
}

/** `postgresql_grant`, as in resource_postgresql_grant.go; replaced by deleting first, as resources.go of the plugin asks. */
export const grant: ResourceModel<PostgresContext> = {
  properties: {
    role: { required: true, forceNew: true },
    database: { required: true, forceNew: true },
    schema: { forceNew: true },
    objectType: { required: true, forceNew: true, validate: oneOf(OBJECT_TYPES) },
    objects: { forceNew: true, set: true },
    columns: { forceNew: true, set: true },
    privileges: { required: true, set: true },
    withGrantOption: { forceNew: true, default: false },
  },
  deleteBeforeReplace: true,

  create: async (context, inputs) => ({ id: idOf(inputs), state: await apply(context, inputs, inputs) }),

  read: async (context, _id, state) => {
    if (!state.role) {
      throw new Error("resource postgresql_grant doesn't support import");
    }
    return (await targetExists(context, state)) ? readGrant(context, state) : undefined;
  },

  // Privileges are all that can change: those of before are what has to be revoked.
  update: (context, _id, before, inputs) => apply(context, { ...inputs, privileges: before.privileges ?? [] }, inputs),

  delete: (context, _id, state) => change(context, state, (session) => revoke(session, state)),
};
