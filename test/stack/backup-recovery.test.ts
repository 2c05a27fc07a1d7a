import { CreateKeyCommand, DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CopyObjectCommand, CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupName, keyOf } from "../../ops/backups/naming";
import { BackupCommands } from "../support/backup-commands";
import { LocalStack } from "../support/local-stack";

/** What docs/backups.md says of an account that is gone: another key, a copy elsewhere, and a server that is not the stack's own. */
describe("a backup whose account is gone", () => {
  let lost: LocalStack;
  let backup: BackupName;
  let BACKUPS: string;
  let commands: BackupCommands;

  beforeAll(async () => {
    const kms = new KMSClient({});
    lost = await LocalStack.prepared();
    const { KeyMetadata } = await new KMSClient({}).send(new CreateKeyCommand({ Description: "of another account" }));
    const recoveryKeyArn = KeyMetadata?.Arn as string;
    await lost.configure({}, { backup: { recoveryKeyArn } });
    await lost.up();
    commands = new BackupCommands(lost);
    await lost.as("migrate", (client) => client.query("CREATE TABLE things AS SELECT generate_series(1, 9) AS id"));
    backup = await commands.backUp();

    const s3 = new S3Client({ forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "elsewhere" }));
    const { bucket, keyArn, database, stack } = await commands.config();
    for (const part of ["dump", "manifest"] as const) {
      const Key = keyOf(backup, part);
      await s3.send(new CopyObjectCommand({ Bucket: "elsewhere", Key, CopySource: `${bucket}/${Key}` }));
    }
    await kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    BACKUPS = JSON.stringify({ stack, bucket: "elsewhere", keyArn: recoveryKeyArn, database, validations: [] });
  });
  afterAll(() => lost.close());

  it("cannot be read with its own key any more", async () => {
    const config = { ...(await commands.config()), recoveryKeyArn: undefined };
    const { code, stderr } = await commands.withConfig("verify-backup", JSON.stringify(config));
    expect([code, stderr]).toEqual([1, expect.stringContaining("its manifest cannot be read")]);
  });

  it("is verified with the other key, where its copy lies", async () => {
    const { code, stdout } = await commands.withConfig("verify-backup", BACKUPS, ["--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { result: "restored", backup: backup.takenAt, tables: 1 }]);
  });

  it("is restored on the server of a stack that has no such backup", async () => {
    const { code, stderr } = await commands.run("restore", ["--into", "rescued"], { BACKUPS });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("Restored into rescued, and it equals what was dumped"),
    ]);
    const { rows } = await lost.as("app", (client) => client.query("SELECT count(*)::int AS things FROM things"), {
      database: "rescued",
    });
    expect(rows).toEqual([{ things: 9 }]);
  });

  it("is not made anew where nobody says which login dumps", async () => {
    const { code, stderr } = await commands.withConfig("backup", BACKUPS);
    expect([code, stderr]).toEqual([1, expect.stringContaining("secretArn is missing in BACKUPS")]);
  });
});
