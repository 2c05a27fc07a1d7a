import * as aws from "@pulumi/aws";
import * as postgresql from "@pulumi/postgresql";
import { Config, interpolate } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";

/** A bucket, a secret, and a database with one role: no component and no name of the stack that the platform was made for. */

const master = new RandomPassword("master", { length: 20, special: false });
const instance = new aws.rds.Instance("notes", {
  identifier: "notes",
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.t4g.micro",
  allocatedStorage: 20,
  dbName: "notes",
  username: "notes_admin",
  password: master.result,
  skipFinalSnapshot: true,
});
const server = new postgresql.Provider("server", {
  host: instance.address,
  port: instance.port,
  database: "notes",
  username: "notes_admin",
  password: master.result,
  sslmode: "verify-full",
  sslrootcert: new Config().require("caFile"),
  superuser: false,
});
const password = new RandomPassword("writer", { length: 20, special: false });
const writer = new postgresql.Role(
  "writer",
  { name: "writer", login: true, password: password.result },
  { provider: server },
);

const secret = new aws.secretsmanager.Secret("writer", { name: "notes-writer" });
new aws.secretsmanager.SecretVersion("writer", {
  secretId: secret.id,
  secretString: interpolate`postgresql://${writer.name}:${password.result}@${instance.endpoint}/notes`,
});

const bucket = new aws.s3.Bucket("notes", { bucketPrefix: "notes-" });

export const bucketName = bucket.bucket;
export const secretArn = secret.arn;
