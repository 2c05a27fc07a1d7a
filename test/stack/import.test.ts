import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { IAMClient, CreateRoleCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";
import { Client, ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture, Captured } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "../support/local-stack";
import { rest } from "../support/rest";

/** A stack whose state is gone, and ops/import, which brings it back while applications go on (docs/lost-state.md). */
const OTHERS = {
  backup: { image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1", replicaRegion: "eu-west-1" },
  logs: { hiddenColumns: ["email"] },
  notifications: { emails: ["alarms@example.com"] },
};
const rolesWith = (generation: number) => ({ ...OTHERS, roles: { app: { generation }, readonly: { generation: 1 } } });

interface Kept {
  urn: string;
  id?: string;
  outputs?: { result?: unknown };
}

let stack: LocalStack;
let before: Map<string, string>;
/** Logins as applications have them, from before the loss: each of them has to be let in all the time. */
let logins: Record<string, ClientConfig>;
const refused: string[] = [];
let watching = true;
let watched: Promise<void>;

async function idsOf(): Promise<Map<string, string>> {
  const { deployment } = JSON.parse(await stack.succeed("stack", "export")) as { deployment: { resources?: Kept[] } };
  const resources = (deployment.resources ?? []).filter(({ urn, id }) => id && !urn.includes("pulumi:providers:"));
  return new Map(resources.map(({ urn, id }) => [urn, id as string]));
}

async function ops(name: string, ...args: string[]): Promise<Captured> {
  const { cwd, env } = await stack.platform.forCommands();
  const TMPDIR = path.join(stack.platform.dir, "tmp");
  return capture(path.join(ROOT, "ops", name), ["--stack", stack.name, ...args], { cwd, env: { ...env, TMPDIR } });
}

const passwordsOf = () => Object.values(logins).map(({ password }) => password as string);

async function logIn(login: ClientConfig): Promise<void> {
  const client = new Client(login);
  await client.connect();
  await client.query("SELECT count(*) FROM letters").finally(() => client.end());
}

/** Logs in again and again, and notes who is not let in. */
async function watch(): Promise<void> {
  while (watching) {
    for (const [name, login] of Object.entries(logins)) {
      await logIn(login).catch((error: Error) => refused.push(`${name}: ${error.message}`));
    }
    await rest(100);
  }
}

async function loseState(): Promise<void> {
  await stack.succeed("stack", "rm", "--force", "--yes", "--preserve-config");
  await stack.configure({}, rolesWith(1));
}

beforeAll(async () => {
  stack = await LocalStack.open("test", {}, rolesWith(0));
  await stack.up();
  await mkdir(path.join(stack.platform.dir, "tmp"));
  await stack.as("migrate", async (client) => {
    await client.query("CREATE TABLE letters (id int PRIMARY KEY, text text)");
    await client.query("INSERT INTO letters VALUES (1, 'kept')");
  });
  expect((await ops("backup")).code).toBe(0);
  const previous = await stack.connection("app");
  await stack.configure({}, rolesWith(1));
  await stack.up();
  logins = { app: await stack.connection("app"), previous, readonly: await stack.connection("readonly") };
  before = await idsOf();
  await loseState();
});
afterAll(async () => {
  watching = false;
  await watched;
  await stack.close();
});

describe("ops/import", () => {
  it("says where everything is, and changes nothing", async () => {
    const { code, stdout, stderr } = await ops("import", "--dry-run", "--json");
    expect(code, stderr).toBe(0);
    const told = JSON.parse(stdout) as { result: string; missing: string[]; newPasswords: string[] };
    expect(told).toMatchObject({ result: "planned", missing: [], newPasswords: ["markenmate_readonly"] });
    expect([...(await idsOf()).keys()]).toEqual([]);
  });

  it("refuses settings by which a login that is in use would be shut out", async () => {
    await stack.configure({}, { ...OTHERS, roles: { readonly: { generation: 1 } } });
    const { code, stderr } = await ops("import");
    await stack.configure({}, rolesWith(1));
    expect(code).toBe(3);
    expect(stderr).toContain("roles.app.generation: with 0 the login markenmate_app would be in use");
    expect(stderr).toContain("has markenmate_app_clone; set 1, whichever was deployed last");
  });

  it("takes an id for granted that it is told, and asks what to do about what is nowhere", async () => {
    const iam = new IAMClient({});
    const name = "markenmate-test-checker";
    const key = `aws:iam/role:Role::${name}`;
    const { code, stderr } = await ops("import", "--id", "aws:iam/role:Role::no-such=x");
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("--id: the program asks for no aws:iam/role:Role::no-such"),
    ]);
    const document = { Version: "2012-10-17", Statement: [] };
    await iam.send(new CreateRoleCommand({ RoleName: "other", AssumeRolePolicyDocument: JSON.stringify(document) }));
    const nowhere = await ops("import", "--id", `${key}=other`);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      3,
      expect.stringContaining("resources are nowhere, and nothing was changed"),
    ]);
    expect(nowhere.stderr).toContain("aws:iam/rolePolicy:RolePolicy::markenmate-test-checker\n");
    await iam.send(new DeleteRoleCommand({ RoleName: "other" }));
  });

  it("brings everything back, each under the id that it had, and keeps passwords to itself", async () => {
    watched = watch(); // nothing has been changed until now
    const { code, stdout, stderr } = await ops("import", "--json");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("and replaces and deletes nothing. Run it: pulumi up --stack test");
    expect(stderr).toContain("markenmate_readonly: no secret has its password any more");
    const told = JSON.parse(stdout) as { imported: { type: string; name: string }[]; again: { type: string }[] };
    const after = await idsOf();
    expect(told.imported).toHaveLength(after.size);
    expect([...after].filter(([urn, id]) => before.get(urn) !== id)).toEqual([]);
    const again = [...before.keys()]
      .filter((urn) => !after.has(urn))
      .map((urn) => urn.split("::")[2]?.split("$").pop());
    expect([...new Set(again)].sort()).toEqual([
      "postgresql:index/defaultPrivileges:DefaultPrivileges",
      "postgresql:index/grant:Grant",
      "random:index/randomBytes:RandomBytes",
      "random:index/randomPassword:RandomPassword",
    ]);
    const state = await stack.succeed("stack", "export");
    for (const password of passwordsOf()) {
      for (const text of [stdout, stderr, state, await stack.serverLog()]) {
        expect(text.includes(password)).toBe(false);
      }
    }
    const left = await readdir(path.join(stack.platform.dir, "tmp"));
    expect(left.filter((name) => name.startsWith("import-"))).toEqual([]);
  });

  it("leaves an update that changes nothing but what is told, and then nothing more", async () => {
    const versions = await Promise.all(Object.values(secretArns()).map((arn) => stack.secret(arn)));
    const said = await stack.up();
    expect(said).not.toMatch(/\b(deleted|replaced)\b/);
    await stack.succeed("preview", "--expect-no-changes");
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
    expect(await Promise.all(Object.values(secretArns()).map((arn) => stack.secret(arn)))).toEqual(versions);
    const after = await idsOf();
    const made = [...after].filter(([urn, id]) => before.get(urn) !== id).map(([urn]) => urn);
    expect(made).toEqual([]);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  });

  it("let everybody in who had a login, all the time, and kept the rows", async () => {
    watching = false;
    await watched;
    expect([...new Set(refused)]).toEqual([]);
    const { rows } = await stack.as("app", (client) => client.query("SELECT text FROM letters"));
    expect(rows).toEqual([{ text: "kept" }]);
  });

  it("leaves a stack that is as it should be, and whose next rotation is the next one", async () => {
    const check = await ops("check");
    expect(check.code, check.stderr).toBe(0);
    const backups = await ops("restore", "--list", "--json");
    expect(JSON.parse(backups.stdout)).toMatchObject({ result: "listed", backups: [expect.any(String) as string] });
    const rotated = await ops("rotate", "--force", "app", "--json");
    expect(JSON.parse(rotated.stdout)).toMatchObject({ roles: [{ generation: 2, login: "markenmate_app" }] });
    await logIn(logins.app as ClientConfig);
  });
});

function secretArns(): Record<string, string> {
  const urns = [...before].filter(([urn]) => urn.includes("aws:secretsmanager/secret:Secret::"));
  return Object.fromEntries(urns.map(([urn, id]) => [urn, id]));
}
