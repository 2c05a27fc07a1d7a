import { Controls, everywhere, faultForTheRole, faultInAws, platform, resource, shared, stack, unit } from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const ingress = resource("network/network.ts", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
const bucketPolicy = resource("backup/closed-bucket.ts", "aws:s3/bucketPolicy:BucketPolicy");
const trail = resource("backup/trail.ts", "aws:cloudtrail/trail:Trail");
const prodOptions = { where: ["prod with options"] } as const;

export const NETWORK_CONTROLS: Controls = {
  "Network: private": {
    resources: [
      instance.is("publiclyAccessible", false),
      resource("network/vpc.ts", "aws:ec2/internetGateway:InternetGateway").exists({ none: true }),
    ],
    checks: ["instance"],
    tests: [
      unit("components", "network > has subnets in each zone, all on one route table without routes"),
      faultInAws("a public instance"),
    ],
  },
  "Network: application only": {
    resources: [ingress.contains("referencedSecurityGroupId", "-application", { name: "database-from-application" })],
    checks: ["network"],
    tests: [
      unit(
        "components",
        "network > opens the database's port to the application's group and the VPN, endpoints to the application, and nothing else",
      ),
      faultForTheRole("a group of somebody else's"),
    ],
  },
  "Network: not public": {
    resources: [instance.is("publiclyAccessible", false), ingress.is("cidrIpv4", undefined)],
    checks: ["network", "instance"],
    tests: [faultInAws("a database open to the world"), faultInAws("a public instance")],
  },
  "Network: VPN": {
    how: "`network.adminCidrs` lets a VPN's ranges in; `access.mode: ssm`, as in prod, needs none: a host that nobody reaches, by sessions of Systems Manager.",
    resources: [
      resource("admin-access/admin-access.ts", "aws:ssm/document:Document").is("documentType", "Session", {
        where: ["prod"],
      }),
    ],
    checks: ["network"],
    tests: [
      unit(
        "admin-access",
        "the host for administration > can be reached by nobody: no ingress, no public address, no key pair",
      ),
      unit(
        "network-acls",
        "network ACLs > of the database know the VPC and the administrators' ranges, and nobody else",
      ),
    ],
    pages: ["aws.md#a-vpn", "admin-access.md"],
  },
  "Network: localhost": {
    how: "The local RDS binds to loopback, whatever a security group says.",
    tests: [unit("local-rds", "configuration > listens on loopback only, whatever the group says")],
    pages: ["local-platform.md#the-local-rds"],
  },
  "Network: tunnel": {
    how: "The session of Systems Manager forwards a port to loopback; in dev, where `access.mode` is direct, a VPN takes its place.",
    tests: [
      stack("admin-access", "opening > asks AWS for the port and returns when PostgreSQL answers"),
      unit(
        "admin-access",
        "the host for administration > opens one session in an update, and tells the way through it",
      ),
    ],
    pages: ["admin-access.md#for-people"],
  },
  "Network: not 0.0.0.0": {
    how: "`listen_addresses` is loopback on the local server, and refused as a parameter.",
    tests: [
      unit("local-rds", "configuration > listens on loopback only, whatever the group says"),
      platform(
        "local-rds-parameters",
        "parameters of PostgreSQL %s in the local RDS > %s > %s = %j, %s, is refused",
        "listen_addresses",
      ),
    ],
    pages: ["local-platform.md#the-local-rds"],
  },
};

export const BACKUP_ACCESS_CONTROLS: Controls = {
  "Backup access: at rest": {
    how: "Twice: before they leave the process that dumps, and by S3.",
    resources: [
      resource(
        "backup/closed-bucket.ts",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        { name: "backups" },
      ).is("rules.*.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms"),
    ],
    checks: ["bucket"],
    tests: [
      shared("proven-backups", "a backup > has nothing in clear, neither the dump nor the manifest"),
      stack("backup-bucket", "the bucket for backups > refuses what %s", "is encrypted with another key"),
    ],
  },
  "Backup access: in transit": {
    resources: [bucketPolicy.contains("policy", '"aws:SecureTransport":"false"')],
    checks: ["bucket"],
    tests: [
      stack("backup-bucket", "the bucket for backups > refuses whoever comes without TLS"),
      stack("backup-roles", "with backups > the %s > $may: $name", "puts a dump without TLS"),
    ],
  },
  "Backup access: secure place": {
    resources: [
      resource("backup/closed-bucket.ts", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").is(
        "restrictPublicBuckets",
        true,
      ),
      resource("backup/bucket.ts", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").atLeast(
        "rule.defaultRetention.days",
        7,
      ),
    ],
    checks: ["bucket"],
    tests: [
      stack("backup-bucket", "the bucket for backups > keeps what it has: no version can be deleted before its time"),
      faultInAws("a bucket that may become public"),
    ],
  },
  "Backup access: restricted": {
    how: "Whoever writes cannot read, and whoever reads cannot write.",
    resources: [
      resource("backup/roles.ts", "aws:iam/rolePolicy:RolePolicy", { name: "backup-writer" }).contains(
        "policy",
        "PutDumps",
      ),
      resource("backup/roles.ts", "aws:iam/rolePolicy:RolePolicy", { name: "backup-restorer" }).exists(),
    ],
    checks: ["bucket"],
    tests: [
      stack("backup-roles", "with backups > the %s > $may: $name", "reads a dump"),
      stack("backup-roles", "with backups > nobody else opens or seals envelopes, with every right of IAM"),
    ],
    pages: ["backups.md#what-a-backup-is"],
  },
  "Backup access: audited": {
    resources: [
      resource("backup/backup.ts", "aws:s3/bucketLogging:BucketLogging").contains("targetBucket", "backups-access"),
      trail.is("enableLogFileValidation", true),
    ],
    checks: ["bucket"],
    tests: [
      stack("backup-bucket", "the bucket for backups > has its accesses logged"),
      stack(
        "backup-bucket",
        "the bucket for backups > has every reading and writing of its objects in a trail, encrypted and signed",
      ),
    ],
  },
  "Backup access: restored monthly": {
    how: "With `backup.image`: monthly, in prod weekly, and an alarm for one that fails.",
    resources: [
      resource("backup/tasks.ts", "aws:scheduler/schedule:Schedule", { name: "verify-backup" }).exists(prodOptions),
    ],
    tests: [
      stack(
        "backup-tasks",
        "the tasks about backups > run daily and weekly, in subnets without a way out, and only the one that dumps reaches the database",
      ),
      shared("proven-backups", "a backup > is restored and equals what was dumped, and nothing of that stays"),
    ],
    pages: ["backups.md#how-it-is-verified"],
    exceptions: everywhere(
      "The files of dev and prod name no `backup.image` yet (CIS 7.2). Until then `ops/verify-backup` is somebody's to run each month.",
    ),
  },
};
