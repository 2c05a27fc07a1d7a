import { Statement } from "../../model/aws/account";
import { publicParameters } from "./deploy-operations";
import { own, Scope } from "./names";

/**
 * What the official AWS provider asks for the stack's resources, or AWS for a call of its, beyond what was seen here. No AWS client
 * in here.
 *
 * Everything else in these policies was recorded of a deployment against the emulator, with the local stand-in of the provider; this
 * was not, and nothing here proves it. Sources: terraform-provider-aws, internal/service/<service>, what create, read and delete call
 * for each resource; Service Authorization Reference, column "Dependent actions".
 */
const EVERYWHERE: Record<string, string[]> = {
  // aws_security_group, aws_subnet and aws_vpc wait for interfaces to go; aws_instance reads all of these.
  ec2: [
    ...["AccountAttributes", "InstanceCreditSpecifications", "InstanceStatus", "InstanceTypes", "ManagedPrefixLists"],
    ...["NetworkInterfaces", "Regions", "Tags", "VpcEndpointServices"],
  ].map((what) => `Describe${what}`),
  // aws_db_instance: the version that an upgrade leads to, and what is left after a deletion.
  rds: [
    "DescribeDBEngineVersions",
    "DescribeDBInstanceAutomatedBackups",
    "DescribeDBSnapshots",
    "DescribeOptionGroups",
  ],
  // aws_cloudwatch_log_group and its filters, by older and newer calls.
  logs: ["ListTagsLogGroup"],
  // aws_ssm_document.
  ssm: ["ListDocuments"],
};

/** On the stack's own resources. */
const OWN: { source: string; actions: string[]; on: (scope: Scope) => string[] }[] = [
  {
    source: "aws_s3_bucket reads the whole bucket; since v6 it tags by S3 Control",
    actions: [
      ...["s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation"],
      ...["s3:GetBucketRequestPayment", "s3:GetBucketWebsite", "s3:ListTagsForResource", "s3:TagResource"],
      "s3:UntagResource",
    ],
    on: ({ account, stack }) => [`arn:${account.partition}:s3:::${stack}-*`],
  },
  {
    source: "aws_secretsmanager_secret_policy with block_public_policy",
    actions: ["secretsmanager:ValidateResourcePolicy"],
    on: (scope) => own(scope, "secretsmanager", "secret:"),
  },
  {
    source: "aws_iam_role, aws_iam_policy, aws_iam_instance_profile: tags, and what a policy is attached to",
    actions: [
      ...["iam:ListEntitiesForPolicy", "iam:ListInstanceProfileTags", "iam:ListPolicyTags", "iam:ListRoleTags"],
    ],
    on: ({ account: { partition, id }, stack }) =>
      ["instance-profile", "policy", "role"].map((kind) => `arn:${partition}:iam::${id}:${kind}/${stack}-*`),
  },
  {
    source: "aws_sns_topic_subscription, aws_ssm_document, aws_cloudtrail, aws_cloudwatch_event_rule: reading",
    actions: [
      ...["cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "events:ListRuleNamesByTarget"],
      ...["sns:ListSubscriptionsByTopic", "ssm:DescribeDocumentPermission", "ssm:ModifyDocumentPermission"],
    ],
    on: (scope) => [
      ...own(scope, "cloudtrail", "trail/"),
      ...own(scope, "events", "rule/"),
      ...own(scope, "sns", ""),
      ...own(scope, "ssm", "document/"),
    ],
  },
  { source: "getParameter", actions: ["ssm:GetParameters"], on: (scope) => [publicParameters(scope)] },
  {
    source: "ecs:CreateCluster and TagResource have the cluster as their resource",
    actions: ["ecs:CreateCluster"],
    on: (scope) => own(scope, "ecs", "cluster/"),
  },
  {
    source: "rds:DeleteDBInstance with a final snapshot; an instance whose parameters need it is restarted",
    actions: ["rds:CreateDBSnapshot", "rds:RebootDBInstance"],
    on: (scope) => ["db", "snapshot"].flatMap((kind) => own(scope, "rds", `${kind}:`)),
  },
];

/** Services go on using the stack's keys by grants; AWS asks for these of whoever makes what is encrypted. */
function keysThroughServices({ account: { partition, region, id }, application, environment }: Scope): Statement[] {
  const ours = { "aws:ResourceTag/Application": application, "aws:ResourceTag/Environment": environment };
  const via = ["ec2", "rds", "secretsmanager"].map((service) => `${service}.${region}.amazonaws.com`);
  const key = `arn:${partition}:kms:${region}:${id}:key/*`;
  return [
    {
      ...{ Sid: "KeysThroughServices", Effect: "Allow", Resource: key },
      Action: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      Condition: { StringEquals: { ...ours, "kms:ViaService": via } },
    },
    {
      ...{ Sid: "GrantsToServices", Effect: "Allow", Action: "kms:CreateGrant", Resource: key },
      Condition: { StringEquals: ours, Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  ];
}

/** RDS makes the master's secret, and the service's own roles where an account has none yet, as whoever deploys. */
function onBehalf({ account: { partition, region, id } }: Scope): Statement[] {
  return [
    {
      ...{
        Sid: "MasterSecretThroughRds",
        Effect: "Allow",
        Action: ["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
      },
      Resource: `arn:${partition}:secretsmanager:${region}:${id}:secret:rds!db-*`,
    },
    {
      ...{ Sid: "RolesOfServices", Effect: "Allow", Action: "iam:CreateServiceLinkedRole" },
      Resource: `arn:${partition}:iam::${id}:role/aws-service-role/*`,
      Condition: { StringEquals: { "iam:AWSServiceName": ["ecs.amazonaws.com", "rds.amazonaws.com"] } },
    },
    // An interface endpoint with names of its own (ec2:CreateVpcEndpoint, dependent actions).
    {
      ...{ Sid: "NamesOfEndpoints", Effect: "Allow", Action: "route53:AssociateVPCWithHostedZone" },
      Resource: `arn:${partition}:route53:::hostedzone/*`,
    },
  ];
}

/** The reading part alone is what a preview needs of it. */
export function officialReads(scope: Scope): Statement[] {
  return [
    {
      ...{ Sid: "LooksEverywhere", Effect: "Allow", Resource: "*" },
      Action: Object.entries(EVERYWHERE).flatMap(([service, actions]) =>
        actions.map((action) => `${service}:${action}`),
      ),
    },
    ...OWN.map(({ actions, on }, index): Statement => ({
      ...{ Sid: `OfItsOwn${index + 1}`, Effect: "Allow", Action: actions, Resource: on(scope) },
    })),
  ];
}

export const officialStatements = (scope: Scope): Statement[] => [
  ...officialReads(scope),
  ...keysThroughServices(scope),
  ...onBehalf(scope),
];
