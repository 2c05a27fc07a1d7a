/** Types of AWS that take no tags. */
export const UNTAGGED = [
  ...["ec2/routeTableAssociation:RouteTableAssociation", "ec2/networkAclRule:NetworkAclRule", "kms/alias:Alias"],
  "sns/topicSubscription:TopicSubscription",
  "cloudwatch/queryDefinition:QueryDefinition",
  ...["iam/rolePolicy:RolePolicy", "iam/rolePolicyAttachment:RolePolicyAttachment", "sns/topicPolicy:TopicPolicy"],
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
  ...["s3/bucketReplicationConfig:BucketReplicationConfig", "cloudwatch/eventTarget:EventTarget"],
  ...["scheduler/schedule:Schedule", "cloudwatch/logMetricFilter:LogMetricFilter"],
  ...["cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", "cloudwatch/dashboard:Dashboard"],
  // The older way to write a rule of a group.
  "ec2/securityGroupRule:SecurityGroupRule",
].map((type) => `aws:${type}`);
