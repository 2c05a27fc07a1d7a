import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../platform/shared/paths";
import { BackupName } from "../../ops/backups/naming";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";

const POPULATED = readFileSync(path.join(ROOT, "test/support/populated.sql"), "utf8");

/** A backup that is not what it pretends to be, in every way that one can be. */
describe("a backup is found not to be restored", () => {
  let stack: LocalStack;
  let commands: BackupCommands;
  let first: BackupName;
  let second: BackupName;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    commands = new BackupCommands(stack);
    await stack.as("migrate", (client) => client.query(POPULATED));
    first = await commands.backUpHere();
    await stack.as("migrate", (client) => client.query("INSERT INTO people (name) VALUES ('somebody new')"));
    second = await commands.backUp();
    expect(await commands.problems(second)).toEqual([]);
  });
  afterAll(() => stack.close());

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
    expect(await commands.problemsHere(name)).toEqual([
      `the dump cannot be read: it was encrypted as something else: takenAt ${first.takenAt} instead of 2020-01-01T00-00-00-000Z`,
    ]);
  });

  it("when both of its objects are those of another day", async () => {
    const name = { ...first, takenAt: "2020-01-02T00-00-00-000Z" };
    for (const part of ["dump", "manifest"] as const) {
      await commands.write(name, part, await commands.read(first, part));
    }
    expect(await commands.problemsHere(name)).toEqual([
      `its manifest cannot be read: it was encrypted as something else: takenAt ${first.takenAt} instead of ${name.takenAt}`,
    ]);
  });

  it("when it is that of another database", async () => {
    const other = { database: "other", takenAt: first.takenAt };
    for (const part of ["dump", "manifest"] as const) {
      await commands.write(other, part, await commands.read(first, part));
    }
    expect(await commands.problemsHere(other)).toEqual([
      "its manifest cannot be read: it was encrypted as something else: database markenmate instead of other",
    ]);
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
      const problems = await commands.problemsHere(second);
      await commands.write(second, "dump", original);
      expect(problems).toEqual([expect.stringMatching(why)]);
      expect(await commands.leftBehind()).toEqual([]);
    });
  });

  /** What the manifest says that is not so, and what is said of it: each by itself, of one that is forged in all of these. */
  const FORGED: [string, Parameters<BackupCommands["forge"]>[1], string][] = [
    [
      "a row too few",
      ({ contents }) => (contents.tables.find(({ name }) => name === "public.people")!.rows = "502"),
      "table public.people has 501 rows instead of 502",
    ],
    [
      "another value",
      ({ contents }) => (contents.tables.find(({ name }) => name === "public.notes")!.checksum = "1"),
      "table public.notes has other values in its rows",
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
        void contents.objects.find(({ name }) => name === "public.events")!.grants.push("markenmate_app=TRUNCATE"),
      "table public.events lacks the rights markenmate_app=TRUNCATE",
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
  ];
  /** Queries that are not true, and what is said of each. */
  const QUERIES = {
    "SELECT false": "false",
    "SELECT 1 FROM people": "501 rows",
    "SELECT 1/0": "division by zero",
  };

  describe("when it is not what its manifest and the settings say", () => {
    let code: number;
    let problems: string[];
    beforeAll(async () => {
      const original = await commands.read(second, "manifest");
      await commands.forge(second, (manifest) => FORGED.forEach(([, change]) => change(manifest)));
      const config = { ...(await commands.config()), validations: Object.keys(QUERIES) };
      const ended = await commands.withConfig("verify-backup", JSON.stringify(config), ["--json"]);
      await commands.write(second, "manifest", original);
      code = ended.code;
      ({ problems } = JSON.parse(ended.stdout) as { problems: string[] });
    });

    it.each(FORGED)("for it has %s", (_, __, problem) => {
      expect([code, problems]).toEqual([1, expect.arrayContaining([problem])]);
    });

    it.each(Object.entries(QUERIES))("for the settings' query `%s` gives %s", (query, answer) => {
      const problem = `the query of the settings \`${query}\` gives ${answer} instead of true`;
      expect([code, problems]).toEqual([1, expect.arrayContaining([problem])]);
    });

    it("and nothing else is said of it", () => {
      expect(problems).toHaveLength(FORGED.length + Object.keys(QUERIES).length);
    });
  });

  it("when it has no table at all", async () => {
    const original = await commands.read(second, "manifest");
    await commands.forge(second, ({ contents }) => (contents.tables = []));
    const problems = await commands.problemsHere(second);
    await commands.write(second, "manifest", original);
    expect(problems).toEqual(["it is empty: there is no table in it"]);
  });

  it("when there is none", async () => {
    const { code, stderr } = await commands.run("verify-backup", ["--backup", "2001-01-01T00-00-00-000Z"]);
    expect(code).toBe(1);
    expect(stderr).toContain("There is no backup 2001-01-01T00-00-00-000Z of markenmate; the newest are");
  });
});
