import { AddressInfo, createServer, Socket } from "node:net";
import type * as grpc from "@grpc/grpc-js";

/** A gRPC service that the engine connects to. */
export interface Service {
  server: grpc.Server;
  close(): Promise<void> | void;
}

/** Where services listen. */
export interface Listening {
  ports: Record<string, number>;
  /** Begins to load what is not loaded yet. */
  load: () => void;
  close(): Promise<void>;
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/**
 * Listens for each service on a free port of loopback, and loads all of them when the first connection to one of them comes. Loading takes
 * a second, and most Pulumi commands connect to none of them; those that do have work of their own to do meanwhile. The engine waits ten
 * seconds for an answer (sdk/go/common/resource/plugin/plugin.go, pluginRPCConnectionTimeout).
 */
export async function listenFor(loaders: Record<string, () => Promise<Service>>): Promise<Listening> {
  const services = new Map<string, Promise<Service>>();
  const load = () => {
    for (const [name, loader] of Object.entries(loaders)) {
      services.set(name, services.get(name) ?? loader());
    }
  };
  const sockets = new Set<Socket>();

  const accept = async (name: string, socket: Socket): Promise<void> => {
    load();
    const [{ ServerCredentials }, service] = await Promise.all([
      import("@grpc/grpc-js"),
      services.get(name) as Promise<Service>,
    ]);
    service.server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  };
  const entries = Object.keys(loaders).map((name) => {
    // What comes before the service is loaded waits in the socket's own buffer, where Node.js's HTTP/2 looks for it.
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      accept(name, socket).catch((error: Error) => {
        console.error(error);
        socket.destroy();
      });
    });
    return { name, server };
  });
  const ports = await Promise.all(entries.map(async ({ name, server }) => [name, await listen(server)] as const));
  return {
    ports: Object.fromEntries(ports),
    load,
    close: async () => {
      entries.forEach(({ server }) => server.close());
      sockets.forEach((socket) => socket.destroy());
      await Promise.all([...services.values()].map(async (loaded) => (await loaded).close()));
    },
  };
}
