import {
  DescribeImagesCommand,
  DescribeVolumesCommand,
  Instance,
  ModifyInstanceAttributeCommand,
  ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { AwsClients, Tags } from "./clients";
import { request, VOLUME } from "./ec2-instance-settings";
import { tagEc2, tagMap } from "./ec2-tags";
import { ROOT_DEVICE_OF_UNKNOWN_IMAGES } from "./emulator-gaps";
import { unlessMissing } from "./errors";

/** EC2 takes the root volume's settings under the image's name of it only (fetchRootDeviceName). */
export async function rootDevice({ ec2 }: AwsClients, ami: string): Promise<string> {
  const call = ec2.send(new DescribeImagesCommand({ ImageIds: [ami] }));
  const { Images = [] } = (await unlessMissing(call, "InvalidAMIID.NotFound")) ?? {};
  return Images[0]?.RootDeviceName ?? ROOT_DEVICE_OF_UNKNOWN_IMAGES;
}

/** The volume as RunInstances takes it. Not every field of a type is allowed for every volume, so absent ones stay so. */
export function volumeRequest(block: Values): Values {
  return { DeleteOnTermination: (block.deleteOnTermination ?? true) as boolean, ...request(block, VOLUME) };
}

/** The root volume in the form of the argument, with what is known of it besides. */
export async function rootVolume({ ec2 }: AwsClients, it: Instance): Promise<Values | undefined> {
  const device = it.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === it.RootDeviceName);
  if (!device?.Ebs?.VolumeId) {
    return undefined;
  }
  const VolumeIds = [device.Ebs.VolumeId];
  const volume = (await ec2.send(new DescribeVolumesCommand({ VolumeIds }))).Volumes?.[0];
  const tags = tagMap(volume?.Tags);
  return {
    deviceName: device.DeviceName,
    volumeId: device.Ebs.VolumeId,
    deleteOnTermination: device.Ebs.DeleteOnTermination,
    encrypted: volume?.Encrypted,
    kmsKeyId: volume?.KmsKeyId,
    volumeType: volume?.VolumeType,
    volumeSize: volume?.Size,
    iops: volume?.Iops,
    throughput: volume?.Throughput,
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
  };
}

/** Settings that the volume can be given where it is. */
export async function setRootVolume(
  clients: AwsClients,
  id: string,
  before: Values = {},
  after: Values = {},
): Promise<void> {
  const VolumeId = before.volumeId as string;
  const changed = ["volumeSize", "volumeType", "iops", "throughput"].filter(
    (name) => after[name] && after[name] !== before[name],
  );
  if (changed.length > 0) {
    const { VolumeSize: Size, ...rest } = request(after, changed);
    await clients.ec2.send(new ModifyVolumeCommand({ VolumeId, Size, ...rest }));
  }
  const kept = (after.deleteOnTermination ?? true) as boolean;
  if (kept !== before.deleteOnTermination) {
    const device = { DeviceName: before.deviceName as string, Ebs: { DeleteOnTermination: kept } };
    await clients.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, BlockDeviceMappings: [device] }));
  }
  const [old, all] = [(before.tags ?? {}) as Tags, (after.tags ?? {}) as Tags];
  const put = Object.fromEntries(Object.entries(all).filter(([key, value]) => old[key] !== value));
  const remove = Object.keys(old).filter((key) => !(key in all));
  await tagEc2(clients, VolumeId, { state: before, all, put, remove });
}
