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
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

/** Whom the search asks, in one region. */
export function clientsIn(region: string) {
  const options = { region };
  // A bucket's own host name leads nowhere where the endpoint is somebody else's.
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_S3);
  return {
    region,
    cloudTrail: new CloudTrailClient(options),
    cloudWatch: new CloudWatchClient(options),
    ec2: new EC2Client(options),
    ecs: new ECSClient(options),
    events: new EventBridgeClient(options),
    iam: new IAMClient(options),
    kms: new KMSClient(options),
    logs: new CloudWatchLogsClient(options),
    rds: new RDSClient(options),
    s3: new S3Client({ ...options, forcePathStyle }),
    scheduler: new SchedulerClient(options),
    secrets: new SecretsManagerClient(options),
    sns: new SNSClient(options),
    ssm: new SSMClient(options),
  };
}

export type AwsClients = ReturnType<typeof clientsIn>;

/** `aws` and the account's number, as they stand in ARNs. */
export async function whoAmI(region: string): Promise<{ partition: string; account: string }> {
  const { Arn = "" } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  const [, partition = "", , , account = ""] = Arn.split(":");
  return { partition, account };
}

/** AWS's names for "there is none". */
const GONE =
  /NotFound|NoSuch|DoesNotExist|ResourceNotFoundException|InvalidDocument$|ClientException|InvalidVpcID|NoSuchLifecycle/;

/** What there is, or nothing when AWS says that there is none. */
export async function unlessMissing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (GONE.test((error as Error).name)) {
      return undefined;
    }
    throw error;
  }
}

/** The ids that are on any page of a list. */
export async function collect<Page>(
  pages: AsyncIterable<Page>,
  ids: (page: Page) => (string | undefined)[],
): Promise<string[]> {
  const found: string[] = [];
  for await (const page of pages) {
    found.push(...ids(page).filter((id) => id !== undefined));
  }
  return found;
}
