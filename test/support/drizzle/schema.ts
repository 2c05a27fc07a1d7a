import { integer, pgTable, serial, text } from "drizzle-orm/pg-core";

/** The tables that the migrations in this folder make, as an application would describe them. */
export const customers = pgTable("customers", {
  id: serial("id").primaryKey(),
  name: text("name").notNull(),
});

export const orders = pgTable("orders", {
  id: serial("id").primaryKey(),
  customer: integer("customer").notNull(),
  name: text("name"),
});
