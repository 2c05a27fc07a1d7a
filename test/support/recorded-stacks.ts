import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { parse } from "yaml";
import { ROOT } from "../../platform/shared/paths";
import { environmentSettings } from "./environments";
import { LocalStack } from "./local-stack";
import { SessionManager } from "./session-manager";

/** What AWS has and this machine has not: pgaudit on PostgreSQL 17. */
const HERE = { extensions: ["pg_stat_statements"] };
/** In the state of the connection, so always the same; nothing listens there when a preview is made. */
const LOCAL_PORT = 15499;
/** Where the platform lies that the state was recorded on, and the one that it is previewed on. */
const PLATFORM = "{{platform}}";
type Values = Record<string, unknown>;
interface State {
  deployment: {
    secrets_providers?: unknown;
    resources: { type: string; inputs?: Values; outputs?: Values }[];
  };
}

function ofEnvironment(environment: string): { database: Values; others: Values } {
  const { database, access, ...others } = environmentSettings(environment);
  return { database: { ...database, ...HERE }, others: { ...others, access: { ...access, localPort: LOCAL_PORT } } };
}

function withEverything(): { database: Values; others: Values } {
  const { database, others } = ofEnvironment("prod");
  return {
    database: { ...database, readReplica: true, masterPassword: "stack", monitoringIntervalSeconds: 15 },
    others: {
      ...others,
      applications: {
        shop: { readers: { app: ["shop-app"] } },
        stock: { database: "shop", rowLevelSecurity: ["stock.items"] },
      },
      backup: {
        ...(others.backup as Values),
        image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1",
        replicaRegion: "eu-west-1",
        validations: ["SELECT true"],
      },
      roles: { app: { generation: 1 } },
      rowLevelSecurity: ["invoices"],
    },
  };
}

/** The stacks whose state is kept: the environments' files as they are, and one with every part switched on. */
export const RECORDED: Record<string, () => { database: Values; others: Values }> = {
  dev: () => ofEnvironment("dev"),
  prod: () => ofEnvironment("prod"),
  everything: withEverything,
};

const fileOf = (name: string) => path.join(__dirname, "recorded-stacks", `${name}.json.gz`);

/** Brings a stack up from nothing and keeps its state, with the passwords that it has had until the end of this function. */
export async function recordState(name: string): Promise<void> {
  const { database, others } = (RECORDED[name] as () => { database: Values; others: Values })();
  const sessions = await SessionManager.start();
  sessions.behave({});
  const stack = await LocalStack.open(name, database, others);
  try {
    await stack.up();
    const state = JSON.parse(await stack.succeed("stack", "export", "--show-secrets")) as State;
    delete state.deployment.secrets_providers; // the key is the emulator's, and gone with it
    const text = JSON.stringify(state).replaceAll(path.relative(ROOT, stack.platform.dir), PLATFORM);
    writeFileSync(fileOf(name), gzipSync(text));
  } finally {
    await stack.close();
    sessions.stop();
  }
}

/** How a stack that was just made encrypts its secrets, as Pulumi wrote it into the stack's file. */
function encryptionOf({ name, platform }: LocalStack): object {
  const file = readFileSync(path.join(platform.project.dir, `Pulumi.${name}.yaml`), "utf8");
  const { secretsprovider: url, encryptedkey } = parse(file) as Record<string, string>;
  return { url, encryptedkey };
}

/** The master's password and where it lies: the program looks it up, for its connection to the server. */
function masterSecretIn({ deployment: { resources } }: State): { arn: string; password: string } {
  const find = (type: string) => resources.find((resource) => resource.type === type) as (typeof resources)[number];
  const { plaintext } = find("pulumi:providers:postgresql").inputs?.password as { plaintext: string };
  return {
    arn: find("pulumi:pulumi:Stack").outputs?.masterSecretArn as string,
    password: JSON.parse(plaintext) as string,
  };
}

/** Gives `stack` the state that was recorded, with what its previews look up. */
export async function restoreState(name: string, stack: LocalStack): Promise<void> {
  const text = gunzipSync(readFileSync(fileOf(name))).toString("utf8");
  const { arn, password } = masterSecretIn(JSON.parse(text) as State);
  const { ARN } = await new SecretsManagerClient({}).send(
    new CreateSecretCommand({ Name: `recorded-${name}-master`, SecretString: JSON.stringify({ password }) }),
  );
  const state = JSON.parse(
    text.replaceAll(PLATFORM, path.relative(ROOT, stack.platform.dir)).replaceAll(arn, ARN as string),
  ) as State;
  state.deployment.secrets_providers = { type: "cloud", state: encryptionOf(stack) };
  const file = path.join(stack.platform.dir, `${name}.json`);
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  await stack.succeed("stack", "import", "--file", file);
}
