import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, parseDocument, stringify } from "yaml";

interface ProjectFile {
  name: string;
  main?: string;
}

/** The part of a state that is looked at here (sdk/go/common/apitype, VersionedCheckpoint). */
interface StateFile {
  checkpoint: { latest?: { resources?: { type: string; outputs?: Record<string, unknown> }[] } };
}

interface StackFile {
  config?: Record<string, unknown>;
  /** What Pulumi writes there of how it encrypts, whether by a passphrase or by a key of KMS. */
  encryptionsalt?: string;
  secretsprovider?: string;
  encryptedkey?: string;
}

async function readYaml<File>(file: string): Promise<File> {
  return (parse(await readFile(file, "utf8")) ?? {}) as File;
}

/** So that `--policy-pack policy` means the program's, as it does in its own folder. */
async function linkPolicies(policies: string, link: string): Promise<void> {
  if (existsSync(policies) && !existsSync(link)) {
    await symlink(policies, link);
  }
}

/**
 * Puts a file where Pulumi makes the folder of its automatic logs (pkg/logging, StartLogging), which then do without: they are written at
 * the level of debugging, encrypted and compressed, a quarter of an update's time and a megabyte for each. `--logtostderr` still works.
 */
async function keepNoLogs(folder: string): Promise<void> {
  if (!existsSync(folder)) {
    await writeFile(folder, "");
  }
}

/**
 * The folder in which Pulumi runs a stack of this platform. Its project file is the program's with another `main`. The stack's file is a
 * copy: into it Pulumi writes how it encrypts here, which has no place in the program's own file.
 */
export class LocalProject {
  readonly dir: string;

  constructor(
    private readonly platformDir: string,
    /** The folder of the Pulumi program. */
    private readonly program: string,
  ) {
    this.dir = path.join(platformDir, "project");
  }

  /** What Pulumi needs to know to use this platform's own state, passphrase and settings folder, and nothing of the user's. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const passphrase = path.join(this.platformDir, "passphrase");
    for (const folder of ["state", "pulumi-home", "project"]) {
      await mkdir(path.join(this.platformDir, folder), { recursive: true });
    }
    await keepNoLogs(path.join(this.platformDir, "pulumi-home", "logs"));
    if (!existsSync(passphrase)) {
      await writeFile(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
    }
    return {
      // Without `metadata=skip` a file with attributes lies beside each: written in place, not renamed as all else is, and when
      // Pulumi was killed meanwhile it is empty, and no command can read the stack any more ("failed to load checkpoint: EOF";
      // gocloud.dev/blob/fileblob, setAttrs).
      PULUMI_BACKEND_URL: `file://${path.join(this.platformDir, "state")}?metadata=skip`,
      PULUMI_HOME: path.join(this.platformDir, "pulumi-home"),
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // A command ends before collecting pays off: a tenth less processor time, for 40 MB.
      GOGC: "off",
      GOMEMLIMIT: "512MiB",
      // What the user has for a backend of his own would give the state's file another name.
      ...Object.fromEntries(
        ["GZIP", "ZSTD", "LEGACY_LAYOUT"].flatMap((what) =>
          ["DIY_BACKEND", "SELF_MANAGED_STATE"].map((backend) => [`PULUMI_${backend}_${what}`, "false"]),
        ),
      ),
    };
  }

  /**
   * Takes away the locks of Pulumi commands that were killed: nobody else works on this state, so a lock whose process
   * is gone only stands in the way of the next command. Returns the ids of those processes.
   */
  async removeStaleLocks(): Promise<number[]> {
    const locks = path.join(this.platformDir, "state", ".pulumi", "locks");
    const files = await readdir(locks, { recursive: true }).catch(() => []);
    const stale: number[] = [];
    for (const file of files.filter((name) => name.endsWith(".json")).map((name) => path.join(locks, name))) {
      const { pid } = JSON.parse(await readFile(file, "utf8")) as { pid: number };
      if (!existsSync(`/proc/${pid}`)) {
        await rm(file);
        stale.push(pid);
      }
    }
    return stale;
  }

  /** The file in which Pulumi keeps a stack's state: that of its file backend (pkg/backend/diy, stackPath). */
  private async stateFile(stack: string): Promise<string> {
    const { name } = await readYaml<ProjectFile>(path.join(this.dir, "Pulumi.yaml"));
    return path.join(this.platformDir, "state", ".pulumi", "stacks", name, `${stack}.json`);
  }

  /** Whether Pulumi knows the stack. */
  async has(stack: string): Promise<boolean> {
    return existsSync(await this.stateFile(stack));
  }

  /**
   * The stack's outputs, as `pulumi stack output --json` shows them, without Pulumi's command, which takes longer to start than most of
   * what is done with them. Undefined before the first update.
   */
  async outputs(stack: string): Promise<Record<string, unknown> | undefined> {
    const { checkpoint } = JSON.parse(await readFile(await this.stateFile(stack), "utf8")) as StateFile;
    return checkpoint.latest?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  }

  /** Takes over into the program's own file what a command has changed in the copy. Comments stay. */
  async keepChange(stack: string, key: string): Promise<void> {
    const source = path.join(this.program, `Pulumi.${stack}.yaml`);
    const { config } = await readYaml<StackFile>(path.join(this.dir, `Pulumi.${stack}.yaml`));
    const document = parseDocument(await readFile(source, "utf8"));
    if (config?.[key] !== undefined) {
      document.setIn(["config", key], config[key]);
    }
    await writeFile(source, document.toString({ flowCollectionPadding: false }));
  }

  /** Writes the project's and the stack's file. `config` takes the place of what stands in the program's `Pulumi.<stack>.yaml`. */
  async write(stack: string, config?: Record<string, unknown>): Promise<void> {
    const project = await readYaml<ProjectFile>(path.join(this.program, "Pulumi.yaml"));
    await writeFile(path.join(this.dir, "Pulumi.yaml"), stringify({ ...project, main: this.program }));
    await linkPolicies(path.join(this.program, "policy"), path.join(this.dir, "policy"));
    const source = path.join(this.program, `Pulumi.${stack}.yaml`);
    const target = path.join(this.dir, `Pulumi.${stack}.yaml`);
    const wanted = config ?? (existsSync(source) ? (await readYaml<StackFile>(source)).config : {});
    const before = existsSync(target) ? await readYaml<StackFile>(target) : {};
    await writeFile(target, stringify({ ...before, config: wanted } satisfies StackFile));
  }
}
