import { dangerousSteps } from "./dangerous-steps";
import { code, listed, plain } from "./markdown";
import { nameOf, Step, Told, Violation } from "./preview-events";

/** One stack's preview, as its comment tells it. No input or output in here. */
export interface Preview extends Told {
  stack: string;
  /** The preview came to its end. Violations of policies do not stop it. */
  complete: boolean;
  /** What `pulumi preview --diff` has printed, without colours. Pulumi shows every secret in it as `[secret]`. */
  diff: string;
}

/** The longest body that GitHub takes. */
export const LIMIT = 65_536;
const CHANGES = ["create", "update", "replace", "delete", "import"];

/** A block in which the text cannot end itself. */
function block(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const folded = (title: string, content: string) => `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;

function countRow({ stack, steps, complete }: Preview): string {
  const counts = CHANGES.map((op) => steps.filter((step) => step.op === op).length);
  const cells = counts.map((count, index) => {
    const shown = CHANGES[index] === "replace" || CHANGES[index] === "delete" ? `**${count}**` : String(count);
    return count === 0 ? "" : shown;
  });
  const more = complete ? (steps.length === 0 ? "nothing changes" : "") : "failed";
  return `| ${code(stack)} | ${cells.join(" | ")} | ${more} |`;
}

const violationLine = ({ policy, mandatory, message, urn }: Violation) =>
  `${mandatory ? "**refused**" : "advice"} by ${code(policy)}${urn ? `, ${code(nameOf(urn))}` : ""}: ${plain(message)}`;

const stepLine = ({ op, urn, type, paths }: Step) => {
  const what = paths.length > 0 && op !== "create" && op !== "delete" ? `: ${paths.map(code).join(", ")}` : "";
  return `${op === "update" || op === "create" ? op : `**${op}**`} ${code(nameOf(urn))} (${plain(type)})${what}`;
};

const PLACE = ["delete", "replace", "import", "update", "create"];
const byWeight = (one: Step, other: Step) => PLACE.indexOf(one.op) - PLACE.indexOf(other.op);

/** What has to be read, above what can be unfolded. */
function head(preview: Preview): string[] {
  const { stack, steps, violations, errors, complete } = preview;
  const dangers = dangerousSteps(steps).map(({ name, why }) => `${code(name)} ${plain(why)}`);
  const refusals = [...violations].sort((one, other) => Number(other.mandatory) - Number(one.mandatory));
  const failed = complete ? [] : errors.map(plain);
  return [
    ...(complete ? [] : [`#### ${code(stack)}: the preview failed\n\n${listed(failed)}`]),
    ...(dangers.length > 0 ? [`#### ${code(stack)}: dangerous\n\n${listed(dangers)}`] : []),
    ...(refusals.length > 0 ? [`#### ${code(stack)}: policies\n\n${listed(refusals.map(violationLine))}`] : []),
  ];
}

function changes({ stack, steps }: Preview): string {
  const lines = [...steps].sort(byWeight).map(stepLine);
  return folded(`${stack}: what changes`, listed(lines));
}

const diffOf = ({ stack }: Preview, text: string) => folded(`${stack}: the whole diff`, block(text, "diff"));

const NOTE = "… cut here: GitHub takes no longer comment. The whole diff is in the log of the job";

/** Cut at the end of a line. */
function shortened(text: string, room: number): string {
  if (text.length <= room) {
    return text;
  }
  const kept = text.slice(0, Math.max(0, room - NOTE.length - 1));
  return `${kept.slice(0, kept.lastIndexOf("\n") + 1)}${NOTE}`;
}

/** The comment on a pull request: short on top, the whole diff folded, never longer than `limit`. */
export function previewComment(previews: Preview[], limit = LIMIT): string {
  const top = [
    "### What this pull request does to the stacks",
    ["| stack | create | update | **replace** | **delete** | import | |", "| --- | --- | --- | --- | --- | --- | --- |"]
      .concat(previews.map(countRow))
      .join("\n"),
    ...previews.flatMap(head),
    ...previews.filter(({ steps }) => steps.length > 0).map(changes),
  ].join("\n\n");
  const shown = previews.filter(({ diff, steps }) => diff.trim() !== "" && steps.length > 0);
  let text = shortened(top, limit);
  shown.forEach((preview, index) => {
    // Each gets the same part of what the others have left.
    const frame = diffOf(preview, "").length + 20;
    const room = Math.floor((limit - text.length) / (shown.length - index)) - frame - 2;
    if (room > NOTE.length) {
      text += `\n\n${diffOf(preview, shortened(preview.diff.trim(), room))}`;
    }
  });
  return text;
}
