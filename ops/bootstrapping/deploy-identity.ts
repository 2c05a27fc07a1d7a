import { roleArn, Statement } from "../../model/aws/account";
import { RESTORER, REPLICATION, WRITER } from "../../model/policies/backups";
import { CHECKER } from "../../model/policies/live-check";
import { boundaryName, deployRoleName, policyArn, previewRoleName, Scope } from "./names";

/**
 * What a deployment does in IAM. No AWS client in here.
 *
 * Whoever may make roles could make one that may do everything, and take it on. So every role that is made here, and every one
 * whose rights are changed, must carry the stack's boundary (boundary.ts), which this role can neither change nor take away; its own
 * role, and the other roles that were made with it, it cannot touch at all. Source: IAM, "Permissions boundaries for IAM entities",
 * "Delegating responsibility to others using permissions boundaries".
 */

/** The stack's own roles, all of them: others that begin with the stack's name, as the application's may, are somebody else's. */
const ROLES = [
  ...[WRITER, RESTORER, REPLICATION, CHECKER, "backup-execution", "backup-schedule"],
  ...["flow-logs", "rds-monitoring", "replica-rds-monitoring"],
  // Named by Pulumi, with seven digits.
  "admin-*",
];

/** The services that those roles are handed to. */
const PASSED_TO = [
  ...["ec2", "ecs-tasks", "monitoring.rds", "s3", "scheduler", "vpc-flow-logs"].map((name) => `${name}.amazonaws.com`),
];

const iam = (...actions: string[]) => actions.map((action) => `iam:${action}`);

export function identityStatements(scope: Scope): Statement[] {
  const { account, stack, application, environment } = scope;
  const roles = ROLES.map((name) => roleArn(account, `${stack}-${name}`));
  const boundary = policyArn(account, boundaryName(application, environment));
  const policies = policyArn(account, `${stack}-*`);
  const profiles = `arn:${account.partition}:iam::${account.id}:instance-profile/${stack}-*`;
  const allow = (Sid: string, Action: string[], Resource: string | string[], conditions?: Statement["Condition"]) => ({
    ...({ Sid, Effect: "Allow", Action, Resource } satisfies Statement),
    ...(conditions && { Condition: conditions }),
  });
  const bounded = { StringEquals: { "iam:PermissionsBoundary": boundary } };
  return [
    allow(
      "RolesWithinTheBoundary",
      iam(
        ...["AttachRolePolicy", "CreateRole", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePermissionsBoundary"],
        "PutRolePolicy",
      ),
      roles,
      bounded,
    ),
    allow(
      "Roles",
      iam(
        ...["DeleteRole", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole"],
        ...[
          "ListRolePolicies",
          "TagRole",
          "UntagRole",
          "UpdateAssumeRolePolicy",
          "UpdateRole",
          "UpdateRoleDescription",
        ],
      ),
      roles,
    ),
    allow(
      "Policies",
      iam(
        ...["CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "GetPolicy"],
        ...["GetPolicyVersion", "ListPolicyVersions", "TagPolicy", "UntagPolicy"],
      ),
      policies,
    ),
    // Amazon's own, which are attached to two of the roles.
    allow("AmazonsPolicies", iam("GetPolicy"), `arn:${account.partition}:iam::aws:policy/*`),
    allow("InstanceProfiles", iam("CreateInstanceProfile", "DeleteInstanceProfile", "GetInstanceProfile"), profiles),
    allow(
      "RolesOfInstanceProfiles",
      iam("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile", "TagInstanceProfile", "UntagInstanceProfile"),
      profiles,
    ),
    allow("HandRolesToServices", iam("PassRole"), roles, { StringEquals: { "iam:PassedToService": PASSED_TO } }),
    ...never(scope),
  ];
}

/** Whatever else allows it. */
function never({ account, application, environment }: Scope): Statement[] {
  const ownRole = deployRoleName(application, environment);
  const own = [ownRole, previewRoleName(application)].map((name) => roleArn(account, name));
  const policies = [boundaryName(application, environment), `${ownRole}*`, `${previewRoleName(application)}*`];
  return [
    {
      Sid: "NeverItself",
      Effect: "Deny",
      Action: "iam:*",
      Resource: [...own, ...policies.map((name) => policyArn(account, name))],
    },
    { Sid: "NeverWithoutTheBoundary", Effect: "Deny", Action: "iam:DeleteRolePermissionsBoundary", Resource: "*" },
  ];
}
