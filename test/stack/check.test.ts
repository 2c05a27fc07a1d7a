import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CheckConfig, checkConfig } from "../../ops/checks/config";
import { findingsOf, Report } from "../../ops/checks/report";
import { asHtml } from "../../ops/checks/report-html";
import { asText } from "../../ops/checks/report-text";
import { check } from "../../ops/checks/run";
import { migrateWithDrizzle } from "../support/drizzle/migrate";
import { LocalStack } from "../support/local-stack";
import { PLANTED_FAULTS } from "../support/planted-faults";
import { superuser } from "../support/superuser";

/** The live check, against a whole stack with everything in order, and with one fault after the other. */
let stack: LocalStack;
let config: CheckConfig;
let root: Client;

beforeAll(async () => {
  stack = await LocalStack.open("check");
  await stack.up();
  await migrateWithDrizzle(stack);
  config = checkConfig.parse((await stack.outputs()).check);
  root = await superuser(stack);
});
afterAll(async () => {
  await root.end();
  await stack.close();
});

const found = (report: Report) => findingsOf(report).map(({ check: name, subject }) => [name, subject]);

/** The server has read its files again when it says so; the sessions that are there hear of it a moment later. */
async function run(statements: string[]): Promise<void> {
  for (const statement of statements) {
    await root.query(statement);
  }
  if (statements.some((statement) => statement.includes("pg_reload_conf"))) {
    await new Promise((wake) => setTimeout(wake, 150));
  }
}

describe("a stack in order", () => {
  it("has no finding", async () => {
    expect(findingsOf(await check(config))).toEqual([]);
  });
});

describe("a fault is found, and nothing else with it:", () => {
  it.each(PLANTED_FAULTS.map((fault) => [fault.name, fault] as const))("%s", async (_, fault) => {
    await run(fault.plant);
    try {
      const report = await check(config);
      expect(found(report)).toEqual(fault.finds);
      const [first] = findingsOf(report);
      expect(first?.cure).toContain(fault.cure ?? "");
      expect(first?.controls).not.toEqual([]);
      const html = asHtml(report);
      expect(html).not.toContain("<script");
      expect(asText(report)).toContain(fault.finds[0]?.[1]);
    } finally {
      await run(fault.undo);
    }
    expect(found(await check(config))).toEqual([]);
  });
});
