import { entryOf } from "./table";
import { Program, Wanted } from "./wanted";

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

function told(it: Wanted, names: string[]): Values {
  return Object.fromEntries(
    names.filter((name) => it.inputs[name] !== undefined).map((name) => [name, it.inputs[name]]),
  );
}

/**
 * The state of an imported resource, as an update would have left it. An import says that somebody chose the names that Pulumi had made
 * up, so that the next update would make up others and replace what has them; and it lacks what no service tells. The bridge keeps
 * a default that its list says it was (pkg/tfbridge/schema.go, applyDefaults).
 */
function asUpdated(resource: Resource, it: Wanted): Resource {
  const made = (it.inputs[DEFAULTS] ?? []) as string[];
  const untold = told(it, entryOf(it.type).untold ?? []);
  const { inputs = {}, outputs = {} } = resource;
  const defaults = { ...told(it, made), ...inputs, [DEFAULTS]: made };
  return { ...resource, inputs: { ...defaults, ...untold }, outputs: { ...outputs, ...untold } };
}

/** Of what `imported` names; everything else stays as it is. */
export function asDeployed<State extends Exported>(state: State, program: Program, imported: Set<string>): State {
  const { deployment } = state;
  const resources = deployment.resources?.map((resource) => {
    const it = imported.has(resource.urn) ? program.get(resource.urn) : undefined;
    return it ? asUpdated(resource, it) : resource;
  });
  return { ...state, deployment: { ...deployment, resources } };
}
