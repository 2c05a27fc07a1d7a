import { previewComment } from "../../.github/steps/preview-comment";
import { Step } from "../../.github/steps/preview-events";

const step = (op: string, type: string, name: string, paths: string[] = []): Step => {
  const urn = `urn:pulumi:prod::markenmate::markenmate:components:Stack$${type}::${name}`;
  return { op, urn, type, paths, before: {}, after: {}, isProtected: false };
};

const DIFF = `Previewing update (prod):
  pulumi:pulumi:Stack: (same)
    ~ aws:rds/instance:Instance: (update)
        [id=markenmate-prod]
      ~ instanceClass: "db.m7g.large" => "db.m7g.xlarge"
    +-random:index/randomPassword:RandomPassword: (replace)
      ~ keepers: { generation: "3" => "4" }
      - result : [secret]`;

/** The comment on a pull request that rotates a password, takes a larger instance class, and opens the port to too many. */
export const commentSample = () =>
  previewComment([
    { stack: "dev", complete: true, steps: [], violations: [], errors: [], diff: "" },
    {
      stack: "prod",
      complete: true,
      steps: [
        step("update", "aws:rds/instance:Instance", "markenmate-prod", ["instanceClass"]),
        step("create", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "markenmate-prod-admin-0"),
        step("replace", "random:index/randomPassword:RandomPassword", "markenmate-prod-app", ["keepers.generation"]),
        step("update", "postgresql:index/role:Role", "markenmate-prod-app", ["password"]),
      ],
      violations: [
        {
          policy: "no-open-security-group",
          mandatory: true,
          message: "The rule lets in 0.0.0.0/0; name the ranges that need it",
          urn: "urn:pulumi:prod::markenmate::aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::markenmate-prod-admin-0",
        },
      ],
      errors: [],
      diff: DIFF,
    },
  ]);
