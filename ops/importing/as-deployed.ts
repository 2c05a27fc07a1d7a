import { entryOf } from "./table";
import type { Importable } from "./import-file";
import { isKnown, Wanted } from "./wanted";

type Values = Record<string, unknown>;

interface Resource {
  urn: string;
  inputs?: Values;
  outputs?: Values;
}

/** What `pulumi stack export` tells. */
export interface Exported {
  deployment: { resources?: Resource[] };
}

const DEFAULTS = "__defaults";

function pick({ inputs }: Wanted, names: string[]): Values {
  return Object.fromEntries(names.filter((name) => isKnown(inputs[name])).map((name) => [name, inputs[name]]));
}

/**
 * The state of an imported resource, as an update would have left it. An import says that somebody chose the names that Pulumi had made
 * up, so that the next update would make up others and replace what has them; and it lacks what no service tells. The bridge keeps
 * a default that its list says it was (pkg/tfbridge/schema.go, applyDefaults).
 */
function asUpdated(resource: Resource, { it, told }: Importable): Resource {
  const made = (it.inputs[DEFAULTS] ?? []) as string[];
  const more = { ...pick(it, entryOf(it.type).untold ?? []), ...told };
  const { inputs = {}, outputs = {} } = resource;
  const all = { ...pick(it, made), ...inputs, [DEFAULTS]: made, ...more };
  return { ...resource, inputs: all, outputs: { ...outputs, ...more } };
}

/** Of what was imported; everything else stays as it is. */
export function asDeployed<State extends Exported>(state: State, imported: Importable[]): State {
  const { deployment } = state;
  const known = new Map(imported.map((one) => [one.it.urn, one]));
  const resources = deployment.resources?.map((resource) => {
    const one = known.get(resource.urn);
    return one ? asUpdated(resource, one) : resource;
  });
  return { ...state, deployment: { ...deployment, resources } };
}
