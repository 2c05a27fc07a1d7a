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

/** What the parts of a stack have in common. */
export interface Stack {
  /** `<application>-<stack>`, with which every name in AWS begins. */
  name: string;
  settings: Settings;
  account: Account;
  /** The application that the stack is named after. */
  firstApplication: Application;
  /** The further applications on the same server. */
  furtherApplications: Application[];
  /** The server's settings, those of the stack's file among them. */
  parameters: ServerParameter[];
  /** The PEM file to verify the server with. */
  caFile: string;
  /** Whether what holds data is protected from deletion: `database.deletionProtection`. */
  protect: boolean;
  /** What the last update has left; undefined before the first one. */
  deployedBefore: DeployedBefore | undefined;
  /** What this update leaves for the next one. */
  deployed: Deployed;
  /** The tags of a part. */
  tags: (purpose: string, classification: DataClassification) => Tags;
}

/**
 * The IAM roles, by name, that may take on a role of the stack: the deployers and whoever is named. Undefined leaves it to IAM
 * policies, as with a stack that names no deployers.
 */
export function trustedRoles({ settings }: Stack, named: string[]): string[] | undefined {
  const { deployers } = settings.access;
  return deployers.length === 0 ? undefined : [...deployers, ...named];
}

/**
 * Reads and checks the stack's settings, finds the account, and refuses what must not be done to a stack that is there, before anything is
 * registered. Says which passwords change.
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
