import { z } from "zod";
import { OpsError } from "../../ops/shared/errors";

/** The few calls of GitHub's REST API that the pipelines make: docs.github.com/rest, version 2022-11-28. */

const environment = z.object({
  GITHUB_API_URL: z.url(),
  GITHUB_REPOSITORY: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  GITHUB_TOKEN: z.string().min(1),
});

type Method = "GET" | "POST" | "PATCH" | "PUT";

/** What a person does about an answer that says no. */
const CURES: Record<number, string> = {
  401: "the token is not valid; give the step GITHUB_TOKEN: ${{ github.token }}",
  403: "the token may not do that; see the job's `permissions`, and the repository's settings for Actions",
};

const nextPage = (link: string | null) => /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];

export class GitHub {
  private constructor(
    private readonly root: string,
    readonly owner: string,
    private readonly token: string,
  ) {}

  /** From the variables that GitHub sets in every job, and the token, which a step has to be given. */
  static fromEnvironment(variables: NodeJS.ProcessEnv = process.env): GitHub {
    const { success, data, error } = environment.safeParse(variables);
    if (!success) {
      const missing = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new OpsError(`The environment does not say which repository this is about:\n  ${missing.join("\n  ")}`);
    }
    const { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = data;
    return new GitHub(`${url}/repos/${repository}`, repository.split("/")[0] as string, token);
  }

  async send<Result>(method: Method, path: string, body?: object): Promise<Result> {
    return (await (await this.request(method, `${this.root}${path}`, body)).json()) as Result;
  }

  /** What GitHub has, or undefined if it has none. */
  async find<Result>(path: string): Promise<Result | undefined> {
    const response = await this.request("GET", `${this.root}${path}`, undefined, [404]);
    return response.status === 404 ? undefined : ((await response.json()) as Result);
  }

  /** All of a list, page by page, as the header Link says. */
  async *list<Item>(path: string): AsyncGenerator<Item> {
    const first = new URL(`${this.root}${path}`);
    first.searchParams.set("per_page", "100");
    for (let url: string | undefined = first.href; url !== undefined;) {
      const response: Response = await this.request("GET", url);
      yield* (await response.json()) as Item[];
      url = nextPage(response.headers.get("link"));
    }
  }

  private async request(method: Method, url: string, body?: object, expected: number[] = []): Promise<Response> {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.token}`,
        "x-github-api-version": "2022-11-28",
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: Error) => {
      throw new OpsError(`GitHub could not be reached at ${new URL(url).host}: ${error.message}`);
    });
    if (response.ok || expected.includes(response.status)) {
      return response;
    }
    const { message = "" } = (await response.json().catch(() => ({}))) as { message?: string };
    const cure = CURES[response.status];
    throw new OpsError(
      `GitHub answered ${response.status} to ${method} ${new URL(url).pathname}: ${message}${cure ? `; ${cure}` : ""}`,
    );
  }
}

/** A comment, or an issue: both have what is looked for. */
interface Written {
  body?: string | null;
  user: { type: string } | null;
}

/** Written by a pipeline, and about that. A person who quotes it does not begin with the marker. */
export const hasMarker = ({ body, user }: Written, marker: string) =>
  user?.type === "Bot" && (body ?? "").startsWith(marker);

/** What a page does not show, and what tells a pipeline's own comments and issues from each other. */
export const marker = (name: string) => `<!-- pipeline: ${name} -->`;
