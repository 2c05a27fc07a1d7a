import { DescribeSecurityGroupsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient, ListPoliciesCommand } from "@aws-sdk/client-iam";
import { KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { DescribeDBInstancesCommand, DescribeDBParameterGroupsCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** What clients that know nothing of Pulumi find in the emulator, what AWS has by itself left out. */
export async function leftovers(): Promise<string[]> {
  const ec2 = new EC2Client({});
  const rds = new RDSClient({});
  const [secrets, buckets, aliases, groups, vpcs, instances, parameterGroups, policies] = await Promise.all([
    new SecretsManagerClient({}).send(new ListSecretsCommand({})),
    new S3Client({ forcePathStyle: true }).send(new ListBucketsCommand({})),
    new KMSClient({}).send(new ListAliasesCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeVpcsCommand({})),
    rds.send(new DescribeDBInstancesCommand({})),
    rds.send(new DescribeDBParameterGroupsCommand({})),
    new IAMClient({}).send(new ListPoliciesCommand({ Scope: "Local" })),
  ]);
  const found: [kind: string, names: (string | undefined)[]][] = [
    ["secret", (secrets.SecretList ?? []).map(({ Name }) => Name)],
    ["bucket", (buckets.Buckets ?? []).map(({ Name }) => Name)],
    [
      "key alias",
      (aliases.Aliases ?? []).map(({ AliasName }) => AliasName).filter((name) => !name?.startsWith("alias/aws/")),
    ],
    [
      "security group",
      (groups.SecurityGroups ?? []).map(({ GroupName }) => GroupName).filter((name) => name !== "default"),
    ],
    ["VPC", (vpcs.Vpcs ?? []).filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId)],
    ["instance", (instances.DBInstances ?? []).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)],
    [
      "parameter group",
      (parameterGroups.DBParameterGroups ?? [])
        .map(({ DBParameterGroupName }) => DBParameterGroupName)
        .filter((name) => !name?.startsWith("default.")),
    ],
    ["policy", (policies.Policies ?? []).map(({ PolicyName }) => PolicyName)],
  ];
  return found.flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));
}
