import { stackOutputs } from "./outputs";
import { Platform } from "../platform/host/platform";

/** What a newcomer can do next, shown after `make up`. No password is in it: the commands fetch them. */
export async function stackGuide(platform: Platform, stack: string): Promise<string> {
  const outputs = await stackOutputs(platform, stack);
  if (!outputs) {
    return "";
  }
  const { databaseHost, databasePort, databaseName, secretArns, backupBucket } = outputs;
  const { AWS_ENDPOINT_URL, AWS_REGION } = platform.environment;
  const app = secretArns.app
    ?.split(":secret:")
    .pop()
    ?.replace(/-[^-]+$/, "");
  return `
PostgreSQL listens on ${databaseHost}:${databasePort}, database ${databaseName}; TLS is required.
The AWS emulator listens on ${AWS_ENDPOINT_URL}.

  make psql ROLE=app          a session as the application; also readonly, migrate, backup, monitor, master
  make rotate ROLE=app        give a role a new password; also readonly, migrate, backup, monitor, --all
  make backup                 an encrypted dump; make verify-backup restores and compares it
  make check                  whether all of it is as it should be
  make activity               who is connected; also WHAT=long, blocked, statements
  local/pulumi preview --diff any Pulumi command against this stack
  make stop                   end every process, keep the data
  make down                   destroy the stack and all that belongs to it

To look at it with the AWS CLI:

  export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  export AWS_REGION=${AWS_REGION} AWS_DEFAULT_REGION=${AWS_REGION}
  aws secretsmanager get-secret-value --secret-id ${app}
  aws s3api get-bucket-versioning --bucket ${backupBucket}
`;
}
