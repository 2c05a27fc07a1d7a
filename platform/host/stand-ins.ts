import { ServedProvider } from "../providers/protocol/serve";

const server = () => import("../providers/protocol/serve");

/** The packages that have a stand-in. Their code is loaded only where it is used: it costs a second. */
const LOADERS: Record<string, () => Promise<ServedProvider>> = {
  aws: async () => (await server()).serve((await import("../providers/aws")).aws),
  postgresql: async () => (await server()).serve((await import("../providers/postgresql")).postgresql),
  random: async () => (await server()).serve((await import("../providers/random")).random),
};

export const STAND_INS = Object.keys(LOADERS);

/** What loads a stand-in for every package but those for which the official plugin is wanted. */
export function standIns(officialPlugins: string[]): typeof LOADERS {
  return Object.fromEntries(Object.entries(LOADERS).filter(([name]) => !officialPlugins.includes(name)));
}

/** For PULUMI_DEBUG_PROVIDERS: which port the engine finds each stand-in on. */
export function attached(ports: Record<string, number>): string {
  return STAND_INS.filter((name) => ports[name] !== undefined)
    .map((name) => `${name}:${ports[name]}`)
    .join(",");
}
