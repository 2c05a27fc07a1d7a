import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { BackupCommands } from "../support/backup-commands";
import { asRole, readable } from "../support/iam";
import { LocalStack } from "../support/local-stack";

/** `shop` has a database of its own, and shares it with `stock`. */
const APPLICATIONS = { shop: {}, stock: { database: "shop" } };
const DENIED = { code: "42501" };

interface CheckReport {
  result: string;
  findings: { check: string; subject: string }[];
}

describe("several applications on one server", () => {
  let stack: LocalStack;
  let applications: object = APPLICATIONS;
  const query = (role: string, sql: string) => stack.as(role, (client) => client.query(sql));
  const names = async (role: string, sql: string) =>
    (await query(role, sql)).rows.map((row) => Object.values(row as object)[0] as string);
  const ops = async (name: string, ...args: string[]) =>
    capture(
      path.join(ROOT, "ops", name),
      ["--stack", stack.name, "--json", ...args],
      await stack.platform.forCommands(),
    );
  const check = async () => JSON.parse((await ops("check")).stdout) as CheckReport;
  const configure = (changed: object) => {
    applications = changed;
    return stack.configure({}, { applications });
  };

  beforeAll(async () => {
    stack = await LocalStack.prepared({}, { applications });
    await query("migrate", "CREATE TABLE customers (id int); INSERT INTO customers VALUES (1)");
    await query("shop/migrate", "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1), (2)");
    await query("stock/migrate", "CREATE TABLE stock.items (id int); INSERT INTO stock.items VALUES (1), (2), (3)");
  });
  afterAll(() => stack.close());

  it("is what a refresh finds", async () => {
    await stack.succeed("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
  });

  it("gives each its tables, and the server's roles all of them", async () => {
    expect(await names("shop/app", "SELECT id FROM orders")).toEqual([1, 2]);
    expect(await names("stock/app", "SELECT id FROM stock.items")).toEqual([1, 2, 3]);
    await query("shop/app", "INSERT INTO orders VALUES (3)");
    expect(await names("shop/readonly", "SELECT count(*)::int FROM orders")).toEqual([3]);
    await expect(query("shop/readonly", "DELETE FROM orders")).rejects.toMatchObject(DENIED);
    await expect(query("shop/app", "CREATE TABLE mine (id int)")).rejects.toMatchObject(DENIED);
    await stack.as(
      "backup",
      async (client) => {
        expect((await client.query("SELECT * FROM public.orders")).rowCount).toBe(3);
        expect((await client.query("SELECT * FROM stock.items")).rowCount).toBe(3);
      },
      { database: "shop" },
    );
  });

  it("keeps each out of the others' databases and schemas", async () => {
    await expect(query("stock/app", "SELECT * FROM public.orders")).rejects.toMatchObject(DENIED);
    await expect(query("stock/migrate", "DROP TABLE public.orders")).rejects.toMatchObject(DENIED);
    await expect(query("shop/migrate", "SELECT * FROM stock.items")).rejects.toMatchObject(DENIED);
    for (const [role, database] of [
      ["app", "shop"],
      ["migrate", "shop"],
      ["shop/app", "markenmate"],
      ["stock/migrate", "markenmate"],
    ] as const) {
      await expect(stack.as(role, () => Promise.resolve(), { database })).rejects.toMatchObject(DENIED);
    }
  });

  it("reads each secret with a policy of its own alone", async () => {
    const { applications: { shop, stock } = {}, secretArns } = await stack.outputs();
    const secrets = {
      ...secretArns,
      ...{ "shop/app": shop?.secretArns.app as string, "shop/migrate": shop?.secretArns.migrate as string },
      "stock/app": stock?.secretArns.app as string,
    };
    const policyArn = shop?.secretReadPolicyArns.app as string;
    expect(await asRole({ policyArn }, (credentials) => readable(credentials, secrets))).toEqual(["shop/app"]);
  });

  it("is backed up and verified database by database", async () => {
    const commands = new BackupCommands(stack);
    const { code, stdout, stderr } = await commands.run("backup", ["--json"]);
    expect(code, stderr).toBe(0);
    const { database, others } = JSON.parse(stdout) as {
      database: string;
      others: { database: string; rows: number }[];
    };
    expect([database, others.map((other) => [other.database, other.rows])]).toEqual(["markenmate", [["shop", 6]]]);
    const verified = await commands.run("verify-backup", ["--json"]);
    expect(verified.code, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      database: "markenmate",
      others: [{ database: "shop", result: "restored", tables: 2, rows: 6 }],
    });
    const one = await commands.run("verify-backup", ["--database", "shop", "--json"]);
    expect(JSON.parse(one.stdout)).toMatchObject({ database: "shop", rows: 6 });
    const none = await commands.run("backup", ["--database", "shops"]);
    expect([none.code, none.stderr.trim()]).toEqual([
      2,
      "--database: shops is no database of markenmate-test; name one of markenmate, shop, or leave it out",
    ]);
  });

  it("is looked at by the live check, which finds what is not as it should be in each, and nothing else", async () => {
    const wrong = [
      ["shop/migrate", "GRANT SELECT ON orders TO stock_app"],
      ["stock/migrate", "REVOKE INSERT ON stock.items FROM stock_app"],
      ["shop/migrate", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO stock_readonly"],
    ] as const;
    const mends = [
      ["shop/migrate", "REVOKE SELECT ON orders FROM stock_app"],
      ["stock/migrate", "GRANT INSERT ON stock.items TO stock_app"],
      ["shop/migrate", "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM stock_readonly"],
    ] as const;
    for (const [role, sql] of wrong) {
      await query(role, sql);
    }
    const { findings } = await check();
    for (const [role, sql] of mends) {
      await query(role, sql);
    }
    expect(findings.map(({ check: name, subject }) => `${name}: ${subject}`).sort()).toEqual([
      "default-privileges: shop: SELECT for stock_readonly on the tables that shop_migrate makes in every schema",
      "grants: shop: stock_app on table public.orders",
      "grants: shop: stock_app on table stock.items",
    ]);
    expect((await check()).findings).toEqual([]);
  });

  it("rotates an application's password, and nobody else's", async () => {
    const { code, stderr } = await ops("rotate", "--application", "shop", "app");
    expect(code, stderr).toBe(0);
    expect((await stack.connection("shop/app")).user).toBe("shop_app_clone");
    expect((await stack.connection("app")).user).toBe("markenmate_app");
    expect(await names("shop/app", "SELECT current_user::text")).toEqual(["shop_app"]);
    applications = { ...APPLICATIONS, shop: { roles: { app: { generation: 1 } } } };
    await configure(applications);
    // Nor would a second update have, before that.
    await stack.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("says which roles and applications there are", async () => {
    const wrong = await ops("rotate", "--application", "shops", "app");
    expect([wrong.code, wrong.stderr.trim().split("\n").at(-1)]).toEqual([
      2,
      "--application: shops is not one of markenmate, shop, stock",
    ]);
    const { stderr } = await ops("rotate", "--application", "shop", "backup");
    expect(stderr).toContain("backup: not one of app, readonly, migrate");
  });

  it("takes one away when its schemas are empty, without touching the others", async () => {
    const without = { shop: { roles: { app: { generation: 1 } } } };
    await configure(without);
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("cannot drop schema stock because other objects depend on it");
    expect(
      (
        await stack.as("master", (client) => client.query("SELECT FROM pg_tables WHERE tablename = 'items'"), {
          database: "shop",
        })
      ).rowCount,
    ).toBe(1);
    await stack.as("master", (client) => client.query("DROP TABLE stock.items"), { database: "shop" });
    await stack.up();
    expect(await names("shop/app", "SELECT count(*)::int FROM orders")).toEqual([3]);
    expect(await names("master", "SELECT rolname::text FROM pg_roles WHERE rolname ~ '^stock_'")).toEqual([]);
    await stack.succeed("up", "--yes", "--skip-preview", "--expect-no-changes");
  });
});
