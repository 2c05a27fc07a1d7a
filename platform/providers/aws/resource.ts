import { CheckFailure, Property, ResourceModel, Values } from "../protocol/model";
import { AwsClients, Tags } from "./clients";
import { failure } from "./errors";

/** How a service changes the tags of an existing resource. */
export interface TagChange {
  state: Values;
  /** All tags as they shall be. */
  all: Tags;
  /** Those of them that are new or have a new value. */
  put: Tags;
  /** Keys that shall go. */
  remove: string[];
}

/** What differs between the types; {@link awsResource} adds what is the same for all: region, tags, messages. */
export interface AwsResource {
  /** For messages: "RDS DB Instance". */
  title: string;
  properties: Record<string, Property>;
  autoName?: ResourceModel<AwsClients>["autoName"];
  deleteBeforeReplace?: boolean;
  check?(inputs: Values): CheckFailure[];
  replaceWhen?(before: Values, after: Values): string[];
  /**
   * Properties that the emulator loses (emulator-gaps.ts): they are taken from what the program said. What no AWS API
   * returns is `notRead` instead.
   */
  gaps?: string[];
  /** Global services have no region of their own. */
  global?: boolean;
  /** For taggable types. `create` finds all tags in `inputs.tagsAll`, and `read` returns them as `tagsAll`. */
  tag?(clients: AwsClients, id: string, change: TagChange): Promise<unknown>;
  /** What `delete` is to take for granted when it takes back a resource that could not be completed. */
  undo?: Values;
  /** Makes the resource and returns its id, with what else is needed to find it. */
  create(clients: AwsClients, inputs: Values): Promise<string | { id: string; known: Values }>;
  /** The resource's own id, and what of its state an import's id tells (ResourceModel.importer). */
  importer?(clients: AwsClients, id: string): Promise<{ id: string; state: Values }>;
  /** What is left to do once it exists: settings that need a call of their own, waiting. */
  complete?(clients: AwsClients, id: string, inputs: Values): Promise<unknown>;
  read(clients: AwsClients, id: string, state: Values): Promise<Values | undefined>;
  /** Tags apart. What it returns is given to the `read` that follows. */
  update?(clients: AwsClients, id: string, before: Values, inputs: Values, changed: string[]): Promise<Values | void>;
  delete(clients: AwsClients, id: string, state: Values): Promise<unknown>;
}

/** Arguments of the official provider that have no model here; each says so when it is used. */
export function unmodelled(...names: string[]): Record<string, Property> {
  const property: Property = { computed: true, validate: () => "the local aws provider has no model of this argument" };
  return Object.fromEntries(names.map((name) => [name, property]));
}

/** Properties that have nothing to tell but one rule, e.g. that they are outputs. */
export function each(rule: Property, ...names: string[]): Record<string, Property> {
  return Object.fromEntries(names.map((name) => [name, rule]));
}

/** Those of `names` that `values` has. */
export function pick(values: Values, names: string[]): Values {
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}

/**
 * `tags` are all but the provider's default tags, unless the resource names them itself (Terraform: tags and tags_all).
 * The service's own ("aws:…") are nobody's to manage.
 */
function splitTags(clients: AwsClients, all: Tags, own: Tags): { tags: Tags | undefined; tagsAll: Tags } {
  const tagsAll = Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith("aws:")));
  const entries = Object.entries(tagsAll).filter(
    ([key, value]) => key in own || clients.defaultTags[key] === undefined || clients.defaultTags[key] !== value,
  );
  return { tags: entries.length > 0 ? Object.fromEntries(entries) : undefined, tagsAll };
}

/** An import from another region than the provider's has it behind its id (registry: "Import" of the provider's version 6). */
const ID_AND_REGION = /^(.+?)(?:@([a-z]{2}(?:-[a-z]+)+-\d{1,2}))?$/;

/** The protocol's model of an AWS resource. */
export function awsResource(type: AwsResource): ResourceModel<AwsClients> {
  const properties: Record<string, Property> = {
    ...type.properties,
    ...(type.global ? {} : { region: { computed: true, forceNew: true } }),
    ...(type.tag ? { tags: {}, tagsAll: { output: true, changesOnUpdate: true } } : {}),
  };
  const notRead = Object.keys(properties).filter((name) => properties[name]?.notRead);

  /** `said` is what the program asked for, or did when the state was made; `known` helps to find the resource. */
  const stateOf = async (clients: AwsClients, id: string, said: Values, known = said): Promise<Values | undefined> => {
    const found = await type.read(clients, id, known);
    return (
      found && {
        ...pick(said, notRead),
        ...found,
        ...pick(said, type.gaps ?? []),
        ...(type.global ? {} : { region: clients.region }),
        ...(type.tag ? splitTags(clients, found.tagsAll as Tags, (said.tags ?? {}) as Tags) : {}),
      }
    );
  };

  const existing = async (clients: AwsClients, id: string, said: Values, known = said): Promise<Values> => {
    const state = await stateOf(clients, id, said, known);
    if (!state) {
      throw new Error("it is gone");
    }
    return state;
  };

  const updateTags = async (clients: AwsClients, id: string, before: Values, inputs: Values): Promise<void> => {
    const old = (before.tagsAll ?? {}) as Tags;
    const all: Tags = { ...clients.defaultTags, ...(inputs.tags as Tags | undefined) };
    const put = Object.fromEntries(Object.entries(all).filter(([key, value]) => old[key] !== value));
    const remove = Object.keys(old).filter((key) => !(key in all));
    if (Object.keys(put).length > 0 || remove.length > 0) {
      await type.tag?.(clients, id, { state: before, all, put, remove });
    }
  };

  return {
    ...pick(type, ["autoName", "deleteBeforeReplace", "check", "replaceWhen"]),
    properties,

    create: async (context, inputs) => {
      const clients = context.in(inputs.region as string | undefined);
      const withTags = { ...inputs, tagsAll: { ...clients.defaultTags, ...(inputs.tags as Tags | undefined) } };
      const made = await type.create(clients, withTags).catch(failure(`creating ${type.title}`));
      const { id, known } = typeof made === "string" ? { id: made, known: {} } : made;
      try {
        await type.complete?.(clients, id, withTags);
        return { id, state: await existing(clients, id, inputs, { ...inputs, ...known }) };
      } catch (error) {
        // What is not in the state would be made a second time by the next update, and this one left behind.
        await type.delete(clients, id, { ...inputs, ...known, ...type.undo }).catch(() => undefined);
        return failure(`creating ${type.title} (${id})`)(error);
      }
    },

    importer: async (context, given) => {
      const [, id = given, region] = (type.global ? undefined : ID_AND_REGION.exec(given)) ?? [];
      const found = await type.importer?.(context.in(region), id).catch(failure(`importing ${type.title} (${id})`));
      return { id: found?.id ?? id, state: { ...found?.state, ...(region ? { region } : {}) } };
    },

    read: (context, id, state) =>
      stateOf(context.in(state.region as string | undefined), id, state).catch(
        failure(`reading ${type.title} (${id})`),
      ),

    update: async (context, id, before, inputs, changed) => {
      const clients = context.in(before.region as string | undefined);
      const work = async () => {
        await updateTags(clients, id, before, inputs);
        const learned = await type.update?.(clients, id, before, inputs, changed);
        return existing(clients, id, inputs, { ...before, ...inputs, ...learned });
      };
      return work().catch(failure(`updating ${type.title} (${id})`));
    },

    delete: async (context, id, state) => {
      const clients = context.in(state.region as string | undefined);
      await type.delete(clients, id, state).catch(failure(`deleting ${type.title} (${id})`));
    },
  };
}
