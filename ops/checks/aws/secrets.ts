import {
  DescribeSecretCommand,
  DescribeSecretResponse,
  GetResourcePolicyCommand,
  ListSecretVersionIdsCommand,
  SecretVersionsListEntry,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";

import { openToEverybody, refusesSomebody } from "./policy";
import { unfulfilled } from "./wishes";

export const SECRETS = {
  check: "secrets",
  title:
    "Every password was changed within its time, is encrypted with the stack's key, and nobody outside of the account reads it",
  controls: [
    "FSBP SecretsManager.1",
    "FSBP SecretsManager.2",
    "FSBP SecretsManager.4",
    "guide: Superuser Role (Emergency Only)",
  ],
};

const DAY_MS = 86_400_000;
/** FSBP SecretsManager.4's default. */
const OLDEST_DAYS = 90;
/** The guide's monthly rotation, and a day for RDS to do it. */
const MASTER_OLDEST_DAYS = 31;

/** `role`: undefined for the master's, which RDS rotates. */
export function judgeSecret(
  role: string | undefined,
  secret: DescribeSecretResponse,
  versions: SecretVersionsListEntry[],
  policy: string,
  { keyArns, wanted }: AwsConfig,
  now: Date,
): Problem[] {
  const subject = `secret of ${role ?? "the master"}`;
  const isMaster = role === undefined;
  // Not LastChangedDate: a new tag or policy changes the secret, and leaves the password as it was.
  const current = versions.find(({ VersionStages }) => VersionStages?.includes("AWSCURRENT"));
  const changed = current?.CreatedDate ?? secret.CreatedDate ?? now;
  const days = Math.floor((now.getTime() - changed.getTime()) / DAY_MS);
  const oldest = isMaster ? MASTER_OLDEST_DAYS : OLDEST_DAYS;
  const rotates = isMaster && wanted.masterRotates;
  return [
    ...unfulfilled([
      { subject: `${subject}: key`, found: secret.KmsKeyId, expected: keyArns.secrets },
      ...(rotates
        ? [{ subject: `${subject}: rotation by itself`, found: secret.RotationEnabled ?? false, expected: true }]
        : []),
      {
        subject: `${subject}: who may not read it`,
        found: refusesSomebody(policy, "secretsmanager:GetSecretValue") ? "named" : "nobody",
        expected: "named",
      },
      {
        subject: `${subject}: existence`,
        found: secret.DeletedDate ? "will be deleted" : "stays",
        expected: "stays",
        cure: `aws secretsmanager restore-secret --secret-id ${secret.Name ?? ""}`,
      },
    ]),
    ...(rotates && secret.RotationEnabled && (secret.NextRotationDate?.getTime() ?? Infinity) < now.getTime() - DAY_MS
      ? [
          {
            subject: `${subject}: last rotation`,
            found: `due at ${secret.NextRotationDate?.toISOString()}, and not done`,
            expected: "done in time",
            cure: "aws rds describe-events says why; then aws secretsmanager rotate-secret",
          },
        ]
      : []),
    ...(days > oldest
      ? [
          {
            subject: `${subject}: age`,
            found: `${days} days`,
            expected: `${oldest} days at most`,
            cure: rotates ? "aws secretsmanager rotate-secret" : isMaster ? "docs/rotation.md" : `ops/rotate ${role}`,
          },
        ]
      : []),
    ...openToEverybody(subject, policy),
  ];
}

export async function lookAtSecrets(secrets: SecretsManagerClient, config: AwsConfig, now: Date): Promise<Problem[]> {
  const all: [string | undefined, string][] = [
    ...Object.entries(config.secretArns),
    [undefined, config.masterSecretArn],
  ];
  const each = await Promise.all(
    all.map(async ([role, SecretId]) => {
      const [secret, { ResourcePolicy = "" }, { Versions = [] }] = await Promise.all([
        secrets.send(new DescribeSecretCommand({ SecretId })),
        secrets.send(new GetResourcePolicyCommand({ SecretId })),
        secrets.send(new ListSecretVersionIdsCommand({ SecretId })),
      ]);
      return judgeSecret(role, secret, Versions, ResourcePolicy, config, now);
    }),
  );
  return each.flat();
}
