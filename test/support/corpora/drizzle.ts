import {
  and,
  asc,
  between,
  count,
  desc,
  eq,
  exists,
  gt,
  ilike,
  inArray,
  isNull,
  like,
  lt,
  max,
  ne,
  not,
  or,
  sql,
} from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import {
  boolean,
  integer,
  jsonb,
  pgTable,
  serial,
  text,
  timestamp,
  alias,
  union,
  unionAll,
  uuid,
} from "drizzle-orm/pg-core";

/** Tables such as the guide's, and what an application asks of them with Drizzle. */
const user = pgTable("user", {
  id: serial().primaryKey(),
  name: text(),
  email: text(),
  role: text(),
  active: boolean(),
});
const session = pgTable("session", {
  id: serial().primaryKey(),
  userId: integer("user_id"),
  token: text(),
  expires: timestamp(),
});
const order = pgTable("order", {
  id: serial().primaryKey(),
  userId: integer("user_id"),
  total: integer(),
  note: text(),
  data: jsonb(),
});
const product = pgTable("product", { id: serial().primaryKey(), key: uuid(), name: text(), stock: integer() });
const auditLog = pgTable("audit_log", {
  id: serial().primaryKey(),
  action: text(),
  metadata: jsonb(),
  at: timestamp(),
});

export const TABLES = `
CREATE TABLE "user" (id serial PRIMARY KEY, name text NOT NULL, email text, role text, active boolean);
CREATE TABLE session (id serial PRIMARY KEY, user_id int, token text, expires timestamp);
CREATE TABLE "order" (id serial PRIMARY KEY, user_id int, total int, note text, data jsonb);
CREATE TABLE product (id serial PRIMARY KEY, key uuid UNIQUE, name text NOT NULL, stock int CHECK (stock >= 0));
INSERT INTO product (key, name) VALUES ('00000000-0000-4000-8000-000000000001', 'one');
CREATE TABLE audit_log (id serial PRIMARY KEY, action text, metadata jsonb, at timestamp);`;

/** What people write into forms: all of it harmless, much of it with the looks of SQL. */
const TEXTS = [
  "Anna",
  "O'Brien",
  "-- not a comment",
  "/* neither */",
  "a; drop table user",
  "SELECT or UNION? Union, select me!",
  "1=1, or not",
  "50 % -- off",
  "it's; delete it",
  "pg_sleep well",
  "c:\\path\\'quoted'",
  "null",
  "' or '1'='1",
  "Robert'); DROP TABLE students;--",
  "<script>alert(1)</script>",
  "日本語",
  "e = mc^2; --",
  "x".repeat(300),
];

type Db = NodePgDatabase;

/** Every statement, made by Drizzle itself; each is run once. */
export function statements(db: Db): (() => PromiseLike<unknown>)[] {
  const list: (() => PromiseLike<unknown>)[] = [];
  for (const value of TEXTS) {
    list.push(
      () => db.insert(user).values({ name: value, email: `${value}@example.com`, role: "member", active: true }),
      () => db.select().from(user).where(eq(user.name, value)),
      () => db.update(user).set({ name: value }).where(eq(user.email, value)),
      () => db.delete(session).where(eq(session.token, value)),
      () =>
        db
          .insert(order)
          .values({ note: value, total: 1, data: { note: value } })
          .returning({ id: order.id }),
      () =>
        db
          .select({ note: order.note })
          .from(order)
          .where(or(like(order.note, `%${value}%`), ilike(order.note, value))),
      () => db.insert(auditLog).values({ action: value, metadata: { value } }),
      () => db.execute(sql`select * from ${user} where ${user.name} = ${value} or ${user.email} = ${value}`),
    );
  }
  const manager = alias(user, "manager");
  list.push(
    () => db.select().from(user).orderBy(desc(user.id)).limit(10).offset(5),
    () =>
      db
        .select({ n: count(), last: max(order.total) })
        .from(order)
        .groupBy(order.userId)
        .having(gt(count(), 1)),
    () =>
      db
        .select()
        .from(user)
        .innerJoin(session, eq(session.userId, user.id))
        .where(and(gt(session.expires, new Date()), ne(user.role, "admin"))),
    () => db.select().from(user).leftJoin(manager, eq(manager.id, user.id)).where(isNull(manager.id)),
    () =>
      db
        .select()
        .from(order)
        .where(inArray(order.id, [1, 2, 3])),
    () =>
      db
        .select()
        .from(order)
        .where(between(order.total, 1, 100)),
    () =>
      db
        .select()
        .from(user)
        .where(exists(db.select().from(order).where(eq(order.userId, user.id)))),
    () =>
      db
        .select()
        .from(user)
        .where(not(lt(user.id, 5))),
    () => db.selectDistinct({ role: user.role }).from(user).orderBy(asc(user.role)),
    () => union(db.select({ id: user.id }).from(user), db.select({ id: session.id }).from(session)),
    () => unionAll(db.select({ name: user.name }).from(user), db.select({ name: order.note }).from(order)),
    () =>
      db
        .insert(user)
        .values({ id: 1, name: "again" })
        .onConflictDoUpdate({ target: user.id, set: { name: sql`excluded.name` } }),
    () => db.insert(user).values({ id: 1, name: "again" }).onConflictDoNothing(),
    () =>
      db
        .update(order)
        .set({ total: sql`${order.total} + 1` })
        .where(eq(order.id, 1)),
    () => db.transaction(async (tx) => tx.select().from(user).for("update")),
    () => db.execute(sql`/* traceparent='00-abc',route='%2Fusers' */ select 1`),
    () => db.execute(sql`select 1 -- which is one`),
    () => db.execute(sql.raw(`select 'it''s -- no comment; and no /* either */' as "text"`)),
    () => db.execute(sql.raw(`select count(*) from "order" where note = 'a or b' or total = 0`)),
    () =>
      db
        .with(db.$with("recent").as(db.select().from(order).limit(1)))
        .select({ one: sql`1` })
        .from(user),
  );
  // What fails in every application one day, and is in the log for that. An attack in the place of a number is none of these: its text
  // is in the error, and counts.
  const key = "00000000-0000-4000-8000-000000000001";
  for (const value of ["abc", "12a", "O'Brien", "1.5", ""]) {
    list.push(
      () => db.select().from(product).where(eq(product.key, value)),
      () => db.execute(sql`select * from ${product} where ${product.stock} = ${value}`),
      () => db.insert(product).values({ name: value, stock: sql`${value}::int` }),
      () => db.insert(product).values({ key, name: value }),
      () => db.insert(product).values({ name: value, stock: -1 }),
      () =>
        db
          .update(product)
          .set({ name: sql`null` })
          .where(eq(product.key, key)),
    );
  }
  // Literals in the statement itself, of writes: pgaudit has their text.
  for (const literal of [
    "it''s; delete it",
    "Robert''); DROP TABLE students;--",
    "'' or ''1''=''1",
    "see pg_sleep",
    "/* neither */ -- nor",
    "union select, drop table",
  ]) {
    list.push(
      () => db.execute(sql.raw(`insert into audit_log (action) values ('${literal}')`)),
      () => db.execute(sql.raw(`update "user" set role = '${literal}' -- everybody\nwhere id = 1`)),
    );
  }
  // Migrations: of drizzle-kit, one statement at a time, and by hand, a file at once.
  for (const migration of [
    `CREATE TYPE migrations.kind AS ENUM('user', 'admin');`,
    `CREATE TABLE migrations.a (id serial, "user" text DEFAULT 'user', role text DEFAULT 'it''s');`,
    `CREATE TABLE migrations.a (role text DEFAULT 'user', -- whoever signs up\n id int);`,
    `CREATE TABLE migrations.a (role text DEFAULT 'user');\nALTER TABLE migrations.a ALTER COLUMN role SET DEFAULT 'member';\nCREATE INDEX a_role ON migrations.a (role);`,
  ]) {
    list.push(() => db.execute(sql.raw(migration)));
  }
  return list;
}
