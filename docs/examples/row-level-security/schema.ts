import { sql } from "drizzle-orm";
import { index, pgPolicy, pgRole, pgTable, serial, text, timestamp } from "drizzle-orm/pg-core";

/** The stack makes these roles: drizzle-kit is only told that they are there. */
const app = pgRole("markenmate_app").existing();
const readonly = pgRole("markenmate_readonly").existing();
const migrate = pgRole("markenmate_migrate").existing();
const backup = pgRole("markenmate_backup").existing();

/**
 * Who the transaction is for, as asUser said: `''` after a transaction that had said so, NULL before the first. In brackets
 * and with SELECT it is computed once for a statement, not once for a row.
 */
const me = sql`(SELECT nullif(current_setting('app.user_id', true), ''))`;
/** What the database knows about that user, whatever the application says: migrations/0001_role_of_user.sql. */
const myRole = sql`(SELECT app_user_role())`;
const all = sql`true`;

/** An administrator sees and changes everything. Not a lookup in the table itself, which would recurse. */
const admin = () => pgPolicy("everything_for_admins", { to: app, using: sql`${myRole} = 'admin'` });
/** A dump that lacks rows looks like any other, so none is made without this. */
const backups = () => pgPolicy("every_row_for_backups", { for: "select", to: backup, using: all });
const reports = () => pgPolicy("every_row_for_reports", { for: "select", to: readonly, using: all });

export const user = pgTable(
  "user",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    email: text("email").notNull().unique(),
    role: text("role").notNull().default("user"),
  },
  (table) => [
    pgPolicy("read_own", { for: "select", to: app, using: sql`${table.id} = ${me}` }),
    pgPolicy("sign_up", { for: "insert", to: app, withCheck: sql`${table.id} = ${me} AND ${table.role} = 'user'` }),
    // The row stays the user's own, and the role what it was: nobody makes himself an administrator.
    pgPolicy("change_own", {
      for: "update",
      to: app,
      using: sql`${table.id} = ${me}`,
      withCheck: sql`${table.id} = ${me} AND ${table.role} = ${myRole}`,
    }),
    pgPolicy("delete_own", { for: "delete", to: app, using: sql`${table.id} = ${me}` }),
    // With FORCE the owner is held to policies, too. This much app_user_role needs, which runs as the owner.
    pgPolicy("own_role_for_owner", { for: "select", to: migrate, using: sql`${table.id} = ${me}` }),
    admin(),
    reports(),
    backups(),
  ],
);

export const session = pgTable(
  "session",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    token: text("token").notNull().unique(),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    // Without it, every look at one's own rows reads the whole table.
    index("session_user_id").on(table.userId),
    pgPolicy("own", { to: app, using: sql`${table.userId} = ${me}` }),
    // A request arrives with a token, before anybody knows whose it is: userOfSession.
    pgPolicy("by_token", {
      for: "select",
      to: app,
      using: sql`${table.token} = (SELECT nullif(current_setting('app.session_token', true), ''))`,
    }),
    admin(),
    // No policy for reports: a token lets in whoever reads it.
    backups(),
  ],
);

export const auditLog = pgTable(
  "audit_log",
  {
    id: serial("id").primaryKey(),
    /** Nobody's: a failed sign-in. */
    userId: text("user_id"),
    action: text("action").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index("audit_log_user_id").on(table.userId),
    // Nothing for update or delete: what is written stays, for administrators too.
    pgPolicy("write_own", {
      for: "insert",
      to: app,
      withCheck: sql`${table.userId} = ${me} OR ${table.userId} IS NULL`,
    }),
    pgPolicy("read_own", { for: "select", to: app, using: sql`${table.userId} = ${me}` }),
    pgPolicy("read_all_for_admins", { for: "select", to: app, using: sql`${myRole} = 'admin'` }),
    reports(),
    backups(),
  ],
);
