import { OpsError } from "../shared/errors";
import { PulumiStack } from "../shared/pulumi";

/** What a preview shows in place of what only an update can know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Where the provider notes which inputs nobody has set: names that it made up. */
const DEFAULTS = "__defaults";
const STACK = "pulumi:pulumi:Stack";

type Values = Record<string, unknown>;

interface State {
  id?: string;
  custom: boolean;
  parent?: string;
  provider?: string;
  inputs?: Values;
  propertyDependencies?: Record<string, string[] | null>;
}

/** One step of `pulumi preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  newState?: State;
  replaceReasons?: string[] | null;
}

/** A resource as the program asks for it. */
export interface Wanted {
  urn: string;
  type: string;
  /** Its logical name: the program's own. */
  name: string;
  /** Whether a provider makes it; components only have children. */
  custom: boolean;
  /** URNs. */
  parent?: string;
  provider?: string;
  inputs: Values;
  /** What each input is made of: URNs. */
  madeOf: Record<string, string[] | null>;
  /** Of one that Pulumi has already. */
  id?: string;
}

export const typeOf = (urn: string) => urn.split("::")[2]?.split("$").pop() ?? "";
export const nameOf = (urn: string) => urn.split("::").slice(3).join("::");

/** How a resource is called on the command line. */
export const keyOf = ({ type, name }: Wanted) => `${type}::${name}`;

/** Whether there is such an input, and nothing in it waits for an update. */
export const isKnown = (value: unknown) => value !== undefined && !JSON.stringify(value).includes(UNKNOWN);

/** An input that is text and known. */
export function known({ inputs }: Wanted, property: string): string | undefined {
  const value = inputs[property];
  return typeof value === "string" && isKnown(value) ? value : undefined;
}

/** A name that the program has chosen: a made-up one is another one in each preview. */
export function chosen(it: Wanted, property: string): string | undefined {
  return ((it.inputs[DEFAULTS] ?? []) as string[]).includes(property) ? undefined : known(it, property);
}

/** Whether a name was made up for this resource: Pulumi adds seven characters to its logical name. */
export function madeUpFor({ name }: Wanted, found: string | undefined): boolean {
  return found?.startsWith(`${name}-`) === true && /^[0-9a-f]{7}$/.test(found.slice(name.length + 1));
}

function wantedOf({ urn, newState }: PreviewStep): Wanted {
  const { id, custom, parent, provider, inputs = {}, propertyDependencies = {} } = newState as State;
  const type = typeOf(urn);
  return {
    ...{ urn, type, name: nameOf(urn), custom, inputs, madeOf: propertyDependencies },
    parent: parent && typeOf(parent) !== STACK ? parent : undefined,
    // A reference is the provider's URN and its id.
    provider: provider?.split("::").slice(0, -1).join("::"),
    id: id || undefined,
  };
}

/** What the program wants of a stack, and what of it Pulumi does not have. */
export class Program {
  private readonly all: Map<string, Wanted>;
  /** In the order of the program: a parent comes before its children. */
  readonly missing: Wanted[];

  constructor(
    steps: PreviewStep[],
    /** What stands in the stack's file: `aws:region` and the like. */
    readonly config: Record<string, string> = {},
  ) {
    const states = steps.filter(({ urn, newState }) => newState && typeOf(urn) !== STACK);
    this.all = new Map(states.map((step) => [step.urn, wantedOf(step)]));
    const created = new Set(states.filter(({ op }) => op === "create").map(({ urn }) => urn));
    this.missing = [...this.all.values()].filter(({ urn }) => created.has(urn));
  }

  static async of(stack: PulumiStack): Promise<Program> {
    type Preview = { steps?: PreviewStep[]; config?: Record<string, string> };
    const { steps, config } = await stack.readJson<Preview>("preview", "--show-sames");
    if (!steps) {
      throw new OpsError(`\`pulumi preview --json\` of ${stack.name} tells no steps; run it by hand to see why`);
    }
    return new Program(steps, config);
  }

  get(urn: string): Wanted | undefined {
    return this.all.get(urn);
  }

  /** The one of a type and a name, whether Pulumi has it or not. */
  named(type: string, name: string): Wanted | undefined {
    return [...this.all.values()].find((it) => it.type === type && it.name === name);
  }

  ofType(type: string): Wanted[] {
    return [...this.all.values()].filter((it) => it.type === type);
  }
}
