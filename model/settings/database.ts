import { z } from "zod";
import { isKnownClass } from "../parameters/instance-memory";
import { findParameter, MANAGED_ELSEWHERE, findOverrideProblem } from "../parameters";
import { overlap, parseBackupWindow, parseMaintenanceWindow, findWindowProblem } from "./windows";

const BACKUP_WINDOW = "01:00-02:00";
const MAINTENANCE_WINDOW = "sun:03:00-sun:04:00";
const INSTANCE_CLASS = /^db\.[a-z0-9-]+\.[a-z0-9]+$/;
/** Names that the master may not have: those that RDS reserves, and those that every attacker tries first (FSBP RDS.25). */
const REFUSED_MASTERS = ["admin", "administrator", "master", "postgres", "rdsadmin", "rds_superuser", "root"];

export const databaseSettings = z
  .strictObject({
    /**
     * The version of PostgreSQL, major or major.minor: 15 to 18. A higher major version is an upgrade with downtime, and needs
     * applyImmediately; a lower one is refused. @default "17"
     */
    engineVersion: z
      .string('must be a version in quotes, e.g. "17"')
      .regex(
        /^1[5-8](\.\d+)?$/,
        'is no version that this stack runs; set "15", "16", "17" or "18", with a minor version if need be',
      )
      .default("17"),
    /** RDS instance class. A change restarts the database. @default db.t4g.micro */
    instanceClass: z
      .string()
      .regex(INSTANCE_CLASS, "is no RDS instance class; set one such as db.t4g.micro or db.m7g.large")
      .refine(
        (name) => !INSTANCE_CLASS.test(name) || isKnownClass(name),
        "has a memory that is not known here; add it to model/parameters/instance-memory.ts",
      )
      .default("db.t4g.micro"),
    /** The initial storage in GiB (gp3). RDS can grow it but never shrink it: a smaller value is refused. @default 20 */
    storageGb: z
      .int("must be a whole number of GiB")
      .min(20, "is below RDS's minimum of 20; set 20 or more")
      .max(65_536, "is above RDS's maximum of 65536; set 65536 or less")
      .default(20),
    /**
     * The limit in GiB up to which RDS grows the storage by itself, at least a tenth above storageGb. @default 100, or twice storageGb
     * if that is more
     */
    maxStorageGb: z
      .int("must be a whole number of GiB")
      .max(65_536, "is above RDS's maximum of 65536; set 65536 or less")
      .optional(),
    /** The port of the database; the default is a finding of FSBP RDS.23. A change restarts the database. @default 5432 */
    port: z
      .int("must be a whole number")
      .min(1150, "is outside RDS's range; set a port from 1150 to 65535")
      .max(65_535, "is outside RDS's range; set a port from 1150 to 65535")
      .default(5432),
    /**
     * The name of the administrator, which RDS calls master. A change would replace the instance, and is refused.
     * @default <application>_admin
     */
    masterUsername: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be lower-case letters, digits and _, beginning with a letter, 63 at most")
      .refine((name) => !REFUSED_MASTERS.includes(name), "is the first name that an attacker tries; choose another one")
      .optional(),
    /** Whether a standby in a second zone takes over when the first fails. @default false */
    multiAz: z.boolean("must be true or false").default(false),
    /**
     * Who makes and keeps the master's password. `rds` rotates it by itself. `stack`, for a database with a read replica, keeps it in
     * a secret of the stack's own, which nothing rotates by itself. @default rds
     */
    masterPassword: z.enum(["rds", "stack"]).default("rds"),
    /** Whether a second instance follows the first and answers reading queries; needs `masterPassword: stack`. @default false */
    readReplica: z.boolean("must be true or false").default(false),
    /** Days of automated backups and point-in-time recovery, 1 to 35; at least 7 in prod. @default 7 */
    backupRetentionDays: z
      .int("must be a whole number of days")
      .min(1, "turns point-in-time recovery off; set 1 to 35 days")
      .max(35, "is above RDS's maximum of 35; set 1 to 35 days")
      .default(7),
    /** When RDS makes its daily snapshot: UTC, half an hour or more. @default 01:00-02:00 */
    backupWindow: z.string().default(BACKUP_WINDOW),
    /**
     * When RDS upgrades minor versions, applies patches, and makes changes that wait for a restart: UTC, half an hour or more, apart
     * from the backup window. @default sun:03:00-sun:04:00
     */
    maintenanceWindow: z.string().default(MAINTENANCE_WINDOW),
    /** Seconds between two readings of enhanced monitoring; 0 turns it off (FSBP RDS.6). @default 60 */
    monitoringIntervalSeconds: z
      .union(
        [0, 1, 5, 10, 15, 30, 60].map((seconds) => z.literal(seconds)),
        "is no interval that RDS knows; set 1, 5, 10, 15, 30 or 60, or 0 for none",
      )
      .default(60),
    /**
     * Whether RDS and Pulumi refuse to delete the database, its keys and its backups. When it is off, deleted secrets are also gone
     * at once. @default true
     */
    deletionProtection: z.boolean("must be true or false").default(true),
    /**
     * Whether the update itself makes changes that interrupt the database (class, version, standby, certificate authority), together
     * with all pending ones, instead of leaving them to the maintenance window. @default false, the opposite of deletionProtection
     */
    applyImmediately: z.boolean("must be true or false").optional(),
    /**
     * Whether RDS takes a last snapshot when the database is deleted. The key that encrypts it is then kept too, and so are RDS's
     * automated backups until they expire. @default true
     */
    finalSnapshot: z.boolean("must be true or false").default(true),
    /**
     * The certificate authority of Amazon's that signs the server's certificate. A change gives the server a new certificate without a
     * restart; clients with Amazon's bundle know all of them. @default rds-ca-rsa2048-g1
     */
    certificateAuthority: z
      .enum(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"])
      .default("rds-ca-rsa2048-g1"),
    /** The PEM file of the certificate authority with which clients verify the server. @default Amazon's RDS bundle */
    caFile: z.string().min(1, "is empty; name a PEM file, or leave the key out for Amazon's RDS bundle").optional(),
    /** The extensions of the application's database. @default [pg_stat_statements, pgaudit] */
    extensions: z.array(z.enum(["pg_stat_statements", "pgaudit"])).default(["pg_stat_statements", "pgaudit"]),
    /** Server parameters that differ from model/parameters/index.ts, as RDS wants them: text, in the parameter's own unit. @default {} */
    parameters: z
      .record(z.string(), z.union([z.string(), z.number()]).transform(String))
      .superRefine(checkParameters)
      .default({}),
  })
  .superRefine(checkReplica)
  .superRefine(checkStorage)
  .superRefine(checkWindows)
  .transform((database) => ({
    ...database,
    applyImmediately: database.applyImmediately ?? !database.deletionProtection,
    maxStorageGb: database.maxStorageGb ?? Math.max(100, 2 * database.storageGb),
  }))
  .prefault({});

function checkParameters(parameters: Record<string, string>, context: z.RefinementCtx) {
  for (const [name, value] of Object.entries(parameters)) {
    const message = parameterProblem(name, value);
    if (message) {
      context.addIssue({ code: "custom", path: [name], message });
    }
  }
}

function parameterProblem(name: string, value: string): string | undefined {
  const elsewhere = MANAGED_ELSEWHERE[name];
  if (elsewhere) {
    return `is not set here; ${elsewhere}`;
  }
  const parameter = findParameter(name);
  return parameter
    ? findOverrideProblem(parameter, value)
    : "is not among the stack's server settings; add it to model/parameters/index.ts, with its reason";
}

function checkReplica(
  { readReplica, masterPassword }: { readReplica: boolean; masterPassword: string },
  context: z.RefinementCtx,
) {
  if (readReplica && masterPassword === "rds") {
    context.addIssue({
      code: "custom",
      path: ["readReplica"],
      message: "is not possible while RDS manages the master's password; set database.masterPassword to stack too",
    });
  }
}

function checkStorage(
  { storageGb, maxStorageGb }: { storageGb: number; maxStorageGb?: number },
  context: z.RefinementCtx,
) {
  // RDS wants room to grow in: a tenth of what is allocated.
  const least = Math.ceil((storageGb * 11) / 10);
  if (maxStorageGb !== undefined && maxStorageGb < least) {
    context.addIssue({
      code: "custom",
      path: ["maxStorageGb"],
      message: `leaves no room to grow from storageGb ${storageGb}; set ${least} or more`,
    });
  }
}

function checkWindows(
  { backupWindow, maintenanceWindow }: { backupWindow: string; maintenanceWindow: string },
  context: z.RefinementCtx,
) {
  const backup = parseBackupWindow(backupWindow);
  const maintenance = parseMaintenanceWindow(maintenanceWindow);
  const add = (path: string, message: string | undefined) =>
    message && context.addIssue({ code: "custom", path: [path], message });
  add("backupWindow", findWindowProblem(backup, BACKUP_WINDOW));
  add("maintenanceWindow", findWindowProblem(maintenance, MAINTENANCE_WINDOW));
  if (backup && maintenance && overlap(backup, maintenance)) {
    add("maintenanceWindow", `overlaps the backup at ${backupWindow}, which RDS refuses; move one of the two`);
  }
}

export type DatabaseSettings = z.output<typeof databaseSettings>;
