import type { Output } from "@pulumi/pulumi";
import type { Settings } from "../settings";
import { withOverrides } from "./parameters";

/** The values that are known only when the stack is there. */
export interface DeployedForCheck {
  database: { host: Output<string>; port: Output<number>; databaseName: string };
  masterUsername: string;
  secretArn: Output<string>;
}

/** What ops/check has to know of a stack, and what it should find: all of it from the settings, none of it a secret. */
export function checkOutput(stack: string, settings: Settings, deployed: DeployedForCheck) {
  const { application, database, schemas, roles } = settings;
  const { host, port, databaseName: name } = deployed.database;
  return {
    stack,
    application,
    database: { host, port, name },
    masterUsername: deployed.masterUsername,
    secretArn: deployed.secretArn,
    caFile: database.caFile,
    schemas,
    extensions: database.extensions,
    parameters: Object.fromEntries(
      withOverrides(database.parameters).map((parameter) => [parameter.name, parameter.value]),
    ),
    rowLevelSecurity: [] as string[],
    roles,
  };
}
