import type { EngineEvent } from "@pulumi/pulumi/automation/events";
import { printable } from "../../lib/printable";

/** What became of a resource, in the words of the display. */
export type Fate = "created" | "changed" | "replaced" | "deleted" | "imported" | "forgotten" | "failed";

/** What a step of Pulumi's means, and what it is called while it goes on. What is missing here changes nothing: same, read, refresh. */
const STEPS: Record<string, { doing: string; done: Fate }> = {
  create: { doing: "creating", done: "created" },
  update: { doing: "changing", done: "changed" },
  delete: { doing: "deleting", done: "deleted" },
  // A replacement is several steps of one resource.
  replace: { doing: "replacing", done: "replaced" },
  "create-replacement": { doing: "replacing", done: "replaced" },
  "delete-replaced": { doing: "replacing", done: "replaced" },
  import: { doing: "importing", done: "imported" },
  "import-replacement": { doing: "importing", done: "replaced" },
  discard: { doing: "forgetting", done: "forgotten" },
};

export interface Resource {
  component: string;
  /** Its type and name, `Instance markenmate-local`. */
  title: string;
  fate: Fate;
  /** The names of the properties that differ. Their values are never shown. */
  differs: string[];
}

export interface Work {
  component: string;
  title: string;
  doing: string;
}

/** What is known of a resource by its URN alone: urn:pulumi:<stack>::<project>::<types of its parents and its own>::<name>. */
function parts(urn: string): { component: string; title: string; isStack: boolean } {
  const [, , types = "", ...name] = urn.split("::");
  const chain = types.split("$");
  // The name of a package's type ends in the type's own: aws:rds/instance:Instance.
  const short = (type = "") => printable(type.split(":").pop() ?? "");
  const title = `${short(chain.at(-1))} ${printable(name.join("::"))}`;
  return { component: short(chain[0]), title, isStack: types === "pulumi:pulumi:Stack" };
}

/** Lines of text from elsewhere, none of which can move the cursor. */
function safeLines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll("\t", "  ")));
}

/** A message as it is shown: what it is about first, further lines below it. */
function note(prefix: string, urn: string | undefined, message: string): string[] {
  const about = urn ? parts(urn) : undefined;
  const where = about && !about.isStack ? `${about.title} (${about.component}): ` : "";
  const [first = "", ...more] = safeLines(message);
  return first || more.length > 0 ? [`${printable(prefix)}${where}${first}`, ...more] : [];
}

/**
 * What Pulumi's engine has told of an update so far. A component is a type of resource directly below the stack, with all that lies below
 * it: which there are is the program's affair.
 */
export class Progress {
  /** What was changed, the last at the end. */
  readonly changed = new Map<string, Resource>();
  /** The components that something happens to, the first at the beginning. */
  readonly components = new Set<string>();
  /** What is being worked on. */
  readonly atWork = new Map<string, Work>();
  /** What is as it was. */
  readonly unchanged = new Set<string>();

  /** Takes the next event, and returns what has to be shown of it at once. */
  take(event: EngineEvent): string[] {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, policyEvent, stdoutEvent } = event;
    if (resourcePreEvent) {
      this.begin(resourcePreEvent.metadata);
    } else if (resOutputsEvent) {
      this.end(resOutputsEvent.metadata, false);
    } else if (resOpFailedEvent) {
      this.end(resOpFailedEvent.metadata, true);
    } else if (diagnosticEvent) {
      // Pulumi's own display leaves out the same: notes on how the engine works, and states that the next one overwrites.
      const quiet = (diagnosticEvent.severity as string) === "debug" || diagnosticEvent.ephemeral;
      return quiet ? [] : note(diagnosticEvent.prefix ?? "", diagnosticEvent.urn, diagnosticEvent.message);
    } else if (policyEvent) {
      const { enforcementLevel, policyName, resourceUrn, message } = policyEvent;
      return note(`policy ${policyName} (${enforcementLevel}): `, resourceUrn, message);
    } else if (stdoutEvent) {
      return safeLines(stdoutEvent.message);
    }
    return [];
  }

  private begin({ op, urn, new: wanted, old }: Metadata): void {
    const { component, title, isStack } = parts(urn);
    const step = STEPS[op];
    if (step && !isStack) {
      this.components.add(component);
    }
    // A component is begun and ended by the program, not by work.
    if (step && (wanted ?? old)?.custom) {
      this.atWork.set(urn, { component, title, doing: step.doing });
    }
  }

  private end({ op, urn, diffs }: Metadata, failed: boolean): void {
    const { component, title, isStack } = parts(urn);
    this.atWork.delete(urn);
    const done = failed ? "failed" : STEPS[op]?.done;
    if (isStack) {
      return;
    }
    if (!done) {
      this.unchanged.add(urn);
      return;
    }
    this.unchanged.delete(urn);
    const before = this.changed.get(urn);
    this.changed.delete(urn); // so that it stands at the end
    this.changed.set(urn, { component, title, fate: done, differs: diffs ?? before?.differs ?? [] });
  }
}

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];
