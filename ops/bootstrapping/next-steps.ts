import { roleArn } from "../../model/aws/account";
import { boundaryName, deployRoleName, driftRoleName, Foundation, previewRoleName, secretsAlias } from "./names";

/** What GitHub has to know, by the names that the workflows have for it. */
export interface Variables {
  /** Of the repository. */
  repository: Record<"AWS_REGION" | "PULUMI_BACKEND_URL" | "AWS_PREVIEW_ROLE_ARN" | "AWS_DRIFT_ROLE_ARN", string>;
  /** Of each of its environments. */
  environments: Record<string, Record<"AWS_DEPLOY_ROLE_ARN", string>>;
}

export const backendUrl = (bucket: string, region: string) => `s3://${bucket}?region=${region}`;
export const secretsProvider = ({ application, account }: Foundation) =>
  `awskms://${secretsAlias(application)}?region=${account.region}`;

export function variablesOf(foundation: Foundation, stateBucket: string): Variables {
  const { account, application, environments } = foundation;
  return {
    repository: {
      AWS_REGION: account.region,
      PULUMI_BACKEND_URL: backendUrl(stateBucket, account.region),
      AWS_PREVIEW_ROLE_ARN: roleArn(account, previewRoleName(application)),
      AWS_DRIFT_ROLE_ARN: roleArn(account, driftRoleName(application)),
    },
    environments: Object.fromEntries(
      environments.map((environment) => [
        environment,
        { AWS_DEPLOY_ROLE_ARN: roleArn(account, deployRoleName(application, environment)) },
      ]),
    ),
  };
}

/** The commands that come next, as they can be pasted. */
export function nextSteps(foundation: Foundation, { repository: shared, environments }: Variables): string {
  const { repository } = foundation;
  const set = (name: string, value: string, more = "") =>
    `  gh variable set ${name} --repo ${repository}${more} --body "${value}"`;
  const lines = [
    "Tell GitHub (or by hand, under Settings, Secrets and variables, Actions, Variables):",
    "",
    ...Object.entries(shared).map(([name, value]) => set(name, value)),
    ...Object.entries(environments).flatMap(([environment, variables]) => [
      `  gh api --method PUT repos/${repository}/environments/${environment}`,
      ...Object.entries(variables).map(([name, value]) => set(name, value, ` --env ${environment}`)),
    ]),
    "",
    "Under Settings, Environments, say for each which branch may deploy to it and who has to agree: those rules, and nothing in",
    "AWS, decide who deploys.",
    "",
    "Then make the stacks, and commit what Pulumi writes into their files:",
    "",
    `  pulumi login "${shared.PULUMI_BACKEND_URL}"`,
    ...Object.keys(environments).flatMap((environment) => [
      `  pulumi stack init ${environment} --secrets-provider="${secretsProvider(foundation)}"`,
      ...settingsOf(foundation, environment).map(
        ([key, value]) => `  pulumi config set --stack ${environment} --path "markenmate:${key}" ${value}`,
      ),
    ]),
  ];
  return lines.join("\n");
}

/** What the stack's file has to say of what was made here. As it comes, it names the roles of the application markenmate. */
function settingsOf({ application }: Foundation, environment: string): [string, string][] {
  const named: [string, string][] = [
    ["application", application],
    ["access.deployers[0]", deployRoleName(application, environment)],
    ["access.deployers[1]", previewRoleName(application)],
    ["access.readers.monitor[0]", driftRoleName(application)],
  ];
  return [
    ["access.permissionsBoundary", boundaryName(application, environment)],
    ...(application === "markenmate" ? [] : named),
  ];
}
