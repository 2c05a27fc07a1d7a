import { ResourceModel, Values } from "../protocol/model";
import { databaseExists } from "./catalog";
import { PostgresContext } from "./connection";
import { identifier } from "./quoting";

/** Database and extension: from the state, or for an import from the id, `database.extension`. */
function locate(context: PostgresContext, id: string, state: Values): { database: string; name: string } {
  if (state.name) {
    return { database: (state.database as string) || context.settings.database, name: state.name as string };
  }
  const parts = id.split(".");
  if (parts.length !== 2) {
    throw new Error(`extension ID ${id} has not the expected format 'database.extension'`);
  }
  return { database: parts[0] as string, name: parts[1] as string };
}

async function readExtension(context: PostgresContext, id: string, state: Values): Promise<Values | undefined> {
  const { database, name } = locate(context, id, state);
  const row = await context.reading(database, (session) =>
    session.row(
      "Error reading extension",
      "SELECT n.nspname, e.extversion FROM pg_catalog.pg_extension e, pg_catalog.pg_namespace n " +
        "WHERE n.oid = e.extnamespace AND e.extname = $1",
      [name],
    ),
  );
  return (
    row && {
      name,
      schema: row.nspname,
      version: row.extversion,
      database,
      dropCascade: state.dropCascade ?? false,
      createCascade: state.createCascade ?? false,
    }
  );
}

async function mustRead(context: PostgresContext, id: string, state: Values): Promise<Values> {
  const found = await readExtension(context, id, state);
  if (!found) {
    throw new Error(`extension ${id} is gone right after it was applied`);
  }
  return found;
}

/** `postgresql_extension`, as in resource_postgresql_extension.go. */
export const extension: ResourceModel<PostgresContext> = {
  properties: {
    name: { required: true, forceNew: true },
    schema: { computed: true },
    version: { computed: true },
    database: { computed: true, forceNew: true },
    dropCascade: { default: false },
    createCascade: { default: false },
  },
  autoName: { property: "name", maxLength: 255 },

  create: async (context, inputs) => {
    const { database, name } = locate(context, "", inputs);
    const schema = inputs.schema ? ` SCHEMA ${identifier(inputs.schema as string)}` : "";
    const version = inputs.version ? ` VERSION ${identifier(inputs.version as string)}` : "";
    const cascade = inputs.createCascade ? " CASCADE" : "";
    await context.transaction(database, (session) =>
      session.run(
        `could not create extension ${name}`,
        `CREATE EXTENSION IF NOT EXISTS ${identifier(name)}${schema}${version}${cascade}`,
      ),
    );
    const id = `${database}.${name}`;
    return { id, state: await mustRead(context, id, inputs) };
  },

  read: async (context, id, state) => {
    const { database, name } = locate(context, id, state);
    if (!(await context.direct((session) => databaseExists(session, database)))) {
      return undefined;
    }
    const found = await context.reading(database, (session) =>
      session.row("could not look for extension", "SELECT extname FROM pg_catalog.pg_extension WHERE extname = $1", [
        name,
      ]),
    );
    return found && readExtension(context, id, state);
  },

  update: async (context, id, before, inputs, changed) => {
    const { database, name } = locate(context, id, inputs);
    const alter = `ALTER EXTENSION ${identifier(name)}`;
    await context.transaction(database, async (session) => {
      if (changed.includes("schema") && inputs.schema) {
        await session.run(
          "Error updating extension SCHEMA",
          `${alter} SET SCHEMA ${identifier(inputs.schema as string)}`,
        );
      }
      if (changed.includes("version") && inputs.version) {
        await session.run(
          "Error updating extension version",
          `${alter} UPDATE TO ${identifier(inputs.version as string)}`,
        );
      }
    });
    return mustRead(context, id, { ...before, ...inputs });
  },

  delete: (context, id, state) => {
    const { database, name } = locate(context, id, state);
    return context.transaction(database, (session) =>
      session.run(
        `could not drop extension ${name}`,
        `DROP EXTENSION ${identifier(name)} ${state.dropCascade ? "CASCADE" : "RESTRICT"} `,
      ),
    );
  },
};
