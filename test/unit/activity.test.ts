import { describe, expect, it } from "vitest";
import { blockingTree } from "../../ops/sessions/blocking";
import { duration, oneLine, sessionsText } from "../../ops/sessions/print";
import { Session, Target } from "../../ops/sessions/session";
import { untouchable } from "../../ops/sessions/terminate";

const tree = (...sessions: [pid: number, blockedBy: number[]][]) =>
  blockingTree(sessions.map(([pid, blockedBy]) => ({ pid, blockedBy }))).map(({ session, depth }) => [
    session.pid,
    depth,
  ]);

describe("who blocks whom", () => {
  it.each([
    ["a chain", tree([3, [2]], [2, [1]], [1, []]), [[1, 0], [2, 1], [3, 2]]], // prettier-ignore
    ["two at one", tree([1, []], [2, [1]], [3, [1]]), [[1, 0], [2, 1], [3, 1]]], // prettier-ignore
    ["one at two", tree([1, []], [2, []], [3, [1, 2]]), [[1, 0], [3, 1], [2, 0]]], // prettier-ignore
    ["each other", tree([1, [2]], [2, [1]]), [[1, 0], [2, 1]]], // prettier-ignore
    ["nobody", tree(), []],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe("what is printed", () => {
  it.each([
    [null, ""],
    [4.7, "4 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7_200, "2 h"],
    [200_000, "2 d"],
  ])("%s seconds: %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it("is one line without what moves a cursor, cut to its width", () => {
    expect(oneLine("SELECT\n\t  1\u001b[2J", 40)).toBe("SELECT 1?[2J");
    expect(oneLine("x".repeat(50), 10)).toBe(`${"x".repeat(9)}…`);
  });

  it("fits a terminal of 100 columns", () => {
    const session: Session = {
      ...{
        pid: 1_234_567,
        login: "markenmate_readonly_clone",
        application: "reports",
        address: "10.0.12.34",
        tls: null,
      },
      ...{ state: "idle in transaction", connectedSeconds: 1, stateSeconds: 100, transactionSeconds: 86_400 },
      ...{ statementSeconds: null, waitsFor: null, query: "SELECT ".repeat(50), connectedAt: "" },
    };
    const text = sessionsText([session], [{ login: "markenmate_readonly_clone", sessions: 80, limit: 100 }]);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toContain("NO TLS");
    expect(text).toContain("80 of 100 connections are in use (80 %)");
  });
});

describe("sessions that are not ended", () => {
  const target: Target = {
    ...{ pid: 7, login: "markenmate_app", database: "markenmate", type: "client backend", application: "" },
    ...{ address: null, state: "active", query: "", connectedAt: "", superuser: false },
  };
  const reason = (change: Partial<Target>) =>
    untouchable({ ...target, ...change }, { pid: 7, cancel: false, database: "markenmate" });

  it.each([
    [{}, undefined],
    [{ type: "autovacuum worker" }, "7 is the server's own: autovacuum worker. Ending it helps nobody"],
    [{ superuser: true, login: "rdsadmin" }, "7 is a session of rdsadmin, which is RDS's own"],
    [{ database: "postgres" }, "7 is a session in the database postgres, not in markenmate"],
  ])("%j", (change, expected) => {
    expect(reason(change)).toBe(expected);
  });
});
