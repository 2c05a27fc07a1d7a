import {
  Controls,
  everywhere,
  faultForTheRole,
  faultInAws,
  inDev,
  resource,
  shared,
  stack,
  TestProof,
  unit,
} from "./control";

const instance = resource("database/database.ts", "aws:rds/instance:Instance");
const parameters = resource("database/database.ts", "aws:rds/parameterGroup:ParameterGroup");
const subnetGroup = resource("database/database.ts", "aws:rds/subnetGroup:SubnetGroup");
const routeTable = resource("network/vpc.ts", "aws:ec2/routeTable:RouteTable");
const gateway = resource("network/vpc.ts", "aws:ec2/internetGateway:InternetGateway");
const route = resource("network/vpc.ts", "aws:ec2/route:Route");
const events = (name: string) =>
  resource("observability/notifications.ts", "aws:rds/eventSubscription:EventSubscription", { name });

const BUILT = unit("components", "database > is private, encrypted with its own key, and hard to delete");
const judged = (line: string): TestProof => unit("check-aws", "an instance > %s", line);
const EVENTS = faultForTheRole("events that are switched off");

export const FSBP_RDS_CONTROLS: Controls = {
  "FSBP RDS.1": {
    how: "The stack shares no snapshot; the check asks RDS about each that somebody made by hand.",
    checks: ["snapshots"],
    tests: [unit("check-aws", "a snapshot > that is public, shared, or in clear has one")],
  },
  "FSBP RDS.2": {
    resources: [instance.is("publiclyAccessible", false)],
    checks: ["instance", "network"],
    tests: [BUILT, faultInAws("a public instance"), faultInAws("a database open to the world")],
  },
  "FSBP RDS.3": {
    resources: [instance.is("storageEncrypted", true), instance.contains("kmsKeyId", "-database")],
    checks: ["instance"],
    tests: [BUILT, judged("encryption at rest"), judged("key of the storage")],
  },
  "FSBP RDS.4": {
    how: "RDS encrypts snapshots as their instance is.",
    resources: [instance.is("storageEncrypted", true)],
    checks: ["snapshots"],
    tests: [unit("check-aws", "a snapshot > that is public, shared, or in clear has one")],
  },
  "FSBP RDS.5": {
    resources: [instance.is("multiAz", true)],
    checks: ["instance"],
    tests: [
      faultInAws("a standby that nobody asked for"),
      stack("environments", "prod > lets its roles in, and has left no session behind"),
    ],
    exceptions: inDev("A standby in a second zone costs as much again as the database."),
  },
  "FSBP RDS.6": {
    resources: [instance.atLeast("monitoringInterval", 1)],
    checks: ["instance"],
    tests: [BUILT, judged("seconds between readings of the system")],
  },
  "FSBP RDS.8": {
    resources: [instance.is("deletionProtection", true)],
    checks: ["instance"],
    tests: [
      BUILT,
      judged("deletion protection"),
      stack("environments", "prod > refuses to be destroyed, as a whole: destroy %s"),
    ],
    exceptions: inDev("dev can be destroyed and built anew."),
  },
  "FSBP RDS.9": {
    resources: [instance.contains("enabledCloudwatchLogsExports", "postgresql")],
    checks: ["instance"],
    tests: [BUILT, faultInAws("a log that stays on the instance")],
  },
  "FSBP RDS.10": {
    resources: [instance.is("iamDatabaseAuthenticationEnabled", true)],
    checks: ["instance"],
    tests: [BUILT, faultInAws("no IAM authentication")],
  },
  "FSBP RDS.11": {
    resources: [instance.atLeast("backupRetentionPeriod", 7)],
    checks: ["instance"],
    tests: [
      unit("settings-aws", "settings for AWS > asks more of prod, and of prod alone"),
      faultInAws("fewer days of backups"),
    ],
  },
  "FSBP RDS.13": {
    resources: [instance.is("autoMinorVersionUpgrade", true)],
    checks: ["instance"],
    tests: [BUILT, judged("minor upgrades by RDS")],
  },
  "FSBP RDS.17": {
    resources: [instance.is("copyTagsToSnapshot", true)],
    checks: ["instance"],
    tests: [BUILT, faultInAws("snapshots without tags")],
  },
  "FSBP RDS.18": {
    resources: [
      instance.contains("dbSubnetGroupName", "markenmate"),
      subnetGroup.contains("subnetIds.*", "-database-"),
    ],
    checks: ["network"],
    tests: [unit("components", "network > has subnets in each zone, all on one route table without routes")],
  },
  "FSBP RDS.20": {
    resources: [
      events("instance").contains("eventCategories", "maintenance"),
      events("instance").contains("eventCategories", "configuration change"),
      events("instance").contains("eventCategories", "failure"),
    ],
    checks: ["events"],
    tests: [EVENTS],
  },
  "FSBP RDS.21": {
    resources: [events("parameters").contains("eventCategories", "configuration change")],
    checks: ["events"],
    tests: [EVENTS],
  },
  "FSBP RDS.22": {
    resources: [
      events("security-groups").contains("eventCategories", "configuration change"),
      events("security-groups").contains("eventCategories", "failure"),
    ],
    checks: ["events"],
    tests: [EVENTS],
  },
  "FSBP RDS.23": {
    how: "`database.port` is 5432 where a stack's file does not set it; dev and prod do.",
    resources: [instance.is("port", 5433)],
    checks: ["network"],
    tests: [faultForTheRole("the application on another port")],
  },
  "FSBP RDS.25": {
    resources: [instance.is("username", "markenmate_admin")],
    checks: ["instance"],
    tests: [
      judged("name of the master"),
      unit("settings-aws", "settings for AWS > names key, value and cure in AWS: %s", "master"),
    ],
  },
  "FSBP RDS.26": {
    how: "RDS's own snapshots and point-in-time recovery are on.",
    resources: [instance.atLeast("backupRetentionPeriod", 7, { where: ["dev", "prod"] })],
    checks: ["instance", "backup-age"],
    tests: [
      judged("point-in-time recovery"),
      shared("proven-check", "a stack in order > has one when nothing was backed up for a day"),
    ],
    pages: ["backups.md"],
    exceptions: everywhere(
      "No plan of AWS Backup: RDS's own snapshots and point-in-time recovery cover the same ground, for 7 days in dev and 30 in prod.",
    ),
  },
  "FSBP RDS.36": {
    resources: [
      instance.contains("enabledCloudwatchLogsExports", "postgresql"),
      instance.contains("enabledCloudwatchLogsExports", "upgrade"),
    ],
    checks: ["instance", "logs"],
    tests: [BUILT, faultInAws("a log that stays on the instance"), faultForTheRole("no log of upgrades")],
  },
  "FSBP RDS.38": {
    resources: [
      parameters.is("parameters[name=rds.force_ssl].value", "1"),
      parameters.is("parameters[name=rds.force_ssl].applyMethod", "immediate"),
    ],
    checks: ["parameter-group", "instance", "tls", "parameters"],
    tests: [
      faultInAws("connections without TLS, by the parameter group"),
      judged("parameters in force"),
      shared("whole-stack", "connections > are refused without TLS"),
    ],
  },
  "FSBP RDS.46": {
    how: "There is no gateway for a route to lead to. Subnets of an existing VPC are looked at before anything is made.",
    resources: [gateway.exists({ none: true }), route.exists({ none: true }), routeTable.is("routes", undefined)],
    tests: [
      unit("environments", "%s > has no NAT gateway and no internet gateway"),
      unit("components", "network > has subnets in each zone, all on one route table without routes"),
      stack(
        "existing-vpc",
        "an existing VPC > is refused before anything is made, when a subnet leads outside or belongs to another VPC",
      ),
    ],
  },
};
