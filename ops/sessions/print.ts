import { printable } from "../../lib/printable";
import { table, WIDTH } from "../shared/table";
import { blockingTree } from "./blocking";
import { BlockedSession, Connections, Session, Statement } from "./session";

/** `4 s`, `3 min`, `2 h`, `5 d`. */
export function duration(seconds: number | null): string {
  if (seconds === null) {
    return "";
  }
  const [unit, size] =
    seconds < 120
      ? (["s", 1] as const)
      : seconds < 7_200
        ? (["min", 60] as const)
        : seconds < 172_800
          ? (["h", 3_600] as const)
          : (["d", 86_400] as const);
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** A statement on one line, cut to what fits. */
export function oneLine(query: string, width: number): string {
  const flat = printable(query.replace(/\s+/g, " ").trim());
  return flat.length > width ? `${flat.slice(0, width - 1)}…` : flat;
}

const COLUMNS = [8, 26, 22, 12, WIDTH - 76];
const HEAD = ["pid", "login", "state", "since", "transaction"];

function describeSession(session: Session, indent = 0): string {
  const {
    pid,
    login,
    application,
    address,
    tls,
    state,
    stateSeconds,
    statementSeconds,
    transactionSeconds,
    waitsFor,
    query,
  } = session;
  const since = duration(state === "active" ? statementSeconds : stateSeconds);
  const from = [
    application && `${application}`,
    address && `from ${address}`,
    tls ?? (address && "NO TLS"),
    waitsFor && `waits for ${waitsFor}`,
  ];
  const detail = " ".repeat(indent + 8);
  return [
    " ".repeat(indent) + table(COLUMNS, [[String(pid), login ?? "", state ?? "", since, duration(transactionSeconds)]]),
    detail + printable(from.filter(Boolean).join(", ")),
    detail + oneLine(query, WIDTH - indent - 8),
  ].join("\n");
}

const headed = (blocks: string[]) => [table(COLUMNS, [HEAD]), ...blocks].join("\n");

export function sessionsText(sessions: Session[], connections: Connections[]): string {
  const used = connections.reduce((sum, { sessions: count }) => sum + count, 0);
  const limit = connections[0]?.limit ?? 0;
  const each = connections.map(({ login, sessions: count }) => `${printable(login)} ${count}`).join(", ");
  return [
    sessions.length === 0 ? "Nobody is connected." : headed(sessions.map((session) => describeSession(session))),
    `${used} of ${limit} connections are in use (${Math.round((100 * used) / limit)} %): ${each}.`,
  ].join("\n\n");
}

export function longText(sessions: Session[], seconds: number): string {
  return sessions.length === 0
    ? `Nothing runs longer than ${seconds} s.`
    : headed(sessions.map((session) => describeSession(session)));
}

export function blockedText(sessions: BlockedSession[]): string {
  if (sessions.length === 0) {
    return "Nobody waits for a lock.";
  }
  const blocks = blockingTree(sessions).map(({ session, depth }) =>
    [
      describeSession(session, 2 * depth),
      session.wantsLock &&
        `${" ".repeat(2 * depth + 8)}wants ${printable(session.wantsLock)}, held by ${session.blockedBy.join(", ")}`,
    ]
      .filter(Boolean)
      .join("\n"),
  );
  return headed(blocks);
}

const milliseconds = (value: number) =>
  value < 1_000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1_000).toFixed(1)} s`;

export function statementsText(statements: Statement[]): string {
  const columns = [12, 12, 12, 12, 10, WIDTH - 68];
  const blocks = statements.map(({ totalMs, meanMs, maxMs, calls, fromCachePercent, login, query }) =>
    [
      table(columns, [
        [
          ...[milliseconds(totalMs), milliseconds(meanMs), milliseconds(maxMs), String(calls)],
          ...[fromCachePercent === null ? "" : `${fromCachePercent} %`, login],
        ],
      ]),
      `    ${oneLine(query, WIDTH - 4)}`,
    ].join("\n"),
  );
  const since = statements[0]?.since;
  return [
    table(columns, [["total", "mean", "longest", "calls", "cached", "login"]]),
    ...blocks,
    ...(since ? [`\nSince ${since.toISOString()}, when the statistics were last set back.`] : []),
  ].join("\n");
}
