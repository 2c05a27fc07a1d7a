import { Account, policyDocument, PolicyDocument, rootArn, Statement } from "../../model/aws/account";
import { Scope } from "./names";

/** Who may do what with Pulumi's state, and with the keys of it. No AWS client in here. */

/** The bucket's own policy: TLS only, nobody from outside, its own key only, and nobody deletes it. */
export function stateBucketPolicy({ partition, id }: Account, bucket: string, keyArn: string): PolicyDocument {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const deny = (Sid: string, Action: string, Condition?: Statement["Condition"]): Statement => ({
    ...{ Sid, Effect: "Deny", Principal: "*", Action, Resource: [arn, `${arn}/*`] },
    ...(Condition && { Condition }),
  });
  // What a request does not name is as the bucket says.
  const other = (header: string, right: string) => ({
    StringNotEquals: { [`s3:${header}`]: right },
    Null: { [`s3:${header}`]: "false" },
  });
  const put = (Sid: string, condition: Statement["Condition"]) => ({
    ...deny(Sid, "s3:PutObject", condition),
    Resource: `${arn}/*`,
  });
  return policyDocument(
    deny("TlsOnly", "s3:*", { Bool: { "aws:SecureTransport": "false" } }),
    deny("NobodyFromOutside", "s3:*", { StringNotEquals: { "aws:PrincipalAccount": id } }),
    put("EncryptedByKms", other("x-amz-server-side-encryption", "aws:kms")),
    put("WithItsOwnKey", other("x-amz-server-side-encryption-aws-kms-key-id", keyArn)),
    { ...deny("NobodyDeletesTheBucket", "s3:DeleteBucket"), Resource: arn },
  );
}

const use = (account: Account, Sid: string, Action: string[], Condition?: Statement["Condition"]): Statement => ({
  ...{ Sid, Effect: "Allow", Principal: { AWS: rootArn(account) }, Action, Resource: "*" },
  ...(Condition && { Condition }),
});

const ADMINISTRATION = [
  ...["kms:CreateAlias", "kms:DeleteAlias", "kms:Describe*", "kms:Disable*", "kms:Enable*", "kms:Get*", "kms:List*"],
  ...["kms:Put*", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:TagResource"],
  ...["kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"],
];

/** Of the bucket's key: whom an IAM policy allows it, and only through S3. */
export function stateKeyPolicy(account: Account): PolicyDocument {
  const throughS3 = { "kms:CallerAccount": account.id, "kms:ViaService": `s3.${account.region}.amazonaws.com` };
  return policyDocument(
    use(account, "TheAccountAdministers", ADMINISTRATION),
    use(account, "UseThroughS3", ["kms:Decrypt", "kms:GenerateDataKey*"], { StringEquals: throughS3 }),
  );
}

/** Of the secrets' key: Pulumi asks KMS itself, so IAM policies say who may. */
export function secretsKeyPolicy(account: Account): PolicyDocument {
  return policyDocument(
    use(account, "TheAccountAdministers", ADMINISTRATION),
    use(account, "WhomIamPoliciesAllow", ["kms:Decrypt", "kms:Encrypt"], {
      StringEquals: { "kms:CallerAccount": account.id },
    }),
  );
}

const bucketArn = ({ account, stateBucket }: Scope) => `arn:${account.partition}:s3:::${stateBucket}`;

/**
 * Reads the state of every stack, and what is secret in it: no preview can be without. It writes nothing, for `pulumi preview` and
 * `pulumi refresh --preview-only` take no lock (pkg/backend/diy/backend.go, Preview and Refresh, v3.259.0).
 */
export function readState(scope: Scope): Statement[] {
  const { account, stateKeyArn, secretsKeyArn } = scope;
  const via = { StringEquals: { "kms:ViaService": `s3.${account.region}.amazonaws.com` } };
  return [
    { Sid: "FindState", Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn(scope) },
    { Sid: "ReadState", Effect: "Allow", Action: "s3:GetObject", Resource: `${bucketArn(scope)}/.pulumi/*` },
    { Sid: "DecryptState", Effect: "Allow", Action: "kms:Decrypt", Resource: stateKeyArn, Condition: via },
    { Sid: "DecryptSecretsInState", Effect: "Allow", Action: "kms:Decrypt", Resource: secretsKeyArn },
  ];
}

/**
 * And writes its own: state, the copies of it that Pulumi keeps beside, history, and the locks (pkg/backend/diy/store.go and lock.go).
 * Other stacks' it can read, for that is what references between stacks do, and not change.
 */
export function writeState(scope: Scope): Statement[] {
  const { account, environment, stateKeyArn } = scope;
  const paths = [
    `stacks/*/${environment}.*`,
    ...["backups", "history", "locks/organization"].map((folder) => `${folder}/*/${environment}/*`),
  ];
  return [
    ...readState(scope),
    {
      Sid: "WriteOwnState",
      Effect: "Allow",
      Action: ["s3:DeleteObject", "s3:PutObject"],
      Resource: paths.map((path) => `${bucketArn(scope)}/.pulumi/${path}`),
    },
    {
      Sid: "EncryptState",
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: stateKeyArn,
      Condition: { StringEquals: { "kms:ViaService": `s3.${account.region}.amazonaws.com` } },
    },
  ];
}
