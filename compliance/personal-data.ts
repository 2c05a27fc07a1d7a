import { faultForTheRole, faultInAws, List, resource, shared, stack, unit } from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const lifecycle = resource(
  "backup/closed-bucket.ts",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
);
const lock = resource("backup/bucket.ts", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
const group = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const grant = resource("access/roles.ts", "postgresql:index/grant:Grant");

/** What docs/personal-data.md says of an erasure, and what shows each. */
export const PERSONAL_DATA: List = {
  title: "Personal data",
  about: "",
  asks: {
    "Erasure: live":
      "**In the database the application deletes**, as its own login, and what refers to the person goes with it where the schema says `ON DELETE CASCADE`.",
    "Erasure: audit table":
      "**What the application logs in a table of its own** stays, and has an id that refers to nobody any more. Let ids tell nothing of the person, and delete what is older than your term.",
    "Erasure: traces":
      "**What the server itself still has of the rows**, on its pages and in the planner's statistics, goes with `VACUUM` and `ANALYZE`, which autovacuum does by itself after enough changes. At once: `VACUUM ANALYZE` of the table, as the role `migrate`.",
    "Erasure: replica": "**On a read replica** it happens with the next changes that it follows.",
    "Erasure: no early end":
      "**In backups nothing is deleted before its time.** One person cannot be cut out of a snapshot, a log of changes or an encrypted dump without writing it anew, and a backup that can be written anew proves nothing. With `backup.lockMode: compliance` nobody can, neither you nor AWS.",
    "Erasure: end":
      "**When the last backup that had them is gone, so are the data**: after the days of the table above. Older versions go, too, and what was never uploaded to its end.",
    "Erasure: rds": "**RDS's snapshots and logs of changes** end by themselves after `database.backupRetentionDays`.",
    "Erasure: final snapshot":
      "**The final snapshot of a stack that was destroyed has no end**, and neither has its key: delete both. dev leaves none.",
    "Erasure: sealed":
      "**Until then backups are used for nothing but restoring**: one role opens them, each access is recorded, and a verification throws its copy away.",
    "Erasure: repeated":
      "**After a restore the erasures are repeated**, or it brings back who was to be forgotten. Keep a list of what was erased, outside of this database (ids and dates, no more than is needed to find the rows), for as long as the longest line of the table, and run it before the application starts.",
    "Erasure: logs":
      "**Logs have no rows of tables**: values that are bound to statements are not logged, unless `logs.values` is set, which prod refuses. What somebody types into a statement's text is, and so are addresses of clients: until `logs.retentionDays` are over.",
    "Erasure: keys":
      "**Without its key a backup is nothing.** That is for the end of a stack, not for one person: the keys are everybody's, and one that is deleted waits for 30 days.",
  },
  controls: {
    "Erasure: live": {
      resources: [grant.contains("privileges", "DELETE", { name: "app-public-table" })],
      tests: [stack("erasure", "erasing a person > takes every row that refers to it along, as the application")],
    },
    "Erasure: audit table": {
      tests: [stack("erasure", "erasing a person > leaves an id in the audit table that refers to nobody")],
      pages: ["row-level-security.md#who-sees-what"],
    },
    "Erasure: traces": {
      tests: [stack("erasure", "erasing a person > is over in the planner's statistics with the next ANALYZE")],
      resources: [resource("access/roles.ts", "postgresql:index/role:Role", { name: "migrate" }).exists()],
    },
    "Erasure: replica": {
      resources: [
        instance.contains("replicateSourceDb", "markenmate", { name: "replica", where: ["prod with options"] }),
      ],
      tests: [stack("read-replica", "a read replica > has what the database had, and follows it")],
    },
    "Erasure: no early end": {
      resources: [
        lock.is("rule.defaultRetention.mode", "GOVERNANCE", { where: ["dev"] }),
        lock.is("rule.defaultRetention.mode", "COMPLIANCE", { where: ["prod"] }),
      ],
      checks: ["bucket"],
      tests: [
        stack("backup-bucket", "the bucket for backups > keeps what it has: no version can be deleted before its time"),
        faultForTheRole("a lock for a day"),
      ],
    },
    "Erasure: end": {
      resources: [lifecycle.is("rules.*.status", "Enabled")],
      checks: ["bucket"],
      tests: [
        stack(
          "backup-bucket",
          "the bucket for backups > keeps what was deleted or overwritten by mistake for a week, and nothing longer than that",
        ),
        faultForTheRole("backups kept for ever"),
        unit("personal-data", "personal data > live as long as the table says, by what the program registers"),
      ],
    },
    "Erasure: rds": {
      resources: [
        instance.is("backupRetentionPeriod", 7, { where: ["dev"] }),
        instance.is("backupRetentionPeriod", 30, { where: ["prod"] }),
      ],
      checks: ["instance"],
      tests: [faultInAws("fewer days of backups")],
    },
    "Erasure: final snapshot": {
      resources: [
        instance.is("skipFinalSnapshot", true, { where: ["dev"] }),
        instance.contains("finalSnapshotIdentifier", "markenmate-prod-final-", { where: ["prod"] }),
      ],
      tests: [
        unit("components", "database > leaves a snapshot, backups and the key to both when it is deleted after all"),
        stack("environments", "dev > is destroyed, and leaves nothing behind"),
      ],
      pages: ["aws.md#deleting"],
    },
    "Erasure: sealed": {
      resources: [
        resource("backup/roles.ts", "aws:iam/rolePolicy:RolePolicy", { name: "backup-restorer" }).exists(),
        resource("backup/backup.ts", "aws:s3/bucketLogging:BucketLogging").exists(),
      ],
      checks: ["bucket"],
      tests: [
        stack("backup-roles", "with backups > nobody else opens or seals envelopes, with every right of IAM"),
        stack(
          "backup-bucket",
          "the bucket for backups > has every reading and writing of its objects in a trail, encrypted and signed",
        ),
        shared("proven-backups", "a backup > is restored and equals what was dumped, and nothing of that stays"),
      ],
    },
    "Erasure: repeated": {
      tests: [stack("erasure", "erasing a person > is done again after a restore, which brings the person back")],
      pages: ["backups.md#restoring"],
    },
    "Erasure: logs": {
      resources: [
        group.is("parameters[name=log_parameter_max_length].value", "0", { where: ["prod"] }),
        resource("database/database.ts", "aws:cloudwatch/logGroup:LogGroup").is("retentionInDays", 400, {
          where: ["prod"],
        }),
      ],
      checks: ["parameters", "logs"],
      tests: [
        stack(
          "audit-log",
          "the audit log > has no password and no bound value: not of errors, slow statements and COPY either",
        ),
        unit("settings-aws", "settings for AWS > asks more of prod, and of prod alone"),
      ],
      pages: ["audit-log.md#what-is-left"],
    },
    "Erasure: keys": {
      resources: [resource("encryption/encryption.ts", "aws:kms/key:Key").is("deletionWindowInDays", 30)],
      checks: ["keys"],
      tests: [
        stack("backup-recovery", "a backup whose account is gone > cannot be read with its own key any more"),
        faultInAws("a key that will be deleted"),
      ],
    },
  },
};
