import { CreateTagsCommand, DeleteTagsCommand, ResourceType, Tag } from "@aws-sdk/client-ec2";
import { AwsClients, Tags } from "./clients";
import { AwsResource } from "./resource";

/** Tags for a call that makes something. */
export function tagSpecification(resourceType: ResourceType, tagsAll: unknown) {
  const tags = tagList((tagsAll ?? {}) as Tags);
  return tags.length > 0 ? { TagSpecifications: [{ ResourceType: resourceType, Tags: tags }] } : {};
}

/** The list in which AWS returns tags, as a map. */
export function tagMap(tags: Pick<Tag, "Key" | "Value">[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** The list in which AWS takes tags. */
export function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** EC2 has the same two calls for all its resources. */
export const tagEc2: NonNullable<AwsResource["tag"]> = async (clients: AwsClients, id, { put, remove }) => {
  if (remove.length > 0) {
    await clients.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: remove.map((Key) => ({ Key })) }));
  }
  if (Object.keys(put).length > 0) {
    await clients.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(put) }));
  }
};
