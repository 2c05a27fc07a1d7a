import { OpsError } from "../shared/errors";
import { TABLE } from "./table";
import { nameOf, PreviewStep, typeOf } from "./wanted";

/** What the update after the import would do. */
export interface NextUpdate {
  creates: string[];
  updates: number;
  /** What must not be: with the inputs that ask for it. */
  hurts: string[];
}

const PROVIDERS = /^pulumi:(pulumi:Stack|providers:.*)$/;

/** `expected` are the URNs of what the update is to make: it is not imported, and that is known. */
export function nextUpdate(steps: PreviewStep[], expected: Set<string>): NextUpdate {
  const creates: string[] = [];
  const hurts: string[] = [];
  let updates = 0;
  for (const { op, urn, replaceReasons } of steps) {
    const what = `${typeOf(urn)}::${nameOf(urn)}`;
    const harmless = ["replace", "create-replacement", "delete-replaced"].includes(op) && TABLE[typeOf(urn)]?.replaced;
    if (op === "create" && (expected.has(urn) || PROVIDERS.test(typeOf(urn)))) {
      creates.push(what);
    } else if (op === "update" || harmless) {
      updates += 1;
    } else if (!["same", "read", "update", "refresh"].includes(op)) {
      const reasons = replaceReasons ?? [];
      hurts.push(`${op} ${what}${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`);
    }
  }
  return { creates, updates, hurts };
}

export function refuseHarm({ hurts }: NextUpdate, stack: string): void {
  if (hurts.length > 0) {
    throw new OpsError(
      `The state is back, but the next \`pulumi up\` would do more than it should; do not run it yet:\n  ${hurts.join("\n  ")}\n` +
        `Look with \`pulumi preview --diff --stack ${stack}\`: the settings have to say what is there. Change them, and preview again`,
      { hurts },
    );
  }
}
