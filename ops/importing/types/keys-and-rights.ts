import {
  paginateListAttachedRolePolicies,
  paginateListInstanceProfiles,
  paginateListPolicies,
  paginateListRolePolicies,
  paginateListRoles,
} from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KeyMetadata } from "@aws-sdk/client-kms";
import { DescribeDBInstancesCommand } from "@aws-sdk/client-rds";
import {
  DescribeSecretCommand,
  DescribeSecretResponse,
  GetResourcePolicyCommand,
} from "@aws-sdk/client-secrets-manager";
import { AwsClients, collect, unlessMissing } from "../aws-clients";
import type { Search } from "../search";
import type { Entry } from "../table";
import { chosen, known, madeUpFor, Wanted } from "../wanted";

async function keyBehind(aws: AwsClients, alias: string | undefined): Promise<KeyMetadata | undefined> {
  const found = alias ? await unlessMissing(aws.kms.send(new DescribeKeyCommand({ KeyId: alias }))) : undefined;
  return found?.KeyMetadata?.KeyState === "PendingDeletion" ? undefined : found?.KeyMetadata;
}

/** Nothing in AWS has a key's logical name but its alias, which the program calls the same. */
const key: Entry = {
  find: async (it, search) => {
    const alias = search.args.program.named("aws:kms/alias:Alias", it.name);
    const found = await keyBehind(search.aws(it), alias && known(alias, "name"));
    return found?.KeyId ? [found.KeyId] : [];
  },
};

const KEY = { ...key, untold: ["deletionWindowInDays"] };

/** The name that the program chose, or one that was made up for it. */
const isOf = (it: Wanted, name: string | undefined) =>
  name !== undefined && (chosen(it, "name") === undefined ? madeUpFor(it, name) : chosen(it, "name") === name);

async function describe(
  search: Search,
  it: Wanted,
  SecretId: string | undefined,
): Promise<DescribeSecretResponse | undefined> {
  if (SecretId === undefined) {
    return undefined;
  }
  const found = await unlessMissing(search.aws(it).secrets.send(new DescribeSecretCommand({ SecretId })));
  return found?.DeletedDate ? undefined : found;
}

/** The ARN of the secret that an input leads to: one of the stack's own, or the one that RDS has made with an instance. */
export async function secretBehind(search: Search, it: Wanted, property: string): Promise<string | undefined> {
  const id = await search.ref(it, property);
  if (id === undefined || id.startsWith("arn:")) {
    return id?.split("|")[0];
  }
  // The instance is asked for under the name by which it is imported, or its own id when Pulumi has it.
  const which = /^db-[0-9A-Z]+$/.test(id)
    ? { Filters: [{ Name: "dbi-resource-id", Values: [id] }] }
    : { DBInstanceIdentifier: id };
  const found = await unlessMissing(search.aws(it).rds.send(new DescribeDBInstancesCommand(which)));
  return found?.DBInstances?.[0]?.MasterUserSecret?.SecretArn;
}

export const KEYS_AND_RIGHTS: Record<string, Entry> = {
  "aws:kms/key:Key": KEY,
  "aws:kms/replicaKey:ReplicaKey": KEY,
  "aws:kms/alias:Alias": {
    find: async (it, search) => {
      const alias = known(it, "name");
      return alias && (await keyBehind(search.aws(it), alias)) ? [alias] : [];
    },
  },

  "aws:iam/role:Role": {
    find: (it, search) =>
      collect(paginateListRoles({ client: search.aws(it).iam }, {}), ({ Roles = [] }) =>
        Roles.map(({ RoleName }) => RoleName).filter((name) => isOf(it, name)),
      ),
  },
  /** `role:policy`. */
  "aws:iam/rolePolicy:RolePolicy": {
    find: async (it, search) => {
      const RoleName = await search.ref(it, "role");
      if (RoleName === undefined) {
        return [];
      }
      const pages = paginateListRolePolicies({ client: search.aws(it).iam }, { RoleName });
      return collect(pages, ({ PolicyNames = [] }) =>
        PolicyNames.filter((name) => isOf(it, name)).map((name) => `${RoleName}:${name}`),
      );
    },
  },
  /** `role/ARN of the policy`. */
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    find: async (it, search) => {
      const [RoleName, policy] = await Promise.all(["role", "policyArn"].map((property) => search.ref(it, property)));
      if (RoleName === undefined || policy === undefined) {
        return [];
      }
      const pages = paginateListAttachedRolePolicies({ client: search.aws(it).iam }, { RoleName });
      return collect(pages, ({ AttachedPolicies = [] }) =>
        AttachedPolicies.filter(({ PolicyArn }) => PolicyArn === policy).map(() => `${RoleName}/${policy}`),
      );
    },
  },
  "aws:iam/policy:Policy": {
    find: (it, search) =>
      collect(paginateListPolicies({ client: search.aws(it).iam }, { Scope: "Local" }), ({ Policies = [] }) =>
        Policies.filter(({ PolicyName }) => isOf(it, PolicyName)).map(({ Arn }) => Arn),
      ),
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    find: (it, search) =>
      collect(paginateListInstanceProfiles({ client: search.aws(it).iam }, {}), ({ InstanceProfiles = [] }) =>
        InstanceProfiles.map(({ InstanceProfileName }) => InstanceProfileName).filter((name) => isOf(it, name)),
      ),
  },

  "aws:secretsmanager/secret:Secret": {
    find: async (it, search) => {
      const found = await describe(search, it, known(it, "name"));
      return found?.ARN ? [found.ARN] : [];
    },
    untold: ["recoveryWindowInDays"],
  },
  /** `ARN of the secret|version`: the one that applications read. */
  "aws:secretsmanager/secretVersion:SecretVersion": {
    find: async (it, search) => {
      const found = await describe(search, it, await secretBehind(search, it, "secretId"));
      const versions = Object.entries(found?.VersionIdsToStages ?? {});
      return versions
        .filter(([, stages]) => stages.includes("AWSCURRENT"))
        .map(([version]) => `${found?.ARN}|${version}`);
    },
    replaced: "it is one version more of the same secret, with a login that is tried before",
  },
  "aws:secretsmanager/secretPolicy:SecretPolicy": {
    find: async (it, search) => {
      const SecretId = await secretBehind(search, it, "secretArn");
      const call = SecretId && search.aws(it).secrets.send(new GetResourcePolicyCommand({ SecretId }));
      const found = call ? await unlessMissing(call) : undefined;
      return found?.ResourcePolicy && SecretId ? [SecretId] : [];
    },
    untold: ["blockPublicPolicy"],
  },
  "aws:secretsmanager/secretRotation:SecretRotation": {
    find: async (it, search) => {
      const found = await describe(search, it, await secretBehind(search, it, "secretId"));
      return found?.RotationEnabled && found.ARN ? [found.ARN] : [];
    },
    untold: ["rotateImmediately"],
  },
};
