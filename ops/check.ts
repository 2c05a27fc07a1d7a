import { writeFile } from "node:fs/promises";
import { explained, forwardedPort } from "./backups/cli";
import { credentialsFor, readCheckConfig } from "./checks/config";
import { asJson, findingsOf, summary } from "./checks/report";
import { asHtml } from "./checks/report-html";
import { asText } from "./checks/report-text";
import { check } from "./checks/run";
import { command, CommonOptions, Misuse, Refusal, run, say } from "./command";
import { OpsError } from "./pulumi";

interface Options extends CommonOptions {
  forwardedPort?: number;
  html?: string;
}

const program = command(
  "ops/check",
  "Says whether the live database and what belongs to it in AWS are as the settings, the access matrix and the guide want them.",
  "0 nothing found, 1 findings, 2 wrongly called, 3 it could not be looked at",
)
  .option("--stack <name>", "the Pulumi stack; left out, CHECK in the environment says what to look at")
  .option("--html <file>", "write a page with the access matrix as a picture, too")
  .addOption(forwardedPort());

/** A check that was not made must not look like one that found something. */
async function looked<Result>(work: () => Promise<Result>): Promise<Result> {
  return explained("The check", work).catch((error: unknown) => {
    throw error instanceof Misuse ? error : new Refusal((error as Error).message);
  });
}

run<Options>(program, async (_, { stack, forwardedPort: port, html }) => {
  say("Looking");
  const report = await looked(async () => {
    const config = await readCheckConfig(stack);
    return check(config, { forwardedPort: port, credentials: credentialsFor(config) });
  });
  if (html !== undefined) {
    await explained("Writing the page", () => writeFile(html, asHtml(report)));
    say(`Written: ${html}`);
  }
  if (findingsOf(report).length > 0) {
    throw new OpsError(asText(report), { ...asJson(report), message: summary(report) });
  }
  say(asText(report));
  return asJson(report);
});
