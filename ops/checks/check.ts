import { writeFile } from "node:fs/promises";
import { withContext } from "../shared/context";
import { readCheckConfig } from "./read-config";
import { asJson, findingsOf, summary } from "./report";
import { Misuse, OpsError, Refusal } from "../shared/errors";
import { CommonOptions, say } from "../shared/command";

export interface Options extends CommonOptions {
  forwardedPort?: number;
  html?: string;
}

/** A check that was not made must not look like one that found something. */
async function refuseFailure<Result>(work: () => Promise<Result>): Promise<Result> {
  return withContext("The check", work).catch((error: unknown) => {
    throw error instanceof Misuse ? error : new Refusal((error as Error).message);
  });
}

/** Looks at all of a stack, says what is found, and fails with it if that is anything. */
export async function checkStack({ stack, forwardedPort: port, html }: Options): Promise<object> {
  const report = await refuseFailure(async () => {
    const [config, { credentialsFor }, checks] = await Promise.all([
      readCheckConfig(stack),
      import("./credentials"),
      import("./run"),
    ]);
    return checks.runChecks(config, { forwardedPort: port, credentials: credentialsFor(config) });
  });
  if (html !== undefined) {
    const { asHtml } = await import("./report-html");
    await withContext("Writing the page", () => writeFile(html, asHtml(report)));
    say(`Written: ${html}`);
  }
  const { asText } = await import("./report-text");
  if (findingsOf(report).length > 0) {
    throw new OpsError(asText(report), { ...asJson(report), message: summary(report) });
  }
  say(asText(report));
  return asJson(report);
}
