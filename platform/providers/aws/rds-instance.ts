import {
  CreateDBInstanceCommand,
  CreateDBInstanceCommandInput,
  CreateDBInstanceReadReplicaCommand,
  CreateDBInstanceReadReplicaCommandInput,
  DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  ModifyDBInstanceCommandInput,
} from "@aws-sdk/client-rds";
import pRetry, { AbortError } from "p-retry";
import { Values } from "../protocol/model";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { GAPS, INSTANCE_CANNOT_BE_RENAMED, INSTANCE_LOST_ON_CREATE } from "./emulator-gaps";
import { unlessMissing } from "./errors";
import { tagRds } from "./rds-groups";
import { checkConflicts, INSTANCE_PROPERTIES, PROVIDER_ONLY, SETTINGS } from "./rds-settings";
import { awsResource, pick } from "./resource";

/** Milliseconds. PostgreSQL on a laptop takes a few seconds, RDS up to twenty minutes. */
const LONGEST_WAIT = 30 * 60_000;
/** States that no instance leaves by itself (waitDBInstanceAvailable). */
const HOPELESS = /^(deleting|failed|inaccessible-.*|incompatible-.*|insufficient-capacity|storage-full|stopped)$/;
/** AWS's form of an instance's own id, which outlives its names. */
const RESOURCE_ID = /^db-[0-9A-Z]+$/;

/**
 * The instance: the resource's id is RDS's own id of it, but it is looked up by its name, for which every RDS has a
 * filter. An instance that somebody made anew under the name is another one.
 */
async function find({ rds }: AwsClients, id: string, state: Values): Promise<DBInstance | undefined> {
  const name = (state.identifier ?? id) as string;
  const call = RESOURCE_ID.test(name)
    ? rds.send(new DescribeDBInstancesCommand({ Filters: [{ Name: "dbi-resource-id", Values: [name] }] }))
    : rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }));
  const { DBInstances = [] } = (await unlessMissing(call, "DBInstanceNotFoundFault")) ?? {};
  return DBInstances.find((it) => !RESOURCE_ID.test(id) || it.DbiResourceId === id);
}

function request(inputs: Values, call: "create" | "modify", names: string[]): Values {
  const known = names.filter((name) => SETTINGS[name]?.[call] && inputs[name] !== undefined);
  return Object.fromEntries(known.map((name) => [SETTINGS[name]?.[call] as string, inputs[name]]));
}

function createRequest(inputs: Values): CreateDBInstanceCommandInput {
  for (const [needed, name] of [
    ["allocatedStorage", "allocated_storage"],
    ["engine", "engine"],
    ["username", "username"],
  ] as const) {
    if (inputs[needed] === undefined) {
      throw new Error(`"${name}": required field is not set`);
    }
  }
  if (!inputs.password && !inputs.passwordWo && !inputs.manageMasterUserPassword) {
    throw new Error('"password": required field is not set');
  }
  return {
    DBInstanceIdentifier: inputs.identifier,
    ...request(inputs, "create", Object.keys(inputs)),
    ...(inputs.passwordWo ? { MasterUserPassword: inputs.passwordWo } : {}),
    EnableCloudwatchLogsExports: inputs.enabledCloudwatchLogsExports,
    Tags: tagList(inputs.tagsAll as Tags),
  } as CreateDBInstanceCommandInput;
}

/** What a replica can be given only when it is there, if it is not so already (resourceInstanceCreate). */
const AFTER_REPLICATION = [
  ...["backupRetentionPeriod", "backupWindow", "caCertIdentifier", "maintenanceWindow", "maxAllocatedStorage"],
  "parameterGroupName",
];
/** What a replica has from its source. */
const INHERITED = ["dbName", "engine", "engineVersion", "kmsKeyId", "password", "storageEncrypted", "username"];

function replicaRequest(inputs: Values): CreateDBInstanceReadReplicaCommandInput {
  const names = Object.keys(inputs).filter((name) => ![...AFTER_REPLICATION, ...INHERITED].includes(name));
  return {
    DBInstanceIdentifier: inputs.identifier as string,
    SourceDBInstanceIdentifier: inputs.replicateSourceDb as string,
    ...request(inputs, "create", names),
    EnableCloudwatchLogsExports: inputs.enabledCloudwatchLogsExports as string[],
    Tags: tagList(inputs.tagsAll as Tags),
  };
}

/** What goes along with a change because RDS takes it only together (dbInstancePopulateModify). */
function modifyRequest(
  before: Values,
  inputs: Values,
  changed: string[],
): Omit<ModifyDBInstanceCommandInput, "DBInstanceIdentifier"> {
  const has = (...names: string[]) => names.some((name) => changed.includes(name));
  const together = [
    ...(has("allocatedStorage", "iops", "storageThroughput") ? ["allocatedStorage", "iops"] : []),
    ...(has("storageType") ? ["iops", "storageThroughput"] : []),
    ...(has("masterUserSecretKmsKeyId") ? ["manageMasterUserPassword"] : []),
    ...(has("performanceInsightsEnabled") ? ["performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod"] : []),
    ...(has("performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod") ? ["performanceInsightsEnabled"] : []),
  ];
  const logs = { old: (before.enabledCloudwatchLogsExports ?? []) as string[] };
  const wanted = (inputs.enabledCloudwatchLogsExports ?? []) as string[];
  return {
    ...request(inputs, "modify", [...changed, ...together]),
    ...(has("engineVersion") ? { AllowMajorVersionUpgrade: Boolean(inputs.allowMajorVersionUpgrade) } : {}),
    // Absent means off; RDS must be told so.
    ...(has("deletionProtection") ? { DeletionProtection: Boolean(inputs.deletionProtection) } : {}),
    ...(has("iamDatabaseAuthenticationEnabled")
      ? { EnableIAMDatabaseAuthentication: Boolean(inputs.iamDatabaseAuthenticationEnabled) }
      : {}),
    ...(has("manageMasterUserPassword") ? { ManageMasterUserPassword: Boolean(inputs.manageMasterUserPassword) } : {}),
    // A threshold equal to the storage turns its growing off.
    ...(has("maxAllocatedStorage")
      ? { MaxAllocatedStorage: inputs.maxAllocatedStorage || inputs.allocatedStorage }
      : {}),
    ...(has("passwordWoVersion") && inputs.passwordWo ? { MasterUserPassword: inputs.passwordWo } : {}),
    ...(has("enabledCloudwatchLogsExports")
      ? {
          CloudwatchLogsExportConfiguration: {
            EnableLogTypes: wanted.filter((type) => !logs.old.includes(type)),
            DisableLogTypes: logs.old.filter((type) => !wanted.includes(type)),
          },
        }
      : {}),
  };
}

/** "17" stays "17" while the server is a 17 (compareActualEngineVersion). */
function engineVersions(asked: string | undefined, actual = "") {
  return { engineVersion: asked && actual.startsWith(asked) ? asked : actual, engineVersionActual: actual };
}

function stateOf(it: DBInstance, known: Values): Values {
  const { Endpoint: endpoint, MasterUserSecret: master } = it;
  const settings = Object.entries(SETTINGS).map(([name, { read }]): [string, unknown] => [name, read?.(it)]);
  return {
    ...Object.fromEntries(settings.filter(([, value]) => value !== undefined)),
    ...engineVersions(known.engineVersion as string | undefined, it.EngineVersion),
    // An import knows nothing about its end (resourceInstanceImport).
    ...(known.identifier ? {} : { skipFinalSnapshot: true, deleteAutomatedBackups: true }),
    identifier: it.DBInstanceIdentifier,
    arn: it.DBInstanceArn,
    resourceId: it.DbiResourceId,
    status: it.DBInstanceStatus,
    address: endpoint?.Address,
    endpoint: endpoint?.Address && `${endpoint.Address}:${endpoint.Port}`,
    hostedZoneId: endpoint?.HostedZoneId,
    enabledCloudwatchLogsExports: it.EnabledCloudwatchLogsExports,
    latestRestorableTime: it.LatestRestorableTime?.toISOString().replace(".000Z", "Z"),
    listenerEndpoints: [],
    replicas: it.ReadReplicaDBInstanceIdentifiers ?? [],
    masterUserSecrets: master
      ? [{ secretArn: master.SecretArn, kmsKeyId: master.KmsKeyId, secretStatus: master.SecretStatus }]
      : [],
    // Write-only: not even the state may have it.
    passwordWo: undefined,
    tagsAll: tagMap(it.TagList),
  };
}

/** Waits until `done` finds the instance as it should be; an error of its own ends the waiting. */
async function waitFor(what: string, done: () => Promise<boolean>): Promise<void> {
  await pRetry(
    async () => {
      const finished = await done().catch((error: Error) => {
        throw new AbortError(error);
      });
      if (!finished) {
        throw new Error(`it is still not ${what}`);
      }
    },
    { retries: Infinity, minTimeout: 200, maxTimeout: 5_000, maxRetryTime: LONGEST_WAIT },
  );
}

async function waitUntilAvailable(clients: AwsClients, identifier: string): Promise<void> {
  await waitFor("available", async () => {
    const status = (await find(clients, identifier, {}))?.DBInstanceStatus;
    if (!status || HOPELESS.test(status)) {
      throw new Error(`expected it to become available, it is ${status ?? "gone"}`);
    }
    return status === "available";
  });
}

async function modify(clients: AwsClients, DBInstanceIdentifier: string, changes: Values, now: boolean) {
  const input = { DBInstanceIdentifier, ApplyImmediately: now, ...changes };
  await clients.rds.send(new ModifyDBInstanceCommand(input));
  await waitUntilAvailable(clients, DBInstanceIdentifier);
}

/** `aws_db_instance`, internal/service/rds/instance.go: a new instance or a read replica, no restored one. */
export const instance = awsResource({
  title: "RDS DB Instance",
  autoName: { property: "identifier", maxLength: 63, lowerCase: true },
  properties: INSTANCE_PROPERTIES,
  gaps: GAPS.instance,
  tag: tagRds,
  check: checkConflicts,

  undo: { skipFinalSnapshot: true },
  create: async ({ rds }, inputs) => {
    const { DBInstance: made } = inputs.replicateSourceDb
      ? await rds.send(new CreateDBInstanceReadReplicaCommand(replicaRequest(inputs)))
      : await rds.send(new CreateDBInstanceCommand(createRequest(inputs)));
    return made?.DbiResourceId as string;
  },

  complete: async (clients, id, inputs) => {
    const identifier = inputs.identifier as string;
    await waitUntilAvailable(clients, identifier);
    const state = stateOf((await find(clients, id, inputs)) ?? {}, inputs);
    const later = inputs.replicateSourceDb ? AFTER_REPLICATION : INSTANCE_LOST_ON_CREATE;
    const lost = later.filter((name) => inputs[name] !== undefined && inputs[name] !== state[name]);
    if (lost.length > 0) {
      await modify(clients, identifier, request(inputs, "modify", lost), true);
    }
  },

  /** By its identifier; the id is RDS's own of it. */
  importer: async (clients, identifier) => {
    const found = await find(clients, identifier, {});
    return { id: found?.DbiResourceId ?? identifier, state: {} };
  },

  read: async (clients, id, state) => {
    const found = await find(clients, id, state);
    return found && stateOf(found, state);
  },

  update: async (clients, _id, before, inputs, changed) => {
    const asked = changed.filter(
      (name) => !(name in PROVIDER_ONLY) && !["tags", "region", "passwordWo"].includes(name),
    );
    if (asked.includes("identifier")) {
      throw new Error(INSTANCE_CANNOT_BE_RENAMED);
    }
    if (asked.includes("replicateSourceDb")) {
      throw new Error("the local RDS promotes no replica; in AWS it could be done in place");
    }
    if (asked.length > 0) {
      const changes = modifyRequest(before, inputs, asked);
      await modify(clients, before.identifier as string, changes, Boolean(inputs.applyImmediately));
    }
  },

  delete: async (clients, id, state) => {
    const last = pick(state, ["finalSnapshotIdentifier"]) as { finalSnapshotIdentifier?: string };
    if (!state.skipFinalSnapshot && !last.finalSnapshotIdentifier) {
      throw new Error("final_snapshot_identifier is required when skip_final_snapshot is false");
    }
    const found = await find(clients, id, state);
    if (!found) {
      return;
    }
    if (found.DBInstanceStatus !== "deleting") {
      const input = {
        DBInstanceIdentifier: found.DBInstanceIdentifier,
        DeleteAutomatedBackups: state.deleteAutomatedBackups as boolean,
        SkipFinalSnapshot: Boolean(state.skipFinalSnapshot),
        FinalDBSnapshotIdentifier: state.skipFinalSnapshot ? undefined : last.finalSnapshotIdentifier,
      };
      await unlessMissing(clients.rds.send(new DeleteDBInstanceCommand(input)), "DBInstanceNotFoundFault");
    }
    await waitFor("gone", async () => !(await find(clients, id, state)));
  },
});
