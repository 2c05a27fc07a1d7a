import {
  objectsIn,
  Finding,
  isOn,
  isSet,
  filterByType,
  Resource,
  ResourceRule,
  StackRule,
  toText,
  UNKNOWN,
  Values,
} from "../resource";
import { allows, nameStatement, isForAnybody, Statement, parseStatements, toStrings } from "./documents";

export const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const LOGGING = ["aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2"];
const CLOSED = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** Whether a property of another resource names the bucket: because it is made of the bucket, or by the name itself. */
const names = (other: Resource, property: string, bucket: Resource) =>
  (other.madeOf[property] ?? []).includes(bucket.urn) ||
  (typeof other.props[property] === "string" && other.props[property] === bucket.props.bucket);

/** The properties of resources of one kind that configure a bucket. The type exists with and without V2 at its end. */
const settingsOf = (bucket: Resource, resources: Resource[], kind: string) =>
  filterByType(
    resources,
    `aws:s3/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`,
    `aws:s3/${kind[0]?.toLowerCase()}${kind.slice(1)}V2:${kind}V2`,
  )
    .filter((setting) => names(setting, "bucket", bucket))
    .map(({ props }) => props);

const isLogTarget = (bucket: Resource, resources: Resource[]) =>
  filterByType(resources, ...LOGGING).some((logging) => names(logging, "targetBucket", bucket));

/** Returns one finding for each bucket for which `wrong` returns a message. */
function eachBucket(resources: Resource[], wrong: (bucket: Resource) => string | undefined): Finding[] {
  return filterByType(resources, ...BUCKETS).flatMap((bucket) => {
    const message = wrong(bucket);
    return message === undefined ? [] : [{ urn: bucket.urn, message }];
  });
}

function deniesPlaintext(statement: Statement): boolean {
  const condition = objectsIn((statement.Condition as Values | undefined)?.Bool)[0]?.["aws:SecureTransport"];
  const resources = toStrings(statement.Resource);
  const everything = resources.includes("*");
  return (
    statement.Effect === "Deny" &&
    isForAnybody(statement) &&
    toStrings(statement.Action).some((action) => action === "s3:*" || action === "*") &&
    toStrings(condition).join() === "false" &&
    (everything || (resources.some((arn) => arn.endsWith("/*")) && resources.some((arn) => !arn.includes("/"))))
  );
}

/** The bucket policy that a resource holds, if it holds one. */
const documentIn = ({ type, props }: Resource) =>
  type === POLICY || (BUCKETS.includes(type) && isSet(props.policy)) ? props.policy : undefined;

export const bucketTlsOnly: ResourceRule = (resource) => {
  const document = documentIn(resource);
  return typeof document !== "string" || parseStatements(document).some(deniesPlaintext)
    ? []
    : [
        'the bucket\'s policy lets connections without TLS in; deny s3:* on the bucket and its objects to everybody when "aws:SecureTransport" is "false"',
      ];
};

/** Every bucket has a policy. A preview says "unknown" for a bucket that has none, so only a known policy counts. */
export const bucketHasPolicy: StackRule = (resources) =>
  eachBucket(resources, (bucket) =>
    typeof bucket.props.policy === "string" || settingsOf(bucket, resources, "BucketPolicy").length > 0
      ? undefined
      : "the bucket has no policy that refuses connections without TLS; give it a BucketPolicy",
  );

const PUBLIC_ACL = /^(public-|authenticated-read)/;

export const openBucket: ResourceRule = (resource) => {
  const { type, props } = resource;
  const acl = BUCKETS.includes(type) || /^aws:s3\/bucketAcl(V2)?:/.test(type) ? toText(props.acl) : "";
  const open = parseStatements(documentIn(resource)).filter(
    (statement) => allows(statement) && isForAnybody(statement) && statement.Condition === undefined,
  );
  return [
    ...(PUBLIC_ACL.test(acl) ? [`acl ${acl} opens the bucket to strangers; leave it out`] : []),
    ...open.map((statement) => `${nameStatement(statement)} lets everybody into the bucket; name who may`),
  ];
};

export const closedBucket: StackRule = (resources) =>
  eachBucket(resources, (bucket) => {
    const blocked = settingsOf(bucket, resources, "BucketPublicAccessBlock");
    return blocked.some((props) => CLOSED.every((setting) => isOn(props[setting])))
      ? undefined
      : `the bucket can be opened to the public; give it a BucketPublicAccessBlock with ${CLOSED.join(", ")}`;
  });

/** The default encryption of a bucket, whether it is set in the bucket or in a resource of its own. */
function encryption(bucket: Resource, resources: Resource[]): Values[] {
  const inline = objectsIn(bucket.props.serverSideEncryptionConfiguration).flatMap(({ rule }) => objectsIn(rule));
  const own = settingsOf(bucket, resources, "BucketServerSideEncryptionConfiguration").flatMap(({ rules }) =>
    objectsIn(rules),
  );
  return [...own, ...inline].flatMap(({ applyServerSideEncryptionByDefault: how }) => objectsIn(how));
}

/**
 * Every bucket encrypts with a key of the customer's, except those for access logs: S3 delivers these only to a bucket that encrypts
 * with S3's own key (S3: "Enabling Amazon S3 server access logging").
 */
export const encryptedBucket: StackRule = (resources) =>
  eachBucket(resources, (bucket) => {
    const how = encryption(bucket, resources);
    const ownKey = how.some(
      ({ sseAlgorithm, kmsMasterKeyId }) =>
        (sseAlgorithm === UNKNOWN || toText(sseAlgorithm).startsWith("aws:kms")) && isSet(kmsMasterKeyId),
    );
    return ownKey || (how.length > 0 && isLogTarget(bucket, resources))
      ? undefined
      : "the bucket does not encrypt with a key of the customer's; give it a BucketServerSideEncryptionConfiguration with aws:kms and kmsMasterKeyId";
  });

export const versionedBucket: StackRule = (resources) =>
  eachBucket(resources, (bucket) => {
    const own = settingsOf(bucket, resources, "BucketVersioning").flatMap((props) =>
      objectsIn(props.versioningConfiguration),
    );
    const on = own.some(({ status }) => status === UNKNOWN || status === "Enabled");
    const inline = objectsIn(bucket.props.versioning).some(({ enabled }) => isOn(enabled));
    return on || inline || isLogTarget(bucket, resources)
      ? undefined
      : "what somebody deletes from the bucket or overwrites is gone; give it a BucketVersioning with status Enabled";
  });
