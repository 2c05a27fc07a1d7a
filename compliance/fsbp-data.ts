import {
  Control,
  Controls,
  ENVIRONMENTS,
  everywhere,
  faultForTheRole,
  faultInAws,
  resource,
  stack,
  unit,
} from "./control";

const policy = resource("backup/closed-bucket.ts", "aws:s3/bucketPolicy:BucketPolicy");
const block = resource("backup/closed-bucket.ts", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
const owners = resource("backup/closed-bucket.ts", "aws:s3/bucketOwnershipControls:BucketOwnershipControls");
const lifecycle = resource(
  "backup/closed-bucket.ts",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
);
const encryption = resource(
  "backup/closed-bucket.ts",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
);
const versions = resource("backup/bucket.ts", "aws:s3/bucketVersioning:BucketVersioning", { name: "backups" });
const lock = resource("backup/bucket.ts", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", {
  name: "backups",
});
const logging = resource("backup/backup.ts", "aws:s3/bucketLogging:BucketLogging", { name: "backups" });
const replication = resource("backup/replica.ts", "aws:s3/bucketReplicationConfig:BucketReplicationConfig");

const CLOSED = unit("backup", "backup bucket > is closed to the public and to connections without TLS");
const BUILT = unit(
  "backup",
  "backup bucket > is versioned, locked for as long as the settings say, encrypted and protected, and so is the log of its accesses",
);
const NO_OTHER_ACCOUNT = unit("least-privilege", "%s > lets no other account into a bucket, a topic or a secret");

const blocked: Control = {
  resources: [
    block.is("blockPublicAcls", true),
    block.is("blockPublicPolicy", true),
    block.is("ignorePublicAcls", true),
    block.is("restrictPublicBuckets", true),
  ],
  checks: ["bucket"],
  tests: [CLOSED, faultInAws("a bucket that may become public")],
};
const closed: Control = {
  resources: [block.is("restrictPublicBuckets", true), owners.is("rule.objectOwnership", "BucketOwnerEnforced")],
  checks: ["bucket"],
  tests: [NO_OTHER_ACCOUNT, CLOSED, faultInAws("a bucket that may become public")],
};
/** What the bucket of logs has not, and why. */
const butForLogs = (reason: string) => [{ environments: ENVIRONMENTS, reason, part: "`backups-access`" }];

const S3: Controls = {
  "FSBP S3.1": {
    ...blocked,
    how: "The account's own switch is whoever's the account is; each bucket of the stack has the same four.",
  },
  "FSBP S3.2": closed,
  "FSBP S3.3": closed,
  "FSBP S3.5": {
    resources: [policy.contains("policy", '"aws:SecureTransport":"false"')],
    checks: ["bucket"],
    tests: [
      CLOSED,
      faultInAws("a bucket without its policy"),
      stack("backup-bucket", "the bucket for backups > refuses whoever comes without TLS"),
    ],
  },
  "FSBP S3.6": {
    resources: [policy.exists()],
    checks: ["bucket"],
    tests: [NO_OTHER_ACCOUNT],
  },
  "FSBP S3.7": {
    how: "With `backup.replicaRegion` each backup is copied, under the same lock.",
    resources: [replication.exists({ where: ["prod with options"] })],
    tests: [
      stack(
        "backup-replica",
        "with copies in a second region > copies a backup, encrypted with the key of its region and locked",
      ),
    ],
    pages: ["backups.md#the-region-is-gone"],
    exceptions: everywhere(
      "Backups are copied to a second region only where `backup.replicaRegion` names one: it costs as much again, and some data may not leave a region.",
    ),
  },
  "FSBP S3.8": blocked,
  "FSBP S3.9": {
    resources: [logging.contains("targetBucket", "backups-access")],
    checks: ["bucket"],
    tests: [
      faultForTheRole("no log of who used the bucket"),
      stack("backup-bucket", "the bucket for backups > has its accesses logged"),
    ],
    exceptions: butForLogs("A bucket that logs into itself logs each log, and so on."),
  },
  "FSBP S3.12": {
    resources: [owners.is("rule.objectOwnership", "BucketOwnerEnforced")],
    checks: ["bucket"],
    tests: [CLOSED, faultInAws("a bucket whose objects have lists of rights")],
  },
  "FSBP S3.13": {
    resources: [lifecycle.is("rules.*.status", "Enabled"), lifecycle.atLeast("rules.*.expiration.days", 30)],
    checks: ["bucket"],
    tests: [
      faultForTheRole("backups kept for ever"),
      stack(
        "backup-bucket",
        "the bucket for backups > keeps what was deleted or overwritten by mistake for a week, and nothing longer than that",
      ),
    ],
  },
  "FSBP S3.14": {
    resources: [versions.is("versioningConfiguration.status", "Enabled")],
    checks: ["bucket"],
    tests: [BUILT],
    exceptions: butForLogs(
      "S3 and CloudTrail write each object under a name of its own and never again; what CloudTrail has written can be proved to be unchanged (CloudTrail.4).",
    ),
  },
  "FSBP S3.15": {
    resources: [
      lock.is("rule.defaultRetention.mode", "GOVERNANCE", { where: ["dev"] }),
      lock.is("rule.defaultRetention.mode", "COMPLIANCE", { where: ["prod"] }),
      lock.atLeast("rule.defaultRetention.days", 7),
    ],
    checks: ["bucket"],
    tests: [
      unit("backup", "the settings of backups > want a lock in prod"),
      stack("backup-bucket", "the bucket for backups > keeps what it has: no version can be deleted before its time"),
      faultInAws("backups that can be deleted at once"),
    ],
    exceptions: butForLogs("S3 delivers no logs to a bucket whose objects are locked by default."),
  },
  "FSBP S3.17": {
    resources: [
      encryption.is("rules.*.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms", { name: "backups" }),
      encryption.contains("rules.*.applyServerSideEncryptionByDefault.kmsMasterKeyId", "-backups", { name: "backups" }),
    ],
    checks: ["bucket"],
    tests: [
      faultInAws("a bucket with another encryption"),
      stack("backup-bucket", "the bucket for backups > refuses what %s", "is encrypted by S3 alone"),
    ],
    exceptions: butForLogs(
      "S3 delivers its logs to buckets that S3's own keys encrypt (AES-256) alone. CloudTrail's files in it have the key of logs.",
    ),
  },
};

const key = resource("encryption/encryption.ts", "aws:kms/key:Key");
const DECRYPTS = unit("least-privilege", "%s > lets nobody decrypt with a key that is not named, by a policy of IAM's");
const ADMINISTERS = unit(
  "policies",
  "key policies > of %s: the account administers the key without being able to use it",
);

const KEYS: Controls = {
  "FSBP KMS.1": {
    how: "The keys' own policies give IAM no say in using a key but through its service, and of the backups' key to one role: the restorer decrypts.",
    resources: [
      resource("access/credentials.ts", "aws:iam/policy:Policy").contains("policy", "kms:EncryptionContext:SecretARN"),
      key.contains("policy", "TheAccountAdministers"),
    ],
    tests: [
      DECRYPTS,
      ADMINISTERS,
      unit(
        "policies",
        "key policies > of %s: every use goes through a service that is named, on behalf of this account",
      ),
      stack("environments", "dev > lets nobody use a key but through its service"),
    ],
  },
  "FSBP KMS.2": {
    how: "The same for what is written into roles.",
    resources: [
      resource("backup/roles.ts", "aws:iam/rolePolicy:RolePolicy", { name: "backup-restorer" }).contains(
        "policy",
        "kms:EncryptionContext:stack",
      ),
    ],
    tests: [
      DECRYPTS,
      unit(
        "policies",
        "key policies > of backups: one role makes data keys, another decrypts, for this stack's envelopes, and nobody else does either",
      ),
      stack("backup-roles", "with backups > the %s > $may: $name", "opens an envelope"),
    ],
  },
  "FSBP KMS.3": {
    how: "A key that is deleted by mistake waits for 30 days, and the check says so.",
    resources: [key.is("deletionWindowInDays", 30)],
    checks: ["keys"],
    tests: [faultInAws("a key that will be deleted")],
  },
  "FSBP KMS.4": {
    resources: [key.is("enableKeyRotation", true)],
    checks: ["keys"],
    tests: [faultInAws("a key that never changes")],
  },
  "FSBP KMS.5": {
    resources: [key.contains("policy", "TheAccountAdministers")],
    checks: ["keys"],
    tests: [ADMINISTERS, faultInAws("a key for everybody")],
  },
};

const rotation = resource("access/credentials.ts", "aws:secretsmanager/secretRotation:SecretRotation", {
  name: "master",
});
const secret = resource("access/credentials.ts", "aws:secretsmanager/secret:Secret");

const SECRETS: Controls = {
  "FSBP SecretsManager.1": {
    how: "RDS rotates the master's every 30 days.",
    resources: [rotation.is("rotationRules.automaticallyAfterDays", 30)],
    checks: ["secrets"],
    tests: [stack("rotation", "a rotation > of the master's password by RDS > is due every thirty days")],
    pages: ["rotation.md#monthly-by-a-pipeline"],
    exceptions: [
      {
        environments: ENVIRONMENTS,
        part: "the roles' logins",
        reason:
          "A Lambda function of Secrets Manager would need a way into the database and rights over every role. An update of the stack rotates them (`ops/rotate`), monthly where a pipeline runs it.",
      },
    ],
  },
  "FSBP SecretsManager.2": {
    resources: [rotation.is("rotationRules.automaticallyAfterDays", 30)],
    checks: ["secrets"],
    tests: [
      unit("check-aws", "a secret > that RDS should have rotated, or that will be deleted, is found"),
      stack(
        "rotation",
        "a rotation > that fails > because the secret cannot be written, leaves both logins usable, and the next update finishes",
      ),
    ],
  },
  "FSBP SecretsManager.3": {
    how: "There is a secret for each role of the access matrix, and none besides.",
    resources: [secret.exists({ where: ENVIRONMENTS })],
    tests: [unit("least-privilege", "%s > has a secret for each role, and none besides")],
    exceptions: everywhere(
      "Nothing looks at when a secret was read last. One that was not for 90 days is no mistake: migrations, reports and restoring may wait for months, and would fail without their login.",
    ),
  },
  "FSBP SecretsManager.4": {
    how: "The check finds a password of more than 90 days, the master's of more than 31.",
    resources: [rotation.is("rotationRules.automaticallyAfterDays", 30)],
    checks: ["secrets"],
    tests: [
      stack("check-aws", "a fault is found, and nothing else with it: > passwords that are too old"),
      unit("check-aws", "a secret > is as old as its password, whatever else changed since"),
    ],
    exceptions: [
      {
        environments: ENVIRONMENTS,
        part: "the roles' logins",
        reason:
          "Security Hub counts from Secrets Manager's own rotation, which these do not have (SecretsManager.1). By the password's age they are in time when they are rotated monthly, and the check sees it.",
      },
    ],
  },
};

export const FSBP_S3_CONTROLS = S3;
export const FSBP_KEY_CONTROLS: Controls = { ...KEYS, ...SECRETS };
