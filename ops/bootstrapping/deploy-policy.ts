import { policyDocument, PolicyDocument, Statement } from "../../model/aws/account";
import { bucketStatements, databaseStatements, keyStatements, secretStatements } from "./deploy-data";
import { identityStatements } from "./deploy-identity";
import { networkStatements } from "./deploy-network";
import { logStatements, taskStatements } from "./deploy-operations";
import { deployRoleName, Scope } from "./names";
import { officialStatements } from "./official-provider";
import { writeState } from "./state-policy";

/** IAM's limit for a managed policy, without spaces, and for how many a role has ("IAM and AWS STS quotas"). */
export const MOST_CHARACTERS = 6_144;
export const MOST_POLICIES = 10;

/** Several, for one has no room. */
const PARTS: Record<string, (scope: Scope) => Statement[]> = {
  state: writeState,
  network: networkStatements,
  data: (scope) => [...databaseStatements(scope), ...secretStatements(scope), ...bucketStatements(scope)],
  keys: keyStatements,
  identity: identityStatements,
  logs: logStatements,
  tasks: taskStatements,
  official: officialStatements,
};

/** Policies called after their role and what they are about. */
export function named(role: string, parts: Record<string, Statement[]>): Record<string, PolicyDocument> {
  return Object.fromEntries(
    Object.entries(parts).map(([part, statements]) => [`${role}-${part}`, policyDocument(...statements)]),
  );
}

/** The managed policies of a deploy role, by their names: all that a deployment of one stack may do. */
export function deployPolicies(scope: Scope): Record<string, PolicyDocument> {
  const parts = Object.entries(PARTS).map(([part, of]) => [part, of(scope)] as const);
  return named(deployRoleName(scope.application, scope.environment), Object.fromEntries(parts));
}

const READS = /:(Describe|Get|List)/;
/** They read what is in a secret or a file, or are only needed to change something. */
const CONTENTS = ["s3:GetObject", "secretsmanager:GetSecretValue"];

const asList = (value: string | string[] | undefined) => [value ?? []].flat();

/** Of the tags that a condition names, whoever is for every stack of the application has to do with that one alone. */
export function ofAnyStack(condition: Statement["Condition"]): Statement["Condition"] {
  return (
    condition &&
    Object.fromEntries(
      Object.entries(condition).map(([operator, keys]) => [
        operator,
        Object.fromEntries(Object.entries(keys).filter(([key]) => !key.endsWith("/Environment"))),
      ]),
    )
  );
}

/** What of the statements only looks. */
export function readsOf(statements: Statement[]): Statement[] {
  return statements.flatMap((statement) => {
    const Action = asList(statement.Action).filter((action) => READS.test(action) && !CONTENTS.includes(action));
    return statement.Effect === "Deny" || Action.length === 0
      ? []
      : [{ ...statement, Action, ...(statement.Condition && { Condition: ofAnyStack(statement.Condition) }) }];
  });
}
