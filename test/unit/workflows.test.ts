import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseDocument, visit } from "yaml";
import { variablesOf } from "../../ops/bootstrapping/next-steps";

const ROOT = path.join(__dirname, "../..");

interface Step {
  run?: string;
  uses?: string;
  if?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}
interface Job {
  if?: string;
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  environment?: string;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  container?: string;
  strategy?: { "fail-fast": boolean; matrix: Record<string, unknown> };
  env?: Record<string, string>;
  steps: Step[];
  needs?: string;
  "runs-on": string;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: object;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
const FOLDER = ".github/workflows";
const FILES = readdirSync(path.join(ROOT, FOLDER)).map((file) => `${FOLDER}/${file}`);
const ACTION = ".github/actions/prepare/action.yml";
const workflows = FILES.map((file): [string, Workflow] => [file, parse(read(file)) as Workflow]);
const action = parse(read(ACTION)) as { runs: { steps: Step[] } };
const jobs = workflows.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]): [string, Job, Workflow] => [`${file} ${name}`, job, workflow]),
);
const steps = [
  ...jobs.flatMap(([name, job]) => job.steps.map((step): [string, Step] => [name, step])),
  ...action.runs.steps.map((step): [string, Step] => [ACTION, step]),
];
/** It can have AWS credentials, or a token that writes. */
const privileged = ({ permissions = {} }: Job) => Object.values(permissions).includes("write");

/** What is wrong with a step's command: it calls what is not there, or takes text of somebody's into a shell. */
function problemOf(command: string): string | undefined {
  if (command.includes("${{")) {
    return "an expression in a command: pass it by `env`";
  }
  const script = /^(?:node --require \.\/typescript\.cjs )?(\.github\/steps\/[\w-]+\.(?:ts|sh))(?: |$)/.exec(
    command,
  )?.[1];
  const target = /^make ([\w./-]+)$/.exec(command)?.[1];
  if (script) {
    return existsSync(path.join(ROOT, script)) ? undefined : `${script} is not there`;
  }
  if (target) {
    return new RegExp(`^${target.replace(/[.]/g, "\\.")}:`, "m").test(read("Makefile"))
      ? undefined
      : `no target ${target}`;
  }
  return "neither a script of .github/steps/ nor a make target";
}

it("there are the four workflows", () => {
  expect(FILES.map((file) => path.basename(file, ".yml")).sort()).toEqual([
    "deploy",
    "nightly",
    "pull-request",
    "rotate",
  ]);
});

describe("what is used of others", () => {
  it.each([...FILES, ACTION])("is pinned by its digest, with the version beside it: %s", (file) => {
    const lines = read(file)
      .split("\n")
      .filter((line) => /^\s*-?\s*uses:/.test(line));
    const wrong = lines.filter(
      (line) => !/uses: (\.\/[\w./-]+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line),
    );
    expect(wrong).toEqual([]);
  });

  it("is the same everywhere, and of few", () => {
    const used = new Set(steps.flatMap(([, { uses }]) => (uses ? [uses] : [])));
    expect([...used].map((name) => name.split("@")[0]).sort()).toEqual([
      "./.github/actions/prepare",
      "actions/checkout",
      "actions/setup-go",
      "actions/setup-node",
      "aws-actions/configure-aws-credentials",
      "pulumi/actions",
    ]);
  });

  it("an image by its digest, too", () => {
    const images = new Set(jobs.flatMap(([, { container }]) => (container ? [container] : [])));
    expect([...images]).toEqual([expect.stringMatching(/@sha256:[0-9a-f]{64}$/)]);
  });

  it("Pulumi in the version that the steps are tested with", () => {
    const version = /pulumi\/pkg\/v3 v([\d.]+)/.exec(read("platform/engine/go.mod"))?.[1];
    expect(action.runs.steps.find(({ uses }) => uses?.startsWith("pulumi/"))?.with).toEqual({
      "pulumi-version": version,
    });
  });
});

describe("every job", () => {
  it.each(jobs)(
    "%s has its own permissions, a time limit, and a checkout that leaves no token behind",
    (_, job, workflow) => {
      expect(workflow.permissions).toEqual({});
      expect(Object.keys(job.permissions ?? {}).length).toBeGreaterThan(0);
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      const checkout = job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      expect(checkout.map((step) => step.with)).toEqual([{ "persist-credentials": false }]);
    },
  );

  it.each(steps.filter(([, { run }]) => run !== undefined))("%s: %j calls what is there", (_, { run = "" }) => {
    expect(problemOf(run)).toBeUndefined();
  });

  it("would be told otherwise", () => {
    expect(problemOf("node --require ./typescript.cjs .github/steps/nothing.ts")).toBe(
      ".github/steps/nothing.ts is not there",
    );
    expect(problemOf("make nothing")).toBe("no target nothing");
    expect(problemOf("curl https://example.com | bash")).toContain("neither");
    expect(problemOf("make lint ${{ inputs.x }}")).toContain("expression");
  });

  it("that is asked to by `run` finds a script that can be run", () => {
    const scripts = readdirSync(path.join(ROOT, ".github/steps")).filter((file) => file.endsWith(".sh"));
    scripts.forEach((file) => accessSync(path.join(ROOT, ".github/steps", file), constants.X_OK));
    expect(scripts.length).toBeGreaterThan(0);
  });
});

describe("the tests", () => {
  const running = (target: string) =>
    jobs.filter(([, job]) => job.steps.some(({ run }) => run === target)).map(([name]) => name.split("/").pop());

  it("are all run for a pull request, and every night in their long form", () => {
    expect(running("make test-unit")).toEqual(["pull-request.yml unit"]);
    expect(running("make test-stack")).toEqual(["pull-request.yml stack"]);
    expect(running("make test-all")).toEqual(["nightly.yml tests"]);
  });

  it.each(jobs.filter(([, { strategy }]) => strategy?.matrix.shard !== undefined))(
    "%s: its shards are all that there are, and each runs to its end",
    (_, { strategy, env }) => {
      const shards = strategy?.matrix.shard as number[];
      expect(shards).toEqual(shards.map((_one, index) => index + 1));
      // The number of jobs of the matrix, and of no other one than the shards.
      expect(env?.SHARD).toBe("${{ matrix.shard }}/${{ strategy.job-total }}");
      expect(strategy).toEqual({ "fail-fast": false, matrix: { shard: shards } });
    },
  );

  const recipe = (target: string) => new RegExp(`^${target}:.*\\n((?:\\t.*\\n)+)`, "m").exec(read("Makefile"))?.[1];

  it("are in shards where they bring up servers", () => {
    const sharded = jobs.filter(([, { env }]) => env?.SHARD !== undefined).map(([name]) => name.split("/").pop());
    expect(sharded).toEqual([...running("make test-all"), ...running("make test-stack")]);
    expect(recipe("test-all")).toContain("$(SHARD:%=--shard %)");
    expect(recipe("test-stack")).toContain("$(SHARD:%=--shard %)");
  });

  it("are long when the tests are told so by the name that they ask for", () => {
    expect(recipe("test-all")).toContain("TEST_LONG=true ");
    expect(read("test/support/long.ts")).toContain('process.env.TEST_LONG === "true"');
  });

  it("are each asked for before a merge, by the names that GitHub gives a matrix", () => {
    const matrix = Object.fromEntries(workflows)[`${FOLDER}/pull-request.yml`]?.jobs.stack?.strategy?.matrix;
    const last = (matrix?.shard as number[]).length;
    expect(read("docs/pipelines.md")).toContain(`\`stack (1)\` to \`stack (${last})\``);
  });
});

describe("nobody else's code gets credentials", () => {
  it("no workflow runs on pull_request_target, or after another workflow", () => {
    const events = workflows.flatMap(([, { on }]) => Object.keys(on));
    expect([...new Set(events)].sort()).toEqual(["pull_request", "push", "schedule", "workflow_dispatch"]);
  });

  it.each(jobs.filter(([, , { on }]) => "pull_request" in on))(
    "%s: what writes or takes on a role is not for forks",
    (_, job) => {
      const guarded = job.if === "github.event.pull_request.head.repo.full_name == github.repository";
      expect(guarded).toBe(privileged(job));
      expect(job["runs-on"]).toBe("ubuntu-latest");
      expect(job.steps.some(({ uses }) => uses === "./.github/actions/prepare")).toBe(guarded);
      const variables = [job.env, ...job.steps.map(({ env }) => env)].flatMap((env) => Object.values(env ?? {}));
      expect(variables.some((value) => /secrets\.|github\.token/.test(value))).toBe(guarded);
    },
  );

  it("each job that takes on a role takes the one that trusts its subject", () => {
    const role = (job: Job) => job.steps.find(({ uses }) => uses === "./.github/actions/prepare")?.with?.role as string;
    const taking = jobs.filter(([, job]) => role(job) !== undefined);
    expect(taking.map(([, job]) => job.permissions?.["id-token"])).toEqual(taking.map(() => "write"));
    for (const [name, job, { on }] of taking) {
      // The subject of a job with an environment is that, and else what the workflow runs for (ops/bootstrapping/trust.ts).
      const trusting = job.environment ? "DEPLOY" : "pull_request" in on ? "PREVIEW" : "DRIFT";
      expect(role(job), name).toBe(`\${{ vars.AWS_${trusting}_ROLE_ARN }}`);
    }
  });

  it("all variables but the runners' label are those that ops/bootstrap tells GitHub", () => {
    const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
    const foundation = { account, application: "shop", repository: "acme/shop", environments: ["prod"] };
    const { repository, environments } = variablesOf(foundation, "state");
    const told = [...Object.keys(repository), ...Object.keys(environments.prod ?? {})];
    const used = [...FILES, ACTION].flatMap((file) => [...read(file).matchAll(/vars\.(\w+)/g)].map(([, name]) => name));
    expect([...new Set(used)].sort()).toEqual([...told, "RUNNER"].sort());
  });

  it("a token is only in the environment of the step that calls GitHub, and never in that of the program", () => {
    const holders = steps.filter(([, { env }]) =>
      Object.values(env ?? {}).some((value) => value.includes("github.token")),
    );
    expect(holders.map(([, { run }]) => run?.split(" ")[3])).toEqual(
      ["issue", "comment", "keep-rotation"].map((name) => `.github/steps/${name}.ts`),
    );
    expect(jobs.filter(([, { env }]) => JSON.stringify(env ?? {}).includes("github.token"))).toEqual([]);
  });

  it("no secret of the repository's is used at all", () => {
    [...FILES, ACTION].forEach((file) => expect(read(file)).not.toMatch(/secrets\.|secrets\[/));
  });

  it("packages run nothing where a job may ask for credentials", () => {
    expect(action.runs.steps.find(({ run }) => run?.startsWith("make"))?.env).toEqual({
      npm_config_ignore_scripts: "true",
    });
    const places = action.runs.steps.map(({ uses, run }) => uses?.split("@")[0] ?? run);
    expect(places.at(-1)).toBe("aws-actions/configure-aws-credentials");
  });
});

describe("updates", () => {
  const updating = jobs.filter(([, { steps: own }]) =>
    own.some(({ run }) => /steps\/(deploy|rotate)\.ts/.test(run ?? "")),
  );

  it("of one stack are one at a time, none is cut off, and each has its environment's approval", () => {
    expect(updating.map(([name]) => name.split("/").pop())).toEqual([
      "deploy.yml dev",
      "deploy.yml prod",
      "rotate.yml rotate",
    ]);
    for (const [name, { concurrency, environment, env }] of updating) {
      expect(concurrency, name).toEqual({ group: `stack-${environment}`, "cancel-in-progress": false });
      expect(env?.STACK, name).toBe(environment);
    }
  });

  it("reach prod after dev", () => {
    expect(Object.fromEntries(workflows)[`${FOLDER}/deploy.yml`]?.jobs.prod?.needs).toBe("dev");
  });

  it("are those of main alone", () => {
    const { on: deploys } = Object.fromEntries(workflows)[`${FOLDER}/deploy.yml`] as Workflow;
    expect(deploys).toEqual({ push: { branches: ["main"] } });
    const byHand = jobs.filter(([, , { on }]) => "workflow_dispatch" in on);
    expect(byHand.map(([, job]) => job.if)).toEqual(byHand.map(() => "github.ref == 'refs/heads/main'"));
  });

  it("take what somebody types by the environment, and nothing of it into an expression", () => {
    const found: string[] = [];
    for (const file of [...FILES, ACTION]) {
      visit(parseDocument(read(file)), {
        Pair: (_, { key, value }) => {
          const text = (value as { value?: unknown } | null)?.value;
          if (
            typeof text === "string" &&
            /inputs\.roles|github\.event\.(?!pull_request\.(number|head\.repo))|head_ref/.test(text)
          ) {
            found.push(`${String((key as { value: unknown }).value)}: ${text}`);
          }
        },
      });
    }
    expect(found).toEqual(["ROLES: ${{ inputs.roles }}"]);
  });
});
