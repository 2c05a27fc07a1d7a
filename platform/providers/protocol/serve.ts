import * as grpc from "@grpc/grpc-js";
import { IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { check, propertyFailures, refreshedInputs, withoutConflicts } from "./check";
import { diff, DiffKind, plannedState } from "./diff";
import { CheckFailure, ProviderModel, ResourceModel, UNKNOWN, Values } from "./model";
import { means, receive, receiveConfig, Received, send } from "./values";

/** A gRPC server and the end of what it works with. */
export interface ServedProvider {
  server: grpc.Server;
  close(): Promise<void>;
}

type Unary<Request, Response> = (request: Request, peer: string) => Promise<Response> | Response;

/** An error of a model becomes the message that the engine shows beside the resource. */
function unary<Request, Response>(handler: Unary<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request, call.getPeer()))
      .then(
        (response) => callback(null, response),
        (error: Error & { code?: string }) =>
          callback({ code: grpc.status.UNKNOWN, details: error.message || (error.code ?? error.name) }),
      );
  };
}

function checkFailures(failures: CheckFailure[]): messages.CheckFailure[] {
  return failures.map(({ property, reason }) => {
    const failure = new messages.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}

const KINDS: Record<DiffKind, [messages.PropertyDiff.Kind, messages.PropertyDiff.Kind]> = {
  add: [messages.PropertyDiff.Kind.ADD, messages.PropertyDiff.Kind.ADD_REPLACE],
  update: [messages.PropertyDiff.Kind.UPDATE, messages.PropertyDiff.Kind.UPDATE_REPLACE],
  delete: [messages.PropertyDiff.Kind.DELETE, messages.PropertyDiff.Kind.DELETE_REPLACE],
};

/** Makes the server by which the engine uses one provider. It listens nowhere yet. */
export function serve<Context>(provider: ProviderModel<Context>): ServedProvider {
  /** Every instance of the provider, default or explicit, is a connection of its own with its own configuration. */
  const contexts = new Map<string, Context>();

  const context = (peer: string): Context => {
    const configured = contexts.get(peer);
    if (configured === undefined) {
      throw new Error(`${provider.package}: the provider was used before it was configured`);
    }
    return configured;
  };

  const model = (urn: string): ResourceModel<Context> => {
    const type = urn.split("::")[2]?.split("$").pop() ?? "";
    const found = provider.resources[type];
    if (!found) {
      throw new Error(
        `The local ${provider.package} provider has no model for ${type}. Add one under ` +
          `platform/providers/${provider.package}, or use the official plugin (OFFICIAL_PLUGINS=${provider.package}).`,
      );
    }
    return found;
  };

  /** Secret is what was secret on its way in, and what the official plugin marks sensitive. */
  const secretsOf = (resource: ResourceModel<Context>, ...received: Received[]): Set<string> => {
    const marked = Object.keys(resource.properties).filter((name) => resource.properties[name]?.secret);
    return new Set([...marked, ...received.flatMap(({ secrets }) => [...secrets])]);
  };

  const outputsOf = (resource: ResourceModel<Context>) =>
    Object.entries(resource.properties).filter(([, property]) => property.output || property.computed);

  /** What is to be read: for an import, which comes with an id and nothing else, what the importer makes of it. */
  const subject = async (resource: ResourceModel<Context>, using: Context, id: string, state: Values) =>
    Object.keys(state).length === 0 && resource.importer ? resource.importer(using, id) : { id, state };

  const withoutDefaults = (inputs: Values): Values =>
    Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith("__")));

  const service: Partial<Record<keyof IResourceProviderServer, unknown>> = {
    handshake: unary(() => {
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(provider.version);
      return info;
    }),

    checkConfig: unary((request: messages.CheckRequest) => {
      const received = receiveConfig(request.getNews(), provider.config);
      const response = new messages.CheckResponse();
      const { version: _selects, ...config } = received.values;
      response.setFailuresList(checkFailures(propertyFailures(provider.config, config)));
      response.setInputs(request.getNews());
      return response;
    }),

    diffConfig: unary((request: messages.DiffRequest) => {
      const before = receiveConfig(request.getOldInputs() ?? request.getOlds(), provider.config).values;
      const after = receiveConfig(request.getNews(), provider.config).values;
      const changed = Object.entries(provider.config).filter(([name, rule]) => !means(rule, before[name], after[name]));
      const response = new messages.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList(changed.map(([name]) => name));
      response.setReplacesList(changed.filter(([, rule]) => rule.forceNew).map(([name]) => name));
      return response;
    }),

    configure: unary(async (request: messages.ConfigureRequest, peer) => {
      const { values } = receiveConfig(request.getArgs(), provider.config);
      contexts.set(peer, await provider.configure(values));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),

    check: unary((request: messages.CheckRequest) => {
      const resource = model(request.getUrn());
      const olds = receive(request.getOlds());
      const news = receive(request.getNews());
      const { inputs, failures } = check(resource, {
        name: request.getUrn().split("::").pop() ?? "",
        olds: olds.values,
        news: news.values,
        randomSeed: request.getRandomseed_asU8(),
      });
      const response = new messages.CheckResponse();
      response.setInputs(send(inputs, secretsOf(resource, news)));
      response.setFailuresList(checkFailures(failures));
      return response;
    }),

    diff: unary((request: messages.DiffRequest) => {
      const { changes, replaces, deleteBeforeReplace } = diff(model(request.getUrn()), {
        state: receive(request.getOlds()).values,
        oldInputs: receive(request.getOldInputs() ?? request.getOlds()).values,
        inputs: receive(request.getNews()).values,
      });
      const response = new messages.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
      response.setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
      response.setReplacesList(replaces);
      response.setDiffsList([...changes.keys()]);
      response.setHasdetaileddiff(true);
      response.setDeletebeforereplace(replaces.length > 0 && deleteBeforeReplace);
      for (const [name, { kind, replace }] of changes) {
        const detail = new messages.PropertyDiff();
        detail.setKind(KINDS[kind][replace ? 1 : 0]);
        detail.setInputdiff(true);
        response.getDetaileddiffMap().set(name, detail);
      }
      return response;
    }),

    create: unary(async (request: messages.CreateRequest, peer) => {
      const resource = model(request.getUrn());
      const received = receive(request.getProperties());
      const inputs = withoutDefaults(received.values);
      const response = new messages.CreateResponse();
      let state: Values;
      if (request.getPreview()) {
        const unknown = outputsOf(resource).map(([name]) => [name, UNKNOWN]);
        state = { ...Object.fromEntries(unknown), ...inputs };
      } else {
        const created = await resource.create(context(peer), inputs, request.getUrn());
        response.setId(created.id);
        state = created.state;
      }
      response.setProperties(send(state, secretsOf(resource, received)));
      return response;
    }),

    read: unary(async (request: messages.ReadRequest, peer) => {
      const resource = model(request.getUrn());
      const before = receive(request.getProperties());
      const oldInputs = receive(request.getInputs());
      const response = new messages.ReadResponse();
      const { id, ...known } = await subject(resource, context(peer), request.getId(), before.values);
      const state = await resource.read(context(peer), id, known.state);
      if (state) {
        const secrets = secretsOf(resource, before, oldInputs);
        response.setId(id);
        response.setProperties(send(state, secrets));
        const inputs = refreshedInputs(resource, oldInputs.values, state, means);
        response.setInputs(
          send(Object.keys(oldInputs.values).length === 0 ? withoutConflicts(resource, inputs) : inputs, secrets),
        );
      }
      return response;
    }),

    update: unary(async (request: messages.UpdateRequest, peer) => {
      const resource = model(request.getUrn());
      const before = receive(request.getOlds());
      const received = receive(request.getNews());
      const inputs = withoutDefaults(received.values);
      const response = new messages.UpdateResponse();
      const oldInputs = receive(request.getOldInputs() ?? request.getOlds()).values;
      const { changes } = diff(resource, { state: before.values, oldInputs, inputs: received.values });
      let state: Values;
      if (request.getPreview()) {
        state = plannedState(resource, before.values, inputs, changes);
      } else {
        if (!resource.update) {
          throw new Error(`${request.getUrn()}: the model has no update, yet ${[...changes.keys()].join()} changed`);
        }
        state = await resource.update(context(peer), request.getId(), before.values, inputs, [...changes.keys()]);
      }
      response.setProperties(send(state, secretsOf(resource, received)));
      return response;
    }),

    delete: unary(async (request: messages.DeleteRequest, peer) => {
      const { values } = receive(request.getProperties());
      await model(request.getUrn()).delete(context(peer), request.getId(), values);
      return new Empty();
    }),

    invoke: unary(async (request: messages.InvokeRequest, peer) => {
      const called = provider.functions?.[request.getTok()];
      if (!called) {
        throw new Error(`The local ${provider.package} provider has no model for the function ${request.getTok()}.`);
      }
      const result = await called.invoke(context(peer), receive(request.getArgs()).values);
      const response = new messages.InvokeResponse();
      response.setReturn(send(result, new Set(called.secrets)));
      return response;
    }),
  };

  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, service as grpc.UntypedServiceImplementation);
  return {
    server,
    close: async () => {
      server.forceShutdown();
      await Promise.all([...contexts.values()].map(async (configured) => provider.close?.(configured)));
    },
  };
}
