import { readFileSync } from "node:fs";
import path from "node:path";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { capture, Captured } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { RoleCredentials } from "./iam";

export const REPOSITORY = "acme/shop";
export const ACCOUNT = "000000000000";

/** Runs ops/bootstrap as a person would, against the emulator that the environment leads to. */
export function bootstrap(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Captured> {
  return capture(path.join(ROOT, "ops", "bootstrap"), ["--repository", REPOSITORY, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
}

/** A token as GitHub gives one to a workflow. The emulator reads its claims, and does not look who has signed it. */
export function githubToken(sub: string, claims: Record<string, string> = {}): string {
  const payload = { iss: "https://token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub, ...claims };
  return [{ alg: "RS256", typ: "JWT" }, payload, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}

/** What a workflow does first. */
export async function byToken(role: string, WebIdentityToken: string): Promise<RoleCredentials> {
  const { Credentials } = await new STSClient({}).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      RoleSessionName: "workflow",
      WebIdentityToken,
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken,
  };
}

export const environmentOf = ({ accessKeyId, secretAccessKey, sessionToken }: RoleCredentials) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
});

/** Does the work with these credentials in the environment, where the local providers look for them. */
export async function withCredentials<Result>(
  credentials: RoleCredentials,
  work: () => Promise<Result>,
): Promise<Result> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  Object.assign(process.env, environmentOf(credentials));
  try {
    return await work();
  } finally {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    delete process.env.AWS_SESSION_TOKEN;
  }
}

/** What the emulator was asked for, as policies name it. */
export interface Asked {
  key: string;
  action: string;
  resource: string;
  denied: boolean;
}

/** Every request of some credentials that the emulator has noted. */
export function askedWith(file: string, { accessKeyId }: RoleCredentials): Asked[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Asked)
    .filter(({ key }) => key === accessKeyId);
}
