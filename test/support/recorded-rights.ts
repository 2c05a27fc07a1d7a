import { S3Client } from "@aws-sdk/client-s3";

/** Where IAM calls a right otherwise than S3 the request (Service Authorization Reference). */
const RIGHTS: Record<string, string> = {
  GetBucketEncryption: "GetEncryptionConfiguration",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  ListObjectsV2: "ListBucket",
};
const SERVICES: Record<string, string> = { secrets: "secretsmanager" };

/** Notes the right that each request of a client needs. */
export function record(called: Set<string>, service: string, client: S3Client) {
  const note = (next: (args: object) => unknown, { commandName = "" }: { commandName?: string }) => {
    const command = commandName.replace(/Command$/, "");
    called.add(`${SERVICES[service] ?? service}:${RIGHTS[command] ?? command}`);
    return next;
  };
  client.middlewareStack.add(note as never, { step: "initialize" });
}
