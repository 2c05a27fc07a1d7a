import { runtime } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ROLE_NAMES } from "../../model/access/matrix";
import { Statement } from "../../model/aws/account";
import { schedulePolicy } from "../../model/policies/backups";
import { SETUPS } from "../../compliance/control";
import { ownName, registrations } from "../../compliance/proof/registrations";
import { Registered } from "../support/mocks";

/** What holds for all policies of the program, whichever component makes them: as the public lists ask for it. */
const ACCOUNT = "123456789012";
const IAM = ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy"];
/** Policies of resources, which say who may come. */
const OF_RESOURCES = [
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:secretsmanager/secretPolicy:SecretPolicy",
];

type Found = Statement & { of: string };

const list = (value: string | string[] | undefined) => (value === undefined ? [] : [value].flat());

const isUnknown = ({ inputs }: Registered) => inputs.policy === runtime.unknownValue;

function allowed(resources: Registered[], types: string[]): Found[] {
  return resources
    .filter((resource) => types.includes(resource.type) && !isUnknown(resource))
    .flatMap(({ type, name, inputs }) => {
      const { Statement: all } = JSON.parse(inputs.policy as string) as { Statement: Statement[] };
      return all.map((statement) => ({ ...statement, of: `${type} ${name}: ${statement.Sid}` }));
    })
    .filter(({ Effect }) => Effect === "Allow");
}

/** What a preview does not know, by the function that makes it. */
const UNSEEN = schedulePolicy("arn:cluster", ["arn:task"], ["arn:role"]).Statement.map((one) => ({
  ...one,
  of: `backup-schedule: ${one.Sid}`,
}));

/** Services on behalf of this account, and principals of this account; everybody is neither. */
function isOfThisAccount({ Principal = "*", Condition }: Statement): boolean {
  const { AWS = [], Service = [], ...others } = typeof Principal === "string" ? { AWS: Principal } : Principal;
  const isOurs = list(AWS).every((arn) => arn.split(":")[4] === ACCOUNT || arn.startsWith("arn:markenmate-"));
  // CloudTrail says for which trail it comes, S3 for which bucket.
  const isForUs = list(Service).length === 0 || /aws:Source(Account|Arn)/.test(JSON.stringify(Condition ?? {}));
  return isOurs && isForUs && Object.keys(others).length === 0;
}

describe.each(SETUPS)("%s", async (setup) => {
  const resources = (await registrations())[setup];
  const unseen = resources.filter((resource) => IAM.includes(resource.type) && isUnknown(resource));
  const iam: Found[] = [...allowed(resources, IAM), ...UNSEEN];

  it("allows no wildcard for an action", () => {
    expect(iam.length).toBeGreaterThan(5);
    expect(unseen.map((one) => ownName(setup, one))).toEqual(setup === "prod with options" ? ["backup-schedule"] : []);
    const wide = iam.filter(({ Action }) => list(Action).some((action) => /^([\w-]*:)?\*$/.test(action)));
    expect(wide.map(({ of }) => of)).toEqual([]);
  });

  it("lets nobody decrypt with a key that is not named, by a policy of IAM's", () => {
    const decrypts = iam.filter(({ Action }) =>
      list(Action).some((action) => /^kms:(Decrypt|ReEncrypt|\*)/.test(action)),
    );
    expect(decrypts.length).toBeGreaterThan(5);
    expect(
      decrypts.filter(({ Resource }) => list(Resource).some((one) => one.includes("*"))).map(({ of }) => of),
    ).toEqual([]);
    // Nor all that is encrypted with it.
    expect(decrypts.filter(({ Condition }) => !Condition).map(({ of }) => of)).toEqual([]);
  });

  it("lets nobody read a secret but by the policy that is for that one alone", () => {
    const reads = iam.filter(({ Action }) => list(Action).includes("secretsmanager:GetSecretValue"));
    expect(reads.length).toBeGreaterThanOrEqual(ROLE_NAMES.length);
    expect(reads.filter(({ of }) => !/-read-secret: ReadThisSecret$/.test(of)).map(({ of }) => of)).toEqual([]);
    expect(reads.filter(({ Resource }) => list(Resource).length !== 1).map(({ of }) => of)).toEqual([]);
  });

  it("lets no other account into a bucket, a topic or a secret", () => {
    const open = allowed(resources, OF_RESOURCES);
    expect(open.length).toBeGreaterThan(1);
    expect(open.filter((statement) => !isOfThisAccount(statement)).map(({ of }) => of)).toEqual([]);
  });

  it("has a secret for each role, and none besides", () => {
    const secrets = resources.filter(({ type }) => type === "aws:secretsmanager/secret:Secret");
    const own = secrets.map((secret) => ownName(setup, secret)).sort();
    // The master's is RDS's own, unless there is a read replica, of which AWS makes none with such a secret.
    const master = setup === "prod with options" ? ["master"] : [];
    expect(own).toEqual([...ROLE_NAMES, ...master].sort());
  });

  it("lets nothing through the default security group", () => {
    const [group, ...more] = resources.filter(
      ({ type }) => type === "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    );
    expect([group?.name, more]).toEqual([expect.stringMatching(/-default$/), []]);
    expect([group?.inputs.ingress, group?.inputs.egress]).toEqual([undefined, undefined]);
  });
});

describe("another account, or everybody,", () => {
  it.each([
    { Principal: "*" },
    { Principal: { AWS: "*" } },
    { Principal: { AWS: "arn:aws:iam::999999999999:root" } },
    { Principal: { Service: "logging.s3.amazonaws.com" } },
    { Principal: { Federated: "accounts.google.com" } },
  ])("would be seen: %j", (principal) => {
    expect(isOfThisAccount({ Sid: "", Effect: "Allow", Action: "s3:GetObject", ...principal } as Statement)).toBe(
      false,
    );
  });
});
