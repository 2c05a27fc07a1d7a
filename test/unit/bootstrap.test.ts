import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Account, PolicyDocument, Statement } from "../../model/aws/account";
import {
  executionPolicy,
  replicationPolicy,
  restorerPolicy,
  schedulePolicy,
  writerPolicy,
} from "../../model/policies/backups";
import { checkPolicy } from "../../model/policies/live-check";
import { ROOT } from "../../platform/shared/paths";
import { LONGEST_NAME, environments, refuseLongNames, repository } from "../../ops/bootstrapping/arguments";
import { boundaryPolicy } from "../../ops/bootstrapping/boundary";
import { deployPolicies, MOST_CHARACTERS, MOST_POLICIES } from "../../ops/bootstrapping/deploy-policy";
import { driftPolicies } from "../../ops/bootstrapping/drift-policy";
import { Scope } from "../../ops/bootstrapping/names";
import { nextSteps, variablesOf } from "../../ops/bootstrapping/next-steps";
import { previewPolicies } from "../../ops/bootstrapping/preview-policy";
import { same } from "../../ops/bootstrapping/same";
import { stateBucketPolicy } from "../../ops/bootstrapping/state-policy";
import { branchTrust, deployTrust, previewTrust } from "../../ops/bootstrapping/trust";
import { LONGEST_NAME as LONGEST_IN_THE_SETTINGS } from "../../model/settings";
import { actionsOf, allows } from "../support/policy-evaluation";

const account: Account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const ids = {
  stateKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1",
  secretsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/2",
};
const scopeOf = (application: string, environment: string, where = account): Scope => ({
  ...{ account: where, application, environment, stack: `${application}-${environment}` },
  ...{ stateBucket: `${application}-pulumi-state-${where.id}`, ...ids },
});
const anyStack = (application: string, where = account): Scope => ({
  ...scopeOf(application, "*", where),
  stack: `${application}-*`,
});
const all = (policies: Record<string, PolicyDocument>) => Object.values(policies).flatMap(({ Statement }) => Statement);
const list = (value: string | string[] | undefined) => [value ?? []].flat();

describe("policies of the roles for GitHub", () => {
  const deploy = all(deployPolicies(scopeOf("shop", "dev")));
  const preview = all(previewPolicies(anyStack("shop")));
  const drift = all(driftPolicies(anyStack("shop")));

  it("have room in IAM, with the longest names in the partition and region with the longest names", () => {
    const far = { ...account, partition: "aws-us-gov", region: "ap-southeast-2" };
    const longest = scopeOf("a".repeat(20), "b".repeat(LONGEST_NAME - 21), far);
    const roles = [
      deployPolicies(longest),
      previewPolicies(anyStack("a".repeat(20), far)),
      driftPolicies(anyStack("a".repeat(20), far)),
      { boundary: boundaryPolicy(far, longest.stack) },
    ];
    for (const policies of roles) {
      expect(Object.keys(policies).length).toBeLessThanOrEqual(MOST_POLICIES);
      for (const [name, document] of Object.entries(policies)) {
        expect(JSON.stringify(document).length, name).toBeLessThanOrEqual(MOST_CHARACTERS);
        expect(name.length).toBeLessThanOrEqual(128);
      }
    }
  });

  it("name each statement once, and no action with a wildcard of a whole service", () => {
    const shop = anyStack("shop");
    for (const policies of [deployPolicies(scopeOf("shop", "dev")), previewPolicies(shop), driftPolicies(shop)]) {
      for (const { Statement: statements } of Object.values(policies)) {
        const sids = statements.map(({ Sid }) => Sid);
        expect(new Set(sids).size).toBe(sids.length);
      }
      expect(actionsOf(all(policies)).filter((action) => /:\*$|^\*/.test(action))).toEqual([]);
    }
  });

  it("let a preview look, and change nothing", () => {
    const others = actionsOf(preview).filter((action) => !/:(Describe|Get|List)/.test(action));
    expect(others).toEqual(["kms:Decrypt"]);
    const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;
    const reads = (name: string) => allows(preview, "secretsmanager:GetSecretValue", secret(name));
    expect(["rds!db-1", "shop-dev-master-abc123", "shop-dev-app-abc123", "other-dev-master-abc123"].map(reads)).toEqual(
      [...[true, true, false, false]],
    );
  });

  it("let the look for drift take on the roles that check and get to the database, and read no password of itself", () => {
    const others = actionsOf(drift).filter((action) => !/:(Describe|Get|List)/.test(action));
    expect(others).toEqual([
      ...["kms:Decrypt", "ssm:ResumeSession", "ssm:StartSession", "ssm:TerminateSession"],
      ...["ssmmessages:OpenDataChannel", "sts:AssumeRole"],
    ]);
    expect(actionsOf(drift)).not.toContain("secretsmanager:GetSecretValue");
    const takesOn = (name: string) => allows(drift, "sts:AssumeRole", `arn:aws:iam::123456789012:role/${name}`);
    expect(
      ["shop-prod-checker", "other-prod-checker", "shop-prod-deploy", "shop-prod-backup-writer"].map(takesOn),
    ).toEqual([...[true, false, false, false]]);
    const opening = drift.filter(({ Action }) => list(Action).includes("ssm:StartSession"));
    expect(opening.map(({ Resource, Condition }) => [Resource, Condition])).toEqual([
      ["arn:aws:ec2:eu-central-1:123456789012:instance/*", { StringEquals: { "ssm:resourceTag/Application": "shop" } }],
      ["arn:aws:ssm:eu-central-1::document/AWS-StartPortForwardingSessionToRemoteHost", undefined],
    ]);
  });

  it.each([
    ["another stack's bucket", "s3:PutBucketPolicy", "arn:aws:s3:::shop-prod-backups-1"],
    ["the state bucket itself", "s3:PutBucketPolicy", "arn:aws:s3:::shop-pulumi-state-123456789012"],
    [
      "another stack's state",
      "s3:PutObject",
      "arn:aws:s3:::shop-pulumi-state-123456789012/.pulumi/stacks/shop/prod.json",
    ],
    ["another stack's database", "rds:DeleteDBInstance", "arn:aws:rds:eu-central-1:123456789012:db:shop-prod"],
    ["a longer name's database", "rds:DeleteDBInstance", "arn:aws:rds:eu-central-1:123456789012:db:shop-development"],
    [
      "another stack's secret",
      "secretsmanager:GetSecretValue",
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-prod-app-abc123",
    ],
    ["the application's own role", "iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/shop-dev-app"],
    ["a user", "iam:CreateUser", "arn:aws:iam::123456789012:user/shop-dev-x"],
    ["a boundary taken away", "iam:DeleteRolePermissionsBoundary", "arn:aws:iam::123456789012:role/shop-dev-checker"],
    ["another role", "sts:AssumeRole", "arn:aws:iam::123456789012:role/shop-dev-checker"],
  ])("do not let a deployment of dev touch %s", (_, action, resource) => {
    expect(allows(deploy, action, resource)).toBe(false);
  });

  it("let it do the same with its own", () => {
    expect(allows(deploy, "s3:PutBucketPolicy", "arn:aws:s3:::shop-dev-backups-1")).toBe(true);
    expect(allows(deploy, "rds:DeleteDBInstance", "arn:aws:rds:eu-central-1:123456789012:db:shop-dev")).toBe(true);
    const state = "arn:aws:s3:::shop-pulumi-state-123456789012/.pulumi/stacks/shop/dev.json";
    expect(allows(deploy, "s3:PutObject", state)).toBe(true);
  });

  it("let it make and change no role without the boundary", () => {
    const making = deploy.filter(({ Action, Effect }) => Effect === "Allow" && list(Action).includes("iam:CreateRole"));
    expect(making.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { "iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/shop-dev-boundary" } },
    ]);
    const giving = ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"];
    const unbound = deploy.filter(
      ({ Action, Effect, Condition }) =>
        Effect === "Allow" && !Condition && list(Action).some((action) => giving.includes(action)),
    );
    expect(unbound).toEqual([]);
  });

  it("tie what has no name of its own to the stack's tags", () => {
    const untied = deploy.filter(
      ({ Action, Resource, Condition, Effect }) =>
        Effect === "Allow" &&
        list(Resource).some((resource) => /:key\/\*$|:instance\/\*$|:\*\/\*$/.test(resource)) &&
        list(Action).some((action) => !/:(Describe|Get|List)|RunInstances/.test(action)) &&
        !/Tag\/Application/.test(JSON.stringify(Condition ?? {})),
    );
    expect(untied.map(({ Sid }) => Sid)).toEqual([]);
  });
});

describe("the roles for GitHub", () => {
  it.each([
    ["a pull request", previewTrust(account, "acme/shop"), "repo:acme/shop:pull_request"],
    ["what runs on main", branchTrust(account, "acme/shop", "main"), "repo:acme/shop:ref:refs/heads/main"],
    ["an environment", deployTrust(account, "acme/shop", "prod"), "repo:acme/shop:environment:prod"],
  ])("are taken on by %s of the one repository, and by nobody else", (_, { Statement: statements }, subject) => {
    const issuer = "token.actions.githubusercontent.com";
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: subject } },
    ]);
  });

  it("reach a state bucket that is closed to others, to plain HTTP and to its own end", () => {
    const { Statement: denied } = stateBucketPolicy(account, "state", "arn:key");
    const closed = denied.filter(({ Action }) => Action !== "s3:PutObject");
    expect(closed.map(({ Effect, Action, Condition }) => [Effect, Action, Condition])).toEqual([
      ["Deny", "s3:*", { Bool: { "aws:SecureTransport": "false" } }],
      ["Deny", "s3:*", { StringNotEquals: { "aws:PrincipalAccount": "123456789012" } }],
      ["Deny", "s3:DeleteBucket", undefined],
    ]);
  });
});

describe("the boundary of a stack's roles", () => {
  const boundary = boundaryPolicy(account, "shop-dev").Statement;
  const backups = {
    ...{ account, stack: "shop-dev", bucketArn: "arn:aws:s3:::shop-dev-backups-1", keyArn: ids.stateKeyArn },
    replica: { bucketArn: "arn:aws:s3:::shop-dev-backup-replica-1", keyArn: ids.stateKeyArn, region: "eu-west-1" },
  };
  const logs = "arn:aws:logs:eu-central-1:123456789012:log-group:/shop-dev/backups";
  const ecs = (what: string) => `arn:aws:ecs:eu-central-1:123456789012:${what}`;
  const own: Record<string, PolicyDocument> = {
    writer: writerPolicy(backups),
    restorer: restorerPolicy(backups),
    replication: replicationPolicy(backups, backups.replica),
    execution: executionPolicy("arn:aws:ecr:eu-central-1:123456789012:repository/backups", logs),
    schedule: schedulePolicy(
      ecs("cluster/shop-dev-backups"),
      [ecs("task-definition/shop-dev-backup")],
      [
        ...["backup-writer", "backup-restorer", "backup-execution"].map(
          (name) => `arn:aws:iam::123456789012:role/shop-dev-${name}`,
        ),
      ],
    ),
    checker: checkPolicy({
      ...{ account, stack: "shop-dev", bucketArn: "arn:aws:s3:::shop-dev-backups-1", keyArns: [ids.stateKeyArn] },
      topicArn: "arn:aws:sns:eu-central-1:123456789012:shop-dev-events",
      secretArns: ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-dev-app-abc123"],
    }),
  };

  it.each(Object.keys(own))("leaves room for all that the %s's own policy allows", (name) => {
    const asked = (own[name] as PolicyDocument).Statement.flatMap(({ Action, Resource }: Statement) =>
      list(Action).flatMap((action) => list(Resource).map((resource) => ({ action, resource }))),
    );
    expect(asked.filter(({ action, resource }) => !allows(boundary, action, resource))).toEqual([]);
  });

  it("leaves none for IAM, other stacks' data, or anything else", () => {
    expect(actionsOf(boundary).filter((action) => /^(iam|sts|organizations):/.test(action))).toEqual(["iam:PassRole"]);
    expect(allows(boundary, "s3:GetObject", "arn:aws:s3:::shop-prod-backups-1/dumps/x")).toBe(false);
    expect(allows(boundary, "rds:DeleteDBInstance", "arn:aws:rds:eu-central-1:123456789012:db:shop-dev")).toBe(false);
  });
});

describe("what comes next", () => {
  const next = (application: string) => {
    const foundation = { account, application, repository: "acme/shop", environments: ["prod"] };
    return nextSteps(foundation, variablesOf(foundation, "state"));
  };
  const set = (path: string, value: string) => `pulumi config set --stack prod --path "markenmate:${path}" ${value}\n`;

  it("gives GitHub each role, and the stack's file those that are not in it as it comes", () => {
    const said = `${next("shop")}\n`;
    ["preview", "drift"].forEach((role) =>
      expect(said).toMatch(new RegExp(`AWS_${role.toUpperCase()}_ROLE_ARN .*:role/shop-${role}"\n`)),
    );
    expect(said).toContain(set("access.permissionsBoundary", "shop-prod-boundary"));
    expect(said).toContain(set("access.deployers[0]", "shop-prod-deploy"));
    expect(said).toContain(set("access.deployers[1]", "shop-preview"));
    expect(said).toContain(set("access.readers.monitor[0]", "shop-drift"));
    expect(next("markenmate")).not.toContain("access.readers");
  });

  it.each(["dev", "prod"])("for markenmate stands in Pulumi.%s.yaml", (stack) => {
    const { config } = parse(readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as {
      config: { "markenmate:access": { deployers: string[]; readers: Record<string, string[]> } };
    };
    const { deployers, readers } = config["markenmate:access"];
    expect(deployers).toEqual([`markenmate-${stack}-deploy`, "markenmate-preview"]);
    expect(readers.monitor).toEqual(["markenmate-drift"]);
  });
});

describe("the command line", () => {
  it("knows the limit of the settings", () => {
    expect(LONGEST_NAME).toBe(LONGEST_IN_THE_SETTINGS);
  });

  it.each([
    [() => repository("https://github.com/acme/shop"), /--repository: "https.*write owner\/name/],
    [() => repository("acme/*"), /--repository: "acme\/\*".*without \*/],
    [() => environments("dev,Prod"), /--environment: "Prod" must be lower-case/],
    [() => environments("dev,dev-2"), /everything of dev-2 begins with dev-.*rename/],
    [() => environments("pulumi"), /--environment: pulumi is how the state bucket begins/],
    [() => refuseLongNames("shop", ["d".repeat(36)]), /has 41 characters; AWS's limits leave 40/],
  ])("says what is wrong and what to do about it", (call, message) => {
    expect(call).toThrowError(message);
  });
});

describe("policies as AWS gives them back", () => {
  it("are the same in another order, or with a list of one, and not with other content", () => {
    const one = { Statement: [{ Action: ["a", "b"], Resource: ["*"] }] };
    expect(same(one, { Statement: { Resource: "*", Action: ["b", "a"] } })).toBe(true);
    expect(same(one, { Statement: { Resource: "*", Action: ["b"] } })).toBe(false);
  });
});
