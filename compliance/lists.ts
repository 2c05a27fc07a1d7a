/** What each list asks for, in our own words. Whoever is on a list has an entry in the map: compliance/index.ts sees to it. */
export interface Asked {
  title: string;
  about: string;
  asks: Record<string, string>;
}

const FSBP = "AWS FSBP";

const numbered = (prefix: string, asks: Record<string, string>) =>
  Object.fromEntries(Object.entries(asks).map(([id, ask]) => [`${prefix}${id}`, ask]));

export const FSBP_RDS: Asked = {
  title: `${FSBP}: RDS`,
  about:
    "AWS Foundational Security Best Practices: the database instance, its snapshots, its parameters and what RDS tells of them.",
  asks: numbered("FSBP RDS.", {
    1: "No snapshot can be restored by everybody",
    2: "The instance has no public address",
    3: "Storage is encrypted",
    4: "Snapshots are encrypted",
    5: "A standby waits in a second zone",
    6: "The operating system is measured, too (enhanced monitoring)",
    8: "The instance cannot be deleted by one call",
    9: "PostgreSQL's log leaves the instance",
    10: "IAM tokens can take the place of passwords",
    11: "Backups are kept for at least 7 days",
    13: "Minor versions are installed by themselves",
    17: "Snapshots carry the instance's tags",
    18: "The instance is in a VPC",
    20: "Somebody is told of maintenance, changes and failures of the instance",
    21: "Somebody is told of changes of the parameter group",
    22: "Somebody is told of changes of security groups",
    23: "The port is not the one that everybody tries",
    25: "The administrator has a name of its own",
    26: "The instance is in a plan of AWS Backup",
    36: "Logs of PostgreSQL go to CloudWatch",
    38: "TLS is demanded, by a parameter group that is in force",
    46: "No subnet of the database has a route to an internet gateway",
  }),
};

export const FSBP_S3: Asked = {
  title: `${FSBP}: S3`,
  about:
    "Two buckets: `backups`, and `backups-access`, to which S3 and CloudTrail write who used the first. Where they differ the state says so.",
  asks: numbered("FSBP S3.", {
    1: "Public access is blocked where the account decides",
    2: "Nobody in public reads",
    3: "Nobody in public writes",
    5: "Requests without TLS are refused",
    6: "Other accounts are given no rights",
    7: "Objects are copied to a second region",
    8: "Public access is blocked on the bucket",
    9: "Accesses are logged",
    12: "Access lists are off",
    13: "Objects end by a rule",
    14: "Every version is kept",
    15: "Objects cannot be deleted before their time (Object Lock)",
    17: "Objects are encrypted with a key of KMS",
  }),
};

export const FSBP_KEYS: Asked = {
  title: `${FSBP}: KMS and Secrets Manager`,
  about: "The keys, and the passwords that are encrypted with one of them.",
  asks: {
    ...numbered("FSBP KMS.", {
      1: "No managed policy lets anybody decrypt with every key",
      2: "No policy within a role or user does",
      3: "No key waits for its deletion",
      4: "Keys change every year",
      5: "No key is open to everybody",
    }),
    ...numbered("FSBP SecretsManager.", {
      1: "Secrets rotate by themselves",
      2: "A rotation that is due is done",
      3: "No secret is kept that nobody reads",
      4: "No secret is older than 90 days",
    }),
  },
};

export const FSBP_NETWORK: Asked = {
  title: `${FSBP}: EC2`,
  about: "The network, and the host for administration, which there is with `access.mode: ssm` alone: in prod.",
  asks: numbered("FSBP EC2.", {
    2: "The VPC's default security group lets nothing through",
    3: "Disks of hosts are encrypted",
    6: "What flows in the VPC is recorded",
    8: "A host's metadata wants a token (IMDSv2)",
    9: "Hosts have no public address",
    15: "Subnets give no public addresses away",
    18: "Only ports that may be open are open to everybody",
    19: "Ports that attackers look for are open to nobody",
    21: "Network ACLs let nobody from anywhere in to SSH or RDP",
    172: "The VPC is barred from internet gateways by the account's switch",
  }),
};

export const FSBP_ACCOUNT: Asked = {
  title: `${FSBP}: alarms, logs, rights, trails`,
  about: "CloudWatch, SNS, IAM, AWS Backup, CloudTrail, GuardDuty, ECS.",
  asks: {
    "FSBP CloudWatch.15": "Alarms tell somebody",
    "FSBP CloudWatch.16": "Logs are kept for a year at least",
    "FSBP CloudWatch.17": "Alarms are switched on",
    "FSBP SNS.1": "Topics are encrypted with a key of KMS",
    "FSBP SNS.4": "Topics are not open to everybody",
    "FSBP IAM.1": "No policy allows everything on everything",
    "FSBP IAM.21": "No policy allows all actions of a service",
    "FSBP Backup.1": "Recovery points of AWS Backup are encrypted",
    "FSBP CloudTrail.1": "A trail records what is done in every region of the account",
    "FSBP CloudTrail.2": "Trails are encrypted with a key of KMS",
    "FSBP CloudTrail.4": "What a trail has written can be proved to be unchanged",
    "FSBP CloudTrail.5": "Trails go to CloudWatch Logs as well",
    "FSBP CloudTrail data events": "Every reading and writing of a backup is recorded",
    "FSBP GuardDuty.9": "GuardDuty watches logins to databases",
    "FSBP GuardDuty.10": "GuardDuty watches accesses to S3",
    "FSBP ECS.12": "Container Insights watches clusters",
  },
};

export const CIS_LOGGING: Asked = {
  title: "CIS PostgreSQL benchmark: the log",
  about: "As far as RDS lets one. Numbers as in the benchmark for PostgreSQL 16.",
  asks: numbered("CIS 3.", {
    "1.14": "Warnings and what is graver are logged (`log_min_messages`)",
    "1.15": "The statement behind an error is logged (`log_min_error_statement`)",
    "1.16": "Parse trees are not logged (`debug_print_parse`)",
    "1.17": "Rewritten trees are not logged (`debug_print_rewritten`)",
    "1.18": "Plans are not logged (`debug_print_plan`)",
    "1.19": "If they are, they can be read (`debug_pretty_print`)",
    "1.20": "Connections are logged (`log_connections`)",
    "1.21": "So are their ends (`log_disconnections`)",
    "1.22": "Errors are logged in full (`log_error_verbosity`)",
    "1.23": "Logging asks no name server (`log_hostname`)",
    "1.24": "Each line says when, who, from where, in which database and with which program (`log_line_prefix`)",
    "1.25": "Changes of the schema are logged at least (`log_statement`)",
    "1.26": "Times are of a zone that is agreed on (`log_timezone`)",
    "2": "pgaudit is there, and logs",
  }),
};

export const CIS_ACCESS: Asked = {
  title: "CIS PostgreSQL benchmark: access, settings, backups",
  about: "As far as RDS lets one. Editions number these sections in different ways: the words count.",
  asks: numbered("CIS ", {
    1.8: "Nobody works as a superuser",
    4.3: "Administrative rights and ownership are with those that need them",
    4.4: "Functions that run with their owner's rights cannot be led astray",
    4.5: "Nobody reads or writes more than the matrix says",
    4.6: "Everybody (PUBLIC) has no right on tables and functions",
    4.7: "Everybody may neither connect nor create in a schema",
    4.9: "Row-level security is where it should be, and holds",
    "4.10": "Whoever dumps reads everything, and can do nothing else",
    5.1: "Nobody logs in without TLS",
    5.5: "Connections are limited, for each account",
    5.6: "Passwords are strong, and kept as SCRAM verifiers",
    6.2: "What a session may set for itself weakens nothing (`backend` parameters)",
    6.3: "What needs a restart is as wanted, and in force (`postmaster`)",
    6.4: "What a reload changes is as wanted (`sighup`)",
    6.5: "What superusers set is as wanted (`superuser`)",
    6.6: "What users set is as wanted (`user`)",
    6.8: "TLS is on, with a certificate that clients can verify",
    6.9: "TLS before 1.2 is refused",
    "6.10": "Weak ciphers are refused",
    7.2: "Backups are restored, to see that they can be",
  }),
};

export const OWASP: Asked = {
  title: "OWASP database security, by the guide's checklist",
  about: "",
  asks: numbered("OWASP: ", {
    "secure credentials": "Passwords are generated, kept in a vault, and changed",
    "parameterized queries": "Values are bound to statements",
    "least privilege": "Nobody has more rights than the work needs",
    TLS: "Connections are encrypted",
    "audit log": "What is done is logged",
    backups: "There are backups, regularly",
    "row-level security": "Users see their own rows alone",
    "query monitoring": "Slow and suspicious statements are seen",
    "connection limits": "Connections are limited",
  }),
};

export const GDPR: Asked = {
  title: "GDPR, by the guide's checklist",
  about: "What is kept where and how long, and how a person's data are erased: [personal-data.md](personal-data.md).",
  asks: numbered("GDPR: ", {
    "encryption at rest": "Data are encrypted where they lie",
    "encryption in transit": "Data are encrypted where they travel",
    "access control": "Only those get to the data who have to",
    "audit trail": "It can be told who did what",
    "encrypted backups": "Backups are encrypted",
    "retention policy": "It is decided how long data are kept, and they go then",
    "right to erasure": "One person's data can be erased",
  }),
};
