import { PolicyDocument, Statement } from "../../model/aws/account";
import { CHECKER } from "../../model/policies/live-check";
import { sessionStatements } from "./deploy-operations";
import { named, ofAnyStack } from "./deploy-policy";
import { driftRoleName, Scope } from "./names";
import { looks } from "./preview-policy";

/**
 * What the look for drift may do at all stacks of an application: read the state and AWS, and have the live check done. No AWS client in here.
 *
 * Not even the master's secret is read: nothing is compared with the program, and the login that the live check uses is read by the
 * stack's own role for it. As with previews that is no wall, for the state is decrypted; and unlike a preview this one gets to the
 * database. So it is for the main branch alone, where everything has been reviewed (trust.ts).
 */
export const driftPolicies = (anyStack: Scope): Record<string, PolicyDocument> =>
  named(driftRoleName(anyStack.application), {
    ...looks(anyStack),
    check: [takeOnTheCheckers(anyStack), ...wayIn(anyStack)],
  });

/** Their trust, too, has to name it: `access.readers.monitor`. */
const takeOnTheCheckers = ({ account: { partition, id }, application }: Scope): Statement => ({
  Sid: "TakeOnTheRolesThatCheck",
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Resource: `arn:${partition}:iam::${id}:role/${application}-*-${CHECKER}`,
});

/** With access.mode: ssm. */
const wayIn = (anyStack: Scope) =>
  sessionStatements(anyStack).map((statement) =>
    statement.Condition ? { ...statement, Condition: ofAnyStack(statement.Condition) } : statement,
  );
