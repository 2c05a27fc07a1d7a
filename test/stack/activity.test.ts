import path from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { BlockedSession, Connections, Session, Statement } from "../../ops/sessions/session";
import { LocalStack } from "../support/local-stack";

/** The commands that people look at a running server with, and real sessions to look at. */
let stack: LocalStack;
const clients: Client[] = [];

async function activity(...args: string[]) {
  const { cwd, env } = await stack.platform.forCommands();
  return capture(path.join(ROOT, "ops", "activity"), [...args, "--stack", stack.name], { cwd, env });
}

async function asJson<Result>(...args: string[]): Promise<Result> {
  const { stdout, stderr } = await activity(...args, "--json");
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Result;
}

/** What else ends a session or its statement while the commands look at it, which on a slow machine takes minutes. */
const WITHOUT_LIMITS = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"]
  .map((limit) => `-c ${limit}=0`)
  .join(" ");

async function session(role: string, application: string): Promise<Client & { pid: number }> {
  const connection = await stack.connection(role, { application_name: application, options: WITHOUT_LIMITS });
  const client = new Client(connection);
  client.on("error", () => undefined); // some are ended
  await client.connect();
  clients.push(client);
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return Object.assign(client, { pid: rows[0]?.pid as number });
}

/** Waits until PostgreSQL says that of a session. */
async function untilSession(pid: number, condition: string): Promise<void> {
  await expect
    .poll(() =>
      stack.as("monitor", async (client) => {
        const { rows } = await client.query(`SELECT FROM pg_stat_activity WHERE pid = $1 AND ${condition}`, [pid]);
        return rows.length;
      }),
    )
    .toBe(1);
}
const waits = (pid: number) => untilSession(pid, "wait_event_type = 'Lock'");

beforeAll(async () => {
  stack = await LocalStack.prepared();
  await stack.as("migrate", (client) => client.query("CREATE TABLE things (id int PRIMARY KEY, name text)"));
  await stack.as("app", (client) => client.query("INSERT INTO things VALUES (1, 'one')"));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  await stack.close();
});

describe("ops/activity", () => {
  it("shows who is connected, as whom, from where, with what, and since when", async () => {
    const idle = await session("app", "shop");
    await idle.query("BEGIN");
    await idle.query("SELECT name FROM things");
    const { sessions, connections } = await asJson<{ sessions: Session[]; connections: Connections[] }>("sessions");
    expect(sessions.find(({ pid }) => pid === idle.pid)).toMatchObject({
      login: "markenmate_app",
      application: "shop",
      address: "127.0.0.1",
      tls: "TLSv1.3",
      state: "idle in transaction",
      transactionSeconds: expect.any(Number) as number,
      query: "SELECT name FROM things",
    });
    expect(connections).toContainEqual({ login: "markenmate_app", sessions: 1, limit: 100 });
    const { code, stderr } = await activity("sessions");
    expect(code).toBe(0);
    expect(stderr).toMatch(/markenmate_app +idle in transaction/);
    expect(stderr).toContain("shop, from 127.0.0.1, TLSv1.3");
    expect(stderr).toMatch(/of 100 connections are in use/);
    await idle.query("ROLLBACK");
  });

  it("lets nothing of a session's own choosing reach the terminal as a command to it", async () => {
    const odd = await session("app", "shop");
    await odd.query("SET application_name = 'x'; SELECT '\u001b[2J\u202e' AS \"\u001b]0;owned\u0007\"");
    const { stderr } = await activity("sessions");
    expect(stderr).toContain("?[2J?");
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(stderr).not.toMatch(/[\u001b\u0007\u202e]/);
    await odd.end();
  });

  it("shows what runs long, and nothing that does not", async () => {
    const slow = await session("app", "slow");
    const running = slow.query("SELECT pg_sleep(86400)").catch((error: Error) => error.message);
    await untilSession(slow.pid, "query ~ 'pg_sleep' AND clock_timestamp() - query_start > interval '1 s'");
    const { sessions } = await asJson<{ sessions: Session[] }>("long", "--seconds", "1");
    expect(sessions.map(({ pid }) => pid)).toEqual([slow.pid]);
    expect((await asJson<{ sessions: Session[] }>("long", "--seconds", "86400")).sessions).toEqual([]);
    const [it] = sessions;
    const cancelled = await asJson("terminate", String(slow.pid), "--cancel", "--confirm", it?.connectedAt as string);
    expect(cancelled).toMatchObject({ result: "cancelled", pid: slow.pid });
    expect(await running).toBe("canceling statement due to user request");
    expect((await slow.query("SELECT 1 AS alive")).rows).toEqual([{ alive: 1 }]);
    await slow.end();
  });

  it("shows who blocks whom, the one at the root first, and lets the others go on when it is ended", async () => {
    const [root, second, third] = [
      await session("app", "root"),
      await session("app", "second"),
      await session("migrate", "third"),
    ];
    await root.query("BEGIN");
    await root.query("UPDATE things SET name = 'root' WHERE id = 1");
    await second.query("BEGIN");
    const updated = second.query("UPDATE things SET name = 'second' WHERE id = 1").then(() => second.query("COMMIT"));
    await waits(second.pid);
    const altered = third.query("ALTER TABLE things ADD COLUMN more int");
    await waits(third.pid);
    const { sessions } = await asJson<{ sessions: BlockedSession[] }>("blocked");
    const byPid = new Map(sessions.map((one) => [one.pid, one]));
    expect(byPid.get(root.pid)?.blockedBy).toEqual([]);
    expect(byPid.get(second.pid)).toMatchObject({
      blockedBy: [root.pid],
      wantsLock: expect.stringContaining("transactionid") as string,
    });
    expect(byPid.get(third.pid)?.wantsLock).toBe("AccessExclusiveLock on public.things");
    const { stderr } = await activity("blocked");
    const shown = [...stderr.matchAll(/^( *)(\d+) /gm)].map(([, indent = "", pid]) => [Number(pid), indent.length > 0]);
    expect(shown).toEqual([
      [root.pid, false],
      [second.pid, true],
      [third.pid, true],
    ]);

    const answered = await activity("terminate", String(root.pid));
    expect(answered.code).toBe(3);
    const when = /--confirm (\S+)/.exec(answered.stderr)?.[1] as string;
    expect(when).toBe(byPid.get(root.pid)?.connectedAt);
    const wrong = await activity("terminate", String(root.pid), "--confirm", "2026-01-01T00:00:00.000000Z");
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining("is another one by now")]);
    expect((await root.query("SELECT 1 AS alive")).rows).toEqual([{ alive: 1 }]);

    const { code, stderr: told } = await activity("terminate", String(root.pid), "--confirm", when);
    expect([code, told]).toEqual([0, expect.stringContaining(`Session ${root.pid} is gone.`)]);
    await Promise.all([updated, altered]);
    await stack.as("app", async (client) => {
      expect((await client.query("SELECT name FROM things")).rows).toEqual([{ name: "second" }]);
    });
    expect((await asJson<{ sessions: object[] }>("blocked")).sessions).toEqual([]);
  });

  it("refuses to end what is not a session of this database", async () => {
    const { rows } = await stack.as("monitor", (client) =>
      client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"),
    );
    for (const [pid, reason] of [
      [rows[0]?.pid as number, "is the server's own: checkpointer"],
      [999_999, "There is no session 999999"],
    ] as const) {
      const { code, stderr } = await activity("terminate", String(pid), "--confirm", "x");
      expect([code, stderr]).toEqual([3, expect.stringContaining(reason)]);
    }
  });

  it("shows which statements cost most, without the values, and no verifier of a password", async () => {
    await stack.as("app", (client) => client.query("SELECT name FROM things WHERE id = 1 AND name = 'hidden-value'"));
    for (const by of ["total", "mean", "calls", "rows"]) {
      const { statements } = await asJson<{ statements: Statement[] }>("statements", "--by", by, "--top", "500");
      const key = { total: "totalMs", mean: "meanMs", calls: "calls", rows: "rows" }[by] as "totalMs";
      expect(statements.map((one) => one[key])).toEqual(statements.map((one) => one[key]).sort((a, b) => b - a));
      const texts = statements.map(({ query }) => query).join("\n");
      expect(texts).toContain("SELECT name FROM things WHERE id = $1 AND name = $2");
      expect(texts).not.toContain("hidden-value");
      expect(texts).not.toContain("SCRAM-SHA-256");
    }
    expect((await activity("statements", "--top", "3")).stderr).toMatch(/^total +mean +longest +calls/);
  });

  it("says what is wrong with how it was called, and when the server is away", async () => {
    for (const [args, message] of [
      [["everything"], "Allowed choices are sessions, long, blocked, statements, terminate"],
      [["terminate"], "name the session's pid"],
      [["long", "--seconds", "soon"], "--seconds: soon is no number"],
    ] as const) {
      const { code, stderr } = await activity(...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    const away = await activity("sessions", "--forwarded-port", "1");
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
  });
});
