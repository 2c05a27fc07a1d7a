import { beforeAll, describe, expect, it } from "vitest";
import { BackupName } from "../../ops/backups/naming";
import { BackupCommands } from "./backup-commands";
import { LocalStack } from "./local-stack";

export interface Made {
  stack: LocalStack;
  commands: BackupCommands;
  first: BackupName;
  second: BackupName;
}

/** Restores the backups that were made, as a person would. */
export function proveRestores(made: () => Made): void {
  describe("restored for people", () => {
    let stack: LocalStack;
    let commands: BackupCommands;
    let first: BackupName;
    let second: BackupName;
    beforeAll(() => {
      ({ stack, commands, first, second } = made());
    });

    const databases = async () => {
      const { rows } = await stack.as("master", (client) =>
        client.query<{ name: string }>(
          "SELECT datname AS name FROM pg_database WHERE datname NOT LIKE 'template%' ORDER BY 1",
        ),
      );
      return rows.map(({ name }) => name);
    };
    const memberships = async () => {
      const { rows } = await stack.as("master", (client) =>
        client.query("SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2"),
      );
      return rows as unknown[];
    };

    it("comes back into a new database, with every right, as the master who is no superuser", async () => {
      const before = await memberships();
      const { code, stdout, stderr } = await commands.run("restore", ["--into", "second", "--json"]);
      expect([code, stderr.split("\n").at(-2)]).toEqual([
        0,
        expect.stringContaining("Restored into second, and it equals"),
      ]);
      expect(JSON.parse(stdout)).toMatchObject({
        result: "restored",
        backup: second.takenAt,
        into: "second",
        tables: 9,
      });
      expect(await memberships()).toEqual(before);
      const { rows } = await stack.as("app", (client) => client.query("SELECT count(*)::int AS people FROM people"), {
        database: "second",
      });
      expect(rows).toEqual([{ people: 501 }]);
      await stack.as("migrate", (client) => client.query("ALTER TABLE people ADD COLUMN later int"), {
        database: "second",
      });
      await expect(
        stack.as("app", (client) => client.query("CREATE TABLE mine (id int)"), { database: "second" }),
      ).rejects.toMatchObject({ code: "42501" });
    });

    it("is not restored over a database that is there, told once or wrongly", async () => {
      const refused = await commands.run("restore", ["--into", "second", "--json"]);
      expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([3, { result: "refused" }]);
      expect(refused.stderr).toContain("say so twice: --overwrite --confirm second");
      const once = await commands.run("restore", ["--into", "second", "--overwrite"]);
      expect([once.code, once.stderr]).toEqual([
        2,
        "--overwrite puts the database second aside; say its name once more: --confirm second\n",
      ]);
      const wrongly = await commands.run("restore", ["--into", "second", "--overwrite", "--confirm", "markenmate"]);
      expect(wrongly.code).toBe(2);
      expect(await databases()).toEqual(["markenmate", "postgres", "second"]);
    });

    it("told twice, puts it aside with all its data, while somebody is connected", async () => {
      await stack
        .as(
          "app",
          async (client) => {
            client.on("error", () => undefined);
            const args = [
              "--into",
              "second",
              "--overwrite",
              "--confirm",
              "second",
              "--backup",
              first.takenAt,
              "--json",
            ];
            const { code, stdout } = await commands.run("restore", args);
            expect([code, JSON.parse(stdout)]).toMatchObject([
              0,
              { into: "second", putAside: expect.stringMatching(/^second_before_\d{14}$/) as string },
            ]);
            await expect(client.query("SELECT 1")).rejects.toThrowError();
          },
          { database: "second" },
        )
        .catch(() => undefined);
      const names = await databases();
      expect(names).toHaveLength(4);
      const { rows } = await stack.as("app", (client) => client.query("SELECT count(*)::int AS people FROM people"), {
        database: "second",
      });
      expect(rows).toEqual([{ people: 500 }]);
    });

    it("takes the place of the application's own database, and the stack finds nothing to change", async () => {
      await stack.as("app", (client) => client.query("DELETE FROM people WHERE id % 2 = 0"));
      const { code } = await commands.run("restore", [
        ...["--into", "markenmate", "--overwrite", "--confirm", "markenmate", "--backup", second.takenAt],
      ]);
      expect(code).toBe(0);
      const { rows } = await stack.as("app", (client) => client.query("SELECT count(*)::int AS people FROM people"));
      expect(rows).toEqual([{ people: 501 }]);
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
      expect(await commands.problemsHere(await commands.backUpHere())).toEqual([]);
    });

    it("leaves the server as it was when it fails", async () => {
      const [before, databasesBefore] = [await memberships(), await databases()];
      const original = await commands.read(second, "dump");
      await commands.write(second, "dump", original.subarray(0, original.length - 10));
      const { code, stderr } = await commands.run("restore", ["--into", "third", "--backup", second.takenAt]);
      await commands.write(second, "dump", original);
      expect(code).toBe(1);
      expect(stderr).toContain(
        "Nothing was restored, and the server is as it was: the dump cannot be read: Incomplete message",
      );
      expect([await memberships(), await databases()]).toEqual([before, databasesBefore]);
    });

    it("lists what there is", async () => {
      const { code, stdout, stderr } = await commands.run("restore", ["--list", "--json"]);
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as { backups: string[] }).backups.slice(1, 3)).toEqual([
        second.takenAt,
        first.takenAt,
      ]);
      expect(stderr.split("\n")[1]).toBe(second.takenAt);
    });
  });
}
