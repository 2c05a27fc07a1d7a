import { Account, policyDocument, PolicyDocument, roleArn, rootArn, Statement } from "../aws/account";

/**
 * The action that the policies of secrets deny to all but a few, whatever IAM policies allow.
 *
 * The account's root user is always among the few: it can still read a secret when the named roles are gone, so nobody
 * locks themselves out for good.
 */
const READ = "secretsmanager:GetSecretValue";

const arns = (account: Account, roles: string[]) => [rootArn(account), ...roles.map((role) => roleArn(account, role))];

/** RDS's own role, with which it manages the secrets that it has made (RDS, "Using service-linked roles"). */
const RDS_ITSELF = "aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS";

const READ_NOTHING: Omit<Statement, "Sid" | "Condition"> = {
  Effect: "Deny",
  Principal: "*",
  Action: READ,
  Resource: "*",
};

const THIS_ACCOUNT_ONLY = (account: Account): Statement => ({
  ...READ_NOTHING,
  Sid: "NobodyFromOutside",
  Condition: {
    StringNotEquals: { "aws:PrincipalAccount": account.id },
    Bool: { "aws:PrincipalIsAWSService": "false" },
  },
});

/** The policy of a login's secret: only `readers` and `deployers` read it. Without deployers IAM policies alone decide in the account. */
export function loginSecretPolicy(account: Account, deployers: string[], readers: string[]): PolicyDocument {
  if (deployers.length === 0) {
    return policyDocument(THIS_ACCOUNT_ONLY(account));
  }
  return policyDocument(THIS_ACCOUNT_ONLY(account), {
    ...READ_NOTHING,
    Sid: "NobodyButTheNamedRoles",
    Condition: { ArnNotLike: { "aws:PrincipalArn": arns(account, [...deployers, ...readers]) } },
  });
}

/**
 * The policy of the master's secret: people need a session with MFA (guide: "Superuser Role", "require multi-factor
 * authentication"). `deployers` are machines, which have no MFA; RDS rotates the secret as a service. Without deployers nobody
 * knows who deploys, and IAM policies alone decide in the account.
 */
export function masterSecretPolicy(account: Account, deployers: string[]): PolicyDocument {
  if (deployers.length === 0) {
    return policyDocument(THIS_ACCOUNT_ONLY(account));
  }
  return policyDocument(THIS_ACCOUNT_ONLY(account), {
    ...READ_NOTHING,
    Sid: "NobodyWithoutMfa",
    Condition: {
      // IfExists: a request with long-lived keys says nothing of MFA at all.
      BoolIfExists: { "aws:MultiFactorAuthPresent": "false" },
      Bool: { "aws:PrincipalIsAWSService": "false" },
      ArnNotLike: { "aws:PrincipalArn": arns(account, [...deployers, RDS_ITSELF]) },
    },
  });
}
