import { once } from "node:events";
import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { keepLock, Machine, readLocks, thisMachine } from "../../.github/steps/locks";
import { adoptCreations, Pending, Resource } from "../../.github/steps/pending";

describe("a lock", () => {
  const message =
    "error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file " +
    "with `pulumi cancel`.\n  s3://state/.pulumi/locks/organization/markenmate/prod/1.json: created by runner@fv-az1 (pid 123) at " +
    "2026-11-25T10:00:00Z\n  s3://state/.pulumi/locks/organization/markenmate/prod/2.json: created by ann@corp@desk (pid 4) at 2026-11-25T11:00:00+01:00\n";
  const [lock, another] = readLocks(message);
  const record = { run: "17/1", user: "runner", host: "fv-az1", at: "2026-11-25T10:00:00.400Z" };
  const elsewhere: Machine = { user: "runner", host: "fv-az2", alive: () => true };

  it("is read from what Pulumi says", () => {
    expect([lock, another]).toEqual([
      { user: "runner", host: "fv-az1", pid: 123, at: new Date("2026-11-25T10:00:00Z") },
      { user: "ann@corp", host: "desk", pid: 4, at: new Date("2026-11-25T10:00:00Z") },
    ]);
    expect(readLocks("error: no stack named 'x' found")).toEqual([]);
  });

  it.each([
    ["of the run that is on record, on a machine that is gone", {}, record, elsewhere, undefined],
    [
      "of a process that has ended, on this machine",
      {},
      record,
      { ...elsewhere, host: "fv-az1", alive: () => false },
      undefined,
    ],
    ["of a process that works", {}, record, { ...elsewhere, host: "fv-az1" }, "that process is at work"],
    ["of a person", { user: "ann" }, record, elsewhere, "no run of a pipeline's has written down that it works there"],
    [
      "of the same account on another machine",
      { host: "desk" },
      record,
      elsewhere,
      "no run of a pipeline's has written down",
    ],
    ["with no run on record", {}, undefined, elsewhere, "no run of a pipeline's has written down"],
    [
      "from before the run",
      { at: new Date("2026-11-25T09:59:59Z") },
      record,
      elsewhere,
      "it is older than the run 17/1",
    ],
  ] as const)("%s is removed, or left alone with the reason", (_, change, on, here, reason) => {
    const kept = keepLock({ ...(lock as NonNullable<typeof lock>), ...change }, on, here);
    expect(kept ?? "").toContain(reason ?? "");
    expect(kept === undefined).toBe(reason === undefined);
  });
});

describe("a process", () => {
  it("is alive until it has ended, and not while nobody has asked how", async () => {
    const parent = spawn("sh", ["-c", "sleep 3600 & echo $!; exec sleep 3600"]);
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [printed] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(printed.toString());
    // The shell, which would ask, is gone when its process runs something else.
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/cmdline`, "utf8")).toBe("sleep\x003600\0");
    process.kill(pid);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
    expect([pid, parent.pid as number, 4_194_305].map((id) => thisMachine().alive(id))).toEqual([false, true, false]);
    parent.kill();
    await once(parent, "exit");
  });
});

describe("what an update that was killed has begun", () => {
  const resource = (type: string, name: string, more: Partial<Resource> = {}): Resource => ({
    ...{ urn: `urn:pulumi:prod::markenmate::${type}::${name}`, type, inputs: {} },
    ...more,
  });
  const INSTANCE = "aws:rds/instance:Instance";
  const instance = resource(INSTANCE, "database", { inputs: { identifier: "markenmate-prod" } });
  const key = resource("aws:kms/key:Key", "key");
  const password = resource("random:index/randomPassword:RandomPassword", "app");
  const there = resource("aws:s3/bucket:Bucket", "bucket", { id: "b", inputs: { bucket: "b" } });
  const creating = (one: Resource): Pending => ({ type: "creating", resource: one });
  const adopted = (pending: Pending[] | null, resources: Resource[] | null = [there]) =>
    adoptCreations({ version: 3, deployment: { manifest: {}, resources, pending_operations: pending } });

  it("is taken over by its name, with nothing known of it yet", () => {
    const { state, unknown } = adopted([creating(instance)]);
    const taken = { ...instance, id: "markenmate-prod", outputs: {} };
    const deployment = { manifest: {}, resources: [there, taken], pending_operations: [] };
    expect(state).toEqual({ version: 3, deployment });
    expect(unknown).toEqual([]);
  });

  it("is told where it has no name, unless there is nothing of it in the world", () => {
    const { state, unknown } = adopted([creating(key), creating(password), creating(resource(INSTANCE, "unnamed"))]);
    expect(state.deployment.resources).toEqual([there]);
    expect(unknown.map(({ urn }) => urn.split("::").pop())).toEqual(["key", "unnamed"]);
  });

  it("is left to the refresh where it was changed or deleted", () => {
    const { state, unknown } = adopted([
      { type: "updating", resource: there },
      { type: "deleting", resource: there },
    ]);
    expect([state.deployment.resources, unknown]).toEqual([[there], []]);
  });

  it("is told where the state has another one of that name: a replacement", () => {
    const again = resource("aws:s3/bucket:Bucket", "bucket", { inputs: { bucket: "another" } });
    const { state, unknown } = adopted([creating(again)]);
    expect([state.deployment.resources, unknown]).toEqual([[there], [again]]);
  });

  it("is nothing in an empty state", () => {
    expect(adopted(null, null).state.deployment).toMatchObject({ resources: [] });
  });
});
