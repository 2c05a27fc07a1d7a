import { Duplex } from "node:stream";
import {
  AlgorithmSuiteIdentifier,
  buildAwsKmsMrkAwareStrictMultiKeyringNode,
  buildClient,
  CommitmentPolicy,
  KmsKeyringNode,
  MessageHeader,
  getClient,
  KMS,
} from "@aws-crypto/client-node";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";

/**
 * Envelope encryption: KMS makes a data key for each object and never sees the object; the key lies in front of it, encrypted
 * (AWS Encryption SDK). Every frame is authenticated before it is handed on, and the last one says that it is the last.
 */
const client = buildClient({
  commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
  maxEncryptedDataKeys: 2,
});

/** Without signature: it would tell a forgery by somebody who may decrypt, and whoever may decrypt here cannot write. */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
/** Bytes. The SDK's own 4096 would take seven times as long. */
const FRAME_LENGTH = 1024 * 1024;

export type EncryptionContext = Record<string, string>;

export interface Keys {
  /** ARN of the key of the stack. */
  keyArn: string;
  /** ARN of a key, of another account say, that can decrypt as well. */
  recoveryKeyArn?: string;
}

function kms(credentials: AwsCredentialIdentityProvider | undefined) {
  return getClient(KMS, { ...(credentials && { credentials }) });
}

/** What goes in comes out encrypted. */
export function encryptor(keys: Keys, context: EncryptionContext, credentials?: AwsCredentialIdentityProvider): Duplex {
  const { keyArn, recoveryKeyArn } = keys;
  const keyring = new KmsKeyringNode({
    clientProvider: kms(credentials),
    generatorKeyId: keyArn,
    keyIds: recoveryKeyArn ? [recoveryKeyArn] : [],
  });
  return client.encryptStream(keyring, { suiteId: SUITE, frameLength: FRAME_LENGTH, encryptionContext: context });
}

/**
 * What goes in comes out decrypted; with a multi-Region key, by its replica in any region. Fails before the first byte if it was encrypted as something else
 * than `context` says.
 */
export function decryptor(keys: Keys, context: EncryptionContext, credentials?: AwsCredentialIdentityProvider): Duplex {
  const { keyArn, recoveryKeyArn } = keys;
  const keyring = buildAwsKmsMrkAwareStrictMultiKeyringNode({
    clientProvider: kms(credentials),
    keyIds: [keyArn, ...(recoveryKeyArn ? [recoveryKeyArn] : [])],
  });
  const stream = client.decryptUnsignedMessageStream(keyring);
  stream.once("MessageHeader", (header: MessageHeader) => {
    const wrong = Object.entries(context).filter(([key, value]) => header.encryptionContext[key] !== value);
    if (wrong.length > 0) {
      const said = wrong.map(
        ([key, value]) => `${key} ${header.encryptionContext[key] ?? "nothing"} instead of ${value}`,
      );
      stream.destroy(new Error(`it was encrypted as something else: ${said.join(", ")}`));
    }
  });
  return stream;
}
