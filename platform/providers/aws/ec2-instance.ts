import {
  AssociateIamInstanceProfileCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DisassociateIamInstanceProfileCommand,
  Instance,
  ModifyInstanceAttributeCommand,
  ModifyInstanceAttributeCommandInput,
  ModifyInstanceMetadataOptionsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  MonitorInstancesCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  RunInstancesCommand,
  RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UnmonitorInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceStopped,
  waitUntilInstanceTerminated,
} from "@aws-sdk/client-ec2";
import { Values } from "../protocol/model";
import { GAPS } from "./emulator-gaps";
import { ec2Arn } from "./arn";
import { AwsClients, Tags } from "./clients";
import { INSTANCE_PROPERTIES, replacesVolume, request } from "./ec2-instance-settings";
import { rootDevice, rootVolume, setRootVolume, volumeRequest } from "./ec2-root-volume";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { retryWhile, unlessMissing } from "./errors";
import { awsResource } from "./resource";

const WAIT = { maxWaitTime: 600, minDelay: 1, maxDelay: 5 };

interface Found {
  it: Instance;
  owner: string | undefined;
}

async function find({ ec2 }: AwsClients, id: string): Promise<Found | undefined> {
  const call = ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const found = await unlessMissing(call, "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed");
  const reservation = found?.Reservations?.[0];
  const it = reservation?.Instances?.[0];
  // EC2 goes on telling of an instance for an hour after its end.
  return it && it.State?.Name !== "terminated" ? { it, owner: reservation.OwnerId } : undefined;
}

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

/** An interface of its own is asked for only where the public address is decided (buildNetworkInterfaceOpts). */
function network(inputs: Values): Partial<RunInstancesCommandInput> {
  const { subnetId: SubnetId, vpcSecurityGroupIds: groups, privateIp: PrivateIpAddress } = inputs;
  if (inputs.associatePublicIpAddress === undefined) {
    return { SubnetId, SecurityGroupIds: groups as string[], PrivateIpAddress };
  }
  const AssociatePublicIpAddress = inputs.associatePublicIpAddress as boolean;
  const own = { DeviceIndex: 0, SubnetId, Groups: groups as string[], PrivateIpAddress, AssociatePublicIpAddress };
  return { NetworkInterfaces: [own] };
}

async function runRequest(clients: AwsClients, inputs: Values): Promise<RunInstancesCommandInput> {
  const root = inputs.rootBlockDevice as Values | undefined;
  const image = inputs.ami as string;
  return {
    ImageId: image,
    InstanceType: inputs.instanceType,
    MinCount: 1,
    MaxCount: 1,
    ...network(inputs),
    ...(inputs.availabilityZone ? { Placement: { AvailabilityZone: inputs.availabilityZone as string } } : {}),
    ...(inputs.iamInstanceProfile ? { IamInstanceProfile: { Name: inputs.iamInstanceProfile as string } } : {}),
    ...(inputs.creditSpecification
      ? { CreditSpecification: { CpuCredits: (inputs.creditSpecification as Values).cpuCredits as string } }
      : {}),
    ...(inputs.metadataOptions ? { MetadataOptions: request(inputs.metadataOptions) } : {}),
    ...(root
      ? { BlockDeviceMappings: [{ DeviceName: await rootDevice(clients, image), Ebs: volumeRequest(root) }] }
      : {}),
    EbsOptimized: inputs.ebsOptimized as boolean | undefined,
    Monitoring: { Enabled: Boolean(inputs.monitoring) },
    DisableApiTermination: inputs.disableApiTermination as boolean | undefined,
    UserData: inputs.userData ? base64(inputs.userData as string) : undefined,
    ...tagSpecification("instance", inputs.tagsAll),
  };
}

async function attribute({ ec2 }: AwsClients, InstanceId: string, Attribute: "userData" | "disableApiTermination") {
  return ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }));
}

/** One attribute; type and user data can be changed on a stopped instance only. */
async function modify({ ec2 }: AwsClients, id: string, change: Partial<ModifyInstanceAttributeCommandInput>) {
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, ...change }));
}

async function whileStopped({ ec2 }: AwsClients, id: string, work: () => Promise<void>): Promise<void> {
  const ids = { InstanceIds: [id] };
  await ec2.send(new StopInstancesCommand(ids));
  await waitUntilInstanceStopped({ client: ec2, ...WAIT }, ids);
  try {
    await work();
  } finally {
    await ec2.send(new StartInstancesCommand(ids));
    await waitUntilInstanceRunning({ client: ec2, ...WAIT }, ids);
  }
}

async function setProfile({ ec2 }: AwsClients, InstanceId: string, Name: string | undefined): Promise<void> {
  const { IamInstanceProfileAssociations = [] } = await ec2.send(
    new DescribeIamInstanceProfileAssociationsCommand({ Filters: [{ Name: "instance-id", Values: [InstanceId] }] }),
  );
  const AssociationId = IamInstanceProfileAssociations.find(({ State }) => State === "associated")?.AssociationId;
  const IamInstanceProfile = { Name };
  if (Name) {
    await (AssociationId
      ? ec2.send(new ReplaceIamInstanceProfileAssociationCommand({ AssociationId, IamInstanceProfile }))
      : ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile })));
  } else if (AssociationId) {
    await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId }));
  }
}

/** `aws_instance`, internal/service/ec2/ec2_instance.go. */
export const instance = awsResource({
  title: "EC2 Instance",
  properties: INSTANCE_PROPERTIES,
  tag: tagEc2,

  gaps: GAPS.ec2Instance,
  check: (inputs) =>
    ["ami", "instanceType"]
      .filter((name) => inputs[name] === undefined)
      .map((property) => ({
        property,
        reason: `"${property}": one of \`${property},launchTemplate\` must be specified`,
      })),
  replaceWhen: (before, after) => [
    ...(replacesVolume(before, after) ? ["rootBlockDevice"] : []),
    ...(after.userDataReplaceOnChange && after.userData !== undefined && (before.userData ?? "") !== after.userData
      ? ["userData"]
      : []),
  ],

  undo: { forceDestroy: true, disableApiTermination: true },
  create: async (clients, inputs) => {
    const input = await runRequest(clients, inputs);
    // A new profile is not known to EC2 at once, under a code that others share; IAM here knows it at once.
    const { Instances } = await clients.ec2.send(new RunInstancesCommand(input));
    return Instances?.[0]?.InstanceId as string;
  },

  complete: async (clients, id, inputs) => {
    await waitUntilInstanceRunning({ client: clients.ec2, ...WAIT }, { InstanceIds: [id] });
    const root = await rootVolume(clients, (await find(clients, id))?.it ?? {});
    const tags = (inputs.rootBlockDevice as Values | undefined)?.tags as Tags | undefined;
    if (root && tags) {
      await tagEc2(clients, root.volumeId as string, { state: {}, all: tags, put: tags, remove: [] });
    }
    if (inputs.sourceDestCheck === false) {
      await modify(clients, id, { SourceDestCheck: { Value: false } });
    }
  },

  read: async (clients, id) => {
    const found = await find(clients, id);
    if (!found) {
      return undefined;
    }
    const { it, owner } = found;
    const primary = it.NetworkInterfaces?.find(({ Attachment }) => Attachment?.DeviceIndex === 0);
    const options = it.MetadataOptions;
    const userData = (await attribute(clients, id, "userData")).UserData?.Value;
    const kept = (await attribute(clients, id, "disableApiTermination")).DisableApiTermination?.Value;
    return {
      arn: ec2Arn(clients.region, owner, `instance/${id}`),
      ami: it.ImageId,
      instanceType: it.InstanceType,
      instanceState: it.State?.Name,
      subnetId: it.SubnetId,
      availabilityZone: it.Placement?.AvailabilityZone,
      privateIp: it.PrivateIpAddress,
      privateDns: it.PrivateDnsName,
      publicIp: it.PublicIpAddress ?? "",
      publicDns: it.PublicDnsName ?? "",
      associatePublicIpAddress: Boolean(it.PublicIpAddress),
      primaryNetworkInterfaceId: primary?.NetworkInterfaceId,
      vpcSecurityGroupIds: it.SecurityGroups?.map(({ GroupId }) => GroupId),
      iamInstanceProfile: it.IamInstanceProfile?.Arn?.split("/").pop(),
      ebsOptimized: it.EbsOptimized,
      monitoring: it.Monitoring?.State === "enabled" || it.Monitoring?.State === "pending",
      disableApiTermination: kept ?? false,
      sourceDestCheck: it.SourceDestCheck,
      userData: userData ? Buffer.from(userData, "base64").toString("utf8") : undefined,
      metadataOptions: options && {
        httpEndpoint: options.HttpEndpoint,
        httpTokens: options.HttpTokens,
        httpPutResponseHopLimit: options.HttpPutResponseHopLimit,
        httpProtocolIpv6: options.HttpProtocolIpv6,
        instanceMetadataTags: options.InstanceMetadataTags,
      },
      rootBlockDevice: await rootVolume(clients, it),
      tagsAll: tagMap(it.Tags),
    };
  },

  update: async (clients, id, before, inputs, changed) => {
    const { ec2 } = clients;
    const has = (name: string) => changed.includes(name);
    if (has("iamInstanceProfile")) {
      await setProfile(clients, id, inputs.iamInstanceProfile as string | undefined);
    }
    if (has("vpcSecurityGroupIds")) {
      const NetworkInterfaceId = before.primaryNetworkInterfaceId as string;
      const Groups = inputs.vpcSecurityGroupIds as string[];
      await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
    }
    if (has("instanceType")) {
      await whileStopped(clients, id, () => modify(clients, id, { InstanceType: { Value: inputs.instanceType } }));
    }
    if (has("userData")) {
      const Value = Buffer.from((inputs.userData ?? "") as string, "utf8");
      await whileStopped(clients, id, () => modify(clients, id, { UserData: { Value } }));
    }
    for (const [name, request] of [
      ["disableApiTermination", "DisableApiTermination"],
      ["sourceDestCheck", "SourceDestCheck"],
    ] as const) {
      if (has(name)) {
        await modify(clients, id, { [request]: { Value: Boolean(inputs[name]) } });
      }
    }
    if (has("monitoring")) {
      const ids = { InstanceIds: [id] };
      await (inputs.monitoring
        ? ec2.send(new MonitorInstancesCommand(ids))
        : ec2.send(new UnmonitorInstancesCommand(ids)));
    }
    if (has("metadataOptions")) {
      const { HttpEndpoint, ...rest } = request(inputs.metadataOptions);
      // EC2 takes the rest only where the endpoint is on.
      const options = HttpEndpoint === "disabled" ? { HttpEndpoint } : { HttpEndpoint, ...rest };
      await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, ...options }));
    }
    if (has("rootBlockDevice")) {
      await setRootVolume(clients, id, before.rootBlockDevice as Values, inputs.rootBlockDevice as Values);
    }
  },

  delete: async (clients, id, { forceDestroy, disableApiTermination }) => {
    if (!(await find(clients, id))) {
      return;
    }
    if (forceDestroy && disableApiTermination) {
      await modify(clients, id, { DisableApiTermination: { Value: false } });
    }
    const ids = { InstanceIds: [id] };
    await retryWhile(["IncorrectInstanceState"], () => clients.ec2.send(new TerminateInstancesCommand(ids)));
    await waitUntilInstanceTerminated({ client: clients.ec2, ...WAIT }, ids);
  },
});
