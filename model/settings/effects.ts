import { ROLE_NAMES } from "../access/matrix";
import { keysAt } from "./errors";
import { schema } from ".";

/**
 * What a change of each setting does to a stack that is there: the one place that says so, compared with what the real
 * engine shows in a preview. Each change starts from the stack's own settings; after a comma stands what tells two changes
 * of one setting apart.
 *
 * `updates`: in place. `restarts`: in place, and the database restarts. `adds`: resources come, none goes. `recreates`: what
 * is named is deleted or replaced, which loses nothing. `refused`: would replace what must not be replaced. `nothing`: only
 * how clients connect.
 */
export interface Effect {
  change: Record<string, unknown>;
  is: "updates" | "restarts" | "adds" | "recreates" | "refused" | "nothing";
  /** Types that are recreated. */
  what?: string[];
}

const database = (change: Record<string, unknown>) => ({ database: change });
const network = (change: Record<string, unknown>) => ({ network: change });

export const EFFECTS: Record<string, Effect> = {
  application: { change: { application: "shop" }, is: "refused" },
  "notifications.emails": { change: { notifications: { emails: ["ops@example.com"] } }, is: "adds" },
  owner: { change: { owner: "somebody else" }, is: "updates" },
  schemas: { change: { schemas: ["public", "sales"] }, is: "adds" },
  // Only what ops/check demands.
  rowLevelSecurity: { change: { rowLevelSecurity: ["user"] }, is: "nothing" },

  "network.vpcCidr": { change: network({ vpcCidr: "10.99.0.0/16" }), is: "refused" },
  "network.availabilityZones, fewer": { change: network({ availabilityZones: 2 }), is: "refused" },
  "network.vpcId": {
    change: network({ vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] }),
    is: "refused",
  },
  "network.databaseSubnetIds": {
    change: network({ vpcId: "vpc-0a1b2c3d", databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-2a1b2c3d"] }),
    is: "refused",
  },
  "network.endpointSecurityGroupId": {
    change: network({
      vpcId: "vpc-0a1b2c3d",
      databaseSubnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
      endpointSecurityGroupId: "sg-0a1b2c3d",
    }),
    is: "refused",
  },
  "network.endpoints": { change: network({ endpoints: ["s3", "kms"] }), is: "adds" },
  "network.adminCidrs": { change: network({ adminCidrs: ["10.8.0.0/24"] }), is: "adds" },

  "database.engineVersion, an earlier one": { change: database({ engineVersion: "16" }), is: "refused" },
  "database.engineVersion, a later one": {
    change: database({ engineVersion: "18" }),
    is: "recreates",
    what: ["aws:rds/parameterGroup:ParameterGroup"],
  },
  "database.instanceClass": { change: database({ instanceClass: "db.t4g.medium" }), is: "restarts" },
  "database.storageGb": { change: database({ storageGb: 30 }), is: "updates" },
  "database.maxStorageGb": { change: database({ maxStorageGb: 200 }), is: "updates" },
  "database.port": { change: database({ port: 5999 }), is: "restarts" },
  "database.masterUsername": { change: database({ masterUsername: "chief" }), is: "refused" },
  "database.multiAz": { change: database({ multiAz: true }), is: "updates" },
  "database.masterPassword": {
    change: database({ masterPassword: "stack" }),
    is: "recreates",
    what: ["aws:secretsmanager/secretPolicy:SecretPolicy", "aws:secretsmanager/secretRotation:SecretRotation"],
  },
  // With the password, that is; alone it adds.
  "database.readReplica": {
    change: database({ masterPassword: "stack", readReplica: true }),
    is: "recreates",
    what: ["aws:secretsmanager/secretPolicy:SecretPolicy", "aws:secretsmanager/secretRotation:SecretRotation"],
  },
  "database.backupRetentionDays": { change: database({ backupRetentionDays: 8 }), is: "updates" },
  "database.backupWindow": { change: database({ backupWindow: "05:00-06:00" }), is: "updates" },
  "database.maintenanceWindow": { change: database({ maintenanceWindow: "mon:07:00-mon:08:00" }), is: "updates" },
  "database.monitoringIntervalSeconds": { change: database({ monitoringIntervalSeconds: 30 }), is: "updates" },
  "database.deletionProtection": { change: database({ deletionProtection: true }), is: "updates" },
  "database.applyImmediately": { change: database({ applyImmediately: false }), is: "updates" },
  "database.certificateAuthority": { change: database({ certificateAuthority: "rds-ca-rsa4096-g1" }), is: "updates" },
  "database.finalSnapshot": { change: database({ finalSnapshot: true }), is: "adds" },
  "database.caFile": { change: database({ caFile: "test/support/other-ca.pem" }), is: "updates" },
  "database.extensions": {
    change: database({ extensions: [] }),
    is: "recreates",
    what: ["postgresql:index/extension:Extension"],
  },
  "database.parameters": { change: database({ parameters: { max_connections: 90 } }), is: "restarts" },

  ...Object.fromEntries(
    (["all", ...ROLE_NAMES] as const).flatMap((role): [string, Effect][] => [
      [
        `roles.${role}, one more`,
        {
          change: { roles: { [role]: { generation: 1 } } },
          is: "recreates",
          what: ["random:index/randomBytes:RandomBytes", "random:index/randomPassword:RandomPassword"],
        },
      ],
      [`roles.${role}, two at once`, { change: { roles: { [role]: { generation: 2 } } }, is: "refused" }],
    ]),
  ),

  applications: { change: { applications: { shop: {} } }, is: "adds" },
  "applications, one that shares a database": {
    change: { applications: { shop: { database: "markenmate" } } },
    is: "adds",
  },

  "access.mode": { change: { access: { mode: "ssm" } }, is: "adds" },
  "access.localPort": { change: { access: { localPort: 15999 } }, is: "nothing" },
  "access.permissionsBoundary": { change: { access: { permissionsBoundary: "limit" } }, is: "updates" },
  "access.deployers": { change: { access: { deployers: ["deploy"] } }, is: "updates" },
  "access.restorers": { change: { access: { deployers: ["deploy"], restorers: ["rescue"] } }, is: "updates" },
  "access.readers": { change: { access: { deployers: ["deploy"], readers: { app: ["web"] } } }, is: "updates" },
  "backup.retentionDays": { change: { backup: { retentionDays: 60 } }, is: "updates" },
  "backup.lockMode": { change: { backup: { lockMode: "compliance" } }, is: "updates" },
  "backup.image": {
    change: { backup: { image: "000000000000.dkr.ecr.eu-central-1.amazonaws.com/backups:1" } },
    is: "adds",
  },
  // Of the tasks, which there are with an image only.
  "backup.verify": { change: { backup: { verify: "weekly" } }, is: "nothing" },
  "backup.validations": { change: { backup: { validations: ["SELECT true"] } }, is: "nothing" },
  "backup.recoveryKeyArn": {
    change: { backup: { recoveryKeyArn: "arn:aws:kms:eu-central-1:210987654321:key/1234" } },
    is: "updates",
  },
  "backup.replicaRegion": { change: { backup: { replicaRegion: "eu-west-1" } }, is: "adds" },
  "backup.lockDays": { change: { backup: { lockDays: 14 } }, is: "updates" },
  "logs.retentionDays": { change: { logs: { retentionDays: 400 } }, is: "updates" },
  "logs.statements": { change: { logs: { statements: "mod" } }, is: "updates" },
  "logs.values": { change: { logs: { values: true } }, is: "updates" },
  "logs.hiddenColumns": { change: { logs: { hiddenColumns: ["password"] } }, is: "adds" },
};

/** The setting that an entry is about. */
export const settingOf = (entry: string) => entry.split(",")[0] as string;

/** Every key of the configuration, by its whole name. */
export function settingKeys(): string[] {
  return keysAt(schema, []).flatMap((key) => {
    const inside = keysAt(schema, [key]);
    return inside.length > 0 ? inside.map((name) => `${key}.${name}`) : [key];
  });
}
