import { printable } from "../../lib/printable";
import { table, WIDTH } from "../shared/table";
import { counted } from "./kinds";
import { listed } from "./notes";
import { Adoption, Remaining } from "./plan";
import { OldSession } from "./sessions";
import { Situation } from "./situation";

/** The plan for people: at most a screen, whatever the number of tables. */

const NAMES = [24, WIDTH - 26];
const MOST_REMAINING = 20;

/** How many there are of each key. */
function counts(keys: string[]): [key: string, count: number][] {
  const found = new Map<string, number>();
  keys.forEach((key) => found.set(key, (found.get(key) ?? 0) + 1));
  return [...found];
}

const headed = (head: string, lines: string[]) => (lines.length === 0 ? [] : [`${head}\n${lines.join("\n")}`]);

export const bullets = (lines: string[]) => lines.map((line) => table([2, WIDTH - 4], [["-", line]]));

function moved({ moves }: Adoption): string[] {
  const types = [...new Set(moves.map(({ type }) => type))];
  const rows = types.map((type) => {
    const names = moves.filter((object) => object.type === type).map(({ name }) => name);
    return [`  ${counted(type, names.length)}`, listed(names)];
  });
  return rows.map((row) => table(NAMES, [row]));
}

function rights({ rights: changes }: Adoption): string[] {
  const objects = (role: string) =>
    new Set(changes.filter((one) => one.role === role).map(({ object }) => object)).size;
  return [...new Set(changes.map(({ role }) => role))].map((role) =>
    table(NAMES, [[`  ${role}`, `on ${objects(role)} objects`]]),
  );
}

function remaining(remains: Remaining[]): string[] {
  const shown = remains.slice(0, MOST_REMAINING).map(({ subject, why }) => `${subject}: ${why}`);
  const more = remains.length - shown.length;
  return bullets([...shown, ...(more > 0 ? [`and ${more} more; --json has all`] : [])]);
}

export function planText(situation: Situation, owner: string, plan: Adoption, notes: string[]): string {
  const { old } = situation;
  const follow = counts(plan.follow.map(({ type }) => type)).map(([type, count]) => counted(type, count));
  return [
    ...headed(`From ${printable(old)} to ${owner}:`, moved(plan)),
    ...(follow.length > 0 && plan.moves.length > 0 ? [`With what they belong to: ${follow.join(", ")}`] : []),
    ...headed("Rights of the access matrix that are given or taken with it:", rights(plan)),
    ...(plan.membership.length > 0
      ? [`${printable(old)} becomes a member of ${owner}, and goes on as before until it is switched off.`]
      : []),
    ...headed(`What ${printable(old)} makes from now on:`, bullets(plan.defaults)),
    ...headed("Stays as it is:", remaining(plan.remains)),
    ...headed("To know:", bullets(notes)),
  ].join("\n\n");
}

export function sessionsText(old: string, sessions: OldSession[]): string {
  const columns = [10, 22, 22, 18, WIDTH - 80];
  const shown = sessions
    .slice(0, MOST_REMAINING)
    .map(({ pid, application, address, database, connectedAt }) => [
      ...[`  ${pid}`, application, address ?? "this machine", database ?? "", connectedAt],
    ]);
  const more = sessions.length - shown.length;
  return [
    `Connected as ${printable(old)}:`,
    ...shown.map((row) => table(columns, [row])),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}
