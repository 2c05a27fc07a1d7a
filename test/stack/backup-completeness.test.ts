import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupCommands } from "../support/backup-commands";
import { clear } from "../../local/clear";
import { Manifest } from "../../ops/backups/manifest";
import { BackupName } from "../../ops/backups/naming";
import { LocalStack } from "../support/local-stack";

/** A dump that lacks rows looks like any other: so none is made that would. */
describe("a backup of everything, or none", () => {
  let stack: LocalStack;
  let commands: BackupCommands;

  beforeAll(async () => {
    stack = await LocalStack.prepared();
    commands = new BackupCommands(stack);
    await asMigrate("CREATE TABLE accounts (id int PRIMARY KEY, tenant text)");
    await asMigrate("INSERT INTO accounts SELECT g, 'tenant ' || g % 3 FROM generate_series(1, 30) g");
  });
  afterAll(() => stack.close());

  const asMigrate = (sql: string) => stack.as("migrate", (client) => client.query(sql));
  const asMaster = (sql: string) => stack.as("master", (client) => client.query(sql));
  const rowsIn = ({ contents }: Manifest) => Object.fromEntries(contents.tables.map(({ name, rows }) => [name, rows]));

  /** What hides something, and what is said of it, all at once. */
  describe("is not made", () => {
    let said: string;

    beforeAll(async () => {
      await asMigrate("ALTER TABLE accounts ENABLE ROW LEVEL SECURITY");
      await asMigrate("CREATE POLICY own ON accounts USING (tenant = current_setting('app.tenant', true))");
      for (const table of ["forced", "restricted"]) {
        await asMigrate(`CREATE TABLE ${table} AS TABLE accounts; ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
        await asMigrate(`CREATE POLICY every_row ON ${table} FOR SELECT TO markenmate_backup USING (true)`);
      }
      await asMigrate("ALTER TABLE forced FORCE ROW LEVEL SECURITY");
      await asMigrate("CREATE POLICY not_all ON restricted AS RESTRICTIVE USING (id < 20)");
      await asMaster("CREATE SCHEMA closed");
      await asMaster("CREATE TABLE closed.letters (id serial, text text)");
      const { code, stdout, stderr } = await commands.run("backup", ["--json"]);
      expect([code, JSON.parse(stdout)]).toMatchObject([3, { result: "refused" }]);
      said = stderr;
    });

    it("while row-level security hides rows from it, and the error says which and what to do", async () => {
      expect(said).toContain(
        "  public.accounts: row-level security hides rows from markenmate_backup, and they would be missing. " +
          "As markenmate_migrate: CREATE POLICY every_row_for_backups ON public.accounts FOR SELECT TO markenmate_backup USING (true)",
      );
      expect(await commands.keys()).toEqual([]);
    });

    it("while a restrictive policy holds some back", () => {
      expect(said).toMatch(/^ {2}public\.restricted: row-level security hides .*, and no restrictive policy for it$/m);
    });

    it("while there is a table or sequence that it may not read", () => {
      expect(said).toContain(
        "closed.letters: markenmate_backup may not read it. As markenmate_admin: " +
          "GRANT USAGE ON SCHEMA closed TO markenmate_backup; GRANT SELECT ON TABLE closed.letters TO markenmate_backup",
      );
      expect(said).toContain("GRANT SELECT ON SEQUENCE closed.letters_id_seq TO markenmate_backup");
    });

    it("and for nothing else", () => {
      expect(said).not.toContain("public.forced");
    });

    afterAll(async () => {
      // What it says is what helps.
      for (const [, cure = ""] of said.matchAll(/As markenmate_admin: (.*)$/gm)) {
        await asMaster(cure);
      }
      const policies = said.matchAll(/As markenmate_migrate: (CREATE POLICY .* ON public\.accounts .*\))/g);
      for (const [, cure = ""] of policies) {
        await asMigrate(cure);
      }
      await asMigrate("ALTER POLICY not_all ON restricted TO markenmate_app");
    });
  });

  /** One, while an application works, through a forwarded port. */
  describe("is made", () => {
    let name: BackupName;
    let manifest: Manifest;
    let taken = 0;

    beforeAll(async () => {
      await asMigrate("CREATE SCHEMA journal");
      await asMigrate("CREATE TABLE journal.entries AS SELECT generate_series(1, 7) AS id");
      await asMigrate("CREATE TABLE tickets (id serial, note text)");
      const { databasePort } = await stack.outputs();
      await stack.as("app", async (client) => {
        let going = true;
        const load = (async () => {
          for (; going; taken++) {
            await client.query("INSERT INTO tickets (note) VALUES ('x')");
          }
        })();
        const args = ["--forwarded-port", String(databasePort), "--json"];
        const { code, stdout, stderr } = await commands.run("backup", args);
        going = false;
        await load;
        expect([code, stderr]).toEqual([0, expect.stringContaining("Backed up as")]);
        const { backup: takenAt } = JSON.parse(stdout) as { backup: string };
        name = { database: "markenmate", takenAt };
      });
      manifest = await (await commands.store()).getManifest(name);
    });

    it("and is whole although sequences go on meanwhile", async () => {
      expect(taken).toBeGreaterThan(100);
      expect(await commands.problems(name)).toEqual([]);
      const sequence = manifest.contents.sequences.find((it) => it.name === "public.tickets_id_seq");
      expect(Number(sequence?.after)).toBeGreaterThan(Number(sequence?.before));
    });

    it("with every row once a policy shows it every row, and no other role sees more", async () => {
      expect(rowsIn(manifest)).toMatchObject({ "public.accounts": "30" });
      const { rows } = await stack.as("app", (client) => client.query("SELECT * FROM accounts"));
      expect(rows).toEqual([]);
    });

    it("with every row of a table whose owner is held back as well, and of one whose restriction is another's", () => {
      expect(rowsIn(manifest)).toMatchObject({ "public.forced": "30", "public.restricted": "30" });
    });

    it("with what it may read since it was given what the error said", () => {
      expect(rowsIn(manifest)).toMatchObject({ "closed.letters": "0" });
    });

    it("with what migrations make in schemas of their own, without being told", () => {
      expect(rowsIn(manifest)).toMatchObject({ "journal.entries": "7" });
    });

    it("through a forwarded port, which is a number", async () => {
      const wrong = await commands.run("backup", ["--forwarded-port", "here"]);
      expect([wrong.code, wrong.stderr]).toEqual([2, "--forwarded-port: here is no port; give a number, e.g. 15432\n"]);
    });
  });

  it("is made by a role that can do nothing else", async () => {
    await stack.as("backup", async (client) => {
      for (const sql of [
        "INSERT INTO journal.entries VALUES (1)",
        "UPDATE accounts SET tenant = ''",
        "DELETE FROM accounts",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "SELECT * FROM pg_authid",
        "SELECT nextval('closed.letters_id_seq')",
        "SET ROLE markenmate_migrate",
      ]) {
        await expect(client.query(sql), sql).rejects.toMatchObject({ code: "42501" });
      }
    });
  });

  it("is deleted with the whole platform, and so is a database that was restored", async () => {
    await stack.as("master", (client) => client.query("DROP SCHEMA closed CASCADE"));
    const refused = await stack.destroyBuckets();
    expect(refused.stdout).toContain("BucketNotEmpty");
    await stack.up();
    expect((await commands.run("restore", ["--into", "beside"])).code).toBe(0);
    await clear(await stack.outputs());
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(await stack.leftovers()).toEqual([]);
  });
});
