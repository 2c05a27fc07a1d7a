import {
  AddTagsToResourceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBParameterGroupCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  ListTagsForResourceCommand,
  ModifyDBParameterGroupCommand,
  ModifyDBSubnetGroupCommand,
  paginateDescribeDBParameters,
  Parameter,
  RemoveTagsFromResourceCommand,
  ResetDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import { Property, Values } from "../protocol/model";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { retryWhile, unlessMissing } from "./errors";
import { AwsResource, awsResource, each } from "./resource";

/** RDS has the same two calls for all its resources; they are addressed by ARN. */
export const tagRds: NonNullable<AwsResource["tag"]> = async ({ rds }, _id, { state, put, remove }) => {
  const ResourceName = state.arn as string;
  if (remove.length > 0) {
    await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: remove }));
  }
  if (Object.keys(put).length > 0) {
    await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: tagList(put) }));
  }
};

async function tagsOf({ rds }: AwsClients, ResourceName: string | undefined): Promise<Tags> {
  return tagMap((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList);
}

/** Names of groups: lower case, as RDS makes them (validParamGroupName, validSubnetGroupName). */
function groupName(allowed: RegExp, characters: string): Property {
  const problem = (name: string): string | undefined => {
    if (!allowed.test(name)) {
      return `only ${characters} allowed in "name"`;
    }
    return name.length > 255 ? '"name" cannot be longer than 255 characters' : undefined;
  };
  return { computed: true, forceNew: true, validate: problem };
}

/** `aws_db_subnet_group`, internal/service/rds/subnet_group.go. */
export const subnetGroup = awsResource({
  title: "RDS Subnet Group",
  autoName: { property: "name", maxLength: 255, lowerCase: true },
  properties: {
    name: groupName(
      /^(?!default$)[0-9a-z_ .-]+$/,
      "lowercase alphanumeric characters, hyphens, underscores, periods, and spaces",
    ),
    namePrefix: { computed: true, forceNew: true, notRead: true },
    description: { default: "Managed by Pulumi" },
    subnetIds: { required: true, set: true },
    ...each({ output: true }, "arn", "supportedNetworkTypes", "vpcId"),
  },
  tag: tagRds,

  create: async ({ rds }, inputs) => {
    const { DBSubnetGroup } = await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: inputs.name,
        DBSubnetGroupDescription: inputs.description,
        SubnetIds: inputs.subnetIds,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return DBSubnetGroup?.DBSubnetGroupName as string;
  },

  read: async (clients, DBSubnetGroupName) => {
    const call = clients.rds.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName }));
    const it = (await unlessMissing(call, "DBSubnetGroupNotFoundFault"))?.DBSubnetGroups?.[0];
    return (
      it && {
        arn: it.DBSubnetGroupArn,
        name: it.DBSubnetGroupName,
        description: it.DBSubnetGroupDescription,
        subnetIds: (it.Subnets ?? []).map(({ SubnetIdentifier }) => SubnetIdentifier),
        supportedNetworkTypes: it.SupportedNetworkTypes,
        vpcId: it.VpcId,
        tagsAll: await tagsOf(clients, it.DBSubnetGroupArn),
      }
    );
  },

  update: async ({ rds }, DBSubnetGroupName, _before, { description, subnetIds }, changed) => {
    if (changed.includes("description") || changed.includes("subnetIds")) {
      const input = {
        DBSubnetGroupName,
        DBSubnetGroupDescription: description as string,
        SubnetIds: subnetIds as string[],
      };
      await rds.send(new ModifyDBSubnetGroupCommand(input));
    }
  },

  delete: ({ rds }, DBSubnetGroupName) => {
    const remove = () => rds.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName }));
    return unlessMissing(retryWhile(["InvalidDBSubnetGroupStateFault"], remove), "DBSubnetGroupNotFoundFault");
  },
});

/** RDS takes no more in one call. */
const PARAMETERS_A_CALL = 20;

function chunks<Item>(items: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** expandParameters: names and methods in lower case, "immediate" unless said otherwise. */
function toApi(parameters: unknown): Parameter[] {
  return ((parameters ?? []) as Values[]).map(({ name, value, applyMethod }) => ({
    ParameterName: (name as string).toLowerCase(),
    ParameterValue: value,
    ApplyMethod: ((applyMethod as string | undefined) ?? "immediate").toLowerCase() as Parameter["ApplyMethod"],
  }));
}

const keyOf = (parameter: Parameter) =>
  JSON.stringify([parameter.ParameterName, parameter.ParameterValue, parameter.ApplyMethod]);

/**
 * The parameters as they stand: those that somebody set, and those that the program names although they have their
 * default value (resourceParameterGroupRead).
 */
async function readParameters(
  { rds }: AwsClients,
  DBParameterGroupName: string,
  named: Parameter[],
): Promise<Values[]> {
  const input = { DBParameterGroupName, ...(named.length === 0 ? { Source: "user" } : {}) };
  const found: Parameter[] = [];
  for await (const page of paginateDescribeDBParameters({ client: rds }, input)) {
    found.push(...(page.Parameters ?? []));
  }
  const names = new Set(named.map(({ ParameterName }) => ParameterName));
  return found
    .filter(({ Source, ParameterName }) => Source === "user" || names.has(ParameterName?.toLowerCase()))
    .map(({ ParameterName, ParameterValue, ApplyMethod }) => ({
      name: ParameterName?.toLowerCase(),
      value: ParameterValue ?? "",
      applyMethod: ApplyMethod?.toLowerCase(),
    }));
}

async function setParameters(
  { rds }: AwsClients,
  DBParameterGroupName: string,
  before: Parameter[],
  after: Parameter[],
) {
  const old = new Set(before.map(keyOf));
  const changed = after.filter((parameter) => !old.has(keyOf(parameter)));
  // Static ones apart, as the official provider sends them: one faulty kind does not hold up the other.
  for (const method of ["immediate", "pending-reboot"]) {
    const ofMethod = changed.filter(({ ApplyMethod }) => ApplyMethod === method);
    for (const Parameters of chunks(ofMethod, PARAMETERS_A_CALL)) {
      await rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters }));
    }
  }
  const kept = new Set(after.map(({ ParameterName }) => ParameterName));
  for (const Parameters of chunks(
    before.filter(({ ParameterName }) => !kept.has(ParameterName)),
    PARAMETERS_A_CALL,
  )) {
    await rds.send(new ResetDBParameterGroupCommand({ DBParameterGroupName, Parameters, ResetAllParameters: false }));
  }
}

/**
 * `aws_db_parameter_group`, internal/service/rds/parameter_group.go. Parameters with `pending-reboot` wait for a reboot,
 * which no provider does for them.
 */
export const parameterGroup = awsResource({
  title: "RDS DB Parameter Group",
  autoName: { property: "name", maxLength: 255, lowerCase: true },
  properties: {
    name: groupName(
      /^[a-z](-?[0-9a-z.])*$/,
      "lowercase alphanumeric characters, periods and single hyphens, beginning with a letter",
    ),
    namePrefix: { computed: true, forceNew: true, notRead: true },
    family: { required: true, forceNew: true },
    description: { default: "Managed by Pulumi", forceNew: true },
    parameters: {
      set: true,
      same: (before, after) => toApi(before).map(keyOf).sort().join() === toApi(after).map(keyOf).sort().join(),
    },
    skipDestroy: { default: false, notRead: true },
    ...each({ output: true }, "arn"),
  },
  tag: tagRds,

  create: async ({ rds }, inputs) => {
    const { DBParameterGroup } = await rds.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: inputs.name,
        DBParameterGroupFamily: inputs.family,
        Description: inputs.description,
        Tags: tagList(inputs.tagsAll as Tags),
      }),
    );
    return DBParameterGroup?.DBParameterGroupName as string;
  },

  complete: (clients, id, inputs) => setParameters(clients, id, [], toApi(inputs.parameters)),

  read: async (clients, DBParameterGroupName, state) => {
    const call = clients.rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName }));
    const it = (await unlessMissing(call, "DBParameterGroupNotFoundFault"))?.DBParameterGroups?.[0];
    return (
      it && {
        arn: it.DBParameterGroupArn,
        name: it.DBParameterGroupName,
        family: it.DBParameterGroupFamily,
        description: it.Description,
        parameters: await readParameters(clients, DBParameterGroupName, toApi(state.parameters)),
        tagsAll: await tagsOf(clients, it.DBParameterGroupArn),
      }
    );
  },

  update: async (clients, id, before, inputs, changed) => {
    if (changed.includes("parameters")) {
      await setParameters(clients, id, toApi(before.parameters), toApi(inputs.parameters));
    }
  },

  delete: async ({ rds }, DBParameterGroupName, { skipDestroy }) => {
    if (!skipDestroy) {
      // An instance that has just been deleted still holds it for a while.
      const remove = () => rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName }));
      await unlessMissing(retryWhile(["InvalidDBParameterGroupStateFault"], remove), "DBParameterGroupNotFoundFault");
    }
  },
});
