import { GitHub, hasMarker } from "./github";

interface Comment {
  id: number;
  body: string;
  user: { type: string } | null;
  html_url: string;
}

interface Issue {
  number: number;
  title: string;
  body: string | null;
  user: { type: string } | null;
  html_url: string;
  pull_request?: object;
}

/** Writes the one comment that begins with this marker: the first time a new one, from then on the same. */
export async function putComment(github: GitHub, pullRequest: number, marker: string, body: string): Promise<string> {
  const content = { body: `${marker}\n${body}` };
  for await (const comment of github.list<Comment>(`/issues/${pullRequest}/comments`)) {
    if (hasMarker(comment, marker)) {
      return (await github.send<Comment>("PATCH", `/issues/comments/${comment.id}`, content)).html_url;
    }
  }
  return (await github.send<Comment>("POST", `/issues/${pullRequest}/comments`, content)).html_url;
}

export interface Concern {
  marker: string;
  label: string;
  title: string;
  body: string;
}

async function openIssue(github: GitHub, { marker, label }: Concern): Promise<Issue | undefined> {
  const query = new URLSearchParams({ state: "open", labels: label });
  for await (const issue of github.list<Issue>(`/issues?${query.toString()}`)) {
    // To GitHub's API every pull request is an issue, too.
    if (!issue.pull_request && hasMarker(issue, marker)) {
      return issue;
    }
  }
  return undefined;
}

/** Keeps one issue open while there is a reason: opens it, or brings it up to date. */
export async function putIssue(github: GitHub, concern: Concern): Promise<string> {
  const { marker, label, title } = concern;
  const body = `${marker}\n${concern.body}`;
  const open = await openIssue(github, concern);
  const { html_url: url } = open
    ? await github.send<Issue>("PATCH", `/issues/${open.number}`, { title, body })
    : await github.send<Issue>("POST", "/issues", { title, body, labels: [label] });
  return url;
}

/** Closes it with a last word when the reason is gone. Returns undefined if none was open. */
export async function closeIssue(github: GitHub, concern: Concern): Promise<string | undefined> {
  const open = await openIssue(github, concern);
  if (!open) {
    return undefined;
  }
  await github.send("POST", `/issues/${open.number}/comments`, { body: concern.body });
  await github.send("PATCH", `/issues/${open.number}`, { state: "closed", state_reason: "completed" });
  return open.html_url;
}
