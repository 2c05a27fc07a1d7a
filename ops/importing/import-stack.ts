import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readLogin } from "../shared/connection";
import { withContext } from "../shared/context";
import { Misuse, OpsError, Refusal } from "../shared/errors";
import { CommonOptions, say } from "../shared/command";
import { whoAmI } from "./aws-clients";
import { Importable, importFiles, withPrivateFile } from "./import-file";
import { nextUpdate, refuseHarm } from "./next-update";
import { readPasswords } from "./passwords";
import { asDeployed, Exported } from "./as-deployed";
import { Again, assign } from "./plan";
import { Search } from "./search";
import { findServer, providerInputs, readCatalog, Server } from "./server";
import { keyOf, PreviewStep, Program, Wanted } from "./wanted";
import { withProgress } from "../shared/progress";
import { PulumiStack } from "../shared/pulumi";

export interface Options extends CommonOptions {
  stack: string;
  dryRun?: true;
  createMissing?: true;
  id: Map<string, string>;
  forwardedPort?: number;
}

/** The first that is known to take a provider's settings and a resource's state out of an import file. */
const OLDEST_CLI = [3, 259] as const;

async function refuseOldCli(): Promise<void> {
  const { stdout } = await promisify(execFile)("pulumi", ["version"]).catch(() => {
    throw new OpsError("`pulumi` is not on the PATH; install the Pulumi CLI");
  });
  const [major = 0, minor = 0] = stdout.trim().replace(/^v/, "").split(".").map(Number);
  if (major < OLDEST_CLI[0] || (major === OLDEST_CLI[0] && minor < OLDEST_CLI[1])) {
    throw new Refusal(`Pulumi ${stdout.trim()} is too old for this: install ${OLDEST_CLI.join(".")} or later`);
  }
}

function regionOf(wanted: Program): string {
  const region = wanted.config["aws:region"] ?? process.env.AWS_REGION;
  if (!region) {
    throw new Misuse("No region is set: `pulumi config set aws:region <region>`, or set AWS_REGION");
  }
  return region;
}

function refuseUnknownNames(wanted: Program, ids: Map<string, string>): void {
  const names = new Set(wanted.missing.map(keyOf));
  const unknown = [...ids.keys()].filter((key) => !names.has(key));
  if (unknown.length > 0) {
    throw new Misuse(
      `--id: the program asks for no ${unknown.join(", ")} that Pulumi does not have yet; --dry-run lists all names`,
    );
  }
}

const titles = (resources: Wanted[]) => resources.map(keyOf);

function refuseMissing(missing: Wanted[], goOn: boolean): void {
  if (missing.length > 0 && !goOn) {
    throw new Refusal(
      `${missing.length} resources are nowhere, and nothing was changed:\n  ${titles(missing).join("\n  ")}\n` +
        "Say where they are with --id 'type::name=id', or let the next update make them with --create-missing",
    );
  }
}

function tellAgain(again: Again[]): void {
  const reasons = [...new Set(again.map(({ why }) => why))];
  reasons.forEach((why) => say(`${again.filter((one) => one.why === why).length} are made by the next update: ${why}`));
}

async function importAll(
  stack: PulumiStack,
  wanted: Program,
  found: Importable[],
  passwords: Map<string, string>,
  server: Server | undefined,
) {
  const provider = server && {
    urn: server.provider.urn,
    inputs: providerInputs(server),
    password: (await readLogin(server.masterSecretArn)).password,
  };
  const flags = ["--generate-code=false", "--protect=false", "--skip-preview", "--yes"];
  let done = true;
  for (const file of importFiles({ program: wanted, found, passwords, provider })) {
    done = done && (await withPrivateFile(file, (path) => stack.watch("import", "--file", path, ...flags)));
  }
  // Of what came through in any case: run again, this command leaves it alone.
  const state = JSON.parse(await stack.read("stack", "export")) as Exported;
  const read = found.filter(({ it }) => !passwords.has(it.urn));
  await withPrivateFile(asDeployed(state, read), (path) => stack.read("stack", "import", "--file", path));
  if (!done) {
    throw new OpsError(
      "Pulumi could not import everything; what it says is above. Nothing but the state was changed. Run this again to go on",
    );
  }
}

async function work(options: Options) {
  await refuseOldCli();
  const stack = new PulumiStack(options.stack);
  say(`Looking at what the program wants of ${stack.name}`);
  const wanted = await Program.of(stack);
  refuseUnknownNames(wanted, options.id);
  const region = regionOf(wanted);
  const search = new Search({ program: wanted, region, told: options.id, ...(await whoAmI(region)) });
  const server = await findServer(wanted, search, options.forwardedPort);
  search.catalog = server && (await readCatalog(server));
  const { values: passwords, lost } = await readPasswords(wanted, search.home.secrets, search.catalog);

  let looked = 0;
  const { found, again, missing } = await withProgress(
    () => `Looked for ${looked} of ${wanted.missing.length}`,
    () => assign(wanted, search, passwords, () => (looked += 1)),
  );
  say(`${found.length} resources are there`);
  tellAgain(again);
  lost.forEach((login) =>
    say(
      `${login}: no secret has its password any more. The next update gives it another one; who still logs in with it has to read the secret anew`,
    ),
  );
  const lists = {
    imported: found.map(({ it, id }) => ({ type: it.type, name: it.name, id })),
    again: again.map(({ it, why }) => ({ type: it.type, name: it.name, why })),
    missing: titles(missing),
    newPasswords: lost,
  };
  if (options.dryRun) {
    lists.imported.forEach(({ type, name, id }) => say(`${type}::${name} ${id}`));
    missing.forEach((it) => say(`${keyOf(it)} is nowhere`));
    return { result: "planned", ...lists };
  }
  refuseMissing(missing, options.createMissing ?? false);
  if (found.length > 0) {
    await importAll(stack, wanted, found, passwords, server);
  }
  say("Looking at what the next update would do");
  const { steps } = await stack.readJson<{ steps: PreviewStep[] }>("preview");
  const next = nextUpdate(steps, new Set([...again.map(({ it }) => it), ...missing].map(({ urn }) => urn)));
  refuseHarm(next, stack.name);
  say(
    `It makes ${next.creates.length}, changes ${next.updates} in place, and replaces and deletes nothing. ` +
      `Run it: pulumi up --stack ${stack.name}`,
  );
  return { result: "imported", ...lists, next: { creates: next.creates, updates: next.updates } };
}

/** Brings what is there under the stack. */
export async function importStack(options: Options): Promise<object> {
  return withContext("The import", () => work(options));
}
