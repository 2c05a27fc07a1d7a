import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLE_NAMES } from "../../model/access/matrix";
import { hasPgaudit } from "../support/local-rds";
import { LocalStack } from "../support/local-stack";
import { LONG } from "../support/long";
import { keepProgramFromNowOn, startEachProgram } from "../support/shortcuts";
import type { LoadReports } from "../support/rotation-load-client";
import { rotateUnderLoad } from "../support/rotation-under-load";

/**
 * Rotations of every role while an application works with many connections each, on a server that logs everything it can. Beside it the
 * same load on a login whose password is changed in place: first in the server, then in its secret. In full length each connection makes
 * its statements and logs in again as an application would; in short more often, so that as many meet each rotation.
 */
const { ROTATIONS, CONNECTIONS, STATEMENTS, ...PACE } = LONG
  ? { ROTATIONS: 20, CONNECTIONS: 50, STATEMENTS: 1_000, rest: 1_500, uses: 20 }
  : { ROTATIONS: 2, CONNECTIONS: 10, STATEMENTS: 100, rest: 200, uses: 4 };
/** Of the rotations together: ten times the six minutes that they take on a quiet machine. */
const LIMIT_MS = 3_600_000;
/** What an application and its pipelines hold open. Backups log in once a day. */
const UNDER_LOAD = ["app", "readonly", "migrate"] as const;
/** From 9 on the engine itself writes every value that it passes on; no program can prevent that. */
const LOUDEST = ["--debug", "--logtostderr", "--logflow", "-v=8"];
describe("rotations under load", async () => {
  const extensions = ["pg_stat_statements", ...((await hasPgaudit("15")) ? ["pgaudit"] : [])];
  let stack: LocalStack;
  let reports: LoadReports;
  /** Every password that there was, and everything that was written or shown meanwhile. */
  const passwords = new Set<string>();
  const told: Record<string, string> = {};

  const database = {
    engineVersion: "15",
    extensions,
    parameters: { "pgaudit.log": "all", max_connections: 400 },
  };
  const logs = { statements: "all", values: true };

  async function notePasswords(): Promise<void> {
    const { secretArns } = await stack.outputs();
    for (const role of ROLE_NAMES) {
      passwords.add((await stack.secret(secretArns[role] as string)).password);
    }
  }

  function watchProcesses(): () => string {
    const seen = new Set<string>();
    const look = () =>
      readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .forEach((pid) => {
          try {
            seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
          } catch {
            return; // it has ended
          }
        });
    const timer = setInterval(look, 50);
    return () => {
      clearInterval(timer);
      return [...seen].join("\n");
    };
  }

  beforeAll(async () => {
    stack = await LocalStack.prepared(database, { logs });
    await notePasswords();
    startEachProgram(); // whose arguments are looked at
    await stack.reopen();
    const processes = watchProcesses();
    let atItsLoudest = "";
    ({ reports } = await rotateUnderLoad(stack, {
      rotations: ROTATIONS,
      connections: CONNECTIONS,
      ...PACE,
      database,
      logs,
      gap: (load) => load.untilFailed("inPlace"),
      flags: (generation) => (generation === ROTATIONS ? LOUDEST : []),
      afterEach: (printed) => {
        atItsLoudest = printed;
        return notePasswords();
      },
    }));
    keepProgramFromNowOn();
    await stack.reopen();
    Object.assign(told, { processes: processes(), "Pulumi's log": atItsLoudest });
  }, LIMIT_MS);
  afterAll(() => stack.close());

  it("were real ones, and the load too", () => {
    expect(passwords.size).toBe(ROLE_NAMES.length * (ROTATIONS + 1));
    for (const role of UNDER_LOAD) {
      expect(reports[role].statements, role).toBeGreaterThan(STATEMENTS);
      expect(reports[role].logins, role).toBeGreaterThan(2 * CONNECTIONS);
    }
  });

  it("fail nobody: no statement, no login", () => {
    for (const role of UNDER_LOAD) {
      expect(reports[role].failures, role).toEqual([]);
    }
  });

  it("would have failed with passwords that are changed in place", () => {
    expect(new Set(reports.inPlace.failures)).toEqual(new Set(['password authentication failed for user "in_place"']));
  });

  it("leave rights and ownership as they were, and nothing to change", async () => {
    const { rows } = await stack.as("master", (master) =>
      master.query("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"),
    );
    expect(rows).toEqual([{ tableowner: "markenmate_migrate" }]);
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("leave no password in clear, wherever one looks", async () => {
    const plan = path.join(stack.platform.dir, "plan.json");
    await stack.configure(database, { logs, roles: { all: { generation: ROTATIONS + 1 } } });
    told.preview = await stack.succeed("preview", "--diff", "--save-plan", plan, ...LOUDEST);
    told.plan = readFileSync(plan, "utf8");
    told.outputs = await stack.succeed("stack", "output", "--json", "--show-secrets");
    told.state = await stack.succeed("stack", "export");
    told["the server's log"] = await stack.serverLog();
    told["pg_stat_statements"] = await stack.as("master", async (master) => {
      const { rows } = await master.query<{ query: string }>("SELECT query FROM extensions.pg_stat_statements");
      return rows.map(({ query }) => query).join("\n");
    });
    // What is searched is what it is taken for.
    expect(told["the server's log"]).toContain('statement: ALTER ROLE "markenmate_app_clone" PASSWORD');
    expect(told["Pulumi's log"]?.length).toBeGreaterThan(500_000);
    expect(told.state).toContain('"ciphertext"');
    expect(told.processes).toContain("pulumi");
    if (extensions.includes("pgaudit")) {
      expect(told["the server's log"]).toContain("AUDIT: SESSION");
    }
    const found = Object.entries(told).flatMap(([where, text]) =>
      [...passwords].filter((password) => text.includes(password)).map(() => where),
    );
    expect([...new Set(found)]).toEqual([]);
  });
});
