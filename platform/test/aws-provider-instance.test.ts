import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyVolumeCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { Managed, useAwsProvider } from "../../test/support/aws-provider";

describe("the local aws provider: an instance without a bastion", () => {
  const on = useAwsProvider();
  let ec2: EC2Client;
  let vpcId: string;
  let groups: string[];
  let kmsKeyId: string;
  let input: Values;
  let host: Managed;

  const described = async () => {
    const found = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [host.id] }));
    return found.Reservations?.[0]?.Instances?.[0];
  };

  beforeAll(async () => {
    ec2 = new EC2Client({});
    vpcId = (await on.create("ec2.Vpc", { cidrBlock: "10.7.0.0/16" })).id;
    const subnet = await on.create("ec2.Subnet", {
      ...{ vpcId, cidrBlock: "10.7.1.0/24", availabilityZone: "eu-central-1b", mapPublicIpOnLaunch: true },
    });
    groups = [];
    for (const name of ["hosts", "others"]) {
      groups.push((await on.create("ec2.SecurityGroup", { name, vpcId })).id);
    }
    kmsKeyId = (await on.create("kms.Key", {})).state.arn as string;
    const assumeRolePolicy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    for (const name of ["host", "other"]) {
      await on.create("iam.Role", { name, assumeRolePolicy });
      await on.create("iam.InstanceProfile", { name, role: name });
    }
    const image = await on.call("aws:ssm/getParameter:getParameter", {
      name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    });
    input = {
      ami: image.value as string,
      instanceType: "t4g.nano",
      subnetId: subnet.id,
      vpcSecurityGroupIds: [groups[0]],
      iamInstanceProfile: "host",
      associatePublicIpAddress: false,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, kmsKeyId, volumeType: "gp3", volumeSize: 10, tags: { Name: "root" } },
      ebsOptimized: true,
      monitoring: true,
      userData: "#!/bin/sh\necho first",
      disableApiTermination: true,
      tags: { Name: "host" },
    };
    host = await on.create("ec2.Instance", input);
  });

  test("is created as asked for", async () => {
    expect(host.state).toMatchObject({
      ...input,
      rootBlockDevice: {
        ...(input.rootBlockDevice as Values),
        ...{ deviceName: "/dev/xvda", deleteOnTermination: true, iops: 3000, throughput: 125 },
      },
      metadataOptions: { httpTokens: "required", instanceMetadataTags: "disabled" },
      arn: `arn:aws:ec2:eu-central-1:000000000000:instance/${host.id}`,
      instanceState: "running",
      availabilityZone: "eu-central-1b",
      privateIp: expect.stringMatching(/^10\.7\.1\.\d+$/) as string,
      publicIp: "",
      primaryNetworkInterfaceId: expect.stringMatching(/^eni-/) as string,
      tagsAll: { Name: "host" },
    });
    expect(await host.drift()).toEqual([]);
    const it = await described();
    expect(it).toMatchObject({
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1, HttpEndpoint: "enabled" },
      EbsOptimized: true,
      Monitoring: { State: "enabled" },
    });
    const VolumeIds = [it?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId as string];
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds }));
    expect(Volumes?.[0]).toMatchObject({ Encrypted: true, KmsKeyId: kmsKeyId, Size: 10, VolumeType: "gp3" });
    const data = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: host.id, Attribute: "userData" }));
    expect(Buffer.from(data.UserData?.Value ?? "", "base64").toString()).toBe(input.userData);
  });

  test.each<[name: string, value: unknown]>([
    ["ami", "ami-0123456789abcdef0"],
    ["subnetId", "subnet-1"],
    ["associatePublicIpAddress", true],
    ["availabilityZone", "eu-central-1a"],
    ["privateIp", "10.7.1.99"],
    ["ebsOptimized", false],
  ])("another %s replaces it", (name, value) => {
    expect(host.plan({ ...input, [name]: value })).toEqual({ changes: [name], replaces: [name] });
  });

  test("of the root volume only key and encryption replace it", () => {
    const volume = input.rootBlockDevice as Values;
    const plan = (more: Values) => host.plan({ ...input, rootBlockDevice: { ...volume, ...more } });
    expect(plan({ encrypted: false })).toEqual({ changes: ["rootBlockDevice"], replaces: ["rootBlockDevice"] });
    expect(plan({ kmsKeyId: `${kmsKeyId}0` }).replaces).toEqual(["rootBlockDevice"]);
    expect(plan({ volumeSize: 20 })).toEqual({ changes: ["rootBlockDevice"], replaces: [] });
    expect(plan({ tags: {} })).toEqual({ changes: ["rootBlockDevice"], replaces: [] });
    // What is left out stays as it is.
    expect(plan({ volumeSize: undefined }).changes).toEqual([]);
  });

  test("other user data stops and starts it, or replaces it", async () => {
    const changed = { ...input, userData: "#!/bin/sh\necho second" };
    expect(host.plan({ ...changed, userDataReplaceOnChange: true }).replaces).toEqual(["userData"]);
    expect(host.plan(changed)).toEqual({ changes: ["userData"], replaces: [] });
    await host.update(changed);
    expect(host.state).toMatchObject({ userData: changed.userData, instanceState: "running" });
    expect(await host.drift()).toEqual([]);
    await host.update(input);
  });

  test("is changed in place", async () => {
    const volume = { ...(input.rootBlockDevice as Values), volumeSize: 20, throughput: 250, tags: { Name: "bigger" } };
    await host.update({
      ...input,
      instanceType: "t4g.micro",
      vpcSecurityGroupIds: groups,
      iamInstanceProfile: "other",
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 2 },
      rootBlockDevice: { ...volume, deleteOnTermination: false },
      monitoring: false,
      disableApiTermination: false,
      sourceDestCheck: false,
      tags: { Name: "changed" },
    });
    expect(host.state).toMatchObject({
      ...{ instanceType: "t4g.micro", instanceState: "running", iamInstanceProfile: "other" },
      ...{ monitoring: false, disableApiTermination: false, sourceDestCheck: false },
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 },
      rootBlockDevice: { ...volume, deleteOnTermination: false, encrypted: true },
      tagsAll: { Name: "changed" },
    });
    expect([...(host.state.vpcSecurityGroupIds as string[])].sort()).toEqual([...groups].sort());
    expect(await host.drift()).toEqual([]);
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    const own = NetworkInterfaces?.find((it) => it.NetworkInterfaceId === host.state.primaryNetworkInterfaceId);
    expect(own).toMatchObject({ PrivateIpAddress: host.state.privateIp as string, Groups: { length: 2 } });
    await host.update(input);
    expect(await host.drift()).toEqual([]);
  });

  test("a change by hand is a drift", async () => {
    const InstanceId = host.id;
    await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: "optional" }));
    expect(await host.drift()).toEqual(["metadataOptions"]);
    await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpTokens: "required" }));
    const off = { DisableApiTermination: { Value: false } };
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, ...off }));
    expect(await host.drift()).toEqual(["disableApiTermination"]);
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: true } }));
    const { volumeId: VolumeId } = host.state.rootBlockDevice as { volumeId: string };
    await ec2.send(new ModifyVolumeCommand({ VolumeId, Size: 11 }));
    expect(await host.drift()).toEqual(["rootBlockDevice"]);
    await ec2.send(new ModifyVolumeCommand({ VolumeId, Size: 10 }));
    expect(await host.drift()).toEqual([]);
    // EC2 refuses to change the type of a running instance.
    const type = { InstanceType: { Value: "t4g.large" } };
    await expect(ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, ...type }))).rejects.toThrow("'stopped'");
    expect((await described())?.InstanceType).toBe("t4g.nano");
  });

  test("is imported", async () => {
    expect(await host.imported()).toMatchObject({ ami: input.ami as string, iamInstanceProfile: "host" });
    expect(await host.imported("i-00000000000000000")).toBeUndefined();
  });

  test("has a public address where it is asked for, or where the subnet gives one", async () => {
    const { associatePublicIpAddress: _, disableApiTermination: __, ...open } = input;
    const asSubnet = await on.create("ec2.Instance", open);
    expect(asSubnet.state.publicIp).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(asSubnet.state.associatePublicIpAddress).toBe(true);
    expect(asSubnet.state.privateIp).not.toBe(host.state.privateIp);
    expect(await asSubnet.drift()).toEqual([]);
    await asSubnet.delete();
  });

  test("what is not there is not launched with", async () => {
    const launch = (more: Values) => on.create("ec2.Instance", { ...input, ...more });
    await expect(launch({ subnetId: "subnet-0" })).rejects.toThrow(/^creating EC2 Instance: InvalidSubnetID.NotFound/);
    await expect(launch({ vpcSecurityGroupIds: ["sg-0"] })).rejects.toThrow("InvalidGroup.NotFound");
    await expect(launch({ iamInstanceProfile: "none" })).rejects.toThrow("Invalid IAM Instance Profile name");
    const reasons = (more: Values) => host.failures({ ...input, ...more }).map(({ reason }) => reason);
    expect(reasons({ metadataOptions: { httpTokens: "maybe" } })[0]).toContain("expected httpTokens to be one of");
    expect(reasons({ metadataOptions: { httpPutResponseHopLimit: 65 } })[0]).toContain("(1 - 64), got 65");
    expect(reasons({ rootBlockDevice: { volumeType: "gp9" } })[0]).toContain("expected volumeType to be one of");
    expect(reasons({ volumeTags: { a: "1" } })).toEqual(["the local aws provider has no model of this argument"]);
    expect(reasons({ ami: undefined })[0]).toContain("must be specified");
  });

  test("is protected against its end, and takes its volume and interface along", async () => {
    await expect(host.delete()).rejects.toThrow(/^deleting EC2 Instance \(i-.*\): OperationNotPermitted: /);
    const { rootBlockDevice, primaryNetworkInterfaceId } = host.state;
    await host.update({ ...input, forceDestroy: true });
    await host.delete();
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes?.map(({ VolumeId }) => VolumeId)).not.toContain((rootBlockDevice as Values).volumeId);
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
    expect(NetworkInterfaces?.map((it) => it.NetworkInterfaceId)).not.toContain(primaryNetworkInterfaceId);
  });

  test("what was terminated by hand is gone", async () => {
    const { disableApiTermination: _, ...rest } = input;
    const other = await on.create("ec2.Instance", rest);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [other.id] }));
    expect(await other.drift()).toEqual(["instanceState"]);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [other.id] }));
    expect(await other.read()).toBeUndefined();
  });
});
