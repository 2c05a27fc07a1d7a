import { ServedProvider } from "../providers/protocol/serve";

/** The packages that have a stand-in. Their code is loaded only where it is used: it costs a second. */
const LOADERS: Record<string, () => Promise<ServedProvider>> = {
  aws: async () => (await server()).serve((await import("../providers/aws")).aws),
  postgresql: async () => (await server()).serve((await import("../providers/postgresql")).postgresql),
  random: async () => (await server()).serve((await import("../providers/random")).random),
};

const server = () => import("../providers/protocol/serve");

export const STAND_INS = Object.keys(LOADERS);

/** Serves a stand-in for every package but those for which the official plugin is wanted. */
export function startProviders(officialPlugins: string[]): Promise<ServedProvider[]> {
  const wanted = Object.entries(LOADERS).filter(([name]) => !officialPlugins.includes(name));
  return Promise.all(wanted.map(([, load]) => load()));
}
