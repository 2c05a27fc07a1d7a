import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { awsResource, each } from "./resource";

const GONE = "NoSuchEntityException";

const find = async ({ iam }: AwsClients, InstanceProfileName: string) =>
  (await unlessMissing(iam.send(new GetInstanceProfileCommand({ InstanceProfileName })), GONE))?.InstanceProfile;

/** A profile has at most one role. */
async function setRole(clients: AwsClients, InstanceProfileName: string, role: unknown): Promise<void> {
  const before = (await find(clients, InstanceProfileName))?.Roles?.[0]?.RoleName;
  if (before && before !== role) {
    await clients.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: before }));
  }
  if (role && before !== role) {
    const input = { InstanceProfileName, RoleName: role as string };
    await clients.iam.send(new AddRoleToInstanceProfileCommand(input));
  }
}

/** `aws_iam_instance_profile`, internal/service/iam/instance_profile.go. */
export const instanceProfile = awsResource({
  title: "IAM Instance Profile",
  global: true,
  autoName: { property: "name", maxLength: 128, unless: "namePrefix" },
  properties: {
    ...nameProperties(128, /^[\w+=,.@-]*$/, "must match [\\w+=,.@-]"),
    path: { default: "/", forceNew: true },
    role: {},
    ...each({ output: true }, "arn", "uniqueId", "createDate"),
  },
  check: checkName,

  tag: async ({ iam }, InstanceProfileName, { put, remove }) => {
    if (remove.length > 0) {
      await iam.send(new UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: tagList(put) }));
    }
  },

  create: async ({ iam }, inputs) => {
    const InstanceProfileName = nameOf(inputs);
    const Tags = tagList(inputs.tagsAll as Tags);
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Path: inputs.path, Tags }));
    return InstanceProfileName;
  },

  complete: (clients, name, { role }) => setRole(clients, name, role),

  read: async (clients, name) => {
    const it = await find(clients, name);
    return (
      it && {
        arn: it.Arn,
        name: it.InstanceProfileName,
        path: it.Path,
        role: it.Roles?.[0]?.RoleName,
        uniqueId: it.InstanceProfileId,
        createDate: it.CreateDate?.toISOString().replace(".000Z", "Z"),
        tagsAll: tagMap(it.Tags),
      }
    );
  },

  update: async (clients, name, _before, inputs, changed) => {
    if (changed.includes("role")) {
      await setRole(clients, name, inputs.role);
    }
  },

  delete: async (clients, InstanceProfileName) => {
    const work = async () => {
      await setRole(clients, InstanceProfileName, undefined);
      await clients.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    };
    await unlessMissing(work(), GONE);
  },
});
