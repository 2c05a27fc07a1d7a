/**
 * What a stand-in says about one resource type. The protocol around it (secrets, unknowns, previews,
 * detailed diffs, replacements) is the same for every type and lives beside this file; a model holds only
 * what differs. The words are those of the Terraform SDK, on which the official plugins are built.
 */

/** A value that a preview cannot know yet. Inside inputs it can stand at any depth. */
export const UNKNOWN = Symbol.for("stand-in.unknown");

/** Plain JavaScript values: secrets are already unwrapped, unknowns are {@link UNKNOWN}. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Values = Record<string, any>;

/** One failed check, as the engine shows it: `property` is the input's name. */
export interface CheckFailure {
  property: string;
  reason: string;
}

export interface Property {
  /** Check fails with "Missing required argument" when the input is absent. */
  required?: boolean;
  /** A change replaces the resource (Terraform: ForceNew). */
  forceNew?: boolean;
  /** The provider fills it in when the program does not (Terraform: Optional + Computed). Then an absent input is no change. */
  computed?: boolean;
  /** Output only: the program cannot set it (Terraform: Computed). Implies `computed`. */
  output?: boolean;
  /** Check puts it into the inputs when the program leaves it out (Terraform: Default). */
  default?: unknown;
  /** The official plugin marks it sensitive: it is a secret in state whatever the program says. */
  secret?: boolean;
  /** An array whose order means nothing (Terraform: TypeSet). */
  set?: boolean;
  /** A JSON document: compared by meaning, not by text. */
  json?: boolean;
  /**
   * Compared with what the service has, not with what was asked for: a change may wait there, and shows until it is made. (The official
   * plugins compare all their properties so.)
   */
  mayWait?: boolean;
  /** Compared neither by refresh nor by diff: the service never returns it (Terraform: write-only arguments, `skipFinalSnapshot`). */
  notRead?: boolean;
  /** An output whose value a change of the inputs may alter: a preview of an update shows it as unknown. */
  changesOnUpdate?: boolean;
  /** Two values mean the same (Terraform: DiffSuppressFunc). */
  same?: (before: unknown, after: unknown) => boolean;
  /** What is wrong with a known value, in the official plugin's meaning; undefined when nothing is. */
  validate?: (value: never, inputs: Values) => string | undefined;
}

/**
 * One resource type.
 *
 * `state` is everything Pulumi shows as the resource's outputs: all inputs that are set, as the service
 * holds them, and the computed properties. `Context` is what the provider's configuration gives (SDK clients, a
 * connection pool). Errors are thrown; the engine shows their message.
 */
export interface ResourceModel<Context> {
  properties: Record<string, Property>;
  /** Auto-naming as the Pulumi bridge does it: `<logical name>-<7 hex digits>`, `maxLength` characters at most, `separator` "-" by default, lower case where the service asks for it. None is made when the program sets `unless`, e.g. a prefix. */
  autoName?: { property: string; maxLength?: number; separator?: string; lowerCase?: boolean; unless?: string };
  /** The official plugin asks the engine to delete before it creates (a name that can exist once). */
  deleteBeforeReplace?: boolean;
  /** Conditions over several inputs, beyond `validate` of each. Inputs may hold unknowns. */
  check?(inputs: Values): CheckFailure[];
  /** Further properties that must be replaced or updated, beyond what `forceNew` says (Terraform: CustomizeDiff). `before` is the state, `after` the new inputs. */
  replaceWhen?(before: Values, after: Values): string[];
  create(context: Context, inputs: Values, urn: string): Promise<{ id: string; state: Values }>;
  /**
   * What an import begins with (Terraform: Importer): the resource's own id, where it is imported by another one, and what of its
   * state the id tells. Without it the id is the same, and the state empty.
   */
  importer?(context: Context, id: string): Promise<{ id: string; state: Values }>;
  /** Undefined when the resource does not exist (any more). For an import `state` is what `importer` has told, or empty. */
  read(context: Context, id: string, state: Values): Promise<Values | undefined>;
  /** Without it, every input must be `forceNew`. `before` is the old state, `inputs` the new inputs; `changed` names the inputs that differ. */
  update?(context: Context, id: string, before: Values, inputs: Values, changed: string[]): Promise<Values>;
  delete(context: Context, id: string, state: Values): Promise<void>;
}

/** A data source (`aws.getCallerIdentity`, …): arguments in, results out. */
export interface FunctionModel<Context> {
  /** Names of results that are secret. */
  secrets?: string[];
  invoke(context: Context, args: Values): Promise<Values>;
}

/** A whole provider. `Config` is checked once per provider instance, default or explicit. */
export interface ProviderModel<Context> {
  package: string;
  /** The version of the official plugin that this models. */
  version: string;
  /** Config properties that are secret or whose change replaces every resource are named here. */
  config: Record<string, Property>;
  configure(config: Values): Promise<Context> | Context;
  /** Ends what `configure` opened. */
  close?(context: Context): Promise<void>;
  resources: Record<string, ResourceModel<Context>>;
  functions?: Record<string, FunctionModel<Context>>;
}
