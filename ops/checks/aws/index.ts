import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { KMSClient } from "@aws-sdk/client-kms";
import { RDSClient } from "@aws-sdk/client-rds";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { CheckConfig, databasesOf } from "../../../model/outputs/check";
import { CheckResult, CheckTitle, Problem, result } from "../finding";
import { BACKUP_AGE, BUCKET, lookAtBackups, lookAtBucket } from "./bucket";
import { INSTANCE, lookAtInstance, lookAtParameters, PARAMETER_GROUP } from "./instance";
import { KEYS, lookAtKeys } from "./keys";
import { ALARMS, LOGS, lookAtAlarms, lookAtLogs } from "./logs";
import { lookAtNetwork, NETWORK } from "./network";
import { EVENTS, lookAtEvents } from "./events";
import { lookAtSecrets, SECRETS } from "./secrets";
import { lookAtSnapshots, SNAPSHOTS } from "./snapshots";

/** Every check of what belongs to the database in AWS, in the order in which they are shown. */
export const AWS_CHECKS: readonly CheckTitle[] = [
  ...[INSTANCE, PARAMETER_GROUP, SNAPSHOTS, EVENTS, NETWORK, KEYS, SECRETS, BUCKET, BACKUP_AGE, LOGS, ALARMS],
];

/** AWS's names for a right that is missing. */
const DENIED = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized/;

/** A check that somebody has no right to make is neither passed nor a finding. */
async function runCheck(title: CheckTitle, look: () => Promise<Problem[]>): Promise<CheckResult> {
  try {
    return result(title, await look());
  } catch (error) {
    const { name, message } = error as Error;
    if (DENIED.test(name)) {
      return result(title, [], message);
    }
    throw error;
  }
}

/** What the checks ask. */
export interface AwsClients {
  rds: RDSClient;
  kms: KMSClient;
  ec2: EC2Client;
  s3: S3Client;
  secrets: SecretsManagerClient;
  cloudtrail: CloudTrailClient;
  logs: CloudWatchLogsClient;
  cloudwatch: CloudWatchClient;
  sns: SNSClient;
}

export function clientsFor(credentials: AwsCredentialIdentityProvider | undefined): AwsClients {
  const options = credentials ? { credentials } : {};
  // A bucket's own host name leads nowhere where the endpoint is somebody else's.
  const forcePathStyle = Boolean(process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_S3);
  return {
    rds: new RDSClient(options),
    kms: new KMSClient(options),
    ec2: new EC2Client(options),
    s3: new S3Client({ ...options, forcePathStyle }),
    secrets: new SecretsManagerClient(options),
    cloudtrail: new CloudTrailClient(options),
    logs: new CloudWatchLogsClient(options),
    cloudwatch: new CloudWatchClient(options),
    sns: new SNSClient(options),
  };
}

/** Looks at what belongs to the stack in AWS, all at once, with reading calls alone. */
export async function checkAws(config: CheckConfig, clients: AwsClients, now: Date): Promise<CheckResult[]> {
  const { stack, parameters, aws } = config;
  const { rds, kms, ec2, s3, secrets, cloudtrail, logs, cloudwatch, sns } = clients;
  return Promise.all([
    runCheck(INSTANCE, () => lookAtInstance(rds, aws, now)),
    runCheck(PARAMETER_GROUP, () => lookAtParameters(rds, aws, parameters)),
    runCheck(SNAPSHOTS, () => lookAtSnapshots(rds, aws)),
    runCheck(EVENTS, () => lookAtEvents(rds, stack, aws)),
    runCheck(NETWORK, () => lookAtNetwork(ec2, aws)),
    runCheck(KEYS, () => lookAtKeys(kms, aws)),
    runCheck(SECRETS, () => lookAtSecrets(secrets, aws, now)),
    runCheck(BUCKET, () => lookAtBucket(s3, cloudtrail, aws)),
    runCheck(BACKUP_AGE, () => lookAtBackups(s3, rds, aws, databasesOf(config), now)),
    runCheck(LOGS, () => lookAtLogs(logs, stack, aws)),
    runCheck(ALARMS, () => lookAtAlarms(cloudwatch, sns, stack, aws)),
  ]);
}
