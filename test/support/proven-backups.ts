import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../local/platform/paths";
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
    stack = await LocalStack.open(`backup${engineVersion}`, database, { backup: { validations } });
    await stack.up();
    commands = new BackupCommands(stack);
    await migrateWithDrizzle(stack);
    await stack.as("migrate", (client) => client.query(POPULATED));
    first = await commands.backUp();
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
          stack: `markenmate-backup${engineVersion}`,
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
      expect(await commands.problems(first)).toEqual([]);
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

  describe("is found not to be restored", () => {
    /** Changes a copy of the first backup under a time of its own. */
    const copy = async (takenAt: string, change: (dump: Buffer) => Buffer) => {
      const name = { ...first, takenAt };
      await commands.write(name, "dump", change(await commands.read(first, "dump")));
      // A copied manifest says by its encryption which backup it is of: this one is written for the copy.
      const store = await commands.store();
      const manifest = await store.getManifest(first);
      await store.putManifest(name, { ...manifest, takenAt });
      return name;
    };

    it("when it is swapped for that of another day: right key, right database", async () => {
      const name = await copy("2020-01-01T00-00-00-000Z", (dump) => dump);
      expect(await commands.problems(name)).toEqual([
        `the dump cannot be read: it was encrypted as something else: takenAt ${first.takenAt} instead of 2020-01-01T00-00-00-000Z`,
      ]);
    });

    it("when both of its objects are those of another day", async () => {
      const name = { ...first, takenAt: "2020-01-02T00-00-00-000Z" };
      for (const part of ["dump", "manifest"] as const) {
        await commands.write(name, part, await commands.read(first, part));
      }
      expect(await commands.problems(name)).toEqual([
        `its manifest cannot be read: it was encrypted as something else: takenAt ${first.takenAt} instead of ${name.takenAt}`,
      ]);
    });

    it("when it is that of another database", async () => {
      const other = { database: "other", takenAt: first.takenAt };
      for (const part of ["dump", "manifest"] as const) {
        await commands.write(other, part, await commands.read(first, part));
      }
      const config = JSON.stringify({ ...(await commands.config()), database: "other" });
      const { code, stderr } = await commands.withConfig("verify-backup", config);
      expect(code).toBe(1);
      expect(stderr).toContain("encrypted as something else: database markenmate instead of other");
    });

    describe.each<[string, (dump: Buffer) => Buffer, RegExp]>([
      [
        "when its end is missing",
        (dump) => dump.subarray(0, dump.length - 100),
        /^the dump cannot be read: Incomplete message$/,
      ],
      [
        "when half of it is missing",
        (dump) => dump.subarray(0, dump.length / 2),
        /^the dump cannot be read: Incomplete message$/,
      ],
      [
        "when a bit of it is another",
        (dump) => {
          const at = Math.floor(dump.length / 2);
          dump[at] = (dump[at] as number) ^ 1;
          return dump;
        },
        /^the dump cannot be read: Unsupported state or unable to authenticate data$/,
      ],
      [
        "when something follows it",
        (dump) => Buffer.concat([dump, dump.subarray(0, 50)]),
        /^the dump in the bucket is not the one of the manifest: \d+ bytes instead of \d+$/,
      ],
      ["when there is nothing in it", () => Buffer.alloc(0), /^the dump cannot be read: Incomplete Header$/],
    ])("%s", (_, change, why) => {
      it("and says why", async () => {
        const original = await commands.read(second, "dump");
        await commands.write(second, "dump", change(Buffer.from(original)));
        const problems = await commands.problems(second);
        await commands.write(second, "dump", original);
        expect(problems).toEqual([expect.stringMatching(why)]);
        expect(await commands.leftBehind()).toEqual([]);
      });
    });

    it.each<[string, Parameters<BackupCommands["forge"]>[1], string]>([
      [
        "a row too few",
        ({ contents }) => (contents.tables.find(({ name }) => name === "public.people")!.rows = "502"),
        "table public.people has 501 rows instead of 502",
      ],
      [
        "another value",
        ({ contents }) => (contents.tables.find(({ name }) => name === "public.people")!.checksum = "1"),
        "table public.people has other values in its rows",
      ],
      [
        "a table too few",
        ({ contents }) => void contents.tables.push({ name: "public.gone", rows: "1", checksum: "1" }),
        "table public.gone is missing",
      ],
      [
        "a sequence that stands elsewhere",
        ({ contents }) =>
          Object.assign(
            contents.sequences.find(({ name }) => name === "public.downwards")!,
            { before: "90", after: "88" },
          ),
        "sequence public.downwards goes on with 96 instead of 88 to 90",
      ],
      [
        "another owner",
        ({ contents }) => (contents.objects.find(({ name }) => name === "public.people")!.owner = "markenmate_app"),
        "table public.people belongs to markenmate_migrate instead of markenmate_app",
      ],
      [
        "a right that is lost",
        ({ contents }) =>
          void contents.objects.find(({ name }) => name === "public.orders")!.grants.push("markenmate_app=TRUNCATE"),
        "table public.orders lacks the rights markenmate_app=TRUNCATE",
      ],
      [
        "a comment that is lost",
        ({ contents }) => (contents.objects.find(({ name }) => name === "public.glad_people")!.comment = "Others"),
        "view public.glad_people has another comment",
      ],
      [
        "an extension that is lost",
        ({ contents }) => void contents.extensions.push({ name: "hstore", version: "1" }),
        "extension hstore is missing",
      ],
    ])("when it has %s", async (_, change, problem) => {
      const original = await commands.read(second, "manifest");
      await commands.forge(second, change);
      const problems = await commands.problems(second);
      await commands.write(second, "manifest", original);
      expect(problems).toEqual([problem]);
    });

    it("when it has no table at all", async () => {
      const original = await commands.read(second, "manifest");
      await commands.forge(second, ({ contents }) => (contents.tables = []));
      const problems = await commands.problems(second);
      await commands.write(second, "manifest", original);
      expect(problems).toEqual(["it is empty: there is no table in it"]);
    });

    it("when a query of the settings is not true of it", async () => {
      const config = {
        ...(await commands.config()),
        validations: ["SELECT false", "SELECT 1 FROM people", "SELECT 1/0"],
      };
      const { code, stdout } = await commands.withConfig("verify-backup", JSON.stringify(config), ["--json"]);
      expect([code, (JSON.parse(stdout) as { problems: string[] }).problems]).toEqual([
        1,
        [
          "the query of the settings `SELECT false` gives false instead of true",
          "the query of the settings `SELECT 1 FROM people` gives 501 rows instead of true",
          "the query of the settings `SELECT 1/0` gives division by zero instead of true",
        ],
      ]);
    });

    it("when there is none", async () => {
      const { code, stderr } = await commands.run("verify-backup", ["--backup", "2001-01-01T00-00-00-000Z"]);
      expect(code).toBe(1);
      expect(stderr).toContain("There is no backup 2001-01-01T00-00-00-000Z of markenmate; the newest are");
    });
  });

  proveRestores(() => ({ stack, commands, first, second }));
}
