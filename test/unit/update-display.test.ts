import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { byLine } from "../../lib/process";
import { conclusion, frame, signOfLife } from "../../local/update/lines";
import { Progress } from "../../local/update/progress";
import { Screen } from "../../local/update/screen";
import { takeLine } from "../../local/update/show";
import { ROOT } from "../../platform/shared/paths";

const recorded = (name: string) =>
  readFileSync(path.join(ROOT, "test/support/recorded-updates", `${name}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");

const event = (values: object) => JSON.stringify({ sequence: 1, timestamp: 1, ...values });
const diagnostic = (values: object) => event({ diagnosticEvent: { severity: "error", color: "never", ...values } });
const urn = (types: string, name: string) => `urn:pulumi:local::shop::${types}::${name}`;
const step = (op: string, of: string, inputs = {}) => ({
  metadata: { op, urn: of, type: "", new: { custom: true, inputs, outputs: inputs } },
});

/** What stays on the screen of the update whose events these are. */
function shown(lines: string[], code = 0): string[] {
  const progress = new Progress();
  return [...lines.flatMap((line) => takeLine(progress, line)), ...conclusion(progress, code, 6.2)];
}

const BUCKET = urn("shop:parts:Store$aws:s3/bucket:Bucket", "pictures");
const NO_IMAGE =
  "backup.image is not set: nothing backs the database up or verifies backups by itself (docs/backups.md)";

describe("an update", () => {
  it("from nothing is shown by component, in the order in which they were done", () => {
    expect(shown(recorded("create"))).toEqual([
      NO_IMAGE,
      "",
      "  Encryption       9 created",
      "  Alarms          11 created",
      "  DeletionGuard    1 created",
      "21 resources created in 6 s.",
    ]);
  });

  it("that changes nothing says so", () => {
    expect(shown(recorded("unchanged"))).toEqual([
      NO_IMAGE,
      "",
      "Nothing to change: 5 resources are as they should be (6 s).",
    ]);
  });

  it("of a stack that is there names what it changed, replaced and deleted, and which properties differ", () => {
    expect(shown(recorded("replacement"))).toEqual([
      "app: password generation 1 is set on the login markenmate_app_clone, then the secret points to it; markenmate_app keeps its password until generation 2",
      NO_IMAGE,
      "",
      "  changed   Database     ParameterGroup markenmate-local-postgres17 (parameters)",
      "  changed   Database     Instance markenmate-local (instanceClass)",
      "  changed   Alarms       MetricAlarm markenmate-local-memory (threshold)",
      "  changed   Dashboard    Dashboard markenmate-local (dashboardBody)",
      "  changed   Roles        Role markenmate-local-app-clone (password, login)",
      "  replaced  Credentials  SecretVersion markenmate-local-app (secretString)",
      "  replaced  Credentials  RandomPassword markenmate-local-app-clone (keepers)",
      "  replaced  Credentials  RandomBytes markenmate-local-app-clone-salt (keepers)",
      "  deleted   Roles        Extension markenmate-local-pg_stat_statements",
      "5 resources changed, 3 replaced, 1 deleted in 6 s.",
    ]);
  });

  it("that fails shows the error with the resource that it is about, and what was done", () => {
    expect(shown(recorded("failure"), 1)).toEqual([
      NO_IMAGE,
      'error: Extension markenmate-local-pgaudit (Roles): could not create extension pgaudit: pq: extension "pgaudit" is not available',
      "error: update failed",
      "",
      "  changed  Database   ParameterGroup markenmate-local-postgres17 (parameters)",
      "  changed  Database   Instance markenmate-local (instanceClass)",
      "  changed  Alarms     MetricAlarm markenmate-local-memory (threshold)",
      "  changed  Dashboard  Dashboard markenmate-local (dashboardBody)",
      "  failed   Roles      Extension markenmate-local-pgaudit",
      "Failed after 6 s: 4 resources changed, 1 failed. What went wrong stands above.",
    ]);
  });

  it("that fails before anything is done shows every line of the error", () => {
    expect(shown(recorded("mistake"), 1)).toEqual([
      "error: Pulumi.local.yaml has 2 mistakes:",
      '  database.instanceClass: "db.t4g.smal" has a memory that is not known here; add it to model/parameters/instance-memory.ts',
      "  database.backupRetentionDays: 100 is above RDS's maximum of 35; set 1 to 35 days",
      "",
      "Failed after 6 s. What went wrong stands above.",
    ]);
  });

  it("that goes on where another one was cut off counts what it makes, and names what else it does", () => {
    const made = Array.from({ length: 40 }, (_, number) =>
      event({ resOutputsEvent: step("create", urn("shop:parts:Store$aws:s3/bucketObject:BucketObject", `${number}`)) }),
    );
    const others = [event({ resOutputsEvent: step("same", urn("shop:parts:Store", "a")) })];
    const replaced = event({ resOutputsEvent: step("replace", BUCKET) });
    expect(shown([...others, ...made, replaced])).toEqual([
      "",
      "  Store   40 created, 1 replaced",
      "  replaced  Store  Bucket pictures",
      "40 resources created, 1 replaced in 6 s.",
    ]);
  });
});

describe("a destroy", () => {
  it("is shown by component", () => {
    expect(shown(recorded("destroy"))).toEqual([
      "",
      "  DeletionGuard    1 deleted",
      "  Encryption       9 deleted",
      "10 resources deleted in 6 s.",
    ]);
  });
});

describe("an update that goes on", () => {
  const until = (name: string, mark: string) => {
    const lines = recorded(name);
    const progress = new Progress();
    lines.slice(0, lines.findIndex((line) => line.includes(mark)) + 1).forEach((line) => takeLine(progress, line));
    return progress;
  };
  const MARK =
    '"op":"update","urn":"urn:pulumi:local::markenmate::markenmate:components:Database$aws:rds/instance:Instance';

  it("shows what is worked on", () => {
    const progress = until("replacement", MARK);
    expect(frame(progress, 2.9)).toEqual([
      "  Database       1 changed, changing Instance markenmate-local",
      "  Credentials    2 replaced",
      "  2 s: 1 resource changed, 2 replaced",
    ]);
    expect(signOfLife(progress, 2.9)).toBe(
      "  2 s: 1 resource changed, 2 replaced. Database: changing Instance markenmate-local",
    );
  });

  it("shows a component of which nothing is made yet", () => {
    const progress = new Progress();
    const component = { op: "create", urn: urn("shop:parts:Store", "a"), type: "", new: { inputs: {}, outputs: {} } };
    takeLine(progress, event({ resourcePreEvent: { metadata: component } }));
    expect(frame(progress, 1)).toEqual(["  Store      begun", "  1 s: Pulumi reads the program"]);
  });

  it("shows that it has begun before Pulumi tells of a resource", () => {
    expect(frame(new Progress(), 0.3)).toEqual(["  0 s: Pulumi reads the program"]);
    expect(signOfLife(new Progress(), 4)).toBe("  4 s: Pulumi reads the program");
  });
});

describe("what comes from elsewhere", () => {
  it("does not reach the terminal with control characters", () => {
    const bell = "\u001b[2J\u0007";
    const said = shown([
      diagnostic({ prefix: "error: ", urn: BUCKET, message: `${bell}one\r\ntwo\tthree${bell}\n` }),
      event({ resOutputsEvent: step("create", urn("shop:parts:Store$aws:s3/bucket:Bucket", bell)) }),
      `no event ${bell}`,
    ]);
    expect(said[0]).toBe("error: Bucket pictures (Store): ?[2J?one");
    expect(said[1]).toBe("two  three?[2J?");
    // eslint-disable-next-line no-control-regex -- these are what it is about
    expect(said.join("\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it("is shown if it is a warning, a violation of a policy or a line beside the events, and not if it is of passing interest", () => {
    expect(
      shown([
        diagnostic({ severity: "warning", prefix: "warning: ", message: "slow\n" }),
        diagnostic({ severity: "debug", prefix: "debug: ", message: "RegisterResource RPC prepared\n" }),
        diagnostic({ severity: "info", ephemeral: true, message: "still waiting\n" }),
        event({
          policyEvent: {
            ...{ policyName: "encrypted", enforcementLevel: "mandatory", resourceUrn: BUCKET },
            message: "is not encrypted\n",
          },
        }),
        "a line of another kind",
        "17",
      ]).slice(0, -2),
    ).toEqual([
      "warning: slow",
      "policy encrypted (mandatory): Bucket pictures (Store): is not encrypted",
      "a line of another kind",
      "17",
    ]);
  });

  it("holds no value of a property", () => {
    const made = step("create", BUCKET, { password: "not-to-be-seen" });
    const [begin, end] = [event({ resourcePreEvent: made }), event({ resOutputsEvent: made })];
    const progress = new Progress();
    const said = [...takeLine(progress, begin), ...frame(progress, 1), signOfLife(progress, 1)];
    const all = [...said, ...takeLine(progress, end), ...conclusion(progress, 0, 1)].join("\n");
    expect(all).toContain("creating Bucket pictures");
    expect(all).not.toContain("not-to-be-seen");
  });
});

describe("the screen", () => {
  function screenOf(isTTY: boolean, columns = 80, rows = 24) {
    const written: string[] = [];
    return { written, screen: new Screen({ isTTY, columns, rows, write: (text) => written.push(text) }) };
  }

  it("takes away what it shows anew, before the next of it and before lines that stay", () => {
    const { screen, written } = screenOf(true);
    screen.frame(["a", "b"]);
    screen.note("stays");
    screen.frame(["c"]);
    screen.frame(["d"]);
    expect(written).toEqual(["a\nb\n", "\u001b[2A\u001b[0Jstays\n", "c\n", "\u001b[1A\u001b[0Jd\n"]);
  });

  it("shows anew only what has room", () => {
    const { screen, written } = screenOf(true, 5, 3);
    screen.frame(["first", "second", "third"]);
    expect(written).toEqual(["seco\nthir\n"]);
  });

  it("shows nothing anew where there is no terminal", () => {
    expect(screenOf(false).screen.rewrites).toBe(false);
  });
});

describe("the lines of a command", () => {
  it("are handed on whole, wherever its chunks end, the last without its end too", async () => {
    const prints = `for (const part of ["a", "b\\nc", Buffer.from([0xc3])]) process.stdout.write(part);
      setImmediate(() => { process.stdout.write(Buffer.from([0xa4, 10])); process.stderr.write("error"); process.stdout.write("end"); process.exitCode = 3; });`;
    const stdout: string[] = [];
    const stderr: string[] = [];
    const code = await byLine(
      process.execPath,
      ["-e", prints],
      { cwd: "/", env: process.env },
      { stdout: (line) => stdout.push(line), stderr: (line) => stderr.push(line) },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: ["ab", "cä", "end"], stderr: ["error"] });
  });
});
