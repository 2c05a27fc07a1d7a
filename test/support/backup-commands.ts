import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { backUp } from "../../ops/backups/back-up";
import { BackupsConfig, backupsConfig } from "../../model/outputs/backups";
import { Manifest } from "../../ops/backups/manifest";
import { BackupName, keyOf, Part } from "../../ops/backups/naming";
import { BackupStore } from "../../ops/backups/store";
import { verify } from "../../ops/backups/verify";
import { Captured, capture } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { LocalStack } from "./local-stack";

type Environment = Record<string, string | undefined>;

/** The commands about backups on a local stack, and what lies in its bucket. */
export class BackupCommands {
  private readonly s3 = new S3Client({ forcePathStyle: true });

  constructor(private readonly stack: LocalStack) {}

  async config(): Promise<BackupsConfig> {
    return backupsConfig.parse((await this.stack.outputs()).backups);
  }

  /** Where temporary files of this stack's commands lie: other stacks have theirs. */
  get temporaryFolder(): string {
    return path.join(this.stack.platform.dir, "tmp");
  }

  async environment(): Promise<{ cwd: string; env: NodeJS.ProcessEnv }> {
    const { cwd, env } = await this.stack.platform.forCommands();
    await mkdir(this.temporaryFolder, { recursive: true });
    return { cwd, env: { ...env, TMPDIR: this.temporaryFolder } };
  }

  /** What verifications have left. */
  async leftBehind(): Promise<string[]> {
    return (await readdir(this.temporaryFolder)).filter((name) => name.startsWith("markenmate-verify-"));
  }

  /** Runs ops/<name> as it would be run against AWS. */
  async run(
    name: "backup" | "verify-backup" | "restore",
    args: string[] = [],
    changes: Environment = {},
  ): Promise<Captured> {
    const { cwd, env } = await this.environment();
    return capture(path.join(ROOT, "ops", name), ["--stack", this.stack.name, ...args], {
      cwd,
      env: { ...env, ...changes },
    });
  }

  /** Runs it as a task does: told by the environment alone. */
  async withConfig(name: "backup" | "verify-backup", BACKUPS: string, args: string[] = []): Promise<Captured> {
    const { cwd, env } = await this.environment();
    return capture(path.join(ROOT, "ops", name), args, { cwd, env: { ...env, BACKUPS } });
  }

  /** Makes a backup, which must succeed. */
  async backUp(): Promise<BackupName> {
    const { code, stdout, stderr } = await this.run("backup", ["--json"]);
    if (code !== 0) {
      throw new Error(`ops/backup: exit code ${code}\n${stderr}`);
    }
    const { backup: takenAt, database } = JSON.parse(stdout) as { backup: string; database: string };
    return { database, takenAt };
  }

  /** Why a backup is not restored; nothing when it is. */
  async problems({ takenAt }: BackupName): Promise<string[]> {
    const { code, stdout, stderr } = await this.run("verify-backup", ["--backup", takenAt, "--json"]);
    const { result, problems = [] } = JSON.parse(stdout || "{}") as { result?: string; problems?: string[] };
    if ((code === 0) !== (result === "restored") || (code === 1) !== problems.length > 0) {
      throw new Error(`ops/verify-backup: exit code ${code}, ${stdout}\n${stderr}`);
    }
    return problems;
  }

  /**
   * Makes a backup in this process, as the account's root: a third of the time, where it is neither the command nor its role that is
   * looked at.
   */
  async backUpHere(): Promise<BackupName> {
    const status = { written: 0, databaseSize: 0 };
    const { signal } = new AbortController();
    return this.here(async (config) => (await backUp({ config, signal, status })).name);
  }

  /** Why a backup is not restored, found out in this process, as the account's root. */
  async problemsHere({ takenAt, database }: BackupName): Promise<string[]> {
    const status = { read: 0, size: 0, doing: "" };
    const { signal } = new AbortController();
    return this.here(
      async (config) => (await verify({ config: { ...config, database }, takenAt, signal, status })).problems,
    );
  }

  /** With what a command finds in its environment: PostgreSQL's programs, and where temporary files go. */
  private async here<Result>(work: (config: BackupsConfig) => Promise<Result>): Promise<Result> {
    const { PATH, TMPDIR } = process.env;
    const { env } = await this.environment();
    Object.assign(process.env, { PATH: env.PATH, TMPDIR: env.TMPDIR });
    try {
      return await work(await this.config());
    } finally {
      process.env.PATH = PATH;
      if (TMPDIR === undefined) {
        delete process.env.TMPDIR;
      } else {
        process.env.TMPDIR = TMPDIR;
      }
    }
  }

  /** As the account's root, whom no policy of the emulator's holds back. */
  async store(): Promise<BackupStore> {
    return new BackupStore(await this.config());
  }

  async keys(): Promise<string[]> {
    const { bucket: Bucket } = await this.config();
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key).sort();
  }

  async unfinishedUploads(): Promise<number> {
    const { bucket: Bucket } = await this.config();
    return (await this.s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
  }

  async read(name: BackupName, part: Part): Promise<Buffer> {
    const { bucket: Bucket } = await this.config();
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key: keyOf(name, part) }));
    return Buffer.from((await Body?.transformToByteArray()) as Uint8Array);
  }

  /** As the account's root, who can put anything anywhere. */
  async write(name: BackupName, part: Part, Body: Buffer): Promise<void> {
    const { bucket: Bucket } = await this.config();
    await this.s3.send(new PutObjectCommand({ Bucket, Key: keyOf(name, part), Body }));
  }

  /** Writes a manifest that says something else, encrypted as the writer would. */
  async forge(name: BackupName, change: (manifest: Manifest) => void): Promise<void> {
    const store = await this.store();
    const manifest = await store.getManifest(name);
    change(manifest);
    await store.putManifest(name, manifest);
  }
}
