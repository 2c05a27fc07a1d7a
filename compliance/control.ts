/** The environments that the map speaks of: those of Pulumi.dev.yaml and Pulumi.prod.yaml. */
export const ENVIRONMENTS = ["dev", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** The environments as their files have them, and prod with the options that its file leaves out. */
export const SETUPS = ["dev", "prod", "prod with options"] as const;
export type Setup = (typeof SETUPS)[number];

/**
 * What the program registers: every resource of `type` (with `name`: the one of that logical name, without what the stack's
 * name adds) has the property. Properties of properties have dots, those of a list's member `list[key=value]`, and `*` is each.
 */
export interface ResourceProof {
  /** Its file in components/. */
  component: string;
  type: string;
  name?: string;
  property?: string;
  /** What the property is; `undefined` with a property means that it is not set. */
  value?: unknown;
  /** For a property that must have some value within, or be as large at least, instead of being one value. */
  contains?: string;
  atLeast?: number;
  /** That there is none of the type at all. */
  none?: true;
  /** Where it holds; left out, wherever the control is met. */
  where?: readonly Setup[];
}

/** A test by the words in its file: describe and it, with ` > ` between them, placeholders of `each` as they are written. */
export interface TestProof {
  file: string;
  title: string;
  /** Which line of a test with a placeholder. */
  line?: string;
}

export interface Exception {
  environments: readonly Environment[];
  reason: string;
  /** What it is about; left out, it is all of the control. */
  part?: string;
}

/** How a control is met, or why not. */
export interface Control {
  /** What the pointers cannot say by themselves. */
  how?: string;
  resources?: ResourceProof[];
  /** Names of policies in policy/. */
  policies?: string[];
  /** Names of checks of ops/check. */
  checks?: string[];
  tests?: TestProof[];
  /** Pages in docs/, with the heading where that helps. */
  pages?: string[];
  exceptions?: Exception[];
}

/** In which environments a control has no exception from all of it. */
export function metIn({ exceptions = [] }: Control): Environment[] {
  const left = exceptions.filter(({ part }) => part === undefined).flatMap(({ environments }) => environments);
  return ENVIRONMENTS.filter((environment) => !left.includes(environment));
}

export type Controls = Record<string, Control>;

/** A public list: what it asks for, in our own words, by its ids. */
export interface List {
  title: string;
  about: string;
  asks: Record<string, string>;
  controls: Controls;
}

/** Proofs about one kind of resource, each with a property and its value. */
export function resource(component: string, type: string, more: Partial<ResourceProof> = {}) {
  const base = { component: `components/${component}`, type, ...more };
  return {
    is: (property: string, value: unknown, also: Partial<ResourceProof> = {}): ResourceProof => ({
      ...base,
      property,
      value,
      ...also,
    }),
    contains: (property: string, contains: string, also: Partial<ResourceProof> = {}): ResourceProof => ({
      ...base,
      property,
      contains,
      ...also,
    }),
    atLeast: (property: string, atLeast: number, also: Partial<ResourceProof> = {}): ResourceProof => ({
      ...base,
      property,
      atLeast,
      ...also,
    }),
    exists: (also: Partial<ResourceProof> = {}): ResourceProof => ({ ...base, ...also }),
  };
}

const test =
  (folder: string, suffix: string) =>
  (file: string, title: string, line?: string): TestProof => ({
    file: `${folder}/${file}${suffix}`,
    title,
    ...(line !== undefined && { line }),
  });

export const unit = test("test/unit", ".test.ts");
export const stack = test("test/stack", ".test.ts");
export const platform = test("platform/test", ".test.ts");
/** Tests that several files run: against each version of PostgreSQL, say. */
export const shared = test("test/support", ".ts");

export const everywhere = (reason: string): Exception[] => [{ environments: ENVIRONMENTS, reason }];
export const inDev = (reason: string): Exception[] => [{ environments: ["dev"], reason }];
export const inProd = (reason: string): Exception[] => [{ environments: ["prod"], reason }];

/** A stack with one fault, which ops/check finds, and nothing else with it. */
export const faultInAws = (line: string) =>
  shared("proven-check", "in AWS a fault is found, and nothing else with it: > %s", line);
export const faultInDatabase = (line: string) =>
  shared("proven-check", "in the database a fault is found, and nothing else with it: > %s", line);
export const faultForTheRole = (line: string) =>
  stack("check-aws", "a fault is found, and nothing else with it: > %s", line);
