import { ProviderModel } from "../protocol/model";
import { AwsClients, clientsFrom, CONFIG } from "./clients";
import { dashboard } from "./dashboard";
import { instance as ec2Instance } from "./ec2-instance";
import { cluster } from "./ecs-cluster";
import { taskDefinition } from "./ecs-task-definition";
import { eventRule } from "./event-rule";
import { eventTarget } from "./event-target";
import { functions } from "./functions";
import { policy } from "./iam";
import { instanceProfile } from "./iam-instance-profile";
import { role, rolePolicy, rolePolicyAttachment } from "./iam-roles";
import { alias, key } from "./kms";
import { replicaKey } from "./kms-replica";
import { logDataProtectionPolicy } from "./log-data-protection-policy";
import { logMetricFilter } from "./log-metric-filter";
import { flowLog, logGroup } from "./logs";
import { metricAlarm } from "./metric-alarm";
import { networkAcl, networkAclRule } from "./network-acls";
import { queryDefinition } from "./query-definition";
import { eventSubscription } from "./rds-event-subscription";
import { parameterGroup, subnetGroup } from "./rds-groups";
import { instance } from "./rds-instance";
import { routeTable, routeTableAssociation } from "./route-tables";
import { bucket } from "./s3-bucket";
import * as s3 from "./s3-configurations";
import { bucketReplication } from "./s3-replication";
import { schedule } from "./schedule";
import { secretRotation } from "./secret-rotation";
import { secretVersion } from "./secret-version";
import { secret, secretPolicy } from "./secrets";
import { securityGroupEgressRule, securityGroupIngressRule } from "./security-group-rules";
import { defaultSecurityGroup, securityGroup } from "./security-groups";
import { topic, topicPolicy, topicSubscription } from "./sns";
import { document } from "./ssm";
import { subnet } from "./subnet";
import { trail } from "./trail";
import { vpc } from "./vpc";
import { vpcEndpoint } from "./vpc-endpoints";

/**
 * Stands in for the official `aws` plugin, which wraps Terraform's AWS provider, version 6, for the resources of this
 * project: the same arguments, outputs and calls, through the AWS SDK. File and function names in the comments beside
 * this file are that provider's. What it keeps for an emulator that loses it is in emulator-gaps.ts.
 */
export const aws: ProviderModel<AwsClients> = {
  package: "aws",
  version: "7.48.0",
  config: CONFIG,
  configure: clientsFrom,
  close: (clients) => Promise.resolve(clients.close()),
  resources: {
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/routeTable:RouteTable": routeTable,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": routeTableAssociation,
    "aws:ec2/securityGroup:SecurityGroup": securityGroup,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultSecurityGroup,
    "aws:ec2/networkAcl:NetworkAcl": networkAcl,
    "aws:ec2/networkAclRule:NetworkAclRule": networkAclRule,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpcEndpoint,
    "aws:ec2/flowLog:FlowLog": flowLog,
    "aws:cloudtrail/trail:Trail": trail,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:cloudwatch/eventRule:EventRule": eventRule,
    "aws:cloudwatch/eventTarget:EventTarget": eventTarget,
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": logDataProtectionPolicy,
    "aws:cloudwatch/logGroup:LogGroup": logGroup,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": logMetricFilter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarm,
    "aws:cloudwatch/queryDefinition:QueryDefinition": queryDefinition,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupIngressRule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupEgressRule,
    "aws:ec2/instance:Instance": ec2Instance,
    "aws:ecs/cluster:Cluster": cluster,
    "aws:ecs/taskDefinition:TaskDefinition": taskDefinition,
    "aws:iam/policy:Policy": policy,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": rolePolicy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
    "aws:iam/instanceProfile:InstanceProfile": instanceProfile,
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
    "aws:kms/replicaKey:ReplicaKey": replicaKey,
    "aws:rds/subnetGroup:SubnetGroup": subnetGroup,
    "aws:rds/parameterGroup:ParameterGroup": parameterGroup,
    "aws:rds/instance:Instance": instance,
    "aws:rds/eventSubscription:EventSubscription": eventSubscription,
    "aws:scheduler/schedule:Schedule": schedule,
    "aws:secretsmanager/secret:Secret": secret,
    "aws:secretsmanager/secretRotation:SecretRotation": secretRotation,
    "aws:secretsmanager/secretVersion:SecretVersion": secretVersion,
    "aws:secretsmanager/secretPolicy:SecretPolicy": secretPolicy,
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketVersioning:BucketVersioning": s3.bucketVersioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.bucketEncryption,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.bucketPublicAccessBlock,
    "aws:s3/bucketPolicy:BucketPolicy": s3.bucketPolicy,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.bucketOwnershipControls,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.bucketLifecycle,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": s3.bucketObjectLock,
    "aws:s3/bucketLogging:BucketLogging": s3.bucketLogging,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": bucketReplication,
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
    "aws:sns/topicSubscription:TopicSubscription": topicSubscription,
    "aws:ssm/document:Document": document,
  },
  functions,
};
