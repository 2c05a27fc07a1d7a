import { ResourceModel, Values } from "../protocol/model";
import { PostgresContext, Session } from "./connection";
import { identifier } from "./quoting";

const QUERY = `
SELECT
  pg_get_userbyid(member) as role,
  pg_get_userbyid(roleid) as grant_role,
  admin_option
FROM
  pg_auth_members
WHERE
  pg_get_userbyid(member) = $1 AND
  pg_get_userbyid(roleid) = $2;
`;

async function revoke(session: Session, { role, grantRole }: Values): Promise<void> {
  await session.run(
    "could not execute revoke query",
    `REVOKE ${identifier(grantRole as string)} FROM ${identifier(role as string)}`,
  );
}

/** Since PostgreSQL 16 there may be one membership for each grantor: as in the official plugin, any of them will do. */
async function readMembership(context: PostgresContext, state: Values): Promise<Values | undefined> {
  const row = await context.direct((session) =>
    session.row("Error reading grant role", QUERY, [state.role, state.grantRole]),
  );
  return row && { role: row.role, grantRole: row.grant_role, withAdminOption: row.admin_option };
}

/** `postgresql_grant_role`, as in resource_postgresql_grant_role.go. */
export const grantRole: ResourceModel<PostgresContext> = {
  properties: {
    role: { required: true, forceNew: true },
    grantRole: { required: true, forceNew: true },
    withAdminOption: { forceNew: true, default: false },
  },

  create: async (context, inputs) => {
    const { role, grantRole: granted, withAdminOption } = inputs as Record<string, string>;
    await context.transaction(undefined, async (session) => {
      await revoke(session, inputs);
      await session.run(
        "could not execute grant query",
        `GRANT ${identifier(granted as string)} TO ${identifier(role as string)}${withAdminOption ? " WITH ADMIN OPTION" : ""}`,
      );
    });
    const state = await readMembership(context, inputs);
    if (!state) {
      throw new Error(`the membership of ${role} in ${granted} is gone right after its creation`);
    }
    return { id: [role, granted, state.withAdminOption].join("_"), state };
  },

  read: (context, _id, state) => {
    if (!state.role) {
      throw new Error("resource postgresql_grant_role doesn't support import");
    }
    return readMembership(context, state);
  },

  delete: (context, _id, state) => context.transaction(undefined, (session) => revoke(session, state)),
};
