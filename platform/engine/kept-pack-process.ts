import "../../lib/sdk-start";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as settings from "@pulumi/pulumi/runtime/settings";
import { replaceEnvironment } from "./environment";
import type { Served } from "./kept-pack";

/**
 * A process that serves one policy pack after the other (kept-pack.ts), as the SDK's own runner (sdk/nodejs/cmd/run-policy-pack) does for
 * one. What a pack loads of Pulumi's SDK stays loaded; the pack itself, and the SDK for packs, which serves a single one, are loaded anew.
 */

const SDK = `${path.dirname(require.resolve("@pulumi/policy/package.json"))}${path.sep}`;

/** The servers of the pack that is served. It hands them to nobody. */
const servers: grpc.Server[] = [];

const bind = Reflect.get(grpc.Server.prototype, "bindAsync");
grpc.Server.prototype.bindAsync = function (...given) {
  servers.push(this);
  bind.apply(this, given);
};

function serve({ directory, environment }: Served): void {
  replaceEnvironment(environment);
  process.chdir(directory);
  settings.disconnectSync();
  Reflect.deleteProperty(globalThis, "globalStore"); // made anew from the environment
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which pack it is, the engine says
  require(directory);
}

function end(): void {
  servers.splice(0).forEach((server) => server.forceShutdown());
  const loaded = Object.keys(require.cache);
  const own = `${path.dirname(require.resolve(process.cwd()))}${path.sep}`;
  loaded
    .filter((file) => file.startsWith(SDK) || file.startsWith(own))
    .forEach((file) => Reflect.deleteProperty(require.cache, file));
}

process.on("message", (asked: Served | "end") => {
  if (asked !== "end") {
    serve(asked);
    return;
  }
  end();
  process.send?.("ended");
});
// Whoever has started it is gone.
process.on("disconnect", () => process.exit(0));
