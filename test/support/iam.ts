import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { randomUUID } from "node:crypto";

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
});
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Works with the credentials of a role that is there for as long: with one policy, or with a right to everything. */
export async function asRole<Result>(
  { name: RoleName = `test-${randomUUID()}`, policyArn }: { name?: string; policyArn?: string },
  work: (credentials: RoleCredentials) => Promise<Result>,
): Promise<Result> {
  const iam = new IAMClient({});
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
  const inline = { RoleName, PolicyName: "everything" };
  await (policyArn
    ? iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: policyArn }))
    : iam.send(new PutRolePolicyCommand({ ...inline, PolicyDocument: EVERYTHING })));
  try {
    return await work(await assume(Role?.Arn as string));
  } finally {
    await (policyArn
      ? iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: policyArn }))
      : iam.send(new DeleteRolePolicyCommand(inline)));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }
}

/** The credentials of a role that is there, for as long as its trust policy lets the tests have them. */
export async function assume(RoleArn: string, credentials?: RoleCredentials): Promise<RoleCredentials> {
  const { Credentials } = await new STSClient({ credentials }).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken,
  };
}

/** The credentials of a role that only a service may take on, whose trust policy is another one for that moment. */
export async function assumeAnyway(roleArn: string): Promise<RoleCredentials> {
  const iam = new IAMClient({});
  const RoleName = roleArn.split("/").at(-1);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const own = decodeURIComponent(Role?.AssumeRolePolicyDocument as string);
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: TRUST }));
  try {
    return await assume(roleArn);
  } finally {
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: own }));
  }
}

/** S3 over TLS, as a proxy before the emulator would say; or without, which is all that it speaks by itself. */
export function s3As(credentials: RoleCredentials, overTls = true, region?: string): S3Client {
  const s3 = new S3Client({ credentials, region, forcePathStyle: true });
  const addHeader = (next: (args: object) => unknown) => (args: object) => {
    (args as { request: { headers: Record<string, string> } }).request.headers["x-forwarded-proto"] = "https";
    return next(args);
  };
  if (overTls) {
    s3.middlewareStack.add(addHeader as never, { step: "build" });
  }
  return s3;
}

/** Which of these secrets can be read with the credentials; every other must be denied. */
export async function readable(credentials: RoleCredentials, secretArns: Record<string, string>): Promise<string[]> {
  const secrets = new SecretsManagerClient({ credentials });
  const names: string[] = [];
  for (const [name, SecretId] of Object.entries(secretArns)) {
    try {
      await secrets.send(new GetSecretValueCommand({ SecretId }));
      names.push(name);
    } catch (error) {
      if ((error as Error).name !== "AccessDeniedException") {
        throw error;
      }
    }
  }
  return names;
}
