import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupCommands } from "../support/backup-commands";
import { clear } from "../../local/clear";
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
  const refusal = async () => {
    const keys = await commands.keys();
    const { code, stdout, stderr } = await commands.run("backup", ["--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([3, { result: "refused" }]);
    expect(await commands.keys()).toEqual(keys);
    return stderr;
  };
  const rowsIn = async (table: string) => {
    const name = await commands.backUp();
    expect(await commands.problems(name)).toEqual([]);
    const { contents } = await (await commands.store()).getManifest(name);
    return contents.tables.find((it) => it.name === table)?.rows;
  };

  it("is not made while row-level security hides rows from it, and the error says which and what to do", async () => {
    await asMigrate("ALTER TABLE accounts ENABLE ROW LEVEL SECURITY");
    await asMigrate("CREATE POLICY own ON accounts USING (tenant = current_setting('app.tenant', true))");
    expect(await refusal()).toContain(
      "  public.accounts: row-level security hides rows from markenmate_backup, and they would be missing. " +
        "As markenmate_migrate: CREATE POLICY every_row_for_backups ON public.accounts FOR SELECT TO markenmate_backup USING (true)",
    );
  });

  it("has every row once a policy shows it every row, and no other role sees more", async () => {
    await asMigrate("CREATE POLICY every_row_for_backups ON accounts FOR SELECT TO markenmate_backup USING (true)");
    expect(await rowsIn("public.accounts")).toBe("30");
    const { rows } = await stack.as("app", (client) => client.query("SELECT * FROM accounts"));
    expect(rows).toEqual([]);
  });

  it("has every row of a table whose owner is held back as well", async () => {
    await asMigrate("ALTER TABLE accounts FORCE ROW LEVEL SECURITY");
    expect(await rowsIn("public.accounts")).toBe("30");
  });

  it("is not made while a restrictive policy holds some back", async () => {
    await asMigrate("CREATE POLICY not_all ON accounts AS RESTRICTIVE USING (id < 20)");
    expect(await refusal()).toContain("and no restrictive policy for it");
    await asMigrate("ALTER POLICY not_all ON accounts TO markenmate_app");
    expect(await rowsIn("public.accounts")).toBe("30");
  });

  it("is not made while there is a table or sequence that it may not read", async () => {
    await asMaster("CREATE SCHEMA closed");
    await asMaster("CREATE TABLE closed.letters (id serial, text text)");
    const said = await refusal();
    expect(said).toContain(
      "closed.letters: markenmate_backup may not read it. As markenmate_admin: " +
        "GRANT USAGE ON SCHEMA closed TO markenmate_backup; GRANT SELECT ON TABLE closed.letters TO markenmate_backup",
    );
    expect(said).toContain("GRANT SELECT ON SEQUENCE closed.letters_id_seq TO markenmate_backup");
    // What it says is what helps.
    for (const [, cure = ""] of said.matchAll(/As markenmate_admin: (.*)$/gm)) {
      await asMaster(cure);
    }
    expect(await rowsIn("closed.letters")).toBe("0");
  });

  it("reads what migrations make in schemas of their own, without being told", async () => {
    await asMigrate("CREATE SCHEMA journal");
    await asMigrate("CREATE TABLE journal.entries AS SELECT generate_series(1, 7) AS id");
    expect(await rowsIn("journal.entries")).toBe("7");
  });

  it("is whole although sequences go on while it is made", async () => {
    await asMigrate("CREATE TABLE tickets (id serial, note text)");
    await stack.as("app", async (client) => {
      let going = true;
      let taken = 0;
      const load = (async () => {
        for (; going; taken++) {
          await client.query("INSERT INTO tickets (note) VALUES ('x')");
        }
      })();
      const name = await commands.backUp();
      going = false;
      await load;
      expect(taken).toBeGreaterThan(100);
      expect(await commands.problems(name)).toEqual([]);
      const { contents } = await (await commands.store()).getManifest(name);
      const sequence = contents.sequences.find((it) => it.name === "public.tickets_id_seq");
      expect(Number(sequence?.after)).toBeGreaterThan(Number(sequence?.before));
    });
  });

  it("is made through a forwarded port as well", async () => {
    const { databasePort } = await stack.outputs();
    const { code, stderr } = await commands.run("backup", ["--forwarded-port", String(databasePort)]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Backed up as")]);
    const wrong = await commands.run("backup", ["--forwarded-port", "here"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, "--forwarded-port: here is no port; give a number, e.g. 15432\n"]);
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
