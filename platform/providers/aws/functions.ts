import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2";
import { DescribeSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { FunctionModel, Values } from "../protocol/model";
import { partitionOf } from "./arn";
import { AwsClients } from "./clients";
import { tagMap } from "./ec2-tags";
import { getPrefixList, getRouteTable, getRouteTables, getSubnet, getVpc } from "./network-lookups";
import { policyOf } from "./secrets";
import { getParameter } from "./ssm";

const LONG_NAMES: Record<string, string> = {
  "eu-central-1": "Europe (Frankfurt)",
  "eu-central-2": "Europe (Zurich)",
  "eu-north-1": "Europe (Stockholm)",
  "eu-south-1": "Europe (Milan)",
  "eu-south-2": "Europe (Spain)",
  "eu-west-1": "Europe (Ireland)",
  "eu-west-2": "Europe (London)",
  "eu-west-3": "Europe (Paris)",
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
};

type AwsFunction = (clients: AwsClients, args: Values) => Promise<Values>;

const seconds = (date: Date | undefined) => date?.toISOString().replace(/\.\d{3}Z$/, "Z") ?? "";

const getCallerIdentity: AwsFunction = async ({ sts }) => {
  const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}));
  return { id: Account, accountId: Account, arn: Arn, userId: UserId };
};

const getPartition: AwsFunction = ({ region }) => {
  const { partition, dnsSuffix } = partitionOf(region);
  const reverseDnsPrefix = dnsSuffix.split(".").reverse().join(".");
  return Promise.resolve({ id: partition, partition, dnsSuffix, reverseDnsPrefix });
};

const getRegion: AwsFunction = ({ region: current }, args) => {
  const region = (args.region ?? args.name ?? current) as string;
  const endpoint = `ec2.${region}.${partitionOf(region).dnsSuffix}`;
  return Promise.resolve({ id: region, name: region, region, endpoint, description: LONG_NAMES[region] ?? region });
};

/** `aws_availability_zones`, internal/service/ec2/ec2_availability_zones_data_source.go. */
const getAvailabilityZones: AwsFunction = async ({ ec2, region }, args) => {
  const filters = ((args.filters ?? []) as Values[]).map(({ name, values }) => ({ Name: name, Values: values }));
  const { AvailabilityZones = [] } = await ec2.send(
    new DescribeAvailabilityZonesCommand({
      AllAvailabilityZones: args.allAvailabilityZones,
      Filters: args.state ? [{ Name: "state", Values: [args.state] }, ...filters] : filters,
    }),
  );
  const excluded = [...((args.excludeNames ?? []) as string[]), ...((args.excludeZoneIds ?? []) as string[])];
  const zones = AvailabilityZones.filter(
    ({ ZoneName = "", ZoneId = "" }) => !excluded.includes(ZoneName) && !excluded.includes(ZoneId),
  ).sort((a, b) => ((a.ZoneName ?? "") < (b.ZoneName ?? "") ? -1 : 1));
  return {
    ...args,
    id: region,
    region,
    names: zones.map(({ ZoneName }) => ZoneName),
    zoneIds: zones.map(({ ZoneId }) => ZoneId),
    groupNames: [...new Set(zones.map(({ GroupName }) => GroupName))],
  };
};

const getSecretVersion: AwsFunction = async ({ secretsManager, region }, args) => {
  const { secretId, versionId, versionStage = versionId ? undefined : "AWSCURRENT" } = args as Record<string, string>;
  const input = { SecretId: secretId, VersionId: versionId, VersionStage: versionStage };
  const found = await secretsManager.send(new GetSecretValueCommand(input));
  return {
    id: `${secretId}|${versionId ?? versionStage}`,
    arn: found.ARN,
    secretArn: found.ARN,
    secretId,
    region,
    versionId: found.VersionId,
    versionStage,
    versionStages: found.VersionStages,
    secretString: found.SecretString ?? "",
    secretBinary: found.SecretBinary ? Buffer.from(found.SecretBinary).toString("utf8") : "",
    createdDate: seconds(found.CreatedDate),
  };
};

const getSecret: AwsFunction = async (clients, { arn, name }) => {
  const it = await clients.secretsManager.send(new DescribeSecretCommand({ SecretId: arn ?? name }));
  return {
    id: it.ARN,
    arn: it.ARN,
    name: it.Name,
    region: clients.region,
    description: it.Description ?? "",
    kmsKeyId: it.KmsKeyId ?? "",
    policy: (await policyOf(clients, it.ARN as string)) ?? "",
    type: "",
    tags: tagMap(it.Tags),
    createdDate: seconds(it.CreatedDate),
    lastChangedDate: seconds(it.LastChangedDate),
  };
};

/** A data source can be asked about another region than the provider's. */
function inRegion(invoke: AwsFunction, secrets?: string[]): FunctionModel<AwsClients> {
  return { secrets, invoke: (clients, args) => invoke(clients.in(args.region as string | undefined), args) };
}

export const functions: Record<string, FunctionModel<AwsClients>> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": inRegion(getAvailabilityZones),
  "aws:index/getCallerIdentity:getCallerIdentity": inRegion(getCallerIdentity),
  "aws:index/getPartition:getPartition": inRegion(getPartition),
  "aws:index/getRegion:getRegion": inRegion(getRegion),
  "aws:ec2/getVpc:getVpc": inRegion(getVpc),
  "aws:ec2/getSubnet:getSubnet": inRegion(getSubnet),
  "aws:ec2/getPrefixList:getPrefixList": inRegion(getPrefixList),
  "aws:ec2/getRouteTable:getRouteTable": inRegion(getRouteTable),
  "aws:ec2/getRouteTables:getRouteTables": inRegion(getRouteTables),
  "aws:secretsmanager/getSecret:getSecret": inRegion(getSecret),
  "aws:ssm/getParameter:getParameter": inRegion(getParameter, ["value"]),
  "aws:secretsmanager/getSecretVersion:getSecretVersion": inRegion(getSecretVersion, ["secretString", "secretBinary"]),
};
