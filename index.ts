import { getProject, getStack, output } from "@pulumi/pulumi";
import { Backup } from "./components/backup";
import { Credentials } from "./components/credentials";
import { Database } from "./components/database";
import { Encryption } from "./components/encryption";
import { Network } from "./components/network";
import { withOverrides } from "./components/parameters";
import { Roles } from "./components/roles";
import { caBundle } from "./components/tls";
import { readSettings } from "./settings";

const settings = readSettings(getProject(), getStack());
const { application, environment } = settings;
const name = `${application}-${environment}`;
const tags = { Application: application, Environment: environment };
const protect = settings.database.deletionProtection;
const caFile = caBundle(settings.database.caFile);

const encryption = new Encryption(name, { protect, tags });

const network = new Network(name, {
  vpcCidr: settings.network.vpcCidr,
  availabilityZones: settings.network.availabilityZones,
  databasePort: settings.database.port,
  tags,
});

const database = new Database(name, {
  databaseName: application,
  masterUsername: `${application}_admin`,
  engineVersion: settings.database.engineVersion,
  instanceClass: settings.database.instanceClass,
  storageGb: settings.database.storageGb,
  port: settings.database.port,
  multiAz: settings.database.multiAz,
  backupRetentionDays: settings.database.backupRetentionDays,
  deletionProtection: settings.database.deletionProtection,
  parameters: withOverrides(settings.database.parameters),
  subnetIds: network.databaseSubnetIds,
  securityGroupId: network.databaseSecurityGroupId,
  storageKeyArn: encryption.databaseKeyArn,
  secretsKeyArn: encryption.secretsKeyArn,
  tags,
});

const credentials = new Credentials(name, { application, secretsKeyArn: encryption.secretsKeyArn, protect, tags });

const roles = new Roles(name, {
  application,
  database,
  caFile,
  credentials: credentials.of,
  schemas: settings.schemas,
  extensions: settings.database.extensions,
  protect,
});

credentials.publish({ host: database.host, port: database.port, databaseName: database.databaseName }, roles);

const backup = new Backup(`${name}-backups`, { keyArn: encryption.backupsKeyArn, protect, tags });

/** What people and pipelines need next. Passwords are in the secrets that are named here, never in an output. */
export const databaseHost = database.host;
export const databasePort = database.port;
export const databaseName = database.databaseName;
export const databaseCaFile = caFile;
export const databaseSecurityGroup = network.databaseSecurityGroupId;
export const applicationSecurityGroup = network.applicationSecurityGroupId;
export const masterSecretArn = database.masterSecretArn;
export const secretArns = output(
  Object.fromEntries(Object.entries(credentials.of).map(([role, { secret }]) => [role, secret.arn])),
);
export const secretReadPolicyArns = output(
  Object.fromEntries(Object.entries(credentials.of).map(([role, { readPolicyArn }]) => [role, readPolicyArn])),
);
export const backupBucket = backup.bucketName;
