import { describe, expect, it } from "vitest";
import {
  backupTrust,
  repositoryArn,
  RESTORER,
  restorerPolicy,
  schedulePolicy,
  WRITER,
  writerPolicy,
} from "../../model/policies/backups";
import { differences } from "../../ops/backups/compare";
import { Contents, DatabaseObject } from "../../ops/backups/manifest";
import { encryptionContext, keyOf, nameAt, nameOfManifest, timeOf } from "../../ops/backups/naming";
import { bytes } from "../../ops/shared/progress";
import { mistakes } from "../support/mistakes";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };

describe("the name of a backup", () => {
  const time = new Date("2026-11-25T02:30:00.007Z");
  const name = nameAt("shop", time);

  it("is its database and time, and both are read from its key again", () => {
    expect(keyOf(name, "manifest")).toBe("dumps/shop/2026-11-25T02-30-00-007Z/manifest");
    expect(nameOfManifest(keyOf(name, "manifest"))).toEqual(name);
    expect(timeOf(name)).toEqual(time);
  });

  it("keeps odd names of databases in one folder", () => {
    const odd = nameAt("a/b c", time);
    expect(keyOf(odd, "dump").split("/")).toHaveLength(4);
    expect(nameOfManifest(keyOf(odd, "manifest"))).toEqual(odd);
  });

  it.each([
    "dumps/shop/2026-11-25T02-30-00-007Z/dump",
    "dumps/shop/yesterday/manifest",
    "dumps/shop/2026-11-25T02-30-00-007Z/manifest/more",
    "other/shop/2026-11-25T02-30-00-007Z/manifest",
    "manifest",
  ])("is not in %s", (key) => {
    expect(nameOfManifest(key)).toBeUndefined();
  });

  it("is what its parts are encrypted as, each as itself", () => {
    expect(encryptionContext("shop-dev", name, "dump")).toEqual({ stack: "shop-dev", ...name, part: "dump" });
  });
});

describe("what is compared", () => {
  const table = { name: "public.orders", rows: "3", checksum: "7" };
  const sequence = { name: "public.orders_id_seq", before: "10", after: "12" };
  const object: DatabaseObject = {
    kind: "table",
    name: "public.orders",
    owner: "shop_migrate",
    grants: ["shop_app=SELECT", "shop_migrate=SELECT"],
    comment: null,
    definition: "abc",
  };
  const all: Contents = {
    tables: [table],
    sequences: [sequence],
    extensions: [{ name: "citext", version: "1.6" }],
    objects: [object],
  };
  const at = (next: string) => ({ ...all, sequences: [{ ...sequence, before: next, after: next }] });

  it("is equal when it is, with an extension of another version and a sequence that went on meanwhile", () => {
    expect(differences(all, all)).toEqual([]);
    expect(differences(all, { ...all, extensions: [{ name: "citext", version: "1.7" }] })).toEqual([]);
    expect(["10", "11", "12"].flatMap((next) => differences(all, at(next)))).toEqual([]);
  });

  it.each<[string, Contents]>([
    ["table public.orders has 2 rows instead of 3", { ...all, tables: [{ ...table, rows: "2" }] }],
    ["table public.orders has other values in its rows", { ...all, tables: [{ ...table, checksum: "8" }] }],
    ["table public.orders is missing", { ...all, tables: [] }],
    ["table public.more was not there", { ...all, tables: [table, { ...table, name: "public.more" }] }],
    ["sequence public.orders_id_seq goes on with 9 instead of 10 to 12", at("9")],
    ["sequence public.orders_id_seq goes on with 13 instead of 10 to 12", at("13")],
    ["extension citext is missing", { ...all, extensions: [] }],
    [
      "table public.orders belongs to shop_admin instead of shop_migrate, lacks the rights shop_app=SELECT, has the rights PUBLIC=SELECT besides, has another comment, is defined differently",
      {
        ...all,
        objects: [
          {
            ...object,
            owner: "shop_admin",
            grants: ["PUBLIC=SELECT", "shop_migrate=SELECT"],
            comment: "",
            definition: "",
          },
        ],
      },
    ],
  ])("%s", (difference, found) => {
    expect(differences(all, found)).toEqual([difference]);
  });

  it("knows which way a sequence goes", () => {
    const down = { ...all, sequences: [{ ...sequence, before: "-2", after: "-8" }] };
    expect(differences(down, at("-4"))).toEqual([]);
    expect(differences(down, at("-9"))).toHaveLength(1);
  });
});

describe("who works with backups", () => {
  const backups = { account, stack: "shop-dev", bucketArn: "arn:bucket", keyArn: "arn:key" };
  const actions = ({ Statement }: ReturnType<typeof writerPolicy>) => Statement.flatMap(({ Action }) => Action).sort();

  it("has the rights of the one job, on this bucket and key", () => {
    expect(actions(writerPolicy(backups))).toEqual([
      ...["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey", "s3:AbortMultipartUpload", "s3:PutObject"],
    ]);
    expect(actions(restorerPolicy(backups))).toEqual(["kms:Decrypt", "kms:Decrypt", "s3:GetObject", "s3:ListBucket"]);
    for (const { Resource } of [...writerPolicy(backups).Statement, ...restorerPolicy(backups).Statement]) {
      expect(Resource).toMatch(/^arn:(bucket(\/dumps\/\*)?|key)$/);
    }
  });

  it("decrypts as the writer only what S3 itself encrypted, of this bucket", () => {
    const decrypting = writerPolicy(backups).Statement.filter(({ Action }) => Action.includes("kms:Decrypt"));
    expect(decrypting.map(({ Condition }) => Condition?.StringEquals)).toEqual([
      { "kms:ViaService": "s3.eu-central-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": "arn:bucket" },
    ]);
  });

  it("adds a key of another account to what is written, where there is one", () => {
    const recoveryKeyArn = "arn:aws:kms:eu-central-1:210987654321:key/1";
    const more = writerPolicy({ ...backups, recoveryKeyArn }).Statement.filter(
      ({ Resource }) => Resource === recoveryKeyArn,
    );
    expect(more.map(({ Action }) => Action)).toEqual(["kms:Encrypt"]);
  });

  it("takes its role on as a task, or as one of those that are named", () => {
    const people = (names: string[] | undefined) => backupTrust(account, names).Statement.slice(1);
    expect(people([])).toEqual([]);
    expect(people(["rescue"])).toMatchObject([
      { Condition: { ArnLike: { "aws:PrincipalArn": ["arn:aws:iam::123456789012:role/rescue"] } } },
    ]);
    expect(people(undefined)[0]?.Condition).toBeUndefined();
    expect(backupTrust(account, []).Statement[0]?.Principal).toEqual({ Service: "ecs-tasks.amazonaws.com" });
    expect([WRITER, RESTORER]).toEqual(["backup-writer", "backup-restorer"]);
  });

  it("is started on its own cluster, with its own role, as a task", () => {
    const { Statement } = schedulePolicy("arn:cluster", ["arn:task"], ["arn:role"]);
    expect(Statement.map(({ Action, Resource, Condition }) => [Action, Resource, Condition])).toEqual([
      ["ecs:RunTask", ["arn:task:*"], { ArnEquals: { "ecs:cluster": "arn:cluster" } }],
      ["iam:PassRole", ["arn:role"], { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } }],
    ]);
  });

  it("pulls its image from the repository that it lies in", () => {
    expect(repositoryArn(account, "210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/backups@sha256:1")).toBe(
      "arn:aws:ecr:eu-west-1:210987654321:repository/team/backups",
    );
  });
});

describe("the settings of tasks and keys", () => {
  it.each([
    [
      { image: "backups:latest" },
      'backup.image: "backups:latest" is no image in Amazon ECR with a tag or digest, which is all that the isolated subnets can reach; write e.g. 123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups@sha256:…',
    ],
    [{ verify: "daily" }, 'backup.verify: "daily" is not known here; set one of monthly, weekly'],
    [{ validations: [""] }, 'backup.validations[0]: "" is an empty query; write one, or take the entry out'],
    [
      { recoveryKeyArn: "alias/recovery" },
      'backup.recoveryKeyArn: "alias/recovery" is no ARN of a KMS key; write arn:aws:kms:<region>:<account>:key/<id>',
    ],
  ])("%j", (backup, message) => {
    expect(mistakes({ backup })).toEqual([message]);
  });

  it("want the endpoints' group in an existing VPC, and whoever deploys beside whoever restores", () => {
    const network = { vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] };
    const image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:1";
    expect(mistakes({ network, backup: { image } })).toEqual([
      "network.endpointSecurityGroupId: is missing; with backup.image in an existing VPC, name the security group of its endpoints for ECR, KMS, CloudWatch Logs and Secrets Manager",
    ]);
    expect(mistakes({ access: { restorers: ["rescue"] } })).toEqual([
      "access.deployers: is empty while restorers is not; name the roles that run this stack, or they could not read the secrets",
    ]);
  });
});

describe("a number of bytes", () => {
  it.each([
    [0, "0 bytes"],
    [1023, "1023 bytes"],
    [1024, "1.0 KiB"],
    [1_500_000, "1.4 MiB"],
    [3 * 1024 ** 3, "3.0 GiB"],
  ])("%d", (count, text) => {
    expect(bytes(count)).toBe(text);
  });
});
