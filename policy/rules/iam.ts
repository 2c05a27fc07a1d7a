import { objectsIn, toList, Resource, ResourceRule, Value } from "../resource";
import { allows, nameStatement, isForAnybody, Statement, parseStatements, toStrings } from "./documents";

const ROLE = "aws:iam/role:Role";
const DOCUMENTS = ["policy:Policy", "rolePolicy:RolePolicy", "userPolicy:UserPolicy", "groupPolicy:GroupPolicy"].map(
  (type) => `aws:iam/${type}`,
);
/** Policies of AWS's that are wildcards themselves. */
const BROAD = /:aws:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/;

/** Verbs that look at names and settings: AWS has no resource to name for many of them. */
const LOOKS = /^[\w-]+:(Describe|List|Get)/;
/** Those that look at what is in there, and could name it. */
const READS_CONTENT =
  /^(s3:Get(Object|Bucket)|secretsmanager:(GetSecretValue|GetRandom)|ssm:GetParameter|dynamodb:Get|kms:Get|logs:Get|rds-data:|sts:Get(Session|Federation))/;

function documents({ type, props }: Resource): Value[] {
  if (DOCUMENTS.includes(type)) {
    return [props.policy];
  }
  return type === ROLE ? objectsIn(props.inlinePolicies).map(({ policy }) => policy) : [];
}

/** A wildcard may stand in a name, `s3:Get*`, but not be one, nor all of a service's. */
const isWildcard = (action: string) => /^([\w-]*:)?[*?]+$/.test(action);

function wrong(statement: Statement): string[] {
  const actions = toStrings(statement.Action);
  const who = nameStatement(statement);
  const everywhere = toStrings(statement.Resource).includes("*");
  const acting = actions.filter((action) => !isWildcard(action) && (!LOOKS.test(action) || READS_CONTENT.test(action)));
  return [
    ...actions.filter(isWildcard).map((action) => `${who} allows ${action}; name the actions that are needed`),
    ...(statement.NotAction === undefined ? [] : [`${who} allows all but a few actions; name those that are needed`]),
    ...(everywhere && acting.length > 0
      ? [`${who} allows ${acting.join(", ")} on every resource; name the resources`]
      : []),
    ...(statement.NotResource === undefined ? [] : [`${who} is about all resources but a few; name those it needs`]),
  ];
}

function attached({ type, props }: Resource): string[] {
  const arns =
    type === ROLE
      ? toList(props.managedPolicyArns)
      : /^aws:iam\/\w*[pP]olicyAttachment:/.test(type)
        ? toList(props.policyArn)
        : [];
  return arns.map(String).filter((arn) => BROAD.test(arn));
}

export const wildcardIam: ResourceRule = (resource) => {
  const takenByAnybody = parseStatements(resource.type === ROLE ? resource.props.assumeRolePolicy : undefined).filter(
    (statement) => allows(statement) && isForAnybody(statement) && statement.Condition === undefined,
  );
  return [
    ...documents(resource).flatMap(parseStatements).filter(allows).flatMap(wrong),
    ...attached(resource).map((arn) => `${arn.split("/").pop()} allows more than is needed; write a policy of what is`),
    ...takenByAnybody.map((statement) => `${nameStatement(statement)} lets everybody take the role on; name who may`),
  ];
};
