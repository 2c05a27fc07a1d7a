import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DisableKeyRotationCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Captured } from "../../lib/process";
import { freePort } from "../../platform/shared/ports";
import { GitHubApi, TOKEN } from "../support/github-api";
import { LocalStack } from "../support/local-stack";
import { Pipeline } from "../support/pipeline";
import { SessionManager } from "../support/session-manager";

/** What jobs run on pull requests, every night and every month, on a stack that is reached through an admin host. */
let api: GitHubApi;
let manager: SessionManager;
let stack: LocalStack;
let pipeline: Pipeline;
let localPort: number;

const others = (more: object = {}) => ({ access: { mode: "ssm", localPort }, ...more });
const file = (name: string) => path.join(stack.platform.dir, name);

beforeAll(async () => {
  api = await GitHubApi.start();
  localPort = await freePort();
  manager = await SessionManager.start();
  manager.behave({});
  // By this name the policies judge it as they judge what can be thrown away.
  stack = await LocalStack.open("local", {}, others());
  await stack.up();
  pipeline = new Pipeline(stack, api);
});
afterAll(async () => {
  await stack?.close();
  manager?.stop();
  await api?.close();
});

/** Every secret value of the stack's, as its state has it in clear, the master's password, and what encrypts the state. */
async function secrets(): Promise<string[]> {
  const found: string[] = [];
  const strings = (value: unknown): void => {
    if (typeof value === "string" && value.length > 7) {
      found.push(value);
    } else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach(strings);
    }
  };
  const exported = await stack.succeed("stack", "export", "--show-secrets");
  for (const [, text] of exported.matchAll(/"plaintext": ("(?:[^"\\]|\\.)*")/g)) {
    strings(JSON.parse(JSON.parse(text as string) as string));
  }
  const { masterSecretArn, secretArns } = await stack.outputs();
  for (const arn of [masterSecretArn, ...Object.values(secretArns)]) {
    found.push((await stack.secret(arn)).password);
  }
  const passphrase = await readFile(stack.platform.environment.PULUMI_CONFIG_PASSPHRASE_FILE as string, "utf8");
  return [...new Set([...found, passphrase.trim(), TOKEN])];
}
const leaked = (texts: string[], values: string[]) =>
  values.filter((value) => texts.some((text) => text.includes(value)));
const said = ({ stdout, stderr }: Captured) => stdout + stderr;

describe("a pull request", () => {
  const previewed = (...more: string[]) =>
    pipeline.step("preview", [stack.name, ...more, "--comment", file("comment.md")]);
  const commented = () => pipeline.step("comment", [file("comment.md")], { PULL_REQUEST: "12" });

  it("gets one comment on what it creates, changes, replaces and endangers, without any secret", async () => {
    await stack.configure(
      { instanceClass: "db.t4g.medium", parameters: { max_connections: 80 } },
      others({ roles: { app: { generation: 1 } }, notifications: { emails: ["ann@example.com"] } }),
    );
    const values = await secrets();
    expect(values.length).toBeGreaterThan(20);
    const run = await previewed();
    expect(run.code, said(run)).toBe(0);
    expect((await commented()).code).toBe(0);
    const [comment, ...more] = api.comments;
    expect(more).toEqual([]);
    const body = comment?.body ?? "";
    expect(body).toMatch(/\| `local` \| 1 \| \d+ \| \*\*\d\*\* \| {2}\| {2}\| {2}\|/);
    expect(body).toContain("`markenmate-local` restarts the database: instanceClass");
    expect(body).toContain("takes effect with a restart of the database: max\\_connections");
    expect(body).toMatch(
      /- \*\*replace\*\* `markenmate-local-app-clone` \(random:index\/randomPassword:RandomPassword\): `keepers/,
    );
    expect(body).toMatch(/- create `[^`]+` \(aws:sns\/topicSubscription:TopicSubscription\)/);
    expect(body).toContain("```diff\nPreviewing update (local):");
    expect(body).toContain("[secret]");
    expect(leaked([body, said(run)], values)).toEqual([]);
  });

  it("has it brought up to date in its place, and says what fails", async () => {
    await stack.configure({ storageGb: 5 }, others());
    const run = await previewed();
    expect(run.code).toBe(1);
    expect((await commented()).code).toBe(0);
    expect(api.comments).toHaveLength(1);
    expect(api.comments[0]?.body).toContain("#### `local`: the preview failed");
    expect(api.comments[0]?.body).toContain("database.storageGb: 5 is below RDS's minimum of 20; set 20 or more");
    await stack.configure({}, others());
    expect((await previewed()).code).toBe(0);
    await commented();
    expect(api.comments.map(({ body }) => body)).toEqual([expect.not.stringContaining("<details>")]);
  });
});

describe("every night", () => {
  const looked = (...names: string[]) => pipeline.step("drift", [...names, "--report", file("drift.json")]);
  const told = () => pipeline.step("issue", [file("drift.json")]);
  const issues = () => api.issues.map(({ state, body }) => ({ state, body }));

  it("what somebody has changed by hand opens one issue, which is kept up to date and closed in the end", async () => {
    const { check } = (await stack.outputs()) as unknown as { check: { aws: { keyArns: { logs: string } } } };
    await new KMSClient({}).send(new DisableKeyRotationCommand({ KeyId: check.aws.keyArns.logs }));
    await new CloudWatchClient({}).send(
      new DeleteAlarmsCommand({ AlarmNames: [`markenmate-${stack.name}-deadlocks`] }),
    );
    await stack.as("migrate", (client) => client.query("CREATE TABLE leaky (id int); GRANT SELECT ON leaky TO PUBLIC"));
    const run = await looked(stack.name, "nowhere");
    expect(run.code, said(run)).toBe(1);
    await told();
    await told();
    expect(issues()).toEqual([{ state: "open", body: expect.stringContaining("<!-- pipeline: drift -->") as string }]);
    const body = api.issues[0]?.body ?? "";
    expect(body).toContain("changed `markenmate-local-logs` (aws:kms/key:Key): `enableKeyRotation`");
    expect(body).toContain("gone `markenmate-local-deadlocks` (aws:cloudwatch/metricAlarm:MetricAlarm)");
    expect(body).toContain("`public` table public.leaky: found SELECT, expected nothing. Cure: REVOKE SELECT");
    expect(body).toContain("#### `nowhere`\n\nIt could not be looked at:\n\n- error: no stack named 'nowhere' found");
    expect(leaked([body, said(run)], await secrets())).toEqual([]);

    // What cannot be looked at is neither drift nor its end.
    expect((await looked("nowhere")).code).toBe(3);
    await told();
    expect(issues()[0]?.state).toBe("open");

    await stack.as("migrate", (client) => client.query("DROP TABLE leaky"));
    await stack.up("--refresh", "--run-program");
    const mended = await looked(stack.name);
    expect(mended.code, said(mended)).toBe(0);
    // Through a session of its own, which is gone when it has looked.
    expect(manager.calls().at(-1)).toContain("AWS-StartPortForwardingSessionToRemoteHost");
    await manager.untilGone(localPort);
    await told();
    expect(issues().map(({ state }) => state)).toEqual(["closed"]);
  });

  it("nothing is found and no issue opened while all is as it should be", async () => {
    expect((await told()).code).toBe(0); // as the night before
    expect(issues().map(({ state }) => state)).toEqual(["closed"]);
  });
});

describe("every month", () => {
  const settings = () => path.join(stack.platform.project.dir, `Pulumi.${stack.name}.yaml`);
  const generations = (text: string) =>
    [...text.matchAll(/^ +(\w+):\n +generation: (\d)/gm)].map(([, role, n]) => [role, n]);

  it("passwords are rotated, and the file that says so comes in a pull request", async () => {
    await writeFile(settings(), `# Every line has its reason.\n${await readFile(settings(), "utf8")}`);
    const before = await readFile(settings(), "utf8");
    api.files.set("c0ffee", new Map([[`Pulumi.${stack.name}.yaml`, before]]));
    api.refs.set("main", "c0ffee");
    const run = await pipeline.step("rotate", [stack.name], { ROLES: "app readonly" });
    expect(run.code, said(run)).toBe(0);
    const kept = await pipeline.step("keep-rotation", [stack.name], { GITHUB_SHA: "c0ffee" });
    expect(kept.code, said(kept)).toBe(0);
    // As after a rotation that is run again: the same branch, and the same pull request.
    expect((await pipeline.step("keep-rotation", [stack.name], { GITHUB_SHA: "c0ffee" })).code).toBe(0);
    expect(api.pulls).toMatchObject([{ head: "rotation/local", base: "main", title: "Keep the rotation of local" }]);
    const commit = api.files.get(api.refs.get("rotation/local") as string)?.get(`Pulumi.${stack.name}.yaml`) ?? "";
    expect(generations(commit)).toEqual([
      ["app", "1"],
      ["readonly", "1"],
    ]);
    expect(commit).toContain("# Every line has its reason.");
    expect(leaked([said(run), said(kept), commit], await secrets())).toEqual([]);
    await stack.succeed("preview", "--expect-no-changes");
  });

  it("what is no role is refused, and nothing is kept where nothing was changed", async () => {
    const before = await readFile(settings(), "utf8");
    const flag = await pipeline.step("rotate", [stack.name], { ROLES: "app --revoke" });
    expect([flag.code, flag.stderr]).toEqual([1, expect.stringContaining("ROLES: --revoke is no role")]);
    const unknown = await pipeline.step("rotate", [stack.name], { ROLES: "$(id)" });
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("$(id): not one of app, readonly")]);
    api.files.set("merged", new Map([[`Pulumi.${stack.name}.yaml`, before]]));
    const requests = api.requests.length;
    const kept = await pipeline.step("keep-rotation", [stack.name], { GITHUB_SHA: "merged" });
    expect([kept.code, kept.stderr]).toEqual([0, "Pulumi.local.yaml has not changed\n"]);
    expect(api.requests.slice(requests)).toEqual(["GET /contents/Pulumi.local.yaml"]);
  });
});
