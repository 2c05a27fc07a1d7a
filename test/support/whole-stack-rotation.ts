import { describe, expect, it } from "vitest";
import { ACCESS, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { Action, mismatches, Outcome, tryAll } from "./access-actions";
import { LocalStack } from "./local-stack";

/** The second logins have the rights of the first, and what either of them makes belongs to the role. */
export function proveRotation(stack: () => LocalStack, database: Record<string, unknown>, actions: Action[]): void {
  describe("after a rotation of every password", () => {
    const rotate = async (generation: number) => {
      await stack().configure(database, { roles: { all: { generation } } });
      await stack().up();
    };

    it("holds for the other logins, which act as the roles", async () => {
      await stack().as("migrate", (client) => client.query("CREATE TABLE by_first (id int)"));
      await rotate(1);
      const byClone = new Map<RoleName, Map<string, Outcome>>();
      for (const role of ROLE_NAMES) {
        const { rows } = await stack().as(role, (client) => client.query("SELECT session_user, current_user"));
        expect(rows).toEqual([{ session_user: `markenmate_${role}_clone`, current_user: `markenmate_${role}` }]);
        byClone.set(role, await stack().as(role, (client) => tryAll(client, actions)));
      }
      // The old table was handed over since, so that it is its new owner's to do with as it likes.
      const cells = actions.filter(({ name }) => !name.includes("old"));
      expect(mismatches(ACCESS, cells, byClone)).toEqual([]);
    });

    it("lets each login of migrations change what the other has made", async () => {
      await stack().as("migrate", async (client) => {
        await client.query("ALTER TABLE by_first ADD COLUMN note text");
        await client.query("CREATE TABLE by_second (id int)");
      });
      await rotate(2);
      await stack().as("migrate", (client) => client.query("ALTER TABLE by_second ADD COLUMN note text"));
      const { rows } = await stack().as("app", (client) =>
        client.query("SELECT tablename, tableowner FROM pg_tables WHERE tablename LIKE 'by_%' ORDER BY 1"),
      );
      expect(rows).toEqual([
        { tablename: "by_first", tableowner: "markenmate_migrate" },
        { tablename: "by_second", tableowner: "markenmate_migrate" },
      ]);
      await stack().as("app", (client) => client.query("INSERT INTO by_second VALUES (1)"));
    });
  });
}
