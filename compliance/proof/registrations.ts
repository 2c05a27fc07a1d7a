import { Setup } from "../control";
import { configOf, registeredBy } from "../../test/support/environments";
import { Registered } from "../../test/support/mocks";

/** What prod is with the settings that its file leaves out, for controls that depend on them. */
const OPTIONS: Record<string, Record<string, unknown>> = {
  "markenmate:backup": {
    image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/markenmate-backups:1",
    replicaRegion: "eu-west-1",
  },
  "markenmate:database": { masterPassword: "stack", readReplica: true },
};

function withOptions(config: Record<string, string>): Record<string, string> {
  const groups = Object.entries(OPTIONS).map(([key, options]): [string, string] => [
    key,
    JSON.stringify({ ...(JSON.parse(config[key] ?? "{}") as object), ...options }),
  ]);
  return { ...config, ...Object.fromEntries(groups) };
}

export type Registrations = Record<Setup, Registered[]>;

async function run(): Promise<Registrations> {
  return {
    dev: await registeredBy("dev"),
    prod: await registeredBy("prod"),
    "prod with options": await registeredBy("prod", withOptions(configOf("prod"))),
  };
}

let once: Promise<Registrations> | undefined;

/** Everything that the program registers, run against mocks, once for whoever asks. */
export const registrations = (): Promise<Registrations> => (once ??= run());

/** A logical name without the stack's: `markenmate-prod-backups` is `backups`. */
export function ownName(setup: Setup, { name }: Registered): string {
  const stack = `markenmate-${setup === "dev" ? "dev" : "prod"}`;
  return name === stack ? "" : name.replace(`${stack}-`, "");
}
