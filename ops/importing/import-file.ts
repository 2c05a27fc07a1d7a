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
  return { id: "none", inputs, outputs: { ...RANDOM_STATE, ...inputs, result: secret(password) } };
}

/** What Pulumi is told of what is found, of the components around it and of the provider for what is in the database. */
export function importFile({ program, found, passwords, provider }: FileArgs): ImportFile {
  const nameTable: Record<string, string> = {};
  const missing = new Set(program.missing.map(({ urn }) => urn));
  /** A name in the file; resources that Pulumi has already must be in its table. */
  const reference = (urn: string | undefined) => {
    if (urn !== undefined && !missing.has(urn)) {
      nameTable[urn] = urn;
    }
    return urn;
  };
  const version = (it: Wanted) => {
    const { inputs } = program.get(it.provider ?? "") ?? {};
    return typeof inputs?.version === "string" ? inputs.version : undefined;
  };
  const spec = (it: Wanted, more: Partial<Spec>): Spec => {
    const explicit = it.provider !== undefined && !/::default(_[^:]*)?$/.test(it.provider);
    return {
      ...{ type: it.type, name: it.urn, logicalName: it.name },
      parent: reference(it.parent),
      provider: explicit ? reference(it.provider) : undefined,
      version: it.custom ? version(it) : undefined,
      ...more,
    };
  };
  const components = program.missing.filter(({ custom }) => !custom).map((it) => spec(it, { component: true }));
  const providers = program.missing
    .filter(({ urn }) => urn === provider?.urn)
    .map((it) => spec(it, { inputs: { ...provider?.inputs, password: secret(provider?.password ?? "") } }));
  const resources = found.map(({ it, id }) => {
    const password = passwords.get(it.urn);
    return spec(it, password === undefined ? { id } : passwordSpec(it, password));
  });
  return { nameTable, resources: [...components, ...providers, ...resources] };
}

/** Does `work` with the file, which nobody else can read and which is gone afterwards: passwords are in it. */
export async function withImportFile<Result>(
  content: ImportFile,
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
