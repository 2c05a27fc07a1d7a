import { ResourceModel, Values } from "../protocol/model";
import { databaseExists, databaseOwner } from "./catalog";
import { PostgresContext, Session } from "./connection";
import { grantMembership, lockRole, revokeMembership } from "./membership";
import { identifier, literal } from "./quoting";

/**
 * Makes the connected user a member of the owner while `work` runs. CREATE and DROP DATABASE cannot run in a
 * transaction, so a lock held in another one keeps two of these apart.
 */
async function asMemberOf(
  context: PostgresContext,
  owner: string | undefined,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  if (!owner) {
    return context.direct(work);
  }
  const user = context.settings.databaseUsername;
  await context.reading(undefined, async (locked) => {
    await lockRole(locked, user);
    await context.direct(async (session) => {
      const granted = await grantMembership(session, owner, user);
      try {
        await work(session);
      } finally {
        if (granted) {
          await revokeMembership(session, owner, user);
        }
      }
    });
  });
}

/** `DEFAULT` is a keyword here, anything else a value. */
function option(keyword: string, value: unknown, quote: (text: string) => string, otherwise = ""): string {
  const text = (value ?? "") as string;
  if (text === "") {
    return otherwise;
  }
  return ` ${keyword} ${text.toUpperCase() === "DEFAULT" ? "DEFAULT" : quote(text)}`;
}

function createStatement(inputs: Values, user: string): string {
  const padded = (text: string) => `${literal(text)} `;
  return (
    `CREATE DATABASE ${identifier(inputs.name as string)}` +
    ` OWNER ${identifier((inputs.owner as string) || user)}` +
    option("TEMPLATE", inputs.template, identifier, " TEMPLATE template0") +
    option("ENCODING", inputs.encoding, padded, " ENCODING 'UTF8'") +
    option("LC_COLLATE", inputs.lcCollate, padded) +
    option("LC_CTYPE", inputs.lcCtype, padded) +
    option("TABLESPACE", inputs.tablespaceName, identifier) +
    ` ALLOW_CONNECTIONS ${String(inputs.allowConnections ?? true)}` +
    ` CONNECTION LIMIT ${String(inputs.connectionLimit ?? -1)}` +
    ` IS_TEMPLATE ${String(inputs.isTemplate ?? false)}`
  );
}

async function readDatabase(context: PostgresContext, id: string, state: Values): Promise<Values | undefined> {
  const query = (columns: string) =>
    `SELECT ${columns} FROM pg_catalog.pg_database AS d, pg_catalog.pg_tablespace AS ts ` +
    "WHERE d.datname = $1 AND d.dattablespace = ts.oid";
  return context.direct(async (session) => {
    const one = (sql: string) => session.row("Error reading database", sql, [id]);
    const owned = await one(
      "SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba) from pg_database d WHERE datname=$1",
    );
    const details = await one(
      query("pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, ts.spcname, d.datconnlimit"),
    );
    const allowed = await one(query("d.datallowconn"));
    const template = await one(query("d.datistemplate"));
    if (!owned || !details || !allowed || !template) {
      return undefined;
    }
    return {
      name: owned.datname,
      owner: owned.pg_get_userbyid,
      template: state.template || "template0",
      encoding: details.pg_encoding_to_char,
      lcCollate: details.datcollate,
      lcCtype: details.datctype,
      tablespaceName: details.spcname,
      connectionLimit: details.datconnlimit,
      allowConnections: allowed.datallowconn,
      isTemplate: template.datistemplate,
      alterObjectOwnership: state.alterObjectOwnership ?? false,
    };
  });
}

async function mustRead(context: PostgresContext, name: string, state: Values): Promise<Values> {
  const found = await readDatabase(context, name, state);
  if (!found) {
    throw new Error(`database ${name} is gone right after it was applied`);
  }
  return found;
}

/** What the old owner has in the database goes to the new one (resource_postgresql_database.go, setAlterOwnership). */
async function reassignObjects(context: PostgresContext, name: string, owner: string): Promise<void> {
  const user = context.settings.databaseUsername;
  await context.transaction(name, async (locked) => {
    await lockRole(locked, user);
    await context.direct(async (session) => {
      const current = await databaseOwner(session, name);
      if (current === owner) {
        return;
      }
      const granted = await grantMembership(session, current, user);
      try {
        await locked.run(
          `error reassigning objects owned by '${current}'`,
          `REASSIGN OWNED BY ${identifier(current)} TO ${identifier(owner)}`,
        );
      } finally {
        if (granted) {
          await revokeMembership(session, current, user);
        }
      }
    });
  });
}

/** `postgresql_database`, as in resource_postgresql_database.go. */
export const database: ResourceModel<PostgresContext> = {
  properties: {
    name: { required: true },
    owner: { computed: true },
    template: { computed: true, forceNew: true },
    encoding: { computed: true, forceNew: true },
    lcCollate: { computed: true, forceNew: true },
    lcCtype: { computed: true, forceNew: true },
    tablespaceName: { computed: true },
    connectionLimit: {
      default: -1,
      validate: (value: number) =>
        value < -1 ? `expected connection_limit to be at least (-1), got ${value}` : undefined,
    },
    allowConnections: { default: true },
    isTemplate: { computed: true },
    alterObjectOwnership: { default: false },
  },
  autoName: { property: "name", maxLength: 255 },

  create: async (context, inputs) => {
    const name = inputs.name as string;
    await asMemberOf(context, inputs.owner as string | undefined, (session) =>
      session.run(`Error creating database "${name}"`, createStatement(inputs, context.settings.databaseUsername)),
    );
    return { id: name, state: await mustRead(context, name, inputs) };
  },

  read: async (context, id, state) =>
    (await context.reading(undefined, (session) => databaseExists(session, id)))
      ? readDatabase(context, id, state)
      : undefined,

  update: async (context, _id, before, inputs, changed) => {
    const name = inputs.name as string;
    const owner = inputs.owner as string | undefined;
    const alter = (what: string, change: string, target = name) =>
      context.direct((session) =>
        session.run(`Error updating database ${what}`, `ALTER DATABASE ${identifier(target)} ${change}`),
      );

    if (changed.includes("name")) {
      await alter("name", `RENAME TO ${identifier(name)}`, before.name as string);
    }
    const ownership = changed.includes("owner") || changed.includes("alterObjectOwnership");
    if (ownership && owner && inputs.alterObjectOwnership) {
      await reassignObjects(context, name, owner);
    }
    if (changed.includes("owner") && owner) {
      await asMemberOf(context, owner, (session) =>
        session.run(
          "Error updating database OWNER",
          `ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(owner)}`,
        ),
      );
    }
    if (changed.includes("tablespaceName")) {
      const space = (inputs.tablespaceName ?? "") as string;
      const isDefault = space === "" || space.toUpperCase() === "DEFAULT";
      await alter("TABLESPACE", isDefault ? "RESET TABLESPACE" : `SET TABLESPACE ${identifier(space)}`);
    }
    if (changed.includes("connectionLimit")) {
      await alter("CONNECTION LIMIT", `CONNECTION LIMIT = ${String(inputs.connectionLimit)}`);
    }
    if (changed.includes("allowConnections")) {
      await alter("ALLOW_CONNECTIONS", `ALLOW_CONNECTIONS ${String(inputs.allowConnections)}`);
    }
    if (changed.includes("isTemplate")) {
      await alter("IS_TEMPLATE", `IS_TEMPLATE ${String(inputs.isTemplate ?? false)}`);
    }
    return mustRead(context, name, { ...before, ...inputs });
  },

  delete: (context, _id, state) => {
    const name = state.name as string;
    const quoted = identifier(name);
    return asMemberOf(context, state.owner as string | undefined, async (session) => {
      if (state.isTemplate) {
        await session.run(
          "Error updating database IS_TEMPLATE during DROP DATABASE",
          `ALTER DATABASE ${quoted} IS_TEMPLATE false`,
        );
      }
      // Whoever is connected is thrown out, and cannot come back.
      await session.run("Error blocking connections to database", `ALTER DATABASE ${quoted} ALLOW_CONNECTIONS false`);
      await session.run(
        "Error terminating database connections",
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(name)} AND pid <> pg_backend_pid()`,
      );
      await session.run("Error dropping database", `DROP DATABASE ${quoted} WITH ( FORCE )`);
    });
  },
};
