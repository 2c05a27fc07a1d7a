import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { RDSClient } from "@aws-sdk/client-rds";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { Property, Values } from "../protocol/model";

/** The tags of one resource. */
export type Tags = Record<string, string>;

/** What the official provider can be told; what is not used here is accepted, so that a stack's settings fit both. */
export const CONFIG: Record<string, Property> = {
  // Resources of another region are other resources.
  region: { forceNew: true },
  accessKey: { secret: true },
  secretKey: { secret: true },
  token: { secret: true },
  ...Object.fromEntries(
    [
      ...["profile", "defaultTags", "s3UsePathStyle", "allowedAccountIds", "assumeRoles", "assumeRoleWithWebIdentity"],
      ...["customCaBundle", "ec2MetadataServiceEndpoint", "ec2MetadataServiceEndpointMode", "endpoints"],
      ...["forbiddenAccountIds", "httpProxy", "httpsProxy", "ignoreTags", "insecure", "maxRetries", "noProxy"],
      ...["retryMode", "s3UsEast1RegionalEndpoint", "sharedConfigFiles", "sharedCredentialsFiles", "stsRegion"],
      ...["skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId"],
      ...["tagPolicyCompliance", "tokenBucketRateLimiterCapacity", "useDualstackEndpoint", "useFipsEndpoint"],
      "userAgents",
    ].map((name): [string, Property] => [name, {}]),
  ),
};

function credentials({ accessKey, secretKey, token }: Values) {
  return accessKey && secretKey
    ? { credentials: { accessKeyId: accessKey as string, secretAccessKey: secretKey as string, sessionToken: token } }
    : {};
}

/** What a provider instance works with: SDK clients for one region, made when they are first used. */
export class AwsClients {
  readonly defaultTags: Tags;
  private readonly made = new Map<string, { destroy(): void }>();
  private readonly otherRegions = new Map<string, AwsClients>();

  constructor(
    readonly region: string,
    private readonly config: Values,
  ) {
    this.defaultTags = (config.defaultTags?.tags ?? {}) as Tags;
  }

  get cloudTrail() {
    return this.client("cloudTrail", () => new CloudTrailClient(this.settings));
  }
  get cloudWatch() {
    return this.client("cloudWatch", () => new CloudWatchClient(this.settings));
  }
  get ec2() {
    return this.client("ec2", () => new EC2Client(this.settings));
  }
  get ecs() {
    return this.client("ecs", () => new ECSClient(this.settings));
  }
  get events() {
    return this.client("events", () => new EventBridgeClient(this.settings));
  }
  get iam() {
    return this.client("iam", () => new IAMClient(this.settings));
  }
  get kms() {
    return this.client("kms", () => new KMSClient(this.settings));
  }
  get logs() {
    return this.client("logs", () => new CloudWatchLogsClient(this.settings));
  }
  get rds() {
    return this.client("rds", () => new RDSClient(this.settings));
  }
  get s3() {
    // A bucket's own host name (bucket.127.0.0.1) leads nowhere.
    const overridden = Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
    const forcePathStyle = overridden || String(this.config.s3UsePathStyle) === "true";
    return this.client("s3", () => new S3Client({ ...this.settings, forcePathStyle }));
  }
  get scheduler() {
    return this.client("scheduler", () => new SchedulerClient(this.settings));
  }
  get secretsManager() {
    return this.client("secretsManager", () => new SecretsManagerClient(this.settings));
  }
  get sns() {
    return this.client("sns", () => new SNSClient(this.settings));
  }
  get ssm() {
    return this.client("ssm", () => new SSMClient(this.settings));
  }
  get sts() {
    return this.client("sts", () => new STSClient(this.settings));
  }

  /** The clients for a resource that names a region of its own. */
  in(region: string | undefined): AwsClients {
    if (!region || region === this.region) {
      return this;
    }
    const known = this.otherRegions.get(region) ?? new AwsClients(region, this.config);
    this.otherRegions.set(region, known);
    return known;
  }

  /** Ends all connections. */
  close(): void {
    for (const client of [
      ...this.made.values(),
      ...[...this.otherRegions.values()].map((c) => ({ destroy: () => c.close() })),
    ]) {
      client.destroy();
    }
  }

  /** The endpoints come from AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>, which every SDK reads by itself. */
  private get settings() {
    const { profile } = this.config as { profile?: string };
    return { region: this.region, ...(profile ? { profile } : {}), ...credentials(this.config) };
  }

  private client<Client extends { destroy(): void }>(name: string, make: () => Client): Client {
    const client = (this.made.get(name) as Client | undefined) ?? make();
    this.made.set(name, client);
    return client;
  }
}

/** The context of a provider instance, from its configuration and, for the region, the environment. */
export function clientsFrom(config: Values): AwsClients {
  const region = (config.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION) as string | undefined;
  if (!region) {
    throw new Error("aws: no region is set. Set it with `pulumi config set aws:region <region>`, or AWS_REGION");
  }
  return new AwsClients(region, config);
}
