import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { programsOf } from "../support/processes";
import { keepCheckpoints, keepProgramFromNowOn, startEachProgram } from "../support/shortcuts";
import { LocalStack, LoginSecret } from "../support/local-stack";
import { LONG } from "../support/long";

/** When an update is killed. The first three stand for the others: a value that nobody has, a login changed, a secret written. */
const EVERY_MOMENT = [
  ["after", "create-replacement", "RandomPassword"],
  ["after", "update", "postgresql:index/role:Role"],
  ["after", "create-replacement", "SecretVersion"],
  ["before", "create-replacement", "RandomPassword"],
  ["after", "create-replacement", "RandomBytes"],
  ["before", "update", "postgresql:index/role:Role"],
  ["before", "create-replacement", "SecretVersion"],
  ["after", "replace", "SecretVersion"],
  ["before", "delete-replaced", "SecretVersion"],
  ["after", "delete-replaced", "RandomPassword"],
] as const;
const MOMENTS = (LONG ? EVERY_MOMENT : EVERY_MOMENT.slice(0, 3)).map(
  ([...moment], index) => [...moment, index] as const,
);
/** Each kill meets another one, so that what it left behind is there to be found until all of them had their turn. */
const ROLES = ["app", "readonly", "migrate"] as const;

/** What the engine tells while it runs: before it begins with a resource, and when it is done with it. */
interface EngineEvent {
  resourcePreEvent?: { metadata: { op: string; urn: string } };
  resOutputsEvent?: { metadata: { op: string; urn: string } };
}

/** Updates that rotate are ended by SIGKILL, each at another step; the next one finishes, and nobody is ever locked out. */
describe("a rotation that is killed", () => {
  let stack: LocalStack;
  const generations = { app: 0, readonly: 0, migrate: 0 };

  beforeAll(async () => {
    keepCheckpoints();
    stack = await LocalStack.prepared();
  });
  afterAll(() => stack.close());

  const settings = () =>
    stack.configure(
      {},
      { roles: Object.fromEntries(Object.entries(generations).map(([role, generation]) => [role, { generation }])) },
    );

  /** Runs an update up to the moment that is asked for. Says whether that came. */
  async function upUntil(moment: "before" | "after", op: string, type: string): Promise<boolean> {
    const { executable, environment: env, project } = stack.platform;
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--json", "--stack", stack.name];
    const child = spawn(executable, args, { cwd: project.dir, env, stdio: ["ignore", "pipe", "ignore"] });
    const closed = once(child, "close");
    let came = false;
    for await (const line of createInterface({ input: child.stdout })) {
      if (came) {
        continue; // to its end, which may be within a line
      }
      const event = JSON.parse(line) as EngineEvent;
      const { metadata } = (moment === "before" ? event.resourcePreEvent : event.resOutputsEvent) ?? {};
      if (metadata?.op === op && metadata.urn.includes(type)) {
        came = child.kill("SIGKILL");
      }
    }
    await closed;
    return came;
  }

  /** Whether AWS has a version of the secret that Pulumi's state knows nothing of. */
  async function isAheadOfState(role: string): Promise<boolean> {
    const { secretArns } = await stack.outputs();
    const asked = new GetSecretValueCommand({ SecretId: secretArns[role] });
    const { VersionId = "" } = await new SecretsManagerClient({}).send(asked);
    const state = path.join(stack.platform.dir, "state/.pulumi/stacks/markenmate", `${stack.name}.json`);
    return !readFileSync(state, "utf8").includes(VersionId);
  }

  const version = async (role: string, stage: string) =>
    stack.secret((await stack.outputs()).secretArns[role] as string, stage);
  async function letIn(role: string, { username: user, password }: LoginSecret): Promise<string> {
    const query = "SELECT current_user AS name";
    const { rows } = await stack.as(role, (client) => client.query<{ name: string }>(query), { user, password });
    return (rows[0] as { name: string }).name;
  }

  it.each(MOMENTS)(
    "%s %s of %s: nobody is locked out, and the next update finishes",
    async (moment, op, type, index) => {
      const role = ROLES[index % ROLES.length] as (typeof ROLES)[number];
      const base = `markenmate_${role}`;
      generations[role] += 1;
      await settings();
      startEachProgram(); // which has lost its engine, and ends
      await stack.reopen();
      expect(await upUntil(moment, op, type)).toBe(true);
      await expect.poll(() => programsOf(stack.platform.dir)).toEqual([]);
      expect(await letIn(role, await version(role, "AWSCURRENT"))).toBe(base);
      // Killed when AWS had the new version and the engine did not know it yet: it is written once more, and for this one time
      // AWSPREVIOUS is the same login. It works all the same. How far an update gets that is told to die, nobody can say.
      const twice = await isAheadOfState(role);

      keepProgramFromNowOn();
      await stack.reopen(); // the lock of the update that was killed goes
      await stack.up();
      const [current, previous] = [await version(role, "AWSCURRENT"), await version(role, "AWSPREVIOUS")];
      expect(current.username).toBe(generations[role] % 2 === 0 ? base : `${base}_clone`);
      expect(previous.username === current.username).toBe(twice);
      expect([await letIn(role, current), await letIn(role, previous)]).toEqual([base, base]);
      if (index === MOMENTS.length - 1 || role === ROLES.at(-1)) {
        await stack.succeed("preview", "--refresh", "--expect-no-changes");
      }
    },
  );
});
