import { z } from "zod";

export const backupSettings = z
  .strictObject({
    /** Days after which a logical backup is deleted, and its older versions after as many again. @default 30 */
    retentionDays: z
      .int("must be a whole number of days")
      .min(1, "keeps no backup; set 1 or more days")
      .max(3650, "is more than ten years; set 3650 or less")
      .default(30),
    /**
     * How backups are kept from being deleted (S3 Object Lock): `governance`, where a special right of IAM can, or
     * `compliance`, where nobody can, the account's root included, and a bucket with backups in it cannot be deleted before
     * their time; or `none`. For what is written from then on. @default governance
     */
    lockMode: z.enum(["none", "governance", "compliance"]).default("governance"),
    /** Days for which they are kept so. @default 7 */
    lockDays: z
      .int("must be a whole number of days")
      .min(1, "locks nothing; set 1 or more days, or backup.lockMode to none")
      .max(3650, "is more than ten years; set 3650 or less")
      .default(7),
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
