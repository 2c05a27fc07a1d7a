import "./lib/sdk-start";
import { createAccess } from "./components/access";
import { createAdminAccess } from "./components/admin-access";
import { createBackups } from "./components/backup";
import { createDatabase } from "./components/database";
import { createEncryption } from "./components/encryption";
import { createLiveCheck } from "./components/live-check";
import { buildCheckOutput } from "./components/live-check/output";
import { createNetwork } from "./components/network";
import { createObservability } from "./components/observability";
import { openStack } from "./components/stack/context";
import { guardDeletion } from "./components/stack/deletion-guard";

/** The program. What it returns are the stack's outputs: what people and pipelines need next, and no password. */
async function program() {
  const stack = await openStack();

  const encryption = createEncryption(stack);
  const network = createNetwork(stack, encryption);
  const database = createDatabase(stack, encryption, network);
  const adminAccess = createAdminAccess(stack, encryption, network, database);
  const access = createAccess(stack, encryption, database, adminAccess);
  const observability = createObservability(stack, encryption, database);
  const backups = createBackups(stack, encryption, network, database, access, observability);
  const checkRole = createLiveCheck(stack, encryption, database, access, observability, backups);
  guardDeletion(stack, { encryption, network, database, adminAccess, access, observability, backups, checkRole });

  const { credentials, further } = access;
  return {
    databaseHost: database.host,
    databasePort: database.port,
    databaseName: database.databaseName,
    ...(database.replica && { databaseReplicaHost: database.replica.host, databaseReplicaPort: database.replica.port }),
    databaseCaFile: stack.caFile,
    databaseSecurityGroup: network.databaseSecurityGroupId,
    applicationSecurityGroup: network.applicationSecurityGroupId,
    masterSecretArn: database.masterSecretArn,
    secretArns: credentials.secretArns,
    secretReadPolicyArns: credentials.readPolicyArns,
    ...(stack.furtherApplications.length > 0 && { applications: further.outputs }),
    backupBucket: backups.backup.bucketName,
    backups: backups.output,
    check: buildCheckOutput(stack, { encryption, network, database, access, observability, backups, checkRole }),
    ...(adminAccess && { adminHost: adminAccess.instanceId, adminSessionDocument: adminAccess.sessionDocument }),
    eventTopicArn: observability.notifications.topicArn,
    dashboard: observability.dashboard.name,
    // Not before it is true: by this the next update knows whose turn it is.
    deployed: further.done.apply(() => stack.deployed),
  };
}

export = program;
