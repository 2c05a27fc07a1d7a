import { OldUser } from "./work";
import { withContext } from "../shared/context";
import { readCheckConfig } from "../checks/read-config";
import { Expected } from "../checks/database/expected";
import { CommonOptions, say } from "../shared/command";
import { withLogin } from "../shared/database-login";

export interface Options extends CommonOptions {
  from: string;
  dryRun?: true;
  database?: string;
  switchOff?: true;
  switchOn?: true;
  endSessions?: true;
  confirm?: string;
  forwardedPort?: number;
}

/** Takes over what the old user owns, or switches its login off or on. */
export async function adopt(what: "adopt" | "off" | "on", options: Options): Promise<object> {
  const { from: old, dryRun = false, endSessions = false, confirm, forwardedPort: port } = options;
  return withContext("The adoption", async () => {
    const config = await readCheckConfig(options.stack);
    const database = { ...config.database, name: options.database ?? config.database.name };
    const login = { ...config, database, secretArn: config.aws.masterSecretArn, forwardedPort: port };
    say(`Looking at ${database.name} on ${database.host}`);
    return withLogin({ ...login, applicationName: "markenmate-adopt" }, ({ client }) =>
      new OldUser(client, new Expected(config), { old, rehearse: dryRun, endSessions, confirm })[what](),
    );
  });
}
