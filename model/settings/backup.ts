import { z } from "zod";

export const backupSettings = z
  .strictObject({
    /**
     * Days after which a logical backup is deleted. It can be restored for a week more, as can one that was deleted or overwritten
     * earlier; then it is gone, unless its lock lasts longer. @default 30
     */
    retentionDays: z
      .int("must be a whole number of days")
      .min(1, "keeps no backup; set 1 or more days")
      .max(3650, "is more than ten years; set 3650 or less")
      .default(30),
    /**
     * The lock that keeps backups from being deleted (S3 Object Lock). `governance`: a special right of IAM can still delete them.
     * `compliance`: nobody can, not even the account's root, and a bucket with backups in it cannot be deleted before their time.
     * `none`: no lock. It applies to backups that are written from then on. @default governance
     */
    lockMode: z.enum(["none", "governance", "compliance"]).default("governance"),
    /** Days for which a new backup is locked. @default 7 */
    lockDays: z
      .int("must be a whole number of days")
      .min(1, "locks nothing; set 1 or more days, or backup.lockMode to none")
      .max(3650, "is more than ten years; set 3650 or less")
      .default(7),
    /**
     * The container image of the scheduled tasks, built from `ops/Dockerfile` and pushed to a repository of Amazon ECR, best named
     * by its digest: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:…`. Left out, there are no tasks.
     */
    image: z
      .string()
      .regex(
        /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/[a-z0-9._/-]+(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})$/,
        "is no image in Amazon ECR with a tag or digest, which is all that the isolated subnets can reach; " +
          "write e.g. 123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups@sha256:…",
      )
      .optional(),
    /** How often the newest backup is restored and compared: `monthly`, or `weekly` as prod should. @default monthly */
    verify: z.enum(["monthly", "weekly"]).default("monthly"),
    /**
     * Queries that a restored backup has to answer with `true`, e.g. `SELECT count(*) > 0 FROM customers`. @default []
     */
    validations: z.array(z.string().min(1, "is an empty query; write one, or take the entry out")).default([]),
    /**
     * A second region, e.g. `eu-west-1`, to which S3 copies every backup that is written from then on. The copies have a lock of their
     * own and are readable with this account's key there. Left out, there are no copies.
     */
    replicaRegion: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is no region of AWS; write e.g. eu-west-1")
      .optional(),
    /**
     * The ARN of another account's KMS key, in this region, that can decrypt backups as well: when this account is lost, so is its own
     * key. It applies to backups that are written from then on.
     */
    recoveryKeyArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
        "is no ARN of a KMS key; write arn:aws:kms:<region>:<account>:key/<id>",
      )
      .optional(),
  })
  .superRefine(({ retentionDays, lockMode, lockDays }, context) => {
    if (lockMode !== "none" && lockDays > retentionDays) {
      context.addIssue({
        code: "custom",
        path: ["lockDays"],
        message: `outlasts backup.retentionDays ${retentionDays}, after which backups are to be deleted; set it to that or less`,
      });
    }
  })
  .prefault({});

export type BackupSettings = z.output<typeof backupSettings>;
