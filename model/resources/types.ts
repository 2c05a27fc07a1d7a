import { billDatabase, billEndpoint, billHost, billTask, Cost, Inputs } from "./billing";
import { BUCKET, DATABASE, KEY, Lasting } from "./lasting";

/**
 * What the project knows of a type of resource, said once: what the checks of names, tags, costs, deletions and interrupted updates go by.
 * How a lost one is found again (`ops/importing/types/`) and which calls deploy it (`ops/bootstrapping/deploy-*.ts`) stand with what does it.
 */
export interface ResourceType {
  /** The input that is the resource's id, by which the service knows it too ("Import" in the registry's page of the type). */
  id?: string;
  /** AWS's limits to the length of names, by the input that holds one (quotas and API reference of each service). */
  nameLimits?: Record<string, number>;
  /** AWS's limit to the length of a name that Pulumi makes out of the logical one. */
  generatedNameLimit?: number;
  /** Whether AWS's type takes tags. */
  tags?: boolean;
  /** What is lost with it, of a type that cannot be had back. */
  lasting?: Lasting;
  /** What AWS charges for it; left out, it is free. */
  costs?: Cost[] | ((inputs: Inputs) => Cost[]);
}

/** Every type that the program registers, components, providers and `random`'s aside. */
export const RESOURCE_TYPES: Record<string, ResourceType> = {
  "aws:cloudtrail/trail:Trail": {
    nameLimits: { name: 128 },
    tags: true,
    costs: [{ unit: "use", count: 1, what: "trail of who reads and writes backups" }],
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    nameLimits: { dashboardName: 255 },
    tags: false,
    costs: [{ unit: "month", count: 1, what: "dashboard" }],
  },
  // Rules on AWS's own events are free.
  "aws:cloudwatch/eventRule:EventRule": { nameLimits: { name: 64 }, tags: true },
  "aws:cloudwatch/eventTarget:EventTarget": { tags: false },
  "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": {
    tags: false,
    costs: [{ unit: "GB", count: 1, what: "log group, for hiding columns in it" }],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    id: "name",
    nameLimits: { name: 512 },
    tags: true,
    costs: [{ unit: "GB", count: 1, what: "log group" }],
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    nameLimits: { name: 512 },
    tags: false,
    costs: [{ unit: "month", count: 1, what: "metric of a log" }],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    id: "name",
    nameLimits: { name: 255 },
    tags: true,
    costs: [{ unit: "month", count: 1, what: "alarm" }],
  },
  // What a query reads is charged for when somebody runs it.
  "aws:cloudwatch/queryDefinition:QueryDefinition": { nameLimits: { name: 255 }, tags: false },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": { tags: true },
  // What it writes is charged for with the log group.
  "aws:ec2/flowLog:FlowLog": { tags: true },
  "aws:ec2/instance:Instance": { tags: true, costs: billHost },
  "aws:ec2/networkAcl:NetworkAcl": { tags: true },
  "aws:ec2/networkAclRule:NetworkAclRule": { tags: false },
  "aws:ec2/routeTable:RouteTable": { tags: true },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": { tags: false },
  "aws:ec2/securityGroup:SecurityGroup": { generatedNameLimit: 255, tags: true },
  // The older way to write a rule, of which the program has none and the policy pack judges others'.
  "aws:ec2/securityGroupRule:SecurityGroupRule": { tags: false },
  "aws:ec2/subnet:Subnet": { tags: true },
  "aws:ec2/vpc:Vpc": { tags: true },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { tags: true, costs: billEndpoint },
  "aws:ecs/cluster:Cluster": { nameLimits: { name: 255 }, tags: true },
  "aws:ecs/taskDefinition:TaskDefinition": { nameLimits: { family: 255 }, tags: true, costs: billTask },
  "aws:iam/instanceProfile:InstanceProfile": { id: "name", nameLimits: { name: 128 }, tags: true },
  "aws:iam/policy:Policy": { nameLimits: { name: 128 }, tags: true },
  "aws:iam/role:Role": { id: "name", nameLimits: { name: 64 }, tags: true },
  "aws:iam/rolePolicy:RolePolicy": { tags: false },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { tags: false },
  "aws:kms/alias:Alias": { id: "name", nameLimits: { name: 256 }, tags: false },
  "aws:kms/key:Key": { tags: true, lasting: KEY, costs: [{ unit: "month", count: 1, what: "KMS key" }] },
  "aws:kms/replicaKey:ReplicaKey": { tags: true, lasting: KEY, costs: [{ unit: "month", count: 1, what: "KMS key" }] },
  "aws:rds/eventSubscription:EventSubscription": { id: "name", nameLimits: { name: 255 }, tags: true },
  "aws:rds/instance:Instance": {
    id: "identifier",
    nameLimits: { identifier: 63, finalSnapshotIdentifier: 255 },
    tags: true,
    lasting: DATABASE,
    costs: billDatabase,
  },
  "aws:rds/parameterGroup:ParameterGroup": { id: "name", nameLimits: { name: 255 }, tags: true },
  "aws:rds/subnetGroup:SubnetGroup": { id: "name", nameLimits: { name: 255 }, tags: true },
  "aws:s3/bucket:Bucket": {
    id: "bucket",
    generatedNameLimit: 63,
    tags: true,
    lasting: BUCKET,
    costs: [{ unit: "GB and month", count: 1, what: "bucket, by what is in it" }],
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": { tags: false },
  "aws:s3/bucketLogging:BucketLogging": { tags: false },
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": { tags: false },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": { tags: false },
  "aws:s3/bucketPolicy:BucketPolicy": { tags: false },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": { tags: false },
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {
    tags: false,
    costs: [{ unit: "GB", count: 1, what: "what is copied to the bucket in another region" }],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": { tags: false },
  "aws:s3/bucketVersioning:BucketVersioning": { tags: false },
  // Fourteen million invocations a month are free.
  "aws:scheduler/schedule:Schedule": { nameLimits: { name: 64 }, tags: false },
  "aws:secretsmanager/secret:Secret": {
    nameLimits: { name: 512 },
    tags: true,
    costs: [{ unit: "month", count: 1, what: "secret of a role" }],
  },
  "aws:secretsmanager/secretPolicy:SecretPolicy": { tags: false },
  "aws:secretsmanager/secretRotation:SecretRotation": { tags: false },
  "aws:secretsmanager/secretVersion:SecretVersion": { tags: false },
  "aws:sns/topic:Topic": {
    nameLimits: { name: 256 },
    tags: true,
    costs: [{ unit: "use", count: 1, what: "topic of events" }],
  },
  "aws:sns/topicPolicy:TopicPolicy": { tags: false },
  "aws:sns/topicSubscription:TopicSubscription": { tags: false },
  "aws:ssm/document:Document": { id: "name", nameLimits: { name: 128 }, tags: true },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": { tags: true },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": { tags: true },
  "postgresql:index/database:Database": { id: "name", lasting: DATABASE },
  "postgresql:index/role:Role": { id: "name" },
};

/** Whether it is a type of AWS that takes tags. Of types that the program does not have, those of AWS are taken to. */
export const takesTags = (type: string): boolean => type.startsWith("aws:") && RESOURCE_TYPES[type]?.tags !== false;
