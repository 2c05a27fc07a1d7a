import { Level, environmentOf, POLICIES, PolicyName } from "./levels";
import { ResourceRule, StackRule } from "./resource";
import {
  bucketHasPolicy,
  bucketTlsOnly,
  closedBucket,
  encryptedBucket,
  openBucket,
  versionedBucket,
} from "./rules/buckets";
import { backupRetention, deletionProtection, forceSsl, tlsVersion, verifiedServer } from "./rules/database";
import { encryptedLogGroup, encryptedStorage, logRetention } from "./rules/encryption";
import { wildcardIam } from "./rules/iam";
import { protectedResources } from "./rules/lasting";
import { openSecurityGroup, publicDatabase } from "./rules/network";
import { secretInOutputs, secretInTags } from "./rules/secrets";
import { tagged } from "./rules/tags";

interface Rules {
  resource?: ResourceRule;
  stack?: StackRule;
}

const RULES: Record<PolicyName, Rules> = {
  "no-public-database": { resource: publicDatabase },
  "no-open-security-group": { resource: openSecurityGroup },
  "force-ssl": { resource: forceSsl },
  "tls-version": { resource: tlsVersion },
  "verified-server": { resource: verifiedServer },
  "bucket-tls-only": { resource: bucketTlsOnly, stack: bucketHasPolicy },
  "no-public-bucket": { resource: openBucket, stack: closedBucket },
  "encrypted-storage": { resource: encryptedStorage },
  "encrypted-bucket": { stack: encryptedBucket },
  "encrypted-log-group": { resource: encryptedLogGroup },
  "no-wildcard-iam": { resource: wildcardIam },
  "no-plain-secret": { resource: secretInTags, stack: secretInOutputs },
  tagged: { resource: tagged },
  "versioned-bucket": { stack: versionedBucket },
  "backup-retention": { resource: backupRetention },
  "log-retention": { resource: logRetention },
  "deletion-protection": { resource: deletionProtection },
  "protected-resources": { stack: protectedResources },
};

/** A policy with its rules, and its level for one stack. */
export interface StackPolicy extends Rules {
  name: PolicyName;
  demands: string;
  level: Level;
}

/** The policies, each at the level that holds for a stack. */
export const policiesOf = (stack: string): StackPolicy[] =>
  POLICIES.map(({ name, demands, levels }) => ({
    name,
    demands,
    level: levels[environmentOf(stack)],
    ...RULES[name],
  }));
