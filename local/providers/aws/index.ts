import { ProviderModel } from "../protocol/model";
import { AwsClients, clientsFrom, CONFIG } from "./clients";
import { functions } from "./functions";
import { policy } from "./iam";
import { alias, key } from "./kms";
import { parameterGroup, subnetGroup } from "./rds-groups";
import { instance } from "./rds-instance";
import { routeTable, routeTableAssociation } from "./route-tables";
import { bucket } from "./s3-bucket";
import * as s3 from "./s3-configurations";
import { secretVersion } from "./secret-version";
import { secret, secretPolicy } from "./secrets";
import { securityGroupEgressRule, securityGroupIngressRule } from "./security-group-rules";
import { defaultSecurityGroup, securityGroup } from "./security-groups";
import { subnet } from "./subnet";
import { vpc } from "./vpc";

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
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupIngressRule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupEgressRule,
    "aws:iam/policy:Policy": policy,
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
    "aws:rds/subnetGroup:SubnetGroup": subnetGroup,
    "aws:rds/parameterGroup:ParameterGroup": parameterGroup,
    "aws:rds/instance:Instance": instance,
    "aws:secretsmanager/secret:Secret": secret,
    "aws:secretsmanager/secretVersion:SecretVersion": secretVersion,
    "aws:secretsmanager/secretPolicy:SecretPolicy": secretPolicy,
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketVersioning:BucketVersioning": s3.bucketVersioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.bucketEncryption,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.bucketPublicAccessBlock,
    "aws:s3/bucketPolicy:BucketPolicy": s3.bucketPolicy,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.bucketOwnershipControls,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.bucketLifecycle,
  },
  functions,
};
