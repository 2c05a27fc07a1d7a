import path from "node:path";
import { checkParameters, RequestedParameter } from "./parameter-check";
import { ensureDistribution, majorOf } from "./distribution";
import { Answer, Emulator } from "./emulator";
import { RdsError } from "./errors";
import { listOf } from "./form";
import { EventSubscriptions } from "./event-subscriptions";
import { modification } from "./modify";
import { checkCreation, checkReplica } from "./request-check";
import { InstanceRecord, Instances, LocalRdsOptions } from "./instances";

/** What an action of RDS's API does beyond what the emulator does. */
export type Action = (form: URLSearchParams, forward: () => Promise<Answer>) => Promise<Answer>;

const succeeded = ({ status }: Answer) => status < 300;

function requested(form: URLSearchParams): RequestedParameter[] {
  const list: RequestedParameter[] = [];
  for (let index = 1; ; index++) {
    const field = (name: string) => form.get(`Parameters.Parameter.${index}.${name}`);
    const name = field("ParameterName");
    if (name === null) {
      return list;
    }
    list.push({ name, value: field("ParameterValue") ?? "", applyMethod: field("ApplyMethod") ?? "immediate" });
  }
}

/** The actions that reach into a PostgreSQL server, or that the emulator lacks; all others are the emulator's alone. */
export function actions(options: LocalRdsOptions, instances: Instances, emulator: Emulator): Record<string, Action> {
  const subscriptions = new EventSubscriptions(options.dataDir, emulator);
  const identifierOf = (form: URLSearchParams) => form.get("DBInstanceIdentifier") ?? "";

  /** Every instance that uses a group follows it. */
  async function follow(group: string): Promise<void> {
    const parameters = await emulator.parameters(group);
    for (const { identifier, parameterGroup } of await instances.list()) {
      if (parameterGroup === group) {
        await instances.reconfigure(identifier, { parameters });
      }
    }
  }

  /** Whether the action is about a server of ours; everything else is the emulator's to answer or to refuse. */
  const ours =
    (action: Action): Action =>
    (form, forward) =>
      instances.has(identifierOf(form)) ? action(form, forward) : forward();

  async function recordOf(form: URLSearchParams): Promise<Omit<InstanceRecord, "port">> {
    const engineVersion = form.get("EngineVersion") ?? "17";
    await ensureDistribution({ ...options, engineVersion }).catch((error: Error) => {
      throw new RdsError("InvalidParameterCombination", error.message);
    });
    const parameterGroup = form.get("DBParameterGroupName") ?? `default.postgres${majorOf(engineVersion)}`;
    return {
      identifier: identifierOf(form),
      engineVersion,
      instanceClass: form.get("DBInstanceClass") ?? "",
      masterUsername: form.get("MasterUsername") ?? "",
      database: form.get("DBName") ?? "postgres",
      parameterGroup,
      logExports: listOf(form, "EnableCloudwatchLogsExports"),
      parameters: form.has("DBParameterGroupName") ? await emulator.parameters(parameterGroup) : {},
    };
  }

  /** The password of the request, or one that RDS makes and keeps in a secret. */
  async function masterPassword(form: URLSearchParams) {
    if (form.get("ManageMasterUserPassword") !== "true") {
      return { password: form.get("MasterUserPassword") ?? "" };
    }
    const kmsKeyId = form.get("MasterUserSecretKmsKeyId") ?? "";
    const username = form.get("MasterUsername") ?? "";
    const { arn, password } = await emulator.createMasterSecret({ username, kmsKeyId, identifier: identifierOf(form) });
    return { password, secret: { arn, kmsKeyId } };
  }

  return {
    CreateEventSubscription: (form) => subscriptions.create(form),
    DescribeEventSubscriptions: (form) => subscriptions.describe(form),
    ModifyEventSubscription: (form) => subscriptions.modify(form),
    AddSourceIdentifierToSubscription: (form) => subscriptions.addSource(form),
    RemoveSourceIdentifierFromSubscription: (form) => subscriptions.removeSource(form),
    DeleteEventSubscription: (form) => subscriptions.delete(form),

    async ModifyDBParameterGroup(form, forward) {
      const group = form.get("DBParameterGroupName") ?? "";
      const engineVersion = (await emulator.family(group)).replace("postgres", "");
      const distribution = await ensureDistribution({ ...options, engineVersion });
      const parameters = requested(form);
      const before = await emulator.parameters(group);
      await checkParameters(distribution, parameters, before, path.join(options.dataDir, ".check"));
      const answer = await forward();
      if (succeeded(answer)) {
        await follow(group).catch(async (error: unknown) => {
          // RDS would have refused the change as a whole.
          const names = parameters.map(({ name }) => name);
          await emulator.restore(group, names, before);
          await follow(group); // another instance may have taken it
          throw error;
        });
      }
      return answer;
    },

    async ResetDBParameterGroup(form, forward) {
      const answer = await forward();
      if (succeeded(answer)) {
        await follow(form.get("DBParameterGroupName") ?? "");
      }
      return answer;
    },

    async CreateDBInstance(form, forward) {
      if (form.get("Engine") !== "postgres") {
        return forward();
      }
      checkCreation(form);
      const identifier = identifierOf(form);
      if (instances.has(identifier)) {
        throw new RdsError("DBInstanceAlreadyExists", `DB instance already exists: ${identifier}`);
      }
      const wanted = await recordOf(form);
      const { password, secret } = await masterPassword(form);
      const undo = async () => {
        await (secret && emulator.deleteSecret(secret.arn));
        await (instances.has(identifier) && instances.delete(identifier));
      };
      try {
        const { port } = await instances.create({ ...wanted, secret }, password);
        // The emulator's record tells the port on which the server really listens.
        form.set("Port", String(port));
        const answer = await emulator.send(form);
        if (!succeeded(answer)) {
          await undo();
        }
        return answer;
      } catch (error) {
        await undo();
        throw error;
      }
    },

    async CreateDBInstanceReadReplica(form, forward) {
      const source = form.get("SourceDBInstanceIdentifier") ?? "";
      if (!instances.has(source)) {
        return forward();
      }
      const record = await instances.get(source);
      checkReplica(form, record);
      const identifier = identifierOf(form);
      if (instances.has(identifier)) {
        throw new RdsError("DBInstanceAlreadyExists", `DB instance already exists: ${identifier}`);
      }
      const instanceClass = form.get("DBInstanceClass") ?? record.instanceClass;
      const { port } = await instances.replicate(record, { identifier, instanceClass });
      form.set("Port", String(port)); // as with any instance
      const answer = await emulator.send(form).catch(async (error: unknown) => {
        await instances.delete(identifier);
        throw error;
      });
      if (!succeeded(answer)) {
        await instances.delete(identifier);
      }
      return answer;
    },

    ModifyDBInstance: ours(modification(instances, emulator)),

    RebootDBInstance: ours(async (form, forward) => {
      await instances.stop(identifierOf(form));
      await instances.start(identifierOf(form));
      return forward();
    }),

    StopDBInstance: ours(async (form, forward) => {
      await instances.stop(identifierOf(form));
      return forward();
    }),

    StartDBInstance: ours(async (form, forward) => {
      await instances.start(identifierOf(form));
      return forward();
    }),

    async DeleteDBInstance(form, forward) {
      const identifier = identifierOf(form);
      const answer = await forward(); // it may be protected
      if (succeeded(answer) && instances.has(identifier)) {
        const { secret } = await instances.get(identifier);
        await instances.delete(identifier);
        await (secret && emulator.deleteSecret(secret.arn));
      }
      return answer;
    },
  };
}
