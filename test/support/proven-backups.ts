import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../platform/shared/paths";
import { BackupName } from "../../ops/backups/naming";
import { BackupCommands } from "./backup-commands";
import { migrateWithDrizzle } from "./drizzle/migrate";
import { LocalStack } from "./local-stack";
import { proveRestores } from "./proven-restores";

const POPULATED = readFileSync(path.join(ROOT, "test/support/populated.sql"), "utf8");
/** What stands in the populated database in clear, and how a dump of pg_dump's begins. */
const IN_CLEAR = ["person 7", "old person", "PGDMP", "people", "markenmate_app"];

/** Backs a database up that has one of everything, on one version of PostgreSQL, and proves what came of it. */
export function proveBackups(engineVersion: string, extensions = ["pg_stat_statements"]): void {
  let stack: LocalStack;
  let commands: BackupCommands;
  let first: BackupName;
  let second: BackupName;
  const validations = ["SELECT count(*) > 0 FROM people"];
  const database = { engineVersion, extensions };

  beforeAll(async () => {
    stack = await LocalStack.prepared(database, { backup: { validations } });
    commands = new BackupCommands(stack);
    await migrateWithDrizzle(stack);
    await stack.as("migrate", (client) => client.query(POPULATED));
    first = await commands.backUpHere();
    await stack.as("app", (client) => client.query("INSERT INTO people (name) VALUES ('somebody new')"));
    second = await commands.backUp();
  });
  afterAll(() => stack.close());

  describe("a backup", () => {
    it("is a dump and its manifest, in a folder by database and time", async () => {
      expect(await commands.keys()).toEqual(
        [first, second].flatMap(({ takenAt }) => [
          `dumps/markenmate/${takenAt}/dump`,
          `dumps/markenmate/${takenAt}/manifest`,
        ]),
      );
    });

    it("has nothing in clear, neither the dump nor the manifest", async () => {
      for (const part of ["dump", "manifest"] as const) {
        const bytes = await commands.read(first, part);
        expect(bytes.length).toBeGreaterThan(1_000);
        expect(IN_CLEAR.filter((text) => bytes.includes(text))).toEqual([]);
      }
    });

    it("has a manifest that says what is in it, in one snapshot", async () => {
      const manifest = await (await commands.store()).getManifest(first);
      const dump = await commands.read(first, "dump");
      expect(manifest.dump).toMatchObject({
        size: dump.length,
        encryptionContext: {
          stack: "markenmate-test",
          database: "markenmate",
          takenAt: first.takenAt,
          part: "dump",
        },
      });
      expect(manifest.server.version).toMatch(new RegExp(`^${engineVersion}\\.`));
      const rows = Object.fromEntries(manifest.contents.tables.map((table) => [table.name, table.rows]));
      expect(rows).toEqual({
        'public."Odd ""Name"': "3",
        "archive.old_people": "50",
        "drizzle.__drizzle_migrations": "2",
        "public.customers": "0",
        "public.events_2025": "213",
        "public.events_2026": "187",
        "public.notes": "30",
        "public.orders": "0",
        "public.people": "500",
      });
      expect(manifest.contents.extensions.map(({ name }) => name)).toEqual(["plpgsql", ...extensions].sort());
      expect(manifest.roles.map(({ name }) => name)).toContain("markenmate_backup_clone");
    });

    it("is restored and equals what was dumped, and nothing of that stays", async () => {
      expect(await commands.problemsHere(first)).toEqual([]);
      expect(await commands.leftBehind()).toEqual([]);
    });

    it("is verified as the newest where none is named", async () => {
      const { code, stdout, stderr } = await commands.run("verify-backup", ["--json"]);
      expect([code, JSON.parse(stdout)]).toMatchObject([
        0,
        {
          result: "restored",
          backup: second.takenAt,
          tables: 9,
          validations: 1,
          seconds: expect.any(Number) as number,
        },
      ]);
      expect(stderr).toContain(`Restored: the backup ${second.takenAt} is whole. 9 tables with`);
    });
  });

  proveRestores(() => ({ stack, commands, first, second }));
}
