import { POLICIES, PolicyName } from "../policy/levels";

/** Which controls each policy of policy/ enforces, before anything is made: compliance/index.ts adds it to their entries. */
export const POLICY_CONTROLS: Record<PolicyName, string[]> = {
  "no-public-database": ["FSBP RDS.1", "FSBP RDS.2", "Network: private", "Network: not public"],
  "no-open-security-group": ["FSBP EC2.18", "FSBP EC2.19", "Network: not public"],
  "force-ssl": [
    ...["FSBP RDS.38", "CIS 5.1", "CIS 6.8", "OWASP: TLS", "GDPR: encryption in transit", "Check: TLS", "Next 1.2"],
  ],
  "tls-version": ["CIS 6.9", "OWASP: TLS", "GDPR: encryption in transit"],
  "verified-server": ["CIS 6.8", "OWASP: TLS"],
  "bucket-tls-only": ["FSBP S3.5", "Backup access: in transit"],
  "no-public-bucket": ["FSBP S3.1", "FSBP S3.2", "FSBP S3.3", "FSBP S3.8", "Backup access: secure place"],
  "encrypted-storage": ["FSBP RDS.3", "FSBP RDS.4", "FSBP EC2.3", "GDPR: encryption at rest", "Next 2.1"],
  "encrypted-bucket": ["FSBP S3.17", "GDPR: encrypted backups", "Backup access: at rest"],
  "encrypted-log-group": ["GDPR: encryption at rest"],
  "no-wildcard-iam": ["FSBP IAM.1", "FSBP IAM.21", "FSBP KMS.1", "FSBP KMS.2"],
  "no-plain-secret": ["OWASP: secure credentials"],
  tagged: ["FSBP RDS.17"],
  "versioned-bucket": ["FSBP S3.14"],
  "backup-retention": ["FSBP RDS.11", "OWASP: backups"],
  "log-retention": ["FSBP CloudWatch.16"],
  "deletion-protection": ["FSBP RDS.8"],
  "protected-resources": ["FSBP RDS.8", "FSBP KMS.3"],
};

/** The policies that there are. */
export const POLICY_NAMES: string[] = POLICIES.map(({ name }) => name);
