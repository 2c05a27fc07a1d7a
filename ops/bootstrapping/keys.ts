import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KeyMetadata,
  KMSClient,
  PutKeyPolicyCommand,
} from "@aws-sdk/client-kms";
import { PolicyDocument } from "../../model/aws/account";
import { OpsError } from "../shared/errors";
import { unlessMissing } from "./errors";
import { Progress, Thing } from "./outcome";
import { same } from "./same";

export interface Key {
  alias: string;
  description: string;
  policy: PolicyDocument;
  tags: Record<string, string>;
}

async function make(kms: KMSClient, { alias, description, policy, tags }: Key): Promise<string> {
  const { KeyMetadata: made } = await kms.send(
    new CreateKeyCommand({
      Description: description,
      Policy: JSON.stringify(policy),
      Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    }),
  );
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: made?.KeyId }));
  return made?.Arn as string;
}

function refuseUnusable(alias: string, { KeyState, KeyId }: KeyMetadata): void {
  if (KeyState !== "Enabled") {
    throw new OpsError(
      `The key behind ${alias} is ${KeyState}, and without it nobody reads what it encrypted. Take that back ` +
        `(\`aws kms cancel-key-deletion\` and \`aws kms enable-key --key-id ${KeyId}\`), and run it again`,
    );
  }
}

async function correct(kms: KMSClient, thing: Thing, KeyId: string, policy: PolicyDocument): Promise<void> {
  const { Policy = "{}" } = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
  await thing.correct("policy", same(JSON.parse(Policy), policy), () =>
    kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: JSON.stringify(policy) })),
  );
  const { KeyRotationEnabled = false } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }));
  await thing.correct("rotation", KeyRotationEnabled, () => kms.send(new EnableKeyRotationCommand({ KeyId })));
}

/** A key by its alias, rotated every year. Returns its ARN; what a dry run would make has none. */
export async function ensureKey(kms: KMSClient, progress: Progress, key: Key): Promise<string> {
  let arn = `(the key of ${key.alias})`;
  await progress.on("KMS key", key.alias, async (thing) => {
    const found = await unlessMissing(["NotFoundException"], kms.send(new DescribeKeyCommand({ KeyId: key.alias })));
    if (found?.KeyMetadata) {
      refuseUnusable(key.alias, found.KeyMetadata);
      arn = found.KeyMetadata.Arn as string;
    } else {
      arn = (await thing.make(() => make(kms, key))) ?? arn;
    }
    await (thing.isThere && correct(kms, thing, arn, key.policy));
  });
  return arn;
}
