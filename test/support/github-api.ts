import { once } from "node:events";
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";

type Body = Record<string, unknown>;

interface Comment {
  id: number;
  issue: number;
  body: string;
  user: { type: string; login: string };
  html_url: string;
}
interface Issue {
  number: number;
  title: string;
  body: string;
  state: string;
  labels: { name: string }[];
  user: { type: string; login: string };
  html_url: string;
  pull_request?: object;
}

export const TOKEN = "ghs_theTokenOfTheJob";
const BOT = { type: "Bot", login: "github-actions[bot]" };
const PER_PAGE = 2; // GitHub gives at most 100; few are enough to make pages

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** GitHub's REST API as far as the pipelines use it, for the repository `acme/stack` (docs.github.com/rest, version 2022-11-28). */
export class GitHubApi {
  readonly comments: Comment[] = [];
  readonly issues: Issue[] = [];
  readonly pulls: { number: number; title: string; body: string; head: string; base: string; html_url: string }[] = [];
  /** Branches and the commits that they are at; each commit's files. */
  readonly refs = new Map<string, string>();
  readonly files = new Map<string, Map<string, string>>();
  /** `METHOD /path` of every request. */
  readonly requests: string[] = [];
  /** What the token may not do: requests that begin so are refused. */
  readonly denied: string[] = [];
  private next = 1;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<GitHubApi> {
    const server = createServer();
    const api = new GitHubApi(server);
    server.on("request", (request, response) => void api.answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return api;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What GitHub sets in a job. */
  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { GITHUB_API_URL: this.url, GITHUB_REPOSITORY: "acme/stack", GITHUB_TOKEN: TOKEN, ...more };
  }

  /** Somebody who is no pipeline writes a comment. */
  addComment(issue: number, body: string, user: { type: string; login: string } = { type: "User", login: "ann" }) {
    const id = this.next++;
    const comment = { id, issue, body, user, html_url: `${this.url}/acme/stack/pull/${issue}#issuecomment-${id}` };
    this.comments.push(comment);
    return comment;
  }

  addIssue(more: Partial<Issue> & { title: string; body: string }): Issue {
    const number = this.next++;
    const issue = {
      state: "open",
      labels: [],
      user: BOT,
      html_url: `${this.url}/acme/stack/issues/${number}`,
      ...more,
    };
    this.issues.push({ number, ...issue });
    return this.issues.at(-1) as Issue;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const url = new URL(request.url ?? "/", this.url);
    const asked = `${request.method} ${url.pathname.replace("/repos/acme/stack", "")}`;
    this.requests.push(asked);
    try {
      this.admit(request, asked);
      const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Body) : {};
      const [status, result] = this.handle(asked, url, body);
      response.writeHead(status, { "content-type": "application/json", ...this.link(url, result) });
      response.end(JSON.stringify(Array.isArray(result) ? this.page(url, result) : result));
    } catch (error) {
      const [status, message] = error instanceof Refused ? [error.status, error.message] : [500, String(error)];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
    }
  }

  private admit({ headers }: IncomingMessage, asked: string): void {
    if (headers.authorization !== `Bearer ${TOKEN}`) {
      throw new Refused(401, "Bad credentials");
    }
    if (headers["x-github-api-version"] !== "2022-11-28" || headers.accept !== "application/vnd.github+json") {
      throw new Refused(400, "Not how the documentation asks");
    }
    if (this.denied.some((start) => asked.startsWith(start))) {
      throw new Refused(403, "Resource not accessible by integration");
    }
  }

  private pageNumber = (url: URL) => Number(url.searchParams.get("page") ?? 1);
  private page(url: URL, list: unknown[]): unknown[] {
    const first = (this.pageNumber(url) - 1) * PER_PAGE;
    return list.slice(first, first + PER_PAGE);
  }
  private link(url: URL, result: unknown): Record<string, string> {
    if (!Array.isArray(result) || result.length <= this.pageNumber(url) * PER_PAGE) {
      return {};
    }
    const next = new URL(url);
    next.searchParams.set("page", String(this.pageNumber(url) + 1));
    return { link: `<${next.href}>; rel="next", <${next.href}>; rel="last"` };
  }

  private handle(asked: string, url: URL, body: Body): [number, unknown] {
    for (const [pattern, answer] of this.routes) {
      const found = pattern.exec(asked);
      if (found) {
        return answer(found.slice(1), body, url.searchParams);
      }
    }
    throw new Refused(404, "Not Found");
  }

  private readonly routes: [RegExp, (parts: string[], body: Body, query: URLSearchParams) => [number, unknown]][] = [
    [/^GET \/issues\/(\d+)\/comments$/, ([issue]) => [200, this.comments.filter((one) => one.issue === Number(issue))]],
    [
      /^POST \/issues\/(\d+)\/comments$/,
      ([issue], { body }) => [201, this.addComment(Number(issue), this.checked(body), BOT)],
    ],
    [
      /^PATCH \/issues\/comments\/(\d+)$/,
      ([id], { body }) => {
        const comment = this.comments.find((one) => one.id === Number(id));
        return [200, Object.assign(this.found(comment), { body: this.checked(body) })];
      },
    ],
    [
      /^GET \/issues$/,
      (_, __, query) => {
        const fits = ({ state, labels }: Issue) =>
          state === query.get("state") && labels.some(({ name }) => name === query.get("labels"));
        return [200, this.issues.filter(fits)];
      },
    ],
    [
      /^POST \/issues$/,
      (_, { title, body, labels }) => {
        const named = (labels as string[]).map((name) => ({ name }));
        return [201, this.addIssue({ title: title as string, body: this.checked(body), labels: named })];
      },
    ],
    [
      /^PATCH \/issues\/(\d+)$/,
      ([number], change) => [
        200,
        Object.assign(this.found(this.issues.find((one) => one.number === Number(number))), change),
      ],
    ],
    [
      /^GET \/git\/ref\/heads\/(.+)$/,
      ([name = ""]) => [200, { ref: `refs/heads/${name}`, object: { sha: this.found(this.refs.get(name)) } }],
    ],
    [
      /^POST \/git\/refs$/,
      (_, { ref, sha }) => [201, this.setRef((ref as string).replace("refs/heads/", ""), sha as string)],
    ],
    [
      /^PATCH \/git\/refs\/heads\/(.+)$/,
      ([name = ""], { sha, force }) => {
        this.found(this.refs.get(name));
        if (force !== true) {
          throw new Refused(422, "Update is not a fast forward");
        }
        return [200, this.setRef(name, sha as string)];
      },
    ],
    [/^GET \/contents\/(.+)$/, ([file = ""], _, query) => [200, this.content(query.get("ref") ?? "", file)]],
    [/^PUT \/contents\/(.+)$/, ([file = ""], body) => [200, this.commit(file, body)]],
    [/^GET \/pulls$/, (_, __, query) => [200, this.pulls.filter(({ head }) => `acme:${head}` === query.get("head"))]],
    [
      /^POST \/pulls$/,
      (_, { title, body, head, base }) => {
        this.found(this.refs.get(head as string));
        const number = this.next++;
        this.pulls.push({
          ...{ number, title: title as string, body: body as string, head: head as string, base: base as string },
          html_url: `${this.url}/acme/stack/pull/${number}`,
        });
        return [201, this.pulls.at(-1)];
      },
    ],
  ];

  private found<Thing>(thing: Thing | undefined): Thing {
    if (thing === undefined) {
      throw new Refused(404, "Not Found");
    }
    return thing;
  }
  private checked(body: unknown): string {
    if (typeof body !== "string" || body.length > 65_536) {
      throw new Refused(422, "body is too long (maximum is 65536 characters)");
    }
    return body;
  }
  private setRef(name: string, sha: string) {
    this.found(this.files.get(sha));
    this.refs.set(name, sha);
    return { ref: `refs/heads/${name}` };
  }
  private content(commit: string, file: string) {
    const text = this.found(this.files.get(commit)?.get(file));
    return {
      sha: `blob-${text.length}`,
      content: Buffer.from(text)
        .toString("base64")
        .replace(/(.{60})/g, "$1\n"),
    };
  }
  private commit(file: string, { content, sha, branch, message }: Body) {
    const parent = this.found(this.refs.get(branch as string));
    if (this.content(parent, file).sha !== sha) {
      throw new Refused(409, `${file} does not match ${String(sha)}`);
    }
    const commit = `commit-${this.next++}`;
    const text = Buffer.from(content as string, "base64").toString();
    this.files.set(commit, new Map(this.files.get(parent)).set(file, text));
    this.refs.set(branch as string, commit);
    return { commit: { sha: commit, message } };
  }
}
