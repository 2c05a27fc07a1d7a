import {
  AttachRolePolicyCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, test } from "vitest";
import { useAwsProvider } from "../../test/support/aws-provider";

const trust = (service: string | string[], action: string | string[] = "sts:AssumeRole") =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: action }],
  });

const allow = (action: string | string[], resource: string | string[] = "*") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] });

const CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
const MONITORING = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole";

describe("the local aws provider: roles", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let iam: IAMClient;
  beforeAll(() => {
    iam = new IAMClient({});
  });

  describe("Role", () => {
    const ec2 = trust("ec2.amazonaws.com");

    test("is created, changed in place and found again", async () => {
      const boundary = await on.create("iam.Policy", { name: "boundary", policy: allow("s3:*") });
      const input = { name: "host", path: "/hosts/", assumeRolePolicy: ec2, description: "A host", tags: { a: "1" } };
      const role = await on.create("iam.Role", { ...input, permissionsBoundary: boundary.id });
      expect(role.id).toBe("host");
      expect(role.state).toMatchObject({
        ...{ name: "host", path: "/hosts/", description: "A host", maxSessionDuration: 3600 },
        arn: "arn:aws:iam::000000000000:role/hosts/host",
        permissionsBoundary: boundary.id,
        uniqueId: expect.stringMatching(/^AROA/) as string,
        createDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        tags: { a: "1" },
        tagsAll: { a: "1", Owner: "tests" },
      });
      expect(await role.drift()).toEqual([]);
      const changed = { ...input, assumeRolePolicy: trust("rds.amazonaws.com"), description: undefined };
      await role.update({ ...changed, maxSessionDuration: 7200, tags: { b: "2" } });
      expect(role.state).toMatchObject({ maxSessionDuration: 7200, tagsAll: { b: "2", Owner: "tests" } });
      expect(role.state.assumeRolePolicy).toContain("rds.amazonaws.com");
      expect([role.state.description, role.state.permissionsBoundary]).toEqual(["", undefined]);
      expect(await role.drift()).toEqual([]);
      expect(await role.imported()).toMatchObject({ path: "/hosts/", maxSessionDuration: 7200 });
      expect(await role.imported("no-such-role")).toBeUndefined();
      await role.delete();
      await boundary.delete();
    });

    test("another trust is a drift, the same in other words is none", async () => {
      const role = await on.create("iam.Role", { name: "trusted", assumeRolePolicy: ec2 });
      const trustNow = (PolicyDocument: string) =>
        iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "trusted", PolicyDocument }));
      await trustNow(trust(["ec2.amazonaws.com"], ["sts:AssumeRole"]));
      expect(await role.drift()).toEqual([]);
      await trustNow(trust("lambda.amazonaws.com"));
      expect(await role.drift()).toEqual(["assumeRolePolicy"]);
      await role.delete();
    });

    test("name and path replace it; only one of the name and its prefix is to be said", async () => {
      const input = { name: "named", assumeRolePolicy: ec2 };
      const role = await on.create("iam.Role", input);
      expect(role.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
      expect(role.plan({ ...input, path: "/other/" }).replaces).toEqual(["path"]);
      expect(role.plan({ ...input, maxSessionDuration: 7200 }).replaces).toEqual([]);
      const reasons = (more: object) => role.failures({ ...input, ...more }).map(({ reason }) => reason);
      expect(reasons({ namePrefix: "named-" })).toEqual(['"namePrefix": conflicts with name']);
      expect(reasons({ name: "a b" })[0]).toContain("must match");
      expect(reasons({ name: "a".repeat(65) })[0]).toContain("in the range (0 - 64)");
      expect(reasons({ maxSessionDuration: 60 })[0]).toContain("in the range (3600 - 43200), got 60");
      expect(reasons({ assumeRolePolicy: "{" })[0]).toContain("contains an invalid JSON policy");
      expect(reasons({ permissionsBoundary: "boundary" })).toEqual([
        '"permissionsBoundary" (boundary) is an invalid ARN',
      ]);
      expect(reasons({ managedPolicyArns: [CORE] })[0]).toContain("has no model of this argument");
      await role.delete();

      const prefixed = await on.create("iam.Role", { namePrefix: "host-", assumeRolePolicy: ec2 });
      expect(prefixed.id).toMatch(/^host-\d{18}[0-9a-f]{8}$/);
      expect(prefixed.plan({ namePrefix: "host-", assumeRolePolicy: ec2 }).changes).toEqual([]);
      expect(await prefixed.drift()).toEqual([]);
      expect(prefixed.plan({ namePrefix: "other-", assumeRolePolicy: ec2 }).replaces).toEqual(["namePrefix"]);
      await prefixed.delete();
      const automatic = await on.create("iam.Role", { assumeRolePolicy: ec2 });
      expect(automatic.id).toMatch(/^test-[0-9a-f]{7}$/);
      await automatic.delete();
    });

    test("policies that others put on it hold it, unless it may be freed of them", async () => {
      const RoleName = "held";
      const role = await on.create("iam.Role", { name: RoleName, assumeRolePolicy: ec2 });
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: CORE }));
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument: allow("s3:*") }));
      await expect(role.delete()).rejects.toThrow(/^deleting IAM Role \(held\): DeleteConflict/);
      await role.update({ name: RoleName, assumeRolePolicy: ec2, forceDetachPolicies: true });
      await role.delete();
    });
  });

  test("RolePolicy", async () => {
    const role = await on.create("iam.Role", { name: "inline", assumeRolePolicy: trust("ec2.amazonaws.com") });
    const input = { role: "inline", name: "read", policy: allow("s3:GetObject") };
    const policy = await on.create("iam.RolePolicy", input);
    expect(policy.id).toBe("inline:read");
    expect(await policy.drift()).toEqual([]);
    await policy.update({ ...input, policy: allow(["s3:GetObject", "s3:ListBucket"]) });
    expect(policy.state.policy).toContain("s3:ListBucket");
    expect(await policy.drift()).toEqual([]);
    const byHand = { RoleName: "inline", PolicyName: "read", PolicyDocument: allow("s3:*") };
    await iam.send(new PutRolePolicyCommand(byHand));
    expect(await policy.drift()).toEqual(["policy"]);
    expect(policy.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
    expect(policy.plan({ ...input, role: "other" }).replaces).toEqual(["role"]);
    expect(await policy.imported()).toMatchObject({ role: "inline", name: "read" });
    await expect(policy.imported("inline")).rejects.toThrow('unexpected format of ID ("inline")');
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "inline", PolicyName: "read" }));
    expect(await policy.read()).toBeUndefined();
    await policy.delete();
    await role.delete();
    expect(await policy.read()).toBeUndefined();
  });

  test.each([CORE, MONITORING])("RolePolicyAttachment of Amazon's own %s", async (policyArn) => {
    const role = await on.create("iam.Role", { name: "attached", assumeRolePolicy: trust("ec2.amazonaws.com") });
    const attachment = await on.create("iam.RolePolicyAttachment", { role: "attached", policyArn });
    expect(attachment.id).toBe(`attached/${policyArn}`);
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "attached" }));
    expect(AttachedPolicies).toEqual([{ PolicyArn: policyArn, PolicyName: policyArn.split("/").pop() }]);
    expect(await attachment.drift()).toEqual([]);
    expect(await attachment.imported()).toEqual({ role: "attached", policyArn });
    await attachment.delete();
    await role.delete();
  });

  test("RolePolicyAttachment of one's own policy, and of none", async () => {
    const role = await on.create("iam.Role", { name: "own", assumeRolePolicy: trust("ec2.amazonaws.com") });
    const policy = await on.create("iam.Policy", { name: "own", policy: allow("s3:*") });
    const input = { role: "own", policyArn: policy.id };
    const attachment = await on.create("iam.RolePolicyAttachment", input);
    const { PolicyRoles } = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: policy.id }));
    expect(PolicyRoles?.map(({ RoleName }) => RoleName)).toEqual(["own"]);
    expect(attachment.plan({ ...input, policyArn: CORE }).replaces).toEqual(["policyArn"]);
    expect(attachment.plan({ ...input, role: "other" }).replaces).toEqual(["role"]);
    await iam.send(new DetachRolePolicyCommand({ RoleName: "own", PolicyArn: policy.id }));
    expect(await attachment.read()).toBeUndefined();
    await attachment.delete();
    for (const mistyped of [`${policy.id}s`, `${CORE}s`]) {
      await expect(on.create("iam.RolePolicyAttachment", { role: "own", policyArn: mistyped })).rejects.toThrow(
        /^creating IAM Role Policy Attachment: NoSuchEntity/,
      );
    }
    await expect(on.create("iam.RolePolicyAttachment", { role: "no-role", policyArn: CORE })).rejects.toThrow(
      /^creating IAM Role Policy Attachment: NoSuchEntity/,
    );
    await policy.delete();
    await role.delete();
  });

  test("InstanceProfile", async () => {
    const assumeRolePolicy = trust("ec2.amazonaws.com");
    const [one, two] = [
      await on.create("iam.Role", { name: "one", assumeRolePolicy }),
      await on.create("iam.Role", { name: "two", assumeRolePolicy }),
    ];
    const input = { name: "hosts", role: "one", tags: { a: "1" } };
    const profile = await on.create("iam.InstanceProfile", input);
    expect(profile.state).toMatchObject({
      arn: "arn:aws:iam::000000000000:instance-profile/hosts",
      role: "one",
      path: "/",
      uniqueId: expect.stringMatching(/^AIPA/) as string,
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await profile.drift()).toEqual([]);
    expect(profile.plan({ ...input, role: "two" })).toEqual({ changes: ["role"], replaces: [] });
    await profile.update({ ...input, role: "two", tags: { b: "2" } });
    const roles = async () => {
      const found = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: "hosts" }));
      return found.InstanceProfile?.Roles?.map(({ RoleName }) => RoleName);
    };
    expect(await roles()).toEqual(["two"]);
    expect(profile.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await profile.drift()).toEqual([]);
    await profile.update({ name: "hosts" });
    expect(await roles()).toEqual([]);
    await profile.update(input);
    expect(profile.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
    // A role's end takes it out of its profiles.
    await one.delete();
    expect(await profile.drift()).toEqual(["role"]);
    await profile.delete();
    await two.delete();
    await expect(on.create("iam.InstanceProfile", { name: "none", role: "no-role" })).rejects.toThrow("NoSuchEntity");
    expect(await profile.imported("none")).toBeUndefined();
  });
});
