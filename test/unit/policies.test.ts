import { describe, expect, it } from "vitest";
import { Statement } from "../../model/aws/account";
import { keyPolicy, Purpose } from "../../model/policies/keys";
import { loginSecretPolicy, masterSecretPolicy } from "../../model/policies/secrets";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const PURPOSES: Purpose[] = ["database", "secrets", "backups", "logs"];
const list = (value: string | string[]) => [value].flat();
/** Of the backups' key, used directly by one role each. */
const ENVELOPES = ["OnlyTheWriterSealsEnvelopes", "OnlyTheRestorerOpensEnvelopes"];
const USE = /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|CreateGrant|\*)/;

describe("key policies", () => {
  it.each(PURPOSES)("of %s: the account administers the key without being able to use it", (purpose) => {
    const [first] = keyPolicy(purpose, account, "shop-dev").Statement;
    expect(first?.Principal).toEqual({ AWS: "arn:aws:iam::123456789012:root" });
    expect(list(first?.Action ?? []).filter((action) => USE.test(action))).toEqual([]);
    // Otherwise AWS refuses the policy, or nobody could ever change it.
    expect(first?.Action).toEqual(expect.arrayContaining(["kms:Put*", "kms:ScheduleKeyDeletion", "kms:Get*"]));
  });

  it.each(PURPOSES)("of %s: every use goes through a service that is named, on behalf of this account", (purpose) => {
    const uses = keyPolicy(purpose, account, "shop-dev").Statement.slice(1);
    expect(uses.length).toBeGreaterThan(0);
    for (const { Principal, Condition } of uses.filter((use) => !ENVELOPES.includes(use.Sid))) {
      const service = (Principal as Record<string, string>).Service;
      if (service) {
        expect(JSON.stringify(Condition)).toContain("123456789012");
      } else {
        expect(Condition?.StringEquals).toMatchObject({
          "kms:CallerAccount": "123456789012",
          "kms:ViaService": expect.stringMatching(
            /^(rds|ec2|secretsmanager|s3|sns)\.eu-central-1\.amazonaws\.com$/,
          ) as string,
        });
      }
    }
  });

  it("of backups: one role makes data keys, another decrypts, for this stack's envelopes, and nobody else does either", () => {
    for (const purpose of PURPOSES) {
      const { Statement } = keyPolicy(purpose, account, "shop-dev");
      const direct = Statement.slice(1).filter(
        ({ Principal, Condition }) =>
          !(Principal as Record<string, string>).Service && !Condition?.StringEquals?.["kms:ViaService"],
      );
      expect(direct.map(({ Sid, Action, Condition }) => [Sid, Action, Condition])).toEqual(
        purpose !== "backups"
          ? []
          : [
              ["kms:GenerateDataKey", "backup-writer"],
              ["kms:Decrypt", "backup-restorer"],
            ].map(([action, role], index) => [
              ENVELOPES[index],
              action,
              {
                StringEquals: { "kms:CallerAccount": "123456789012", "kms:EncryptionContext:stack": "shop-dev" },
                ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::123456789012:role/shop-dev-${role}` },
              },
            ]),
      );
    }
  });

  it.each(PURPOSES)("of %s: a service alone hands its right to use the key on, for its own resources", (purpose) => {
    const granting = keyPolicy(purpose, account, "shop-dev").Statement.filter(({ Action }) =>
      list(Action).includes("kms:CreateGrant"),
    );
    const needed = purpose === "database" || purpose === "secrets" ? 2 : 0;
    expect(granting.map(({ Condition }) => Condition?.Bool)).toEqual(
      Array.from({ length: needed }, () => ({ "kms:GrantIsForAWSResource": "true" })),
    );
  });

  it("lets CloudWatch Logs use the logs' key for this stack's groups only", () => {
    const statement = keyPolicy("logs", account, "shop-dev").Statement.find(({ Sid }) => Sid === "LogsOfThisStack");
    expect(statement?.Condition?.ArnLike?.["kms:EncryptionContext:aws:logs:arn"]).toEqual([
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/rds/instance/shop-dev*",
      "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/vpc/flow-logs/shop-dev",
      "arn:aws:logs:eu-central-1:123456789012:log-group:/shop-dev/*",
    ]);
  });
});

describe("of the logs' key, the trail of backups", () => {
  const trail = "arn:aws:cloudtrail:eu-central-1:123456789012:trail/shop-dev-backups";
  const context = { "kms:EncryptionContext:aws:cloudtrail:arn": trail };
  const { Statement } = keyPolicy("logs", account, "shop-dev");

  it("encrypts its own files and no others", () => {
    const own = Statement.filter(({ Principal }) => JSON.stringify(Principal).includes("cloudtrail"));
    expect(own.map(({ Action, Condition }) => [Action, Condition?.StringEquals])).toEqual([
      [["kms:GenerateDataKey*"], { "aws:SourceArn": trail, ...context }],
      [["kms:DescribeKey"], { "aws:SourceArn": trail }],
    ]);
  });

  it("is read through S3, and nothing else of S3's with that key", () => {
    const reading = Statement.filter(({ Condition }) =>
      String(Condition?.StringEquals?.["kms:ViaService"]).startsWith("s3."),
    );
    expect(reading.map(({ Action, Condition }) => [Action, Condition?.StringEquals])).toEqual([
      ["kms:Decrypt", expect.objectContaining(context)],
    ]);
  });
});

describe("secret policies", () => {
  const only = (statements: Statement[], sid: string) => statements.find(({ Sid }) => Sid === sid);

  it("let only the named roles and the account's root read a login", () => {
    const { Statement } = loginSecretPolicy(account, ["deploy"], ["path/web"]);
    expect(only(Statement, "NobodyButTheNamedRoles")).toMatchObject({
      Effect: "Deny",
      Condition: {
        ArnNotLike: {
          "aws:PrincipalArn": [
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:role/deploy",
            "arn:aws:iam::123456789012:role/path/web",
          ],
        },
      },
    });
  });

  it("ask people for MFA to read the master's, and deployers not", () => {
    const { Statement } = masterSecretPolicy(account, ["deploy"]);
    expect(only(Statement, "NobodyWithoutMfa")?.Condition).toEqual({
      BoolIfExists: { "aws:MultiFactorAuthPresent": "false" },
      Bool: { "aws:PrincipalIsAWSService": "false" },
      ArnNotLike: {
        "aws:PrincipalArn": [
          "arn:aws:iam::123456789012:root",
          "arn:aws:iam::123456789012:role/deploy",
          "arn:aws:iam::123456789012:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
        ],
      },
    });
  });

  it("never let anybody in from another account, and lock nobody out while no deployer is named", () => {
    for (const { Statement } of [loginSecretPolicy(account, [], []), masterSecretPolicy(account, [])]) {
      expect(Statement.map(({ Sid }) => Sid)).toEqual(["NobodyFromOutside"]);
      expect(Statement[0]).toMatchObject({
        Effect: "Deny",
        Condition: {
          StringNotEquals: { "aws:PrincipalAccount": "123456789012" },
          Bool: { "aws:PrincipalIsAWSService": "false" },
        },
      });
    }
  });
});
