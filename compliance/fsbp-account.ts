import {
  Controls,
  ENVIRONMENTS,
  everywhere,
  faultForTheRole,
  faultInAws,
  inDev,
  platform,
  resource,
  shared,
  stack,
  unit,
} from "./control";

const host = resource("admin-access/admin-access.ts", "aws:ec2/instance:Instance");
const noHostInDev = host.exists({ none: true, where: ["dev"] });
const inProd = { where: ["prod"] } as const;
const ingress = resource("network/network.ts", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
const acl = resource("network/vpc.ts", "aws:ec2/networkAclRule:NetworkAclRule");

export const FSBP_NETWORK_CONTROLS: Controls = {
  "FSBP EC2.2": {
    resources: [
      resource("network/vpc.ts", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").is("ingress", undefined),
      resource("network/vpc.ts", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").is("egress", undefined),
    ],
    tests: [
      platform(
        "aws-provider-network",
        "the local aws provider: network > DefaultSecurityGroup empties what AWS made, and leaves it when it goes",
      ),
      unit("least-privilege", "%s > lets nothing through the default security group"),
    ],
  },
  "FSBP EC2.3": {
    resources: [host.is("rootBlockDevice.encrypted", true, inProd), noHostInDev],
    tests: [
      unit(
        "admin-access",
        "the host for administration > wants tokens for its metadata, and encrypts its disk with the stack's key",
      ),
    ],
  },
  "FSBP EC2.6": {
    how: "In a network of the stack's own; in an existing VPC the check says when nothing records.",
    resources: [resource("network/flow-logs.ts", "aws:ec2/flowLog:FlowLog").is("trafficType", "ALL")],
    checks: ["network", "logs"],
    tests: [
      unit("components", "network > logs what flows, encrypted, for as long as was asked for"),
      faultForTheRole("a network's log kept for ever"),
    ],
  },
  "FSBP EC2.8": {
    resources: [host.is("metadataOptions.httpTokens", "required", inProd), noHostInDev],
    tests: [
      unit(
        "admin-access",
        "the host for administration > wants tokens for its metadata, and encrypts its disk with the stack's key",
      ),
    ],
  },
  "FSBP EC2.9": {
    resources: [host.is("associatePublicIpAddress", false, inProd), noHostInDev],
    tests: [
      unit(
        "admin-access",
        "the host for administration > can be reached by nobody: no ingress, no public address, no key pair",
      ),
    ],
  },
  "FSBP EC2.15": {
    resources: [resource("network/vpc.ts", "aws:ec2/subnet:Subnet").is("mapPublicIpOnLaunch", false)],
    tests: [unit("components", "network > has subnets in each zone, all on one route table without routes")],
  },
  "FSBP EC2.18": {
    how: "No rule names a range of addresses: each names a group of the stack's. `network.adminCidrs` lets no range in that is the internet or wide.",
    resources: [ingress.is("cidrIpv4", undefined), ingress.is("cidrIpv6", undefined)],
    checks: ["network"],
    tests: [
      unit(
        "components",
        "network > opens the database's port to the application's group and the VPN, endpoints to the application, and nothing else",
      ),
      unit("settings-aws", "settings for AWS > names key, value and cure in AWS: %s", "a wide range"),
      faultInAws("a database open to the world"),
      faultForTheRole("a range of IPv6"),
    ],
  },
  "FSBP EC2.19": {
    resources: [ingress.is("cidrIpv4", undefined), ingress.is("cidrIpv6", undefined)],
    checks: ["network"],
    tests: [
      unit("check-aws", "rules of the database's group > are found when they let in anything else, or on another port"),
      unit(
        "admin-access",
        "the host for administration > can be reached by nobody: no ingress, no public address, no key pair",
      ),
    ],
  },
  "FSBP EC2.21": {
    resources: [acl.contains("cidrBlock", "10.", { name: "database-from-vpc" })],
    tests: [
      unit("network-acls", "network ACLs > let nobody from anywhere in to SSH or RDP (FSBP EC2.21)"),
      unit(
        "network-acls",
        "network ACLs > of the database know the VPC and the administrators' ranges, and nobody else",
      ),
    ],
  },
  "FSBP EC2.172": {
    how: "The stack's own VPC has no internet gateway to be barred from (RDS.46).",
    resources: [
      resource("network/vpc.ts", "aws:ec2/internetGateway:InternetGateway").exists({ none: true, where: ENVIRONMENTS }),
    ],
    tests: [unit("environments", "%s > has no NAT gateway and no internet gateway")],
    exceptions: everywhere(
      "It is one switch for all VPCs of an account and region, and other systems there may need their gateways: whoever owns the account sets it. The check does not ask for it, for whoever runs it could not mend it.",
    ),
  },
};

const alarm = resource("observability/alarms.ts", "aws:cloudwatch/metricAlarm:MetricAlarm");
const logGroup = resource("database/database.ts", "aws:cloudwatch/logGroup:LogGroup");
const topic = resource("observability/notifications.ts", "aws:sns/topic:Topic");
const topicPolicy = resource("observability/notifications.ts", "aws:sns/topicPolicy:TopicPolicy");
const trail = resource("backup/trail.ts", "aws:cloudtrail/trail:Trail");
const NO_WILDCARD = unit("least-privilege", "%s > allows no wildcard for an action");
const TRAIL = unit(
  "backup",
  "the trail of who touches backups > has every event of the bucket's objects, and of nothing else, encrypted and signed",
);
const OF_THE_ACCOUNT = "It belongs to the account, not to one stack in it.";

export const FSBP_ACCOUNT_CONTROLS: Controls = {
  "FSBP CloudWatch.15": {
    resources: [alarm.contains("alarmActions.*", "-events"), alarm.contains("okActions.*", "-events")],
    checks: ["alarms"],
    tests: [
      stack("alarms", "the alarms > are all connected to people, both ways, and say where to look"),
      faultInAws("an alarm that tells nobody"),
    ],
  },
  "FSBP CloudWatch.16": {
    resources: [logGroup.atLeast("retentionInDays", 365)],
    checks: ["logs"],
    tests: [
      unit("settings-aws", "settings for AWS > asks more of prod, and of prod alone"),
      faultInAws("a log that is gone after a day"),
    ],
    exceptions: inDev("Logs are kept for a month there."),
  },
  "FSBP CloudWatch.17": {
    resources: [alarm.is("actionsEnabled", undefined)],
    how: "`actionsEnabled` is left out, which is true.",
    checks: ["alarms"],
    tests: [faultInAws("an alarm that is switched off")],
  },
  "FSBP SNS.1": {
    resources: [topic.contains("kmsMasterKeyId", "-logs")],
    checks: ["alarms"],
    tests: [faultInAws("a topic in clear")],
  },
  "FSBP SNS.4": {
    resources: [topicPolicy.contains("policy", '"aws:SourceAccount"')],
    checks: ["alarms"],
    tests: [
      unit("least-privilege", "%s > lets no other account into a bucket, a topic or a secret"),
      faultInAws("a topic that everybody may publish to"),
    ],
  },
  "FSBP IAM.1": {
    resources: [
      resource("access/credentials.ts", "aws:iam/policy:Policy").exists(),
      resource("live-check/role.ts", "aws:iam/rolePolicy:RolePolicy").exists(),
    ],
    tests: [NO_WILDCARD],
  },
  "FSBP IAM.21": {
    resources: [
      resource("access/credentials.ts", "aws:iam/policy:Policy").exists(),
      resource("live-check/role.ts", "aws:iam/rolePolicy:RolePolicy").exists(),
    ],
    tests: [NO_WILDCARD, stack("check-aws", "the role > has just the rights that the checks use")],
  },
  "FSBP Backup.1": {
    resources: [
      resource("backup/backup.ts", "aws:backup/plan:Plan").exists({ none: true, where: ENVIRONMENTS }),
      resource("backup/backup.ts", "aws:backup/vault:Vault").exists({ none: true, where: ENVIRONMENTS }),
    ],
    checks: ["snapshots"],
    tests: [shared("proven-backups", "a backup > has nothing in clear, neither the dump nor the manifest")],
    exceptions: everywhere(
      "There are no recovery points of AWS Backup (RDS.26). RDS's snapshots and the dumps are encrypted (RDS.4, S3.17).",
    ),
  },
  "FSBP CloudTrail.1": {
    how: "The stack's own trail has the accesses to backups, and nothing else.",
    resources: [trail.is("isMultiRegionTrail", false, { where: ENVIRONMENTS })],
    tests: [TRAIL],
    exceptions: everywhere(OF_THE_ACCOUNT),
  },
  "FSBP CloudTrail.2": {
    resources: [trail.contains("kmsKeyId", "-logs")],
    tests: [TRAIL, unit("policies", "of the logs' key, the trail of backups > encrypts its own files and no others")],
  },
  "FSBP CloudTrail.4": {
    resources: [trail.is("enableLogFileValidation", true)],
    tests: [TRAIL],
  },
  "FSBP CloudTrail.5": {
    resources: [trail.is("cloudWatchLogsGroupArn", undefined, { where: ENVIRONMENTS })],
    tests: [TRAIL],
    exceptions: everywhere(
      "Its files lie in the bucket `backups-access`, where Athena asks them. Nothing rings on them: the backups' roles can do little harm, and an alarm for each dump would be noise.",
    ),
  },
  "FSBP CloudTrail data events": {
    resources: [
      trail.contains("advancedEventSelectors.*.fieldSelectors[field=eventCategory].equals", "Data"),
      trail.contains("advancedEventSelectors.*.fieldSelectors[field=resources.ARN].startsWiths.*", "-backups/"),
    ],
    checks: ["bucket"],
    tests: [
      TRAIL,
      stack(
        "backup-bucket",
        "the bucket for backups > has every reading and writing of its objects in a trail, encrypted and signed",
      ),
      faultInAws("a trail that does not record"),
    ],
  },
  "FSBP GuardDuty.9": {
    exceptions: everywhere(`${OF_THE_ACCOUNT} What it would see of failed logins, the alarm failed-logins sees.`),
    pages: ["alarms.md#failed-logins"],
  },
  "FSBP GuardDuty.10": { exceptions: everywhere(`${OF_THE_ACCOUNT} Accesses to backups are in the stack's trail.`) },
  "FSBP ECS.12": {
    how: "The cluster is there with `backup.image` alone.",
    resources: [resource("backup/tasks.ts", "aws:ecs/cluster:Cluster").exists({ where: ["prod with options"] })],
    tests: [stack("backup-tasks", "the tasks about backups > when one fails > says which, why and where to look")],
    exceptions: everywhere("Two tasks that run for minutes: what fails and what never comes is told of without it."),
  },
};
