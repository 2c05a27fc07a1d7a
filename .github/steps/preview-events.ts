/** What the engine tells of a preview, event by event (apitype.EngineEvent of the CLI), and what a reader wants of it. */

type Inputs = Record<string, unknown>;

export interface Step {
  op: string;
  urn: string;
  type: string;
  /** Paths of what changes. Values are left out: what a person needs of them is in the diff. */
  paths: string[];
  before: Inputs;
  after: Inputs;
  /** Against deletion, in Pulumi's state. */
  isProtected: boolean;
}

export interface Violation {
  policy: string;
  mandatory: boolean;
  message: string;
  /** Empty if it is about the stack as a whole. */
  urn: string;
}

export interface Told {
  steps: Step[];
  violations: Violation[];
  errors: string[];
}

interface Metadata {
  op: string;
  urn: string;
  type: string;
  old?: { inputs?: Inputs; protect?: boolean } | null;
  new?: { inputs?: Inputs } | null;
  diffs?: string[];
  detailedDiff?: Record<string, unknown> | null;
}

interface EngineEvent {
  resourcePreEvent?: { metadata: Metadata };
  resOutputsEvent?: { metadata: Metadata };
  policyEvent?: { resourceUrn?: string; message: string; policyName: string; enforcementLevel: string };
  diagnosticEvent?: { message: string; severity: string; ephemeral?: boolean };
}

/** A replacement is three steps to the engine and one thing to a reader. */
const OPS: Record<string, string> = {
  create: "create",
  update: "update",
  delete: "delete",
  import: "import",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
};

/** `pulumi refresh` tells first that it looks, and afterwards what it has found. */
const foundByRefresh = ({ resOutputsEvent }: EngineEvent, refreshed: Set<string>) =>
  resOutputsEvent && refreshed.has(resOutputsEvent.metadata.urn) ? resOutputsEvent.metadata : undefined;

export function readEvents(log: string): Told {
  const steps = new Map<string, Step>();
  const refreshed = new Set<string>();
  const told: Told = { steps: [], violations: [], errors: [] };
  const take = ({ op, urn, type, diffs = [], detailedDiff, old: before, new: after }: Metadata) => {
    const known = OPS[op];
    // The last of a replacement's three steps knows only that the old one goes.
    const isToldAlready = op === "delete-replaced" && steps.has(urn);
    if (known && !isToldAlready && type !== "pulumi:pulumi:Stack") {
      const paths = Object.keys(detailedDiff ?? {});
      const step = { op: known, urn, type, paths: paths.length > 0 ? paths : diffs };
      const inputs = { before: before?.inputs ?? {}, after: after?.inputs ?? {} };
      steps.set(urn, { ...step, ...inputs, isProtected: before?.protect ?? false });
    }
  };
  // Each ends its line; after the last stands nothing, or what an engine that was killed had begun to tell.
  for (const line of log.split("\n").slice(0, -1)) {
    const event = JSON.parse(line) as EngineEvent;
    const { resourcePreEvent: pre, policyEvent: policy, diagnosticEvent: diagnostic } = event;
    const found = foundByRefresh(event, refreshed);
    if (pre?.metadata.op === "refresh") {
      refreshed.add(pre.metadata.urn);
    } else if (pre) {
      take(pre.metadata);
    } else if (found) {
      take(found);
    } else if (policy && policy.enforcementLevel !== "none") {
      const { policyName, message, resourceUrn: urn = "" } = policy;
      told.violations.push({ policy: policyName, mandatory: policy.enforcementLevel === "mandatory", message, urn });
    } else if (diagnostic?.severity === "error" && !diagnostic.ephemeral) {
      told.errors.push(diagnostic.message.trim());
    }
  }
  return { ...told, steps: [...steps.values()] };
}

/** The logical name, which is the last of an URN's four parts. */
export const nameOf = (urn: string) => urn.split("::").slice(3).join("::");
