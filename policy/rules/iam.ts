import { objectsIn, toList, Resource, ResourceRule, Value } from "../resource";
import { allows, nameStatement, isForAnybody, Statement, parseStatements, toStrings } from "./documents";

const ROLE = "aws:iam/role:Role";
const DOCUMENTS = ["policy:Policy", "rolePolicy:RolePolicy", "userPolicy:UserPolicy", "groupPolicy:GroupPolicy"].map(
  (type) => `aws:iam/${type}`,
);
/** Managed policies of AWS that are as broad as a wildcard. */
const BROAD = /:aws:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w+FullAccess)$/;

/** Actions that look at names and settings. For many of them AWS has no resource to name. */
const LOOKS = /^[\w-]+:(Describe|List|Get)/;
/** Actions with the same verbs that read content, and could name the resource. */
const READS_CONTENT =
  /^(s3:Get(Object|Bucket)|secretsmanager:(GetSecretValue|GetRandom)|ssm:GetParameter|dynamodb:Get|kms:Get|logs:Get|rds-data:|sts:Get(Session|Federation))/;

function documents({ type, props }: Resource): Value[] {
  if (DOCUMENTS.includes(type)) {
    return [props.policy];
  }
  return type === ROLE ? objectsIn(props.inlinePolicies).map(({ policy }) => policy) : [];
}

/** Whether an action is a wildcard: `*`, or all actions of a service. A wildcard within a name, as in `s3:Get*`, is none. */
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
