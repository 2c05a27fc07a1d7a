import { readFile } from "node:fs/promises";
import { command, run, say } from "../../ops/shared/command";
import { OpsError } from "../../ops/shared/errors";
import { GitHub } from "./github";

interface Content {
  sha: string;
  content: string;
}
interface PullRequest {
  number: number;
  html_url: string;
}

const BODY = (stack: string) =>
  `The passwords of \`${stack}\` have been rotated, and this is what the next update has to start from: without it an update is refused, ` +
  "for it would take generations back. There is nothing to deploy in it. See docs/rotation.md and docs/pipelines.md.";

/** A branch of its own, beginning at the commit that was rotated from: what others change meanwhile stays theirs. */
async function startBranch(github: GitHub, branch: string, sha: string): Promise<void> {
  const found = await github.find<object>(`/git/ref/heads/${branch}`);
  await (found
    ? github.send("PATCH", `/git/refs/heads/${branch}`, { sha, force: true })
    : github.send("POST", "/git/refs", { ref: `refs/heads/${branch}`, sha }));
}

async function openPullRequest(github: GitHub, branch: string, stack: string): Promise<string> {
  const query = new URLSearchParams({ state: "open", head: `${github.owner}:${branch}` });
  for await (const { html_url: url } of github.list<PullRequest>(`/pulls?${query.toString()}`)) {
    return url;
  }
  const request = { title: `Keep the rotation of ${stack}`, head: branch, base: "main", body: BODY(stack) };
  return (await github.send<PullRequest>("POST", "/pulls", request)).html_url;
}

const program = command(
  ".github/steps/keep-rotation.ts",
  "Puts what a rotation has changed in a stack's file into a pull request, and nothing else.",
  "0 done, 1 failed, 2 wrongly called",
).argument("<stack>", "the Pulumi stack");

run(program, process.argv.slice(2), async ([stack = ""]) => {
  const { GITHUB_SHA: sha } = process.env;
  if (!sha) {
    throw new OpsError(
      "GITHUB_SHA is not set: it is the commit that was rotated from, and GitHub sets it in every job",
    );
  }
  const github = GitHub.fromEnvironment();
  const file = `Pulumi.${stack}.yaml`;
  const now = await readFile(file);
  const before = await github.send<Content>("GET", `/contents/${file}?ref=${sha}`);
  if (now.equals(Buffer.from(before.content, "base64"))) {
    say(`${file} has not changed`);
    return { result: "none" };
  }
  const branch = `rotation/${stack}`;
  await startBranch(github, branch, sha);
  // Through the API, so that the commit is signed by GitHub and no token gets near a git command.
  const commit = { message: `Rotate passwords of ${stack}`, content: now.toString("base64"), sha: before.sha, branch };
  await github.send("PUT", `/contents/${file}`, commit);
  const url = await openPullRequest(github, branch, stack);
  say(`Merge it soon: ${url}`);
  return { result: "kept", url };
});
