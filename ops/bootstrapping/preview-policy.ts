import { PolicyDocument, Statement } from "../../model/aws/account";
import { bucketStatements, databaseStatements, keyStatements, masterSecret, secretStatements } from "./deploy-data";
import { identityStatements } from "./deploy-identity";
import { networkStatements } from "./deploy-network";
import { logStatements, taskStatements } from "./deploy-operations";
import { named, readsOf } from "./deploy-policy";
import { previewRoleName, Scope } from "./names";
import { officialReads } from "./official-provider";
import { readState } from "./state-policy";

/** What whoever looks at all stacks of an application reads: the state, and in AWS settings and no content. */
export const looks = (anyStack: Scope): Record<string, Statement[]> => ({
  state: readState(anyStack),
  data: readsOf([
    ...databaseStatements(anyStack),
    ...secretStatements(anyStack),
    ...keyStatements(anyStack),
    ...bucketStatements(anyStack),
    ...networkStatements(anyStack),
  ]),
  operations: readsOf([...identityStatements(anyStack), ...logStatements(anyStack), ...taskStatements(anyStack)]),
  official: readsOf(officialReads(anyStack)),
});

/**
 * What previews of all stacks of an application may do: look, and nothing else. No AWS client in here.
 *
 * Of secrets they read the master's alone, which the program hands to PostgreSQL's provider in every preview (components/access/roles.ts);
 * where access.deployers names roles, the secret's own policy wants this one among them. The logins' secrets it does not read. That is
 * no wall, though: it decrypts the state, and in that the passwords lie that the stack has made (docs/bootstrap.md).
 */
export const previewPolicies = (anyStack: Scope): Record<string, PolicyDocument> =>
  named(previewRoleName(anyStack.application), {
    ...looks(anyStack),
    master: [
      {
        Sid: "ReadTheMastersLogin",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        ...masterSecret(anyStack),
      },
      {
        Sid: "ReadTheMastersLoginThatTheStackMade",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: masterMadeByTheStack(anyStack),
      },
      decryptSecrets(anyStack),
    ],
  });

/** With database.masterPassword: stack. Secrets Manager adds six characters to a name. */
const masterMadeByTheStack = ({ account: { partition, region, id }, application }: Scope) =>
  `arn:${partition}:secretsmanager:${region}:${id}:secret:${application}-*-master-??????`;

const decryptSecrets = ({ account: { partition, region, id }, application }: Scope) => ({
  Sid: "DecryptIt",
  Effect: "Allow" as const,
  Action: "kms:Decrypt",
  Resource: `arn:${partition}:kms:${region}:${id}:key/*`,
  Condition: {
    StringEquals: {
      "aws:ResourceTag/Application": application,
      "kms:ViaService": `secretsmanager.${region}.amazonaws.com`,
    },
  },
});
