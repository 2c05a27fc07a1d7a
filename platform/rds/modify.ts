import { DBInstance, PendingModifiedValues } from "@aws-sdk/client-rds";
import type { Action } from "./actions";
import { majorOf } from "./distribution";
import { Answer, Emulator } from "./emulator";
import { listOf } from "./form";
import { InstanceRecord, Instances } from "./instances";
import { checkFamily, checkMasterChange, checkUpgrade } from "./request-check";

const succeeded = ({ status }: Answer) => status < 300;

/** Log exports are changed one by one: some are switched on, some off. */
function changedExports({ logExports = [] }: InstanceRecord, form: URLSearchParams): string[] {
  const named = (verb: string) => listOf(form, `CloudwatchLogsExportConfiguration.${verb}LogTypes`);
  const kept = logExports.filter((name) => !named("Disable").includes(name));
  return [...new Set([...kept, ...named("Enable")])];
}

/** What ModifyDBInstance does with an instance's server; the record is the emulator's. */
export function modification(instances: Instances, emulator: Emulator): Action {
  /** A new password of the master's, and whether RDS manages it from now on. What the emulator keeps has been changed. */
  async function changeMaster(record: InstanceRecord, form: URLSearchParams): Promise<void> {
    const { identifier, secret, masterUsername } = record;
    const managed = form.get("ManageMasterUserPassword");
    const given = form.get("MasterUserPassword");
    if (form.get("RotateMasterUserPassword") === "true" && secret) {
      await instances.setMasterPassword(identifier, await emulator.rotateMasterSecret(secret.arn, masterUsername));
    }
    if (given) {
      await instances.setMasterPassword(identifier, given);
    }
    if (managed === "true" && !secret) {
      const kmsKeyId = form.get("MasterUserSecretKmsKeyId") ?? "";
      const { arn, password } = await emulator.createMasterSecret({ username: masterUsername, kmsKeyId, identifier });
      await instances.setMasterPassword(identifier, password);
      await instances.save({ ...(await instances.get(identifier)), secret: { arn, kmsKeyId } });
    } else if (managed === "false" && secret) {
      await instances.save({ ...(await instances.get(identifier)), secret: undefined });
      await emulator.deleteSecret(secret.arn);
    }
  }

  /** What the server is to be. A class waits for the maintenance window unless it is asked for at once, which makes all that waits. */
  async function wanted(record: InstanceRecord, form: URLSearchParams, waiting: PendingModifiedValues = {}) {
    const now = form.get("ApplyImmediately") === "true";
    const engineVersion = form.get("EngineVersion") ?? record.engineVersion;
    const major = majorOf(engineVersion);
    const upgrades = major !== majorOf(record.engineVersion);
    const own =
      record.parameterGroup.startsWith("default.") && upgrades ? `default.postgres${major}` : record.parameterGroup;
    const parameterGroup = form.get("DBParameterGroupName") ?? own;
    return {
      engineVersion,
      instanceClass: (now && (form.get("DBInstanceClass") ?? waiting.DBInstanceClass)) || record.instanceClass,
      parameterGroup,
      parameters: parameterGroup.startsWith("default.") ? {} : await emulator.parameters(parameterGroup),
    };
  }

  async function upgrade(
    { identifier }: InstanceRecord,
    change: Partial<InstanceRecord>,
    known: DBInstance,
    forward: () => Promise<Answer>,
  ): Promise<Answer> {
    const answer = await forward();
    if (succeeded(answer)) {
      await instances.upgrade(identifier, change).catch(async (error: unknown) => {
        // RDS looks at the data later, and tells what it found in an event and the log pg_upgrade_precheck.log. The instance stays too.
        await emulator.putBack(known);
        throw error;
      });
    }
    return answer;
  }

  async function reconfigure(
    record: InstanceRecord,
    change: Partial<InstanceRecord>,
    forward: () => Promise<Answer>,
  ): Promise<Answer> {
    const moved = change.parameterGroup !== record.parameterGroup || change.instanceClass !== record.instanceClass;
    if (moved) {
      // Before the emulator's record changes: it would keep a group with which the server does not start.
      await instances.reconfigure(record.identifier, change);
    }
    const answer = await forward();
    if (!succeeded(answer)) {
      await (moved && instances.reconfigure(record.identifier, record));
    }
    return answer;
  }

  return async (form, forward) => {
    const record = await instances.get(form.get("DBInstanceIdentifier") ?? "");
    const known = await emulator.instance(record.identifier);
    checkMasterChange(form, record);
    const change = await wanted(record, form, known.PendingModifiedValues);
    if (form.has("DBParameterGroupName")) {
      checkFamily(change, await emulator.family(change.parameterGroup));
    }
    const upgrades = majorOf(change.engineVersion) !== majorOf(record.engineVersion);
    if (upgrades) {
      checkUpgrade(form, record, known);
    }
    const answer = upgrades
      ? await upgrade(record, change, known, forward)
      : await reconfigure(record, change, forward);
    if (succeeded(answer)) {
      await changeMaster(record, form);
      await instances.note(record.identifier, { logExports: changedExports(record, form) });
      const { CACertificateIdentifier: authority } = await emulator.instance(record.identifier);
      if (known.CACertificateIdentifier && authority !== known.CACertificateIdentifier) {
        await instances.renewCertificate(record.identifier);
      }
    }
    return answer;
  };
}
