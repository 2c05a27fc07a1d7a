import { getProject, getStack, log } from "@pulumi/pulumi";
import { Application, applicationsOf } from "../../model/access/applications";
import { Account } from "../../model/aws/account";
import { DataClassification, Tags, tagsOf } from "../../model/aws/tags";
import { Deployed, DeployedBefore, factsOf, describeAllRotations } from "../../model/deployed";
import { logParameters, ServerParameter, withOverrides } from "../../model/parameters";
import { Settings } from "../../model/settings";
import { provideCaFile } from "../database/ca-bundle";
import { refuseUnfitSubnets } from "../network/existing-subnets";
import { findAccount, limitRoles, readDeployed, refuseReplacements, refuseReplicaAtHome } from "./guards";
import { readSettings } from "./read-settings";
import { setSdkDefaults } from "./sdk-defaults";

/** The context of a stack, which every part is made from. */
export interface Stack {
  /** `<application>-<stack>`, with which every name in AWS begins. */
  name: string;
  settings: Settings;
  account: Account;
  /** The application that the stack is named after. */
  firstApplication: Application;
  /** The further applications on the same server. */
  furtherApplications: Application[];
  /** The server's parameters, with the values of the stack's file. */
  parameters: ServerParameter[];
  /** The PEM file to verify the server with. */
  caFile: string;
  /** Whether what holds data is protected from deletion: `database.deletionProtection`. */
  protect: boolean;
  /** The facts that the last update left in the stack's output; undefined before the first update. */
  deployedBefore: DeployedBefore | undefined;
  /** The facts that this update leaves for the next one. */
  deployed: Deployed;
  /** Returns the tags of a part. */
  tags: (purpose: string, classification: DataClassification) => Tags;
}

/**
 * The names of the IAM roles that may assume a role of the stack: the deployers and those in `named`. Undefined, for a stack that
 * names no deployers, leaves it to IAM policies.
 */
export function trustedRoles({ settings }: Stack, named: string[]): string[] | undefined {
  const { deployers } = settings.access;
  return deployers.length === 0 ? undefined : [...deployers, ...named];
}

/**
 * Reads and checks the stack's settings, finds the account, and refuses changes that an existing stack must not get, all before
 * anything is registered. Logs which passwords change.
 */
export async function openStack(): Promise<Stack> {
  setSdkDefaults();
  const settings = readSettings(getProject(), getStack());
  const [account, deployedBefore] = await Promise.all([findAccount(), readDeployed()]);
  const deployed = factsOf(settings, account);
  refuseReplacements(deployedBefore, deployed);
  refuseReplicaAtHome(settings.backup.replicaRegion, account);
  await refuseUnfitSubnets(settings.network.existing);
  limitRoles(account, settings.access.permissionsBoundary);
  describeAllRotations(deployedBefore, deployed).forEach((line) => void log.info(line));
  const [firstApplication, ...furtherApplications] = applicationsOf(settings) as [Application, ...Application[]];
  return {
    name: `${settings.application}-${settings.environment}`,
    settings,
    account,
    firstApplication,
    furtherApplications,
    parameters: withOverrides({ ...settings.database.parameters, ...logParameters(settings.logs) }),
    caFile: provideCaFile(settings.database.caFile),
    protect: settings.database.deletionProtection,
    deployedBefore,
    deployed,
    tags: (purpose, classification) => tagsOf(settings, purpose, classification),
  };
}
