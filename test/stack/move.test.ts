import path from "node:path";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clear } from "../../local/clear";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";

/** docs/move.md: a second stack in a VPC with another range, that takes the first one's place. */
describe("a database that moves to a stack in another VPC", () => {
  let old: LocalStack;
  let moved: LocalStack;

  beforeAll(async () => {
    old = await LocalStack.prepared();
    await old.as("migrate", (client) =>
      client.query("CREATE TABLE orders AS SELECT id, 'book' AS what FROM generate_series(1, 1000) AS id"),
    );
    await old.as("app", (client) => client.query("DELETE FROM orders WHERE id = 7"));
  });
  afterAll(() => old.close());

  it("cannot do so in its own stack, and is told what to do instead", async () => {
    await old.configure({}, { network: { vpcCidr: "10.30.0.0/16" } });
    const { code, stdout, stderr } = await old.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/network\.vpcCidr: 10\.30\.0\.0\/16 .*build a second stack with the new value/s);
    await old.configure({});
  });

  it("has a second stack beside it, in the other VPC", async () => {
    moved = await old.beside("moved", {}, { network: { vpcCidr: "10.30.0.0/16" } });
    await moved.up();
    const { Vpcs = [] } = await new EC2Client({}).send(new DescribeVpcsCommand({}));
    expect(Vpcs.map(({ CidrBlock }) => CidrBlock)).toEqual(expect.arrayContaining(["10.20.0.0/16", "10.30.0.0/16"]));
  });

  it("is dumped from the one and restored into the other", async () => {
    await new BackupCommands(old).backUp();
    const into = ["--into", "markenmate", "--overwrite", "--confirm", "markenmate"];
    const { code, stderr } = await new BackupCommands(moved).run("restore", ["--backups-of", old.name, ...into]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("it equals what was dumped")]);
  });

  it("has its rows there, and the rights of each role", async () => {
    const { rows } = await moved.as("readonly", (client) => client.query("SELECT count(*)::int AS orders FROM orders"));
    expect(rows).toEqual([{ orders: 999 }]);
    await moved.as("app", (client) => client.query("INSERT INTO orders VALUES (7, 'again')"));
    await expect(moved.as("readonly", (client) => client.query("DELETE FROM orders"))).rejects.toMatchObject({
      code: "42501",
    });
    await moved.as("migrate", (client) => client.query("ALTER TABLE orders ADD COLUMN price numeric"));
    // The first stack's database is as it was.
    const before = await old.as("app", (client) => client.query("SELECT count(*)::int AS orders FROM orders"));
    expect(before.rows).toEqual([{ orders: 999 }]);
  });

  it("is in order there, says the live check", async () => {
    const { cwd, env } = await moved.platform.forCommands();
    const { code, stdout, stderr } = await capture(path.join(ROOT, "ops/check"), ["--stack", moved.name], { cwd, env });
    // The old database is put aside by the restore, and goes when nobody wants it back.
    expect(code, stdout + stderr).toBe(0);
  });

  it("is all there is when the first stack is destroyed", async () => {
    await clear(await old.outputs());
    await old.succeed("destroy", "--yes", "--skip-preview");
    const { rows } = await moved.as("app", (client) => client.query("SELECT count(*)::int AS orders FROM orders"));
    expect(rows).toEqual([{ orders: 1000 }]);
    await moved.up("--refresh", "--expect-no-changes");
    const left = await moved.leftovers();
    expect(left.filter((line) => line.includes("markenmate-test"))).toEqual([]);
    expect(left.some((line) => line.includes("markenmate-moved"))).toBe(true);
  });
});
