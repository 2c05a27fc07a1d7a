import { ListSecretVersionIdsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { RoleName } from "../../model/access/matrix";
import { DeployedBefore } from "../../model/deployed";
import { Rotations, slotsOf } from "../../model/access/rotation";
import { Misuse, OpsError, Refusal } from "../shared/errors";
import { CommonOptions, say } from "../shared/command";
import { PulumiStack } from "../shared/pulumi";
import { notDeployed } from "../shared/stack-output";
import { besides, Change, Configured, planRotation, Step, tooEarly } from "./plan";

export interface Options extends CommonOptions {
  stack: string;
  application?: string;
  all?: true;
  revoke?: true;
  graceMinutes: number;
  force?: true;
}

interface Outputs {
  secretArns?: Record<string, string>;
  applications?: Record<string, { secretArns: Record<string, string> }>;
  deployed?: Pick<DeployedBefore, "application"> & Partial<DeployedBefore>;
}

/** Whose roles are rotated, and where they stand in the stack's file. */
interface Rotated {
  application: string;
  /** What stands before `roles.` there. */
  group: string;
  roles: Partial<Rotations>;
  secretArns: Record<string, string>;
}

function rotatedOf({ deployed, secretArns, applications }: Outputs, stack: string, named: string | undefined): Rotated {
  if (!deployed?.roles || !secretArns) {
    throw notDeployed(stack);
  }
  if (named === undefined || named === deployed.application) {
    return { application: deployed.application, group: "", roles: deployed.roles, secretArns };
  }
  const roles = deployed.applications?.[named]?.roles;
  const arns = applications?.[named]?.secretArns;
  if (!roles || !arns) {
    const known = [deployed.application, ...Object.keys(deployed.applications ?? {})].join(", ");
    throw new Misuse(`--application: ${named} is not one of ${known}`);
  }
  return { application: named, group: `applications.${named}.`, roles, secretArns: arns };
}

async function readChangeTimes(secretArns: Record<string, string>): Promise<Record<string, Date>> {
  const client = new SecretsManagerClient({});
  const entries = await Promise.all(
    Object.entries(secretArns).map(async ([role, SecretId]) => {
      const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
      const current = Versions.find(({ VersionStages }) => VersionStages?.includes("AWSCURRENT"));
      return [role, current?.CreatedDate ?? new Date(0)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function readConfigured(stack: PulumiStack, application: string | undefined): Promise<Configured> {
  type Groups = { roles?: Configured };
  const config = await stack.readJson<Record<string, { objectValue?: unknown }>>("config");
  const group = (name: string) => Object.entries(config).find(([key]) => key.endsWith(`:${name}`))?.[1].objectValue;
  if (application === undefined) {
    return (group("roles") as Configured | undefined) ?? {};
  }
  return (group("applications") as Record<string, Groups> | undefined)?.[application]?.roles ?? {};
}

async function set(stack: PulumiStack, path: string, value: string | undefined): Promise<void> {
  await (value === undefined
    ? stack.read("config", "rm", "--path", path)
    : stack.read("config", "set", "--path", path, value));
}

/** Writes what is planned into the stack's file, and returns what takes it back. */
async function write(stack: PulumiStack, group: string, before: Configured, changes: Change[], revoke: boolean) {
  const undo: (() => Promise<void>)[] = [];
  const change = async (path: string, from: string | undefined, to: string) => {
    if ((from ?? "") !== to && !(from === undefined && to === "false")) {
      await set(stack, path, to);
      undo.unshift(() => set(stack, path, from));
    }
  };
  for (const { role, from, to } of changes) {
    const revoked = before[role]?.revokePrevious;
    await change(`${group}roles.${role}.generation`, from === undefined ? undefined : String(from), String(to));
    await change(
      `${group}roles.${role}.revokePrevious`,
      revoked === undefined ? undefined : String(revoked),
      String(revoke),
    );
  }
  return async () => {
    for (const step of undo) {
      await step();
    }
  };
}

async function refuseOtherChanges(stack: PulumiStack, roles: RoleName[], application?: string): Promise<void> {
  const { steps } = await stack.readJson<{ steps: Step[] }>("preview");
  const others = besides(steps, roles, application);
  if (others.length > 0) {
    const list = others.map(({ op, urn }) => `  ${op} ${urn.split("::").slice(2).join(" ")}`);
    throw new Refusal(
      `The update would do more than rotate passwords. Run \`pulumi up\` first, and then this again:\n${list.join("\n")}`,
    );
  }
}

async function rotate(stack: PulumiStack, roles: RoleName[], options: Options) {
  say(`Reading what is deployed of ${stack.name}`);
  const outputs = await stack.readJson<Outputs>("stack", "output");
  const { application, group, roles: deployed, secretArns } = rotatedOf(outputs, stack.name, options.application);
  const further = group ? application : undefined;
  const before = await readConfigured(stack, further);
  const changes = planRotation(before, deployed, roles);
  const early = tooEarly(await readChangeTimes(secretArns), changes, new Date(), options.graceMinutes);
  if (early.length > 0 && !options.force) {
    const list = early.map(({ role, minutes }) => `${role} (${minutes} more minutes)`).join(", ");
    throw new Refusal(
      `Rotated less than ${options.graceMinutes} minutes ago: ${list}. Another rotation ends the login of before, which may ` +
        "be in use still. Wait, or use --force",
    );
  }
  const undo = await write(stack, group, before, changes, options.revoke ?? false);
  say("Looking at what the update will do");
  await refuseOtherChanges(stack, roles, further).catch(async (error: unknown) => {
    await undo();
    throw error;
  });
  if (!(await stack.watch("up", "--yes", "--skip-preview"))) {
    throw new OpsError(
      `The update has failed; what it says is above. Every secret has a login that works. Run this again to finish`,
    );
  }
  return changes.map(({ role, generation }) => {
    const { active, idle } = slotsOf(application, role, {
      generation,
      revokePrevious: Boolean(options.revoke),
    });
    return {
      role,
      generation,
      login: active.login,
      previous: { login: idle.login, revoked: !idle.canLogin },
      secretArn: secretArns[role],
    };
  });
}

/** Gives the roles new passwords, and says what has become of their logins. */
export async function rotateRoles(roles: RoleName[], options: Options): Promise<object> {
  const rotated = await rotate(new PulumiStack(options.stack), roles, options);
  for (const { role, generation, login, previous } of rotated) {
    const fate = previous.revoked ? "is shut out" : `keeps working until generation ${generation + 1}`;
    say(`${role}: generation ${generation}, login ${login}; ${previous.login} ${fate}`);
  }
  say(`Keep the change of Pulumi.${options.stack}.yaml: the next update starts from it.`);
  return { result: "rotated", roles: rotated };
}
