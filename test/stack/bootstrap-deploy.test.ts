import { rmSync } from "node:fs";
import { Agent, createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import path from "node:path";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Account } from "../../model/aws/account";
import { freePort } from "../../platform/shared/ports";
import { forwardAsTls } from "../../platform/host/tls-front";
import { deployPolicies } from "../../ops/bootstrapping/deploy-policy";
import {
  ACCOUNT,
  Asked,
  askedWith,
  bootstrap,
  byToken,
  environmentOf,
  githubToken,
  REPOSITORY,
  withCredentials,
} from "../support/bootstrapped";
import { temporaryFolder } from "../support/engine";
import { RoleCredentials } from "../support/iam";
import { LocalStack } from "../support/local-stack";
import { usePassphrase } from "../support/shortcuts";
import { Pipeline } from "../support/pipeline";
import { actionsOf, allows } from "../support/policy-evaluation";
import { SessionManager } from "../support/session-manager";

/**
 * A stack with everything that can be set, deployed with the rights of the role that ops/bootstrap has made and no other: the emulator
 * refuses what its policies do not allow.
 */
const NAME = "full";
const account: Account = { id: ACCOUNT, partition: "aws", region: "eu-central-1" };

describe("the roles that ops/bootstrap has made", () => {
  let stack: LocalStack;
  let sessions: SessionManager;
  let proxy: Server;
  let localPort: number;
  let folder: string;
  let deploy: RoleCredentials;
  let preview: RoleCredentials;
  let drift: RoleCredentials;
  let foundation: string[];
  const before = { ...process.env };

  /** As dev is: nothing that costs by the hour. */
  const little = (more = {}) => ({
    access: {
      deployers: [`markenmate-${NAME}-deploy`, "markenmate-preview"],
      readers: { monitor: ["markenmate-drift"] },
      permissionsBoundary: `markenmate-${NAME}-boundary`,
      ...more,
    },
    backup: { lockMode: "none" },
  });
  /** As prod can be, and the owner is another. */
  const everything = () => ({
    ...little({ mode: "ssm", localPort }),
    owner: "others",
    network: { endpoints: ["secretsmanager", "s3"] },
    backup: {
      lockMode: "none",
      replicaRegion: "eu-west-1",
      image: `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/backups@sha256:${"0".repeat(64)}`,
    },
    logs: { hiddenColumns: ["token"] },
    notifications: { emails: ["alarms@example.com"] },
  });
  const LARGE = { masterPassword: "stack", readReplica: true, multiAz: true, parameters: { work_mem: "8192" } };

  const run = (credentials: RoleCredentials, ...args: string[]) =>
    withCredentials(credentials, () => stack.succeed(...args));
  const asked = () => askedWith(path.join(folder, "requests"), deploy);

  beforeAll(async () => {
    usePassphrase(); // the roles may use the keys of the bootstrap alone
    folder = await temporaryFolder("requests");
    process.env.EMULATOR_REQUESTS = path.join(folder, "requests");
    localPort = await freePort();
    sessions = await SessionManager.start();
    sessions.behave({});
    stack = await LocalStack.open(NAME, {}, little());
    // Buckets refuse whoever comes without TLS.
    proxy = createServer(forwardAsTls(process.env.AWS_ENDPOINT_URL as string, new Agent({ keepAlive: true })));
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, stderr } = await bootstrap(["--application", "markenmate", "--environment", NAME]);
    expect(code, stderr).toBe(0);
    foundation = await stack.leftovers();
    deploy = await byToken(`markenmate-${NAME}-deploy`, githubToken(`repo:${REPOSITORY}:environment:${NAME}`));
    preview = await byToken("markenmate-preview", githubToken(`repo:${REPOSITORY}:pull_request`));
    drift = await byToken("markenmate-drift", githubToken(`repo:${REPOSITORY}:ref:refs/heads/main`));
  });
  afterAll(async () => {
    await stack.close();
    sessions.stop();
    proxy.closeAllConnections();
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
    process.env = before;
  });

  it("deploy a stack from nothing", async () => {
    await run(deploy, "up", "--yes", "--skip-preview");
  });

  it("preview and deploy it with everything that can be set, and change what is there", async () => {
    await stack.configure(LARGE, everything());
    await run(preview, "preview");
    await run(deploy, "up", "--yes", "--skip-preview");
  });

  it("refresh it", () => run(deploy, "refresh", "--yes", "--skip-preview", "--run-program", "--expect-no-changes"));

  const look = (credentials: RoleCredentials) =>
    withCredentials(credentials, () =>
      new Pipeline(stack).step(
        "drift",
        [NAME, "--report", path.join(folder, "drift.json")],
        environmentOf(credentials),
      ),
    );

  it("look every night for drift in AWS, and by the live check for what is in the database", async () => {
    const { code, stderr } = await look(drift);
    expect(code, stderr).toBe(0);
    expect(sessions.calls().at(-1)).toContain("AWS-StartPortForwardingSessionToRemoteHost");
    await sessions.untilGone(localPort);
  });

  it("let no pull request look so far", async () => {
    const { code, stderr } = await look(preview);
    expect(code).toBe(3);
    expect(stderr).toMatch(/not authorized to perform: sts:AssumeRole/);
  });

  it.each([
    ["a preview's", () => preview],
    ["the nightly look's", () => drift],
  ])("change nothing in %s hands", async (_, credentials) => {
    await stack.configure({ ...LARGE, parameters: { work_mem: "4096" } }, everything());
    const { code, stdout } = await withCredentials(credentials(), () => stack.pulumi("up", "--yes", "--skip-preview"));
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/not authorized|AccessDenied/);
    await stack.configure(LARGE, everything());
  });

  it("let nobody make more of them than they are", async () => {
    const iam = new IAMClient({ credentials: deploy });
    const trust = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
    });
    const role = (RoleName: string, more = {}) =>
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, ...more });
    const boundary = (name: string) => ({ PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/${name}` });
    const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
    const attempts = {
      withoutBoundary: () => iam.send(role(`markenmate-${NAME}-flow-logs-2`)),
      ofAnotherName: () => iam.send(role("somebody", boundary(`markenmate-${NAME}-boundary`))),
      withAnotherBoundary: () =>
        iam.send(role(`markenmate-${NAME}-checker`, boundary(`markenmate-${NAME}-deploy-state`))),
      itself: () =>
        iam.send(new AttachRolePolicyCommand({ RoleName: `markenmate-${NAME}-deploy`, PolicyArn: administrator })),
      itsTrust: () =>
        iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: `markenmate-${NAME}-deploy`, PolicyDocument: trust })),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      await expect(attempt(), name).rejects.toMatchObject({ name: "AccessDenied" });
    }
  });

  it("destroy it", async () => {
    await run(deploy, "destroy", "--yes", "--skip-preview", "--run-program");
    expect(await stack.leftovers()).toEqual(foundation);
  });

  describe("the list of what was asked", () => {
    const scope = {
      ...{ account, application: "markenmate", environment: NAME, stack: `markenmate-${NAME}` },
      ...{ stateBucket: "state", stateKeyArn: "arn:state", secretsKeyArn: "arn:secrets" },
    };
    const statements = () => Object.values(deployPolicies(scope)).flatMap(({ Statement }) => Statement);
    /** Each action on each resource once: most are asked for again and again. */
    let granted: Asked[];
    beforeAll(() => {
      const asks = asked().filter(({ denied }) => !denied);
      granted = [...new Map(asks.map((ask) => [`${ask.action} ${ask.resource}`, ask])).values()];
    });
    const refused = (without: string[] = []) =>
      granted
        .filter(({ action, resource }) => !allows(statements(), action, resource, without))
        .map(({ action }: Asked) => action);

    it("is allowed by the policies as they are written", () => {
      expect(asked().length).toBeGreaterThan(500);
      expect([...new Set(refused())]).toEqual([]);
    });

    it.each([
      ...["rds:CreateDBInstance", "iam:PassRole", "kms:ReplicateKey", "s3:PutReplicationConfiguration"],
      ...[
        "ec2:RunInstances",
        "secretsmanager:PutResourcePolicy",
        "scheduler:CreateSchedule",
        "logs:PutDataProtectionPolicy",
      ],
    ])("is refused without %s", (action) => {
      expect(new Set(refused([action]))).toEqual(new Set([action]));
    });

    it("shows which rights of the policies nothing here has needed", async () => {
      const needed = new Set(asked().map(({ action }) => action));
      const unproved = actionsOf(statements()).filter((action) => !needed.has(action));
      await expect(`${unproved.join("\n")}\n`).toMatchFileSnapshot("../support/bootstrap-unproved.txt");
    });
  });
});
