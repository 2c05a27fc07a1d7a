import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KeyMetadata,
  KMSClient,
} from "@aws-sdk/client-kms";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";

import { openToEverybody } from "./policy";
import { unfulfilled } from "./wishes";

export const KEYS = {
  check: "keys",
  title: "The keys are enabled, change by themselves every year, and open for nobody outside of this account",
  controls: ["FSBP KMS.3", "FSBP KMS.4", "FSBP KMS.5"],
};

export function judgeKey(name: string, key: KeyMetadata, rotates: boolean | undefined, policy: string): Problem[] {
  return [
    ...unfulfilled([
      {
        subject: `key of ${name}`,
        found: key.KeyState,
        expected: "Enabled",
        cure:
          key.KeyState === "PendingDeletion"
            ? `aws kms cancel-key-deletion --key-id ${key.KeyId}, then aws kms enable-key`
            : `aws kms enable-key --key-id ${key.KeyId}`,
      },
    ]),
    // Of a key that is disabled KMS does not say whether it changes.
    ...(key.KeyState === "Enabled"
      ? unfulfilled([{ subject: `key of ${name}: yearly rotation`, found: rotates, expected: true }])
      : []),
    ...openToEverybody(`key of ${name}`, policy),
  ];
}

export async function lookAtKeys(kms: KMSClient, { keyArns }: AwsConfig): Promise<Problem[]> {
  const each = await Promise.all(
    Object.entries(keyArns).map(async ([name, KeyId]) => {
      const [{ KeyMetadata: key }, { Policy = "" }] = await Promise.all([
        kms.send(new DescribeKeyCommand({ KeyId })),
        kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      ]);
      const rotation =
        key?.KeyState === "Enabled" ? await kms.send(new GetKeyRotationStatusCommand({ KeyId })) : undefined;
      return judgeKey(name, key as KeyMetadata, rotation?.KeyRotationEnabled, Policy);
    }),
  );
  return each.flat();
}
