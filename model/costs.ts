/**
 * What each environment is made of that AWS charges for. A test compares the lists with what the program declares, so that
 * nothing that costs by the hour comes in unseen. Prices change: see AWS's pages for RDS, VPC (PrivateLink), EC2, KMS,
 * Secrets Manager, CloudWatch and S3.
 */
export const UNITS = ["hour", "month", "GB and month", "GB", "use"] as const;
export type Unit = (typeof UNITS)[number];

export interface Cost {
  unit: Unit;
  count: number;
  what: string;
}

type Inputs = Record<string, unknown>;
const listed = (value: unknown) => (value as unknown[]).length;

const database = (inputs: Inputs) =>
  `RDS ${String(inputs.instanceClass)}, ${inputs.multiAz ? "with a standby in a second zone" : "single"}`;
const storage = (inputs: Inputs) =>
  `gp3 storage${inputs.multiAz ? ", twice" : ""}, growing to ${String(inputs.maxAllocatedStorage)}; backups beyond its size`;

/** `com.amazonaws.eu-central-1.ecr.api`: what comes after the region. */
const serviceIn = (name: string) => name.split(".").slice(3).join(".");

const MONITORING: Cost = { unit: "GB", count: 1, what: "enhanced monitoring, which RDS logs to RDSOSMetrics" };

/** How each type of resource is charged for; an empty list is free. A type that is not here fails the test. */
export const BILLING: Record<string, (inputs: Inputs) => Cost[]> = {
  "aws:rds/instance:Instance": (inputs) => [
    { unit: "hour", count: 1, what: database(inputs) },
    { unit: "GB and month", count: Number(inputs.allocatedStorage), what: storage(inputs) },
    ...(inputs.monitoringInterval ? [MONITORING] : []),
  ],
  "aws:ec2/instance:Instance": (inputs) => [
    { unit: "hour", count: 1, what: `EC2 ${String(inputs.instanceType)}, the admin host` },
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (inputs) =>
    inputs.vpcEndpointType === "Interface"
      ? [
          {
            unit: "hour",
            count: listed(inputs.subnetIds),
            what: `interface endpoint of ${serviceIn(String(inputs.serviceName))}, one for each zone`,
          },
          { unit: "GB", count: 1, what: "what goes through an interface endpoint" },
        ]
      : [],
  "aws:kms/key:Key": () => [{ unit: "month", count: 1, what: "KMS key" }],
  "aws:secretsmanager/secret:Secret": () => [{ unit: "month", count: 1, what: "secret of a role" }],
  "aws:cloudwatch/logGroup:LogGroup": () => [{ unit: "GB", count: 1, what: "log group" }],
  "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": () => [
    { unit: "GB", count: 1, what: "log group, for hiding columns in it" },
  ],
  "aws:s3/bucket:Bucket": () => [{ unit: "GB and month", count: 1, what: "bucket, by what is in it" }],
  "aws:sns/topic:Topic": () => [{ unit: "use", count: 1, what: "topic of events" }],
  "aws:kms/replicaKey:ReplicaKey": () => [{ unit: "month", count: 1, what: "KMS key" }],
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": () => [
    { unit: "GB", count: 1, what: "what is copied to the bucket in another region" },
  ],
  "aws:cloudtrail/trail:Trail": () => [{ unit: "use", count: 1, what: "trail of who reads and writes backups" }],
  "aws:cloudwatch/metricAlarm:MetricAlarm": () => [{ unit: "month", count: 1, what: "alarm" }],
  "aws:cloudwatch/dashboard:Dashboard": () => [{ unit: "month", count: 1, what: "dashboard" }],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": () => [{ unit: "month", count: 1, what: "metric of a log" }],
  "aws:ecs/taskDefinition:TaskDefinition": (inputs) => [
    { unit: "use", count: 1, what: `Fargate task, 1 vCPU and ${Number(inputs.memory) / 1024} GB, while it runs` },
  ],
};

/** Types that AWS charges nothing for. */
export const FREE = [
  "sns/topicSubscription:TopicSubscription",
  "cloudwatch/queryDefinition:QueryDefinition", // what a query reads is charged for when somebody asks it

  ...["ec2/vpc:Vpc", "ec2/subnet:Subnet", "ec2/routeTable:RouteTable", "ec2/securityGroup:SecurityGroup"],
  ...["ec2/routeTableAssociation:RouteTableAssociation", "ec2/defaultSecurityGroup:DefaultSecurityGroup"],
  ...["ec2/networkAcl:NetworkAcl", "ec2/networkAclRule:NetworkAclRule"],
  ...["vpc/securityGroupIngressRule:SecurityGroupIngressRule", "vpc/securityGroupEgressRule:SecurityGroupEgressRule"],
  "ec2/flowLog:FlowLog", // what it writes is the log group's
  ...["iam/role:Role", "iam/rolePolicy:RolePolicy", "iam/rolePolicyAttachment:RolePolicyAttachment"],
  ...["iam/policy:Policy", "iam/instanceProfile:InstanceProfile", "kms/alias:Alias"],
  ...["rds/parameterGroup:ParameterGroup", "rds/subnetGroup:SubnetGroup", "rds/eventSubscription:EventSubscription"],
  ...[
    "secretsmanager/secretVersion:SecretVersion",
    "secretsmanager/secretPolicy:SecretPolicy",
    "secretsmanager/secretRotation:SecretRotation",
  ],
  ...["s3/bucketVersioning:BucketVersioning", "s3/bucketPolicy:BucketPolicy", "s3/bucketLogging:BucketLogging"],
  ...["s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"],
  ...["s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"],
  ...["s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"],
  ...["s3/bucketOwnershipControls:BucketOwnershipControls", "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"],
  ...["sns/topicPolicy:TopicPolicy", "ssm/document:Document"],
  ...["ecs/cluster:Cluster", "scheduler/schedule:Schedule"], // fourteen million schedules a month are free
  ...["cloudwatch/eventRule:EventRule", "cloudwatch/eventTarget:EventTarget"], // of AWS's own events
].map((type) => `aws:${type}`);

/** Resources that AWS makes by itself for these, and charges for. */
const MASTER_SECRET: Cost = { unit: "month", count: 1, what: "secret of the master, made by RDS" };

/** Everything that is charged for, of these resources, summed up. */
export function costsOf(resources: { type: string; inputs: Inputs }[]): Cost[] {
  const costs = new Map<string, Cost>();
  /** A metric is one, however many filters make it. */
  const metrics = new Set<unknown>();
  const isAnother = ({ metricTransformation }: Inputs) => {
    const name = (metricTransformation as Inputs | undefined)?.name;
    return name !== undefined && metrics.has(name) ? true : void metrics.add(name);
  };
  for (const { type, inputs } of resources.filter((resource) => resource.type.startsWith("aws:"))) {
    const bill = BILLING[type];
    if (!bill && !FREE.includes(type)) {
      throw new Error(`model/costs.ts does not say what ${type} costs: add it to BILLING or to FREE`);
    }
    for (const cost of isAnother(inputs) ? [] : (bill?.(inputs) ?? [])) {
      const key = `${cost.unit} ${cost.what}`;
      costs.set(key, { ...cost, count: cost.count + (costs.get(key)?.count ?? 0) });
    }
    if (inputs.manageMasterUserPassword) {
      costs.set("master", MASTER_SECRET);
    }
  }
  return [...costs.values()].sort((a, b) => `${a.unit} ${a.what}`.localeCompare(`${b.unit} ${b.what}`));
}

const COMMON: Cost[] = [
  { unit: "month", count: 1, what: "dashboard" },
  { unit: "month", count: 6, what: "metric of a log" },
  { unit: "month", count: 4, what: "KMS key" },
  { unit: "month", count: 5, what: "secret of a role" },
  MASTER_SECRET,
  { unit: "GB and month", count: 2, what: "bucket, by what is in it" },
  { unit: "use", count: 1, what: "topic of events" },
  { unit: "use", count: 1, what: "trail of who reads and writes backups" },
  MONITORING,
];

/** One in each of three zones. */
const interfaceEndpoints = (...services: string[]): Cost[] =>
  services.map((service) => ({ unit: "hour", count: 3, what: `interface endpoint of ${service}, one for each zone` }));

/** What `backup.image` adds to dev: the tasks and the endpoints that they need. */
export const TASK_COSTS: Cost[] = [
  ...interfaceEndpoints("ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager"),
  { unit: "GB", count: 5, what: "what goes through an interface endpoint" },
  { unit: "GB", count: 1, what: "log group" },
  { unit: "month", count: 2, what: "alarm" },
  { unit: "month", count: 2, what: "metric of a log" },
  { unit: "use", count: 1, what: "Fargate task, 1 vCPU and 2 GB, while it runs" },
  { unit: "use", count: 1, what: "Fargate task, 1 vCPU and 4 GB, while it runs" },
];

/** The lists: `make docs` writes them into costs.md. */
export const COSTS: Record<"dev" | "prod", Cost[]> = {
  dev: [
    { unit: "month", count: 10, what: "alarm" },
    { unit: "hour", count: 1, what: "RDS db.t4g.micro, single" },
    { unit: "GB and month", count: 20, what: "gp3 storage, growing to 50; backups beyond its size" },
    { unit: "GB", count: 3, what: "log group" },
    ...COMMON,
  ],
  prod: [
    { unit: "month", count: 9, what: "alarm" },
    { unit: "hour", count: 1, what: "RDS db.m7g.large, with a standby in a second zone" },
    { unit: "hour", count: 1, what: "EC2 t4g.nano, the admin host" },
    ...interfaceEndpoints("logs", "secretsmanager", "ssm", "ssmmessages"),
    { unit: "GB and month", count: 100, what: "gp3 storage, twice, growing to 1000; backups beyond its size" },
    { unit: "GB", count: 4, what: "log group" },
    { unit: "GB", count: 1, what: "log group, for hiding columns in it" },
    { unit: "GB", count: 4, what: "what goes through an interface endpoint" },
    ...COMMON,
  ],
};
