import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeIssue, putComment, putIssue } from "../../.github/steps/conversation";
import { driftReport, ofCheck, stateOf } from "../../.github/steps/drift-report";
import { GitHub, marker } from "../../.github/steps/github";
import { LIMIT, Preview, previewComment } from "../../.github/steps/preview-comment";
import { readEvents, Step } from "../../.github/steps/preview-events";
import { GitHubApi } from "../support/github-api";

const urn = (type: string, name: string) =>
  `urn:pulumi:prod::markenmate::markenmate:components:Database$${type}::${name}`;
const step = (op: string, type: string, name: string, paths: string[] = [], more: Partial<Step> = {}): Step => ({
  ...{ op, urn: urn(type, name), type, paths, before: {}, after: {}, isProtected: false },
  ...more,
});
const preview = (more: Partial<Preview>): Preview => ({
  ...{ stack: "prod", complete: true, steps: [], violations: [], errors: [], diff: "" },
  ...more,
});

describe("the engine's events", () => {
  const lines = (events: string[]) => events.map((one) => `${one}\n`).join("");
  const event = (kind: string, op: string, type: string, name: string, more: object = {}) =>
    JSON.stringify({ [kind]: { metadata: { op, urn: urn(type, name), type, old: null, new: null, ...more } } });

  it("become one step for each resource, a replacement too, and what was only looked at is none", () => {
    const log = lines([
      event("resourcePreEvent", "same", "aws:kms/key:Key", "key"),
      event("resourcePreEvent", "read", "aws:ec2/ami:Ami", "image"),
      event("resourcePreEvent", "update", "pulumi:pulumi:Stack", "markenmate-prod"),
      event("resourcePreEvent", "create-replacement", "aws:s3/bucket:Bucket", "bucket", { diffs: ["bucket"] }),
      event("resourcePreEvent", "replace", "aws:s3/bucket:Bucket", "bucket", { detailedDiff: { bucket: {} } }),
      event("resourcePreEvent", "delete-replaced", "aws:s3/bucket:Bucket", "bucket"),
    ]);
    expect(readEvents(log).steps).toEqual([step("replace", "aws:s3/bucket:Bucket", "bucket", ["bucket"])]);
  });

  it("of a refresh are what it has found, and not that it looks", () => {
    const log = lines([
      event("resourcePreEvent", "refresh", "aws:kms/key:Key", "key"),
      event("resourcePreEvent", "refresh", "aws:s3/bucket:Bucket", "bucket"),
      event("resOutputsEvent", "refresh", "aws:kms/key:Key", "key"),
      event("resOutputsEvent", "update", "aws:s3/bucket:Bucket", "bucket", { detailedDiff: { tags: {} } }),
    ]);
    expect(readEvents(log).steps).toEqual([step("update", "aws:s3/bucket:Bucket", "bucket", ["tags"])]);
  });

  it("of an engine that was killed are those that it has told to the end", () => {
    const told = lines([event("resourcePreEvent", "create", "aws:kms/key:Key", "key")]);
    expect(readEvents(`${told}{"resourcePreEvent":{"meta`).steps).toEqual([step("create", "aws:kms/key:Key", "key")]);
    expect(readEvents("").steps).toEqual([]);
  });

  it("have the violations of policies and the errors, as they are", () => {
    const policy = (enforcementLevel: string) => ({
      policyEvent: { policyName: "closed", message: "is open", resourceUrn: "u", enforcementLevel },
    });
    const diagnostic = (severity: string, ephemeral?: boolean) => ({
      diagnosticEvent: { message: `${severity}\n`, severity, ephemeral },
    });
    const events = [policy("advisory"), policy("mandatory"), policy("none")];
    const log = [...events, diagnostic("info"), diagnostic("error"), diagnostic("error", true)].map((one) =>
      JSON.stringify(one),
    );
    const violation = { policy: "closed", message: "is open", urn: "u" };
    expect(readEvents(lines(log))).toEqual({
      steps: [],
      violations: [
        { ...violation, mandatory: false },
        { ...violation, mandatory: true },
      ],
      errors: ["error"],
    });
  });
});

describe("the comment", () => {
  it("says in a few lines what happens, what is dangerous and what is refused, and folds the rest", () => {
    const steps = [
      step("create", "aws:kms/key:Key", "new-key"),
      step("replace", "aws:rds/instance:Instance", "database", ["storageEncrypted"]),
    ];
    const violations = [
      { policy: "advice-only", mandatory: false, message: "could be better", urn: "" },
      {
        policy: "encrypted",
        mandatory: true,
        message: "must be encrypted",
        urn: urn("aws:rds/instance:Instance", "database"),
      },
    ];
    const text = previewComment([preview({ steps, violations, diff: "+- replaced" }), preview({ stack: "dev" })]);
    const [top = ""] = text.split("<details>");
    expect(top).toContain("| `prod` | 1 |  | **1** |  |  |  |\n| `dev` |  |  |  |  |  | nothing changes |");
    expect(top).toContain("#### `prod`: dangerous\n\n- `database` replaces the database: all data in it go");
    expect(top).toContain(
      "#### `prod`: policies\n\n- **refused** by `encrypted`, `database`: must be encrypted\n- advice by `advice-only`: could be better",
    );
    expect(top.split("\n").length).toBeLessThan(25);
    expect(text).toContain(
      "- **replace** `database` (aws:rds/instance:Instance): `storageEncrypted`\n- create `new-key`",
    );
    expect(text).toContain(
      "<details><summary>prod: the whole diff</summary>\n\n```diff\n+- replaced\n```\n\n</details>",
    );
    expect(text).not.toContain("dev: the whole diff");
  });

  it("says why a preview has failed, and not that nothing would change", () => {
    const text = previewComment([preview({ complete: false, errors: ["Pulumi.prod.yaml has 2 mistakes"] })]);
    expect(text).toContain("| failed |");
    expect(text).toContain("#### `prod`: the preview failed\n\n- Pulumi.prod.yaml has 2 mistakes");
  });

  it("lets no text end its block, be markup, or call somebody", () => {
    const text = previewComment([
      preview({
        steps: [step("update", "aws:kms/key:Key", "key`<b>")],
        violations: [{ policy: "p", mandatory: true, message: "@ann </details> <!-- | [x](y)\n# big", urn: "" }],
        diff: "a\n````\n</details>\n@ann",
      }),
    ]);
    expect(text).toContain("@&#8203;ann \\</details\\> \\<!-- \\| \\[x\\](y) \\# big");
    expect(text).toContain("`````diff\na\n````\n</details>\n@ann\n`````");
    expect(text).toContain("update `key <b>`");
  });

  it("is never longer than GitHub takes, says where it was cut, and gives each stack its part", () => {
    const line = `${"x".repeat(99)}\n`;
    const steps = [step("create", "aws:kms/key:Key", "key")];
    const long = preview({ steps, diff: line.repeat(2_000) });
    const both = previewComment([long, { ...long, stack: "dev" }]);
    expect(both.length).toBeLessThanOrEqual(LIMIT);
    expect(both.length).toBeGreaterThan(LIMIT - 400);
    expect(both.match(/… cut here/g)).toHaveLength(2);
    expect(both.match(/<details>/g)).toHaveLength(both.match(/<\/details>/g)?.length as number);
    const parts = both.split("the whole diff").map((part) => part.length);
    expect(Math.abs((parts[1] as number) - (parts[2] as number))).toBeLessThan(300);
    const many = Array.from({ length: 500 }, (_, index) => step("delete", "aws:kms/key:Key", `key${index}`));
    expect(previewComment([preview({ steps: many })])).toContain("… and 480 more");
  });
});

describe("drift", () => {
  const clean = { stack: "dev", changes: [], findings: [], failures: [] };
  const finding = {
    check: "public",
    subject: "table t",
    found: "SELECT",
    expected: "nothing",
    cure: "REVOKE",
    controls: [],
  };

  it("is there, is not there, or is not known", () => {
    expect(stateOf([clean])).toBe("clean");
    expect(stateOf([clean, { ...clean, findings: [finding] }])).toBe("drifted");
    expect(stateOf([clean, { ...clean, failures: ["no way in"] }])).toBe("unknown");
    expect(
      stateOf([
        { ...clean, findings: [finding] },
        { ...clean, failures: ["no way in"] },
      ]),
    ).toBe("drifted");
  });

  it("is not known of what the live check had no right to look at in AWS", () => {
    const checks = [
      { check: "passwords", skipped: "for superusers" },
      { check: "bucket", skipped: "AccessDenied" },
      { check: "keys" },
    ];
    expect(ofCheck({ findings: [finding], checks })).toEqual({
      findings: [finding],
      failures: ["bucket: AccessDenied"],
    });
  });

  it("is told stack by stack", () => {
    const changes = [
      step("update", "aws:kms/key:Key", "key", ["enableKeyRotation"]),
      step("delete", "aws:cloudwatch/metricAlarm:MetricAlarm", "alarm"),
    ];
    const text = driftReport([clean, { ...clean, stack: "prod", changes, findings: [finding], failures: ["no @way"] }]);
    expect(text).toContain("#### `dev`\n\nAs it should be.");
    expect(text).toContain(
      "- changed `key` (aws:kms/key:Key): `enableKeyRotation`\n- gone `alarm` (aws:cloudwatch/metricAlarm:MetricAlarm)",
    );
    expect(text).toContain("- `public` table t: found SELECT, expected nothing. Cure: REVOKE");
    expect(text).toContain("It could not be looked at:\n\n- no @&#8203;way");
  });
});

describe("at GitHub", () => {
  let api: GitHubApi;
  let github: GitHub;
  beforeAll(async () => {
    api = await GitHubApi.start();
    github = GitHub.fromEnvironment(api.environment());
  });
  afterAll(() => api.close());
  const bodies = (issue: number) => api.comments.filter((one) => one.issue === issue).map(({ body }) => body);

  it("a comment is written once, and then anew in its place, wherever it stands and whoever quotes it", async () => {
    const mark = marker("preview");
    ["first", `> ${mark}`, `${mark} says a person`].forEach((body) => api.addComment(7, body));
    const others = bodies(7);
    await putComment(github, 7, mark, "one");
    await putComment(github, 7, mark, "two");
    await putComment(github, 8, mark, "elsewhere");
    expect(bodies(7)).toEqual([...others, `${mark}\ntwo`]);
    expect(bodies(8)).toEqual([`${mark}\nelsewhere`]);
  });

  it("an issue is opened, brought up to date, closed with a last word, and another opened the next time", async () => {
    const about = { marker: marker("drift"), label: "drift", title: "Drift", body: "one" };
    // Others with the label, a pull request among them, are left alone.
    const other = { title: "t", labels: [{ name: "drift" }] };
    api.addIssue({ ...other, body: "by hand", user: { type: "User", login: "ann" } });
    api.addIssue({ ...other, body: `${about.marker}\n`, pull_request: {} });
    api.addIssue({ ...other, body: "another bot's" });
    const before = structuredClone(api.issues);
    expect(await closeIssue(github, about)).toBeUndefined();
    const url = await putIssue(github, about);
    expect(await putIssue(github, { ...about, body: "two" })).toBe(url);
    const ours = api.issues[3];
    expect(ours).toMatchObject({ body: `${about.marker}\ntwo`, state: "open", labels: [{ name: "drift" }] });
    expect(await closeIssue(github, { ...about, body: "gone" })).toBe(url);
    expect(ours).toMatchObject({ state: "closed", state_reason: "completed" });
    expect(bodies(ours?.number as number)).toEqual(["gone"]);
    expect(await putIssue(github, about)).not.toBe(url);
    expect(api.issues.slice(0, 3)).toEqual(before);
  });

  it("what is refused is told with the cure, and without the token", async () => {
    api.denied.push("POST /issues/9/comments");
    await expect(putComment(github, 9, marker("preview"), "x")).rejects.toThrowError(
      "GitHub answered 403 to POST /repos/acme/stack/issues/9/comments: Resource not accessible by integration; " +
        "the token may not do that; see the job's `permissions`, and the repository's settings for Actions",
    );
    const wrong = GitHub.fromEnvironment(api.environment({ GITHUB_TOKEN: "other" }));
    await expect(putComment(wrong, 9, marker("preview"), "x")).rejects.toThrowError(
      "GitHub answered 401 to GET /repos/acme/stack/issues/9/comments: Bad credentials; the token is not valid; give the step",
    );
    expect(() => GitHub.fromEnvironment({ GITHUB_API_URL: "http://localhost" })).toThrowError(
      /GITHUB_REPOSITORY: .*\n.*GITHUB_TOKEN/,
    );
  });
});
