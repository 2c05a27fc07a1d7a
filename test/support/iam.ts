import { randomUUID } from "node:crypto";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
});

/** Logs in as a role with one policy and names the secrets that can be read; every other must be denied. */
export async function readableWith(policyArn: string, secretArns: Record<string, string>): Promise<string[]> {
  const iam = new IAMClient({});
  const RoleName = `test-${randomUUID()}`;
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: policyArn }));
  try {
    const { Credentials } = await new STSClient({}).send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "test" }),
    );
    const secrets = new SecretsManagerClient({
      credentials: {
        accessKeyId: Credentials?.AccessKeyId as string,
        secretAccessKey: Credentials?.SecretAccessKey as string,
        sessionToken: Credentials?.SessionToken,
      },
    });
    const readable: string[] = [];
    for (const [name, SecretId] of Object.entries(secretArns)) {
      try {
        await secrets.send(new GetSecretValueCommand({ SecretId }));
        readable.push(name);
      } catch (error) {
        if ((error as Error).name !== "AccessDeniedException") {
          throw error;
        }
      }
    }
    return readable;
  } finally {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: policyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }
}
