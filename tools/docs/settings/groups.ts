/** What a group is about, and how it looks in a stack's file. A key without a group has no name here. */
export interface Group {
  about: string;
  /** YAML below `config:`. A test reads it as a stack's settings. */
  example: string;
}

export const GROUPS: Record<string, Group> = {
  "": {
    about: "Keys that belong to no group.",
    example: `
markenmate:owner: platform
markenmate:schemas: [public, billing]
markenmate:rowLevelSecurity: [session, billing.invoice]`,
  },
  network: {
    about:
      "Where the database lives: in a VPC that the stack makes, without a way to the internet, or in " +
      "[one that is there](aws.md#an-existing-vpc).",
    example: `
markenmate:network:
  vpcCidr: 10.21.0.0/16
  endpoints: [secretsmanager, s3]
  adminCidrs: [10.8.0.0/24]`,
  },
  database: {
    about:
      "The RDS instance. What the server itself is set to, and how to change that, is in [parameters.md](parameters.md).",
    example: `
markenmate:database:
  engineVersion: "17"
  instanceClass: db.m7g.large
  storageGb: 100
  maxStorageGb: 1000
  port: 5433
  multiAz: true
  backupRetentionDays: 30
  parameters:
    max_connections: 200`,
  },
  access: {
    about:
      "Who gets at the database and its secrets from outside of it. Rights inside of it are in [access.md](access.md).",
    example: `
markenmate:access:
  mode: ssm
  deployers: [markenmate-deploy, markenmate-preview]
  restorers: [markenmate-restore]
  readers:
    app: [markenmate-prod-app]
    migrate: [markenmate-prod-migrations]`,
  },
  backup: {
    about: "The logical backups and the tasks that write and verify them: [backups.md](backups.md).",
    example: `
markenmate:backup:
  retentionDays: 30
  lockMode: compliance
  lockDays: 30
  verify: weekly
  image: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1
  validations: ["SELECT count(*) > 0 FROM customers"]`,
  },
  logs: {
    about: "What is logged, and for how long: [audit-log.md](audit-log.md).",
    example: `
markenmate:logs:
  retentionDays: 400
  statements: none
  hiddenColumns: [password, token]`,
  },
  notifications: {
    about: "Whom [alarms](alarms.md) and RDS's events reach.",
    example: `
markenmate:notifications:
  emails: [database-alarms@example.com]`,
  },
  applications: {
    about: "Further applications on the same server: [applications.md](applications.md).",
    example: `
markenmate:applications:
  shop: {}
  stock: { database: shop }`,
  },
  roles: {
    about: "Rotation of passwords, by role. What is set for `all` adds to each role's own: [rotation.md](rotation.md).",
    example: `
markenmate:roles:
  all: { generation: 1 }
  app: { generation: 2, revokePrevious: true }`,
  },
};
