import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  CreateDBParameterGroupCommand,
  DBInstance,
  ModifyDBParameterGroupCommand,
  Parameter,
} from "@aws-sdk/client-rds";
import { eq } from "drizzle-orm";
import { drizzle, NodePgDatabase } from "drizzle-orm/node-postgres";
import { integer, pgTable, serial, text, timestamp } from "drizzle-orm/pg-core";
import { logParameters, withOverrides } from "../../model/parameters";
import { entriesIn } from "../support/audit-log";
import { hasPgaudit, LocalRds } from "../support/local-rds";

/**
 * What the server's log grows by: 1,000 statements as drizzle-orm sends them, seven of ten reading, on PostgreSQL 15 with
 * pgaudit and the stack's parameters, for each choice of `logs.statements` and `logs.values`. `make bench-logs` runs it;
 * docs/audit-log.md has the figures.
 */
const STATEMENTS = 1000;
const PER_SECOND = 100;
const SECONDS_OF_A_MONTH = 30 * 24 * 3600;
/** CloudWatch Logs counts this for each entry, besides its text (API reference, PutLogEvents). */
const BYTES_OF_AN_ENTRY = 26;
/** An assumption: US dollars for each GB that CloudWatch Logs takes in, in eu-central-1. */
const PRICE = 0.63;
const GROUP = "log-volume";

const orders = pgTable("orders", {
  id: serial("id").primaryKey(),
  customer: integer("customer").notNull(),
  email: text("email").notNull(),
  status: text("status").notNull(),
  note: text("note"),
  changedAt: timestamp("changed_at").defaultNow(),
});

async function work(db: NodePgDatabase): Promise<void> {
  for (let count = 0; count < STATEMENTS; count++) {
    const customer = count % 100;
    const email = `customer-${customer}@example.org`;
    if (count % 10 < 4) {
      await db.select().from(orders).where(eq(orders.id, count));
    } else if (count % 10 < 7) {
      await db
        .select({ id: orders.id, status: orders.status })
        .from(orders)
        .where(eq(orders.customer, customer))
        .limit(20);
    } else if (count % 10 < 8) {
      await db.insert(orders).values({ customer, email, status: "open", note: "please ring twice" });
    } else {
      await db.update(orders).set({ status: "sent", changedAt: new Date() }).where(eq(orders.id, count));
    }
  }
}

async function setParameters(local: LocalRds, values: Record<string, string>): Promise<void> {
  const all = withOverrides(values).map(({ name, value, apply }): Parameter => ({
    ParameterName: name,
    ParameterValue: value,
    ApplyMethod: apply === "static" ? "pending-reboot" : "immediate",
  }));
  for (let at = 0; at < all.length; at += 20) {
    const Parameters = all.slice(at, at + 20);
    await local.rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: GROUP, Parameters }));
  }
}

async function measure(local: LocalRds, instance: DBInstance) {
  const file = path.join(local.dataDir, GROUP, "postgresql.log");
  const before = (await readFile(file)).length;
  await local.as(instance, (client) => work(drizzle(client)));
  const written = (await readFile(file)).subarray(before);
  const entries = entriesIn(written.toString()).length;
  const bytes = written.length + entries * BYTES_OF_AN_ENTRY;
  const gbOfAMonth = ((bytes / STATEMENTS) * PER_SECOND * SECONDS_OF_A_MONTH) / 1e9;
  return { entries, bytes, "GB a month": Math.round(gbOfAMonth), "USD a month": Math.round(gbOfAMonth * PRICE) };
}

async function main(): Promise<void> {
  if (!(await hasPgaudit("15"))) {
    throw new Error("This machine has no PostgreSQL 15 with pgaudit (docs/local-platform.md)");
  }
  const local = await LocalRds.open("log-volume");
  try {
    const group = { DBParameterGroupName: GROUP, DBParameterGroupFamily: "postgres15", Description: "of a bench" };
    await local.rds.send(new CreateDBParameterGroupCommand(group));
    await setParameters(local, {});
    const instance = await local.create(GROUP, { EngineVersion: "15", DBParameterGroupName: GROUP });
    await local.as(instance, async (client) => {
      await client.query("CREATE EXTENSION IF NOT EXISTS pgaudit");
      await client.query(
        "CREATE TABLE orders (id serial PRIMARY KEY, customer int NOT NULL, email text NOT NULL, status text NOT NULL, note text, changed_at timestamp DEFAULT now())",
      );
    });
    const rows: object[] = [];
    for (const audit of ["ddl,role,write", "all"]) {
      await local.as(instance, (client) => client.query(`ALTER ROLE CURRENT_USER SET pgaudit.log = '${audit}'`));
      for (const statements of audit === "all" ? ["ddl"] : ["ddl", "mod", "all"]) {
        for (const values of [false, true]) {
          await setParameters(local, logParameters({ statements, values }));
          rows.push({ pgaudit: audit, statements, values, ...(await measure(local, instance)) });
        }
      }
    }
    console.log(`${STATEMENTS} statements; a month at ${PER_SECOND} statements a second, ${PRICE} USD for each GB:`);
    console.table(rows);
  } finally {
    await local.close();
  }
}

void main();
