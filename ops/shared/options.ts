import { Option } from "commander";
import { Misuse } from "./errors";

/** With `access.mode: ssm` people reach the database through a session of theirs. */
export function forwardedPort(): Option {
  return new Option(
    "--forwarded-port <port>",
    "reach the database through a port of this machine that is forwarded to it (access.mode ssm)",
  ).argParser((text) => {
    if (!/^\d{1,5}$/.test(text)) {
      throw new Misuse(`--forwarded-port: ${text} is no port; give a number, e.g. 15432`);
    }
    return Number(text);
  });
}

/** Of several applications with databases of their own. */
export function database(otherwise: string): Option {
  return new Option("--database <name>", `of several applications, the one that is meant; left out, ${otherwise}`);
}
