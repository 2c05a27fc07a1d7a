/**
 * How strictly a policy is enforced: `mandatory` fails the preview and the update, `advisory` warns, `disabled` does not look.
 *
 * This file is data alone: docs/policies.md and whoever lists the policies read it without starting the pack.
 */
export type Level = "mandatory" | "advisory" | "disabled";
export const ENVIRONMENTS = ["local", "dev", "prod"] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
type Levels = Record<Environment, Level>;

/** The levels of a policy that nobody has a reason to break anywhere. */
const EVERYWHERE: Levels = { local: "mandatory", dev: "mandatory", prod: "mandatory" };
/** The levels of a habit worth having from the start, which need not stop somebody who tries something out. */
const WARNS_BEFORE_PROD: Levels = { local: "advisory", dev: "advisory", prod: "mandatory" };
/** The levels of a protection of data: before prod it is made up, and meant to be deleted with its stack. */
const PROD_ONLY: Levels = { local: "disabled", dev: "disabled", prod: "mandatory" };

/** The policies: what each demands, and how strictly in each environment. */
export const POLICIES = [
  {
    name: "no-public-database",
    demands: "No database has a public address, and no snapshot is shared with everybody.",
    levels: EVERYWHERE,
  },
  {
    name: "no-open-security-group",
    demands:
      "No ingress rule lets in everybody: IPv4 ranges are /8 or narrower (IPv6: /32), and /16 (/48) where the rule opens more than one port.",
    levels: EVERYWHERE,
  },
  {
    name: "force-ssl",
    demands:
      "PostgreSQL takes no connection without TLS: every parameter group says rds.force_ssl = 1, and before PostgreSQL 15 no instance has RDS's default group.",
    levels: EVERYWHERE,
  },
  {
    name: "tls-version",
    demands: "PostgreSQL's ssl_min_protocol_version is TLSv1.2 or later.",
    levels: EVERYWHERE,
  },
  {
    name: "verified-server",
    demands: "The PostgreSQL provider verifies the server's certificate: sslmode is verify-full or verify-ca.",
    levels: EVERYWHERE,
  },
  {
    name: "bucket-tls-only",
    demands: "Every bucket has a policy, and it denies everybody whatever comes without TLS.",
    levels: EVERYWHERE,
  },
  {
    name: "no-public-bucket",
    demands:
      "Every bucket has all four public access blocks; no access list and no statement without a condition lets everybody in.",
    levels: EVERYWHERE,
  },
  {
    name: "encrypted-storage",
    demands: "Databases, volumes and disks of hosts are encrypted with a key of the customer's.",
    levels: EVERYWHERE,
  },
  {
    name: "encrypted-bucket",
    demands:
      "Buckets encrypt with a key of the customer's. Where S3 delivers access logs, which it can do only without one, with S3's own.",
    levels: EVERYWHERE,
  },
  {
    name: "encrypted-log-group",
    demands: "Log groups are encrypted with a key of the customer's.",
    levels: EVERYWHERE,
  },
  {
    name: "no-wildcard-iam",
    demands:
      "No IAM policy allows * or all actions of a service, nor on every resource what does more than look at names and settings; no policy of AWS's that does is attached, and nobody takes a role on unnamed.",
    levels: EVERYWHERE,
  },
  {
    name: "no-plain-secret",
    demands: "No output of the stack and no tag shows a password, key or token.",
    levels: EVERYWHERE,
  },
  {
    name: "tagged",
    demands:
      "Everything in AWS that takes tags has Application, Environment, Owner, Purpose and DataClassification, its own or the provider's.",
    levels: WARNS_BEFORE_PROD,
  },
  {
    name: "versioned-bucket",
    demands: "Buckets keep what is deleted or overwritten; those for access logs need not.",
    levels: WARNS_BEFORE_PROD,
  },
  {
    name: "backup-retention",
    demands: "RDS keeps its backups for 7 days or more.",
    levels: { local: "disabled", dev: "advisory", prod: "mandatory" },
  },
  { name: "log-retention", demands: "Log groups keep what is logged for 365 days or more.", levels: PROD_ONLY },
  {
    name: "deletion-protection",
    demands: "RDS refuses to delete a database, and takes a last snapshot of one that is deleted all the same.",
    levels: PROD_ONLY,
  },
  {
    name: "protected-resources",
    demands:
      "Pulumi refuses to delete or replace databases, keys, buckets and the role that owns the tables: they have the option protect.",
    levels: PROD_ONLY,
  },
] as const satisfies { name: string; demands: string; levels: Levels }[];

export type PolicyName = (typeof POLICIES)[number]["name"];

/** The environment whose levels hold for a stack. A stack of any other name may hold real data, so prod's levels hold for it. */
export function environmentOf(stack: string): Environment {
  return ENVIRONMENTS.find((environment) => environment === stack) ?? "prod";
}
