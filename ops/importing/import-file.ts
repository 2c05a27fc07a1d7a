import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Program, Wanted } from "./wanted";

/** What Pulumi reads as secret (sdk/go/common/resource/sig); it is encrypted before it is in a state. */
const secret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

/** Found, with the id that the provider imports. */
export interface Importable {
  it: Wanted;
  id: string;
  /** What the service tells of it, and an import does not. */
  told: Record<string, unknown>;
}

/** `pulumi import --file`, for the keys that are used here. */
interface Spec {
  type: string;
  name: string;
  logicalName: string;
  id?: string;
  parent?: string;
  provider?: string;
  version?: string;
  component?: boolean;
  inputs?: object;
  outputs?: object;
}

export interface ImportFile {
  nameTable: Record<string, string>;
  resources: Spec[];
}

export interface FileArgs {
  program: Program;
  found: Importable[];
  /** By the URN of what keeps it. */
  passwords: Map<string, string>;
  /** What the provider for PostgreSQL is told; undefined when there is no server to tell of. */
  provider: { urn: string; inputs: Record<string, string>; password: string } | undefined;
}

/** The version of random's own form of a password's state, for which it would look for an older one's otherwise. */
const RANDOM_STATE = { __meta: '{"schema_version":"3"}', id: "none" };

/**
 * A generated password cannot be told to the provider together with its generation, and without it the next update would make another
 * one (keepers replace). So Pulumi takes the state as it is told here.
 */
function passwordSpec({ inputs }: Wanted, password: string): Partial<Spec> {
  const { __defaults: _, ...asked } = inputs;
  return { id: "none", inputs, outputs: { ...RANDOM_STATE, ...asked, result: secret(password) } };
}

/** A provider that the program does not make itself has its version in its name. */
const DEFAULT_PROVIDER = /::default_(\d+)_(\d+)_(\d+)$/;

/** Names are URNs here; those of what the file does not bring itself stand in its table. */
function fileOf(resources: Spec[]): ImportFile {
  const brought = new Set(resources.map(({ name }) => name));
  const others = resources.flatMap(({ parent, provider }) => [parent, provider]).filter((urn) => urn !== undefined);
  return {
    nameTable: Object.fromEntries(others.filter((urn) => !brought.has(urn)).map((urn) => [urn, urn])),
    resources,
  };
}

function spec(it: Wanted, more: Partial<Spec>): Spec {
  const [, ...version] = DEFAULT_PROVIDER.exec(it.provider ?? "") ?? [];
  return {
    ...{ type: it.type, name: it.urn, logicalName: it.name, parent: it.parent },
    ...(version.length > 0 ? { version: version.join(".") } : { provider: it.provider }),
    ...more,
  };
}

/**
 * What Pulumi is told of the components, and then of what is in them: it makes providers before the components in which they are (seen
 * in 3.259), and refuses its own state then.
 */
export function importFiles({ program, found, passwords, provider }: FileArgs): ImportFile[] {
  const components = program.missing.filter(({ custom }) => !custom).map((it) => spec(it, { component: true }));
  const providers = program.missing
    .filter(({ urn }) => urn === provider?.urn)
    .map((it) => spec(it, { inputs: { ...provider?.inputs, password: secret(provider?.password ?? "") } }));
  const resources = found.map(({ it, id }) => {
    const password = passwords.get(it.urn);
    return spec(it, password === undefined ? { id } : passwordSpec(it, password));
  });
  return [components, [...providers, ...resources]].filter(({ length }) => length > 0).map(fileOf);
}

/** Does `work` with the file, which nobody else can read and which is gone afterwards: passwords may be in it. */
export async function withPrivateFile<Result>(
  content: object,
  work: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), "import-"));
  const file = path.join(folder, "import.json");
  try {
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
