import { existsSync, readdirSync, truncateSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { UserError } from "../../lib/user-error";
import { ROOT } from "../../platform/shared/paths";
import { Platform, stopPlatform } from "../../platform/host/platform";
import { psql } from "../../local/psql";
import { Screen } from "../../local/update/screen";
import { showUpdate } from "../../local/update/show";
import { killPlatform } from "../support/kill-platform";
import { LocalStack } from "../support/local-stack";
import { keepProgramFromNowOn, startEachProgram, usePassphrase } from "../support/shortcuts";

/** What people do with a stack from day to day: previews, mistakes, changes, stopping and starting. */
let stack: LocalStack;

beforeAll(async () => {
  usePassphrase();
  startEachProgram(); // as people's commands do: what it tells when it fails is its process's own matter
  stack = await LocalStack.open("updates");
});
afterAll(() => stack.close());

const show = async (name: string) => {
  const { rows } = await stack.as("app", (client) =>
    client.query<{ value: string }>(`SELECT current_setting('${name}') AS value`),
  );
  return rows[0]?.value;
};

describe("before anything exists", () => {
  it("reports mistakes in the settings together, without a stack trace, and creates nothing", async () => {
    await stack.configure({ storageGb: 5, engineVersion: 17 });
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain("Pulumi.updates.yaml has 2 mistakes:");
    expect(stdout).toContain("database.storageGb: 5 is below RDS's minimum of 20; set 20 or more");
    expect(stdout).toContain('database.engineVersion: 17 must be a version in quotes, e.g. "17"');
    expect(stdout).not.toMatch(/^\s+at /m);
    expect(await stack.leftovers()).toEqual([]);
    await stack.configure({});
    keepProgramFromNowOn();
    await stack.reopen();
  });

  it("shows the whole stack in the first preview, needs no database for it, and creates exactly that", async () => {
    const { changeSummary, steps } = await stack.preview();
    const { create = 0, same = 0, ...others } = changeSummary ?? {};
    expect(others).toEqual({});
    expect(create).toBeGreaterThan(70);
    expect(same).toBeLessThan(3); // the stack itself and the default provider, of the update that failed
    const types = new Set(steps.map(({ urn }) => urn.split("::")[2]?.split("$").pop()));
    for (const type of ["aws:rds/instance:Instance", "postgresql:index/role:Role", "postgresql:index/grant:Grant"]) {
      expect(types).toContain(type);
    }
    expect(await stack.leftovers()).toEqual([]);

    const written: string[] = [];
    const screen = new Screen({ write: (text) => written.push(text) });
    const up = ["up", "--yes", "--skip-preview", "--stack", stack.name];
    expect(await showUpdate(stack.platform, up, screen)).toBe(0);
    const shown = written.join("");
    expect(shown).toContain(`\n${create} resources created in `);
    const components = steps.map(({ urn }) => /::markenmate:components:(\w+)::/.exec(urn)?.[1]);
    for (const component of components.filter((name) => name !== undefined)) {
      expect(shown).toMatch(new RegExp(`^  ${component} +\\d+ created$`, "m"));
    }
    // All but its signs of life, of which a slow machine has more.
    expect(shown.split("\n").filter((line) => !/^ +\d+ s: /.test(line)).length).toBeLessThan(25);
  });
});

describe("a server setting", () => {
  it("takes effect at once when it is dynamic", async () => {
    await stack.configure({ parameters: { lock_timeout: 9000 } });
    const { steps } = await stack.preview();
    const changes = steps.filter(({ op }) => op !== "same");
    expect(changes.map(({ op, urn }) => [op, urn.split("::")[3]])).toEqual([
      ["update", "markenmate-updates-postgres17"],
    ]);
    await stack.up();
    expect(await show("lock_timeout")).toBe("9s");
  });

  it("fails the update with PostgreSQL's own message when it is wrong, and can be put right", async () => {
    await stack.configure({ parameters: { lock_timeout: 2 ** 31 } });
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain('invalid value for parameter "lock_timeout": "2147483648"');
    expect(await show("lock_timeout")).toBe("9s");
    expect(stack.log.join("\n")).not.toContain("restarting");
    await stack.configure({ parameters: { max_connections: 80 } });
    await stack.up();
    expect(await show("lock_timeout")).toBe("5s");
  });

  it("has taken effect after a restart, which it got, when it is static", async () => {
    expect(await show("max_connections")).toBe("80");
    expect(stack.log.join("\n")).toContain("restarting for max_connections");
  });
});

describe("secrets", () => {
  it("are read by the policy of their own role, and by no other", async () => {
    const { secretArns, secretReadPolicyArns } = await stack.outputs();
    for (const role of Object.keys(secretArns)) {
      const readable = await stack.readableWith(secretReadPolicyArns[role] as string);
      expect(readable, role).toEqual([role]);
    }
  });
});

describe("psql", () => {
  it("is opened as the role that was asked for", async () => {
    const query = "SELECT 1 / (session_user = 'markenmate_readonly')::int AS division_by_zero_if_not";
    expect(await psql(stack.platform, stack.name, "readonly", ["--no-psqlrc", "--quiet", "--command", query])).toBe(0);
    expect(await psql(stack.platform, stack.name, "app", ["--no-psqlrc", "--quiet", "--command", query])).toBe(1);
    await expect(psql(stack.platform, stack.name, "nobody", [])).rejects.toThrowError(
      new UserError("psql: nobody is not one of app, backup, migrate, monitor, readonly, master"),
    );
  });

  it.each([
    ["without TLS", { PGSSLMODE: "disable" }, /no pg_hba.conf entry for host .*, no encryption/],
    ["with another authority", { PGSSLROOTCERT: "test/support/other-ca.pem" }, /certificate verify failed/],
    [
      "with another name",
      { PGHOST: "127.0.0.1" },
      /server certificate for "localhost".* does not match host name "127.0.0.1"/,
    ],
  ])("is refused %s", async (_, environment, message) => {
    const { host, port, database, user, password } = await stack.connection("app");
    const { code, stderr } = await capture(await stack.platform.clientProgram("psql"), ["--command", "SELECT 1"], {
      cwd: ROOT,
      env: {
        ...{ PGHOST: host, PGPORT: String(port), PGDATABASE: database, PGUSER: user, PGPASSWORD: String(password) },
        ...{ PGSSLMODE: "verify-full", PGSSLROOTCERT: path.join(stack.platform.dir, "tls", "ca.pem"), ...environment },
      },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("stopping and starting", () => {
  it("keeps data and outputs", async () => {
    await stack.as("migrate", (client) => client.query("CREATE TABLE kept (id int)"));
    const before = await stack.outputs();
    await stopPlatform(stack.platform.dir);
    await expect(stack.as("app", (client) => client.query("SELECT 1"))).rejects.toThrowError("ECONNREFUSED");
    await stack.reopen();
    expect(await stack.outputs()).toEqual(before);
    expect((await stack.as("app", (client) => client.query("SELECT * FROM kept"))).rows).toEqual([]);
  });

  it("survives a crash of everything at once, as when the machine loses power, and finds nothing to change", async () => {
    const { secretArns } = await stack.outputs();
    await stack.as("migrate", (client) => client.query("INSERT INTO kept VALUES (1)"));
    await killPlatform(stack.platform.dir);
    await expect(stack.secret(secretArns.app as string)).rejects.toThrowError("ECONNREFUSED");
    await stack.reopen();
    const { rows } = await stack.as("app", (client) => client.query("SELECT * FROM kept"));
    expect(rows).toEqual([{ id: 1 }]);
    // Nor did the settings before it leave anything, or stopping: what is lost then does not come back by a crash.
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("can read the state of an update that was killed within a write", async () => {
    const before = await stack.outputs();
    const state = path.join(stack.platform.dir, "state");
    const files = readdirSync(state, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => file.endsWith(".json"))).not.toEqual([]);
    // All else is written elsewhere and renamed.
    files.filter((file) => file.endsWith(".attrs")).forEach((file) => truncateSync(path.join(state, file)));
    expect(await stack.outputs()).toEqual(before);
  });
});

describe("the official plugins", () => {
  const preview = async (environment: NodeJS.ProcessEnv) => {
    await stack.platform.close();
    const platform = await Platform.open({ dir: stack.platform.dir, officialPlugins: ["random"] });
    Object.assign(platform.environment, environment);
    try {
      return await platform.capture(["preview", "--stack", stack.name, "--expect-no-changes", "--non-interactive"]);
    } finally {
      await platform.close();
      await stack.reopen();
    }
  };

  it("are looked for when a stand-in is left out", async () => {
    const { code, stdout, stderr } = await preview({});
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/no resource plugin 'pulumi-resource-random' found/);
  });

  it("take its place where they are installed", async () => {
    const started = path.join(stack.platform.dir, "plugin-was-started");
    const { code, stdout, stderr } = await preview({
      PATH: `${path.join(ROOT, "test", "support")}:${process.env.PATH}`,
      PLUGIN_WAS_STARTED: started,
    });
    expect(code, stdout + stderr).toBe(0);
    expect(existsSync(started)).toBe(true);
  });

  it("exist for the packages of this project only", async () => {
    await expect(Platform.open({ dir: stack.platform.dir, officialPlugins: ["rnadom"] })).rejects.toThrowError(
      new UserError("OFFICIAL_PLUGINS: rnadom is not among aws, postgresql, random"),
    );
  });
});

it("`config` is about the clone's own file, and needs no name of a stack", async () => {
  await stack.beside("local");
  expect(await stack.platform.pulumi(["config", "get", "aws:region"])).toBe(0);
});
