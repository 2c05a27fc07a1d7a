import { ContainerDefinition } from "@aws-sdk/client-ecs";
import { Values } from "../protocol/model";

export function parseContainers(text: unknown): ContainerDefinition[] {
  return JSON.parse(text as string) as ContainerDefinition[];
}

const byName = (a: Values, b: Values) => (String(a.name) < String(b.name) ? -1 : 1);

/** What ECS adds to a port, or leaves out of it. */
function port(mapping: Values, ownAddress: boolean): Values {
  const { protocol, hostPort, ...rest } = mapping;
  const host = (hostPort as number | undefined) || (ownAddress ? (rest.containerPort as number) : undefined);
  return { ...rest, hostPort: host, ...(protocol === "tcp" ? {} : { protocol: protocol as string }) };
}

function container(definition: Values, ownAddress: boolean): Values {
  const { cpu, environment, secrets, portMappings, ...rest } = definition as Record<string, unknown> & {
    [list in "environment" | "secrets" | "portMappings"]?: Values[];
  };
  return {
    essential: true,
    ...rest,
    ...(cpu ? { cpu } : {}),
    environment: [...(environment ?? [])].sort(byName),
    secrets: [...(secrets ?? [])].sort(byName),
    portMappings: (portMappings ?? []).map((mapping) => port(mapping, ownAddress)),
  };
}

/** Without what says nothing: null, empty lists and empty objects. The order of keys says nothing either. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(essence);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, essence(item)]);
  const says = (item: unknown) =>
    item !== undefined && item !== null && (typeof item !== "object" || Object.keys(item).length > 0);
  return Object.fromEntries(entries.filter(([, item]) => says(item)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function reduced(text: unknown, ownAddress: boolean): string {
  const containers = parseContainers(text).map((it) => container(it as Values, ownAddress));
  return JSON.stringify(essence(containers.sort(byName)));
}

/**
 * Whether two lists of containers mean the same: ECS adds its defaults and has an order of its own
 * (container_definitions.go, containerDefinitionsAreEquivalent). The host port of an unknown network mode is left open.
 */
export function sameContainers(before: unknown, after: unknown): boolean {
  try {
    return [true, false].some((ownAddress) => reduced(before, ownAddress) === reduced(after, ownAddress));
  } catch {
    return false;
  }
}

/** validTaskDefinitionContainerDefinitions. */
export function validContainers(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!Array.isArray(parsed)) {
      return "ECS Task Definition container_definitions is invalid: it is not a list";
    }
    const missing = parsed.findIndex((it) => typeof it !== "object" || it === null);
    return missing < 0 ? undefined : `invalid container definition supplied at index (${missing})`;
  } catch (error) {
    return `ECS Task Definition container_definitions is invalid: ${(error as Error).message}`;
  }
}
