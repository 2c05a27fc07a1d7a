import { S3Client } from "@aws-sdk/client-s3";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reloadAndWait } from "../../platform/rds/settings-in-force";
import { clientsFor } from "../../ops/checks/aws";
import { CheckConfig, checkConfig } from "../../model/outputs/check";
import { credentialsFor } from "../../ops/checks/credentials";
import { checkDatabase } from "../../ops/checks/database";
import { findingsOf, Report } from "../../ops/checks/report";
import { asHtml } from "../../ops/checks/report-html";
import { asText } from "../../ops/checks/report-text";
import { runChecks } from "../../ops/checks/run";
import { migrateWithDrizzle } from "./drizzle/migrate";
import { ACCESS_FAULTS } from "./faults/access";
import { BUCKET_FAULTS } from "./faults/aws-bucket";
import { INSTANCE_FAULTS } from "./faults/aws-instance";
import { KEY_FAULTS } from "./faults/aws-keys";
import { MONITORING_FAULTS } from "./faults/aws-monitoring";
import { AUDIT_FAULTS, LOGIN_FAULTS } from "./faults/logins";
import { SERVER_FAULTS } from "./faults/server";
import { BLOCKED, CONNECTIONS, LONG, Order, ORDERS, SESSIONS, topStatements } from "../../ops/sessions/sql";
import { assume, s3As } from "./iam";
import { LocalStack } from "./local-stack";
import { superuser } from "./superuser";

/** The live check, against a whole stack of one version with everything in order, and with one fault after the other. */
export function proveCheck(engineVersion: string, extensions: string[], alsoInAws: boolean): void {
  let stack: LocalStack;
  let config: CheckConfig;
  let root: Client;
  /** Over TLS, without which the bucket lets nobody in. */
  let s3: S3Client;

  beforeAll(async () => {
    stack = await LocalStack.prepared({ engineVersion, extensions });
    await migrateWithDrizzle(stack);
    config = checkConfig.parse((await stack.outputs()).check);
    s3 = s3As(await assume(config.checkerArn as string));
    root = await superuser(stack);
  });
  afterAll(async () => {
    await root.end();
    await stack.close();
  });

  /** As a person's command does it: with the role for looking. */
  async function look(now?: Date): Promise<Report> {
    const credentials = credentialsFor(config);
    return runChecks(config, { credentials, clients: { ...clientsFor(credentials), s3 } }, now);
  }
  /** The part of it that can see a fault in the database; the whole is looked at when all of them are undone. */
  async function lookAtDatabase(): Promise<Report> {
    const [now, { stack: name, database }] = [new Date(), config];
    const seen = await checkDatabase(config, { credentials: credentialsFor(config) }, now);
    return { stack: name, database: database.name, at: now, seconds: 0, ...seen };
  }
  const found = (report: Report) => findingsOf(report).map(({ check: name, subject }) => [name, subject]);

  async function run(statements: string[]): Promise<void> {
    for (const statement of statements) {
      await root.query(statement);
      if (statement.startsWith("ALTER SYSTEM")) {
        await reloadAndWait(root);
      }
    }
  }

  describe("a stack in order", () => {
    it("has no finding, and what was not looked at is the hash of others' passwords alone", async () => {
      const { results } = await look();
      expect(results.flatMap(({ findings }) => findings)).toEqual([]);
      expect(results.filter(({ skipped }) => skipped !== undefined).map(({ check: name }) => name)).toEqual([
        "passwords",
      ]);
    });

    it("has one for a table that must have row-level security and does not", async () => {
      const report = await runChecks(
        { ...config, rowLevelSecurity: ["public.orders"] },
        { credentials: credentialsFor(config) },
      );
      const subjects = found(report).filter(([name]) => name === "row-level-security");
      expect(subjects.length).toBeGreaterThan(0);
      expect(new Set(subjects.map(([, subject]) => subject))).toEqual(new Set(["table public.orders"]));
    });

    it("answers what the activity commands ask, as the role that looks", async () => {
      await stack.as("monitor", async (monitor) => {
        const asked: [string, unknown[]][] = [
          ...([SESSIONS, CONNECTIONS, BLOCKED].map((sql) => [sql, []]) as [string, unknown[]][]),
          [LONG, [5]],
          ...Object.keys(ORDERS).map((by): [string, unknown[]] => [topStatements(by as Order, "extensions"), [3]]),
        ];
        for (const [sql, values] of asked) {
          await monitor.query(sql, values);
        }
        const { rows } = await monitor.query<{ query: string }>(topStatements("calls", "extensions"), [3]);
        expect(rows).toHaveLength(3);
      });
    });

    it("has one when nothing was backed up for a day", async () => {
      const later = new Date(Date.now() + 27 * 3_600_000);
      expect(found(await look(later))).toContainEqual(["backup-age", "newest backup of markenmate"]);
    });
  });

  describe("in the database a fault is found, and nothing else with it:", () => {
    const audit = extensions.includes("pgaudit") ? AUDIT_FAULTS : [];
    const faults = [...ACCESS_FAULTS, ...LOGIN_FAULTS, ...audit, ...SERVER_FAULTS].filter(
      ({ since = 0 }) => since <= Number(engineVersion),
    );

    it.each(faults.map((fault) => [fault.name, fault] as const))("%s", async (_, fault) => {
      await run(fault.plant);
      try {
        // And nothing that the faults before it have left.
        const report = await lookAtDatabase();
        expect(found(report)).toEqual(fault.finds);
        const [first] = findingsOf(report);
        expect(first?.cure).toContain(fault.cure ?? "");
        expect(first?.controls).not.toEqual([]);
        expect(asHtml(report)).not.toContain("<script");
        expect(asText(report)).toContain(fault.finds[0]?.[1]);
      } finally {
        await run(fault.undo);
      }
    });
  });

  if (alsoInAws) {
    describe("in AWS a fault is found, and nothing else with it:", () => {
      const faults = [...INSTANCE_FAULTS, ...KEY_FAULTS, ...BUCKET_FAULTS, ...MONITORING_FAULTS];

      it.each(faults.map((fault) => [fault.name, fault] as const))("%s", async (_, fault) => {
        const undo = await fault.plant(config);
        try {
          expect(found(await look())).toEqual(fault.finds.map(([name, subject]) => [name, subject(config)]));
        } finally {
          await undo();
        }
      });
    });
  }

  it("has no finding any more when all faults are undone", async () => {
    expect(found(await look())).toEqual([]);
  });
}
