import type { Fate, Progress, Resource, Work } from "./progress";
import { printable } from "../../lib/printable";

/** How many resources are named one by one. */
const NAMED = 30;
/** The order in which an update counts. */
const FATES: Fate[] = ["created", "imported", "changed", "replaced", "deleted", "forgotten", "failed"];

function groupBy<Value>(values: Iterable<Value>, key: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const name = key(value);
    const group = groups.get(name) ?? [];
    groups.delete(name); // the group that got a value last is the last
    groups.set(name, [...group, value]);
  }
  return groups;
}

/** Counts by what became of them: `3 replaced, 5 changed`. */
function counts(resources: Resource[], noun = ""): string {
  return FATES.map((fate) => ({ fate, count: resources.filter((resource) => resource.fate === fate).length }))
    .filter(({ count }) => count > 0)
    .map(({ fate, count }, index) => {
      const what = index === 0 && noun ? ` ${noun}${count === 1 ? "" : "s"}` : "";
      return `${count}${what} ${fate}`;
    })
    .join(", ");
}

/** What goes on, in few words: one resource by its name, more by their number. */
function inWords(work: Work[]): string {
  const [{ doing, title } = { doing: "", title: "" }, ...more] = work;
  return more.length === 0 ? `${doing} ${title}` : `${doing} ${work.length} resources`;
}

/** One line for each component that something happens to: in the order in which they were done or, while it goes on, begun. */
function componentLines(progress: Progress, ended: boolean): string[] {
  const done = groupBy(progress.changed.values(), ({ component }) => component);
  const working = groupBy(progress.atWork.values(), ({ component }) => component);
  const names = [...(ended ? done.keys() : progress.components)];
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => {
    const [number = "", ...fates] = counts(done.get(name) ?? []).split(" ");
    const now = working.get(name);
    const texts = [fates.join(" "), now ? inWords(now) : ""].filter(Boolean);
    return `  ${name.padEnd(width)} ${number.padStart(4)} ${texts.join(", ") || "begun"}`;
  });
}

function soFar(progress: Progress): string {
  const { changed, unchanged } = progress;
  if (changed.size > 0) {
    return counts([...changed.values()], "resource");
  }
  return unchanged.size > 0 ? `${unchanged.size} resources looked at, none changed` : "Pulumi reads the program";
}

/** What a terminal shows of an update that goes on; it is shown in place of what was before. */
export function frame(progress: Progress, seconds: number): string[] {
  return [...componentLines(progress, false), `  ${Math.floor(seconds)} s: ${soFar(progress)}`];
}

/** A single line about an update that goes on, for where lines cannot be shown anew. */
export function signOfLife(progress: Progress, seconds: number): string {
  const working = [...groupBy(progress.atWork.values(), ({ component }) => component)];
  const now = working.map(([component, work]) => `${component}: ${inWords(work)}`).join("; ");
  return `  ${Math.floor(seconds)} s: ${soFar(progress)}${now ? `. ${now}` : ""}`;
}

/** What was changed, one by one. */
function namedLines(resources: Resource[]): string[] {
  const named = resources.slice(0, NAMED);
  const widest = (text: (resource: Resource) => string) => Math.max(...named.map((each) => text(each).length));
  const [fates, components] = [widest(({ fate }) => fate), widest(({ component }) => component)];
  const lines = named.map(({ fate, component, title, differs }) => {
    const what = differs.length > 0 ? ` (${differs.map(printable).join(", ")})` : "";
    return `  ${fate.padEnd(fates)}  ${component.padEnd(components)}  ${title}${what}`;
  });
  return resources.length > NAMED ? [...lines, `  and ${resources.length - NAMED} more`] : lines;
}

/**
 * What is shown when the update has ended: what became of each component and, where not all share one fate, of each resource. Of many,
 * those that were made are only counted. After a failure nothing long comes between the error and the end.
 */
export function conclusion(progress: Progress, code: number, seconds: number): string[] {
  const resources = [...progress.changed.values()];
  const time = `${Math.max(1, Math.round(seconds))} s`;
  const alike = progress.unchanged.size === 0 && new Set(resources.map(({ fate }) => fate)).size === 1;
  const isMade = ({ fate }: Resource) => fate === "created" || fate === "imported";
  const many = resources.length > NAMED;
  const sorted = resources.toSorted((one, other) => FATES.indexOf(one.fate) - FATES.indexOf(other.fate));
  const named = alike ? [] : namedLines(many ? sorted.filter((resource) => !isMade(resource)) : sorted);
  if (code !== 0) {
    const done = resources.length > 0 ? `: ${counts(resources, "resource")}` : "";
    return ["", ...named, `Failed after ${time}${done}. What went wrong stands above.`];
  }
  if (resources.length === 0) {
    return ["", `Nothing to change: ${progress.unchanged.size} resources are as they should be (${time}).`];
  }
  const components = alike || many ? componentLines(progress, true) : [];
  return ["", ...components, ...named, `${counts(resources, "resource")} in ${time}.`];
}
