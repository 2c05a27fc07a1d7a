"""What ministack's EC2 ignores of an instance that is launched, so that it is there to read, change and refuse.

By itself it drops the metadata options, the root volume's settings, the network interface, the protection against
termination, and it gives every instance a public address and the region's first zone.
"""

from ipaddress import ip_network

# Instance metadata as EC2 sets it up when nothing is asked for and the image has no wish of its own.
METADATA = {
    "HttpTokens": "optional",
    "HttpPutResponseHopLimit": "1",
    "HttpEndpoint": "enabled",
    "InstanceMetadataTags": "disabled",
}


def _flag(value):
    return str(value).lower() == "true"


def _camel(name):
    return name[0].lower() + name[1:]


def extend(ec2):
    launch, terminate = ec2._run_instances, ec2._terminate_instances
    describe_attribute = ec2._describe_instance_attribute
    instance_xml, volume_xml, modify_volume = ec2._instance_xml, ec2._volume_inner_xml, ec2._modify_volume

    def value(p, name):
        return ec2._p(p, name) or ""

    def done(action):
        return ec2._xml(200, f"{action}Response", "<return>true</return>")

    def missing(instance_id):
        return ec2._error("InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist", 400)

    def groups(ids):
        return [{"GroupId": i, "GroupName": ec2._security_groups.get(i, {}).get("GroupName", i)} for i in ids]

    def flattened(p):
        """A single interface's settings, where ministack looks for them."""
        moved = dict(p)
        for key, given in p.items():
            if key.startswith("NetworkInterface.1."):
                moved[key.removeprefix("NetworkInterface.1.")] = given
        return moved

    def refusal(p):
        subnet_id, profile = value(p, "SubnetId"), value(p, "IamInstanceProfile.Name")
        if subnet_id and subnet_id not in ec2._subnets:
            return ec2._error("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist", 400)
        for group in ec2._parse_member_list(p, "SecurityGroupId"):
            if group not in ec2._security_groups:
                return ec2._error("InvalidGroup.NotFound", f"The security group '{group}' does not exist", 400)
        return ec2._resolve_iam_instance_profile(iam_name=profile)[1] if profile else None

    def free_address(subnet):
        used = {i["PrivateIpAddress"] for i in ec2._instances.values() if i["State"]["Name"] != "terminated"}
        used |= {i["PrivateIpAddress"] for i in ec2._network_interfaces.values()}
        network = ip_network(subnet["CidrBlock"])
        # EC2 keeps the first four addresses and the last one to itself.
        return next(str(network[n]) for n in range(4, network.num_addresses - 1) if str(network[n]) not in used)

    def put_into_subnet(inst, p):
        subnet = ec2._subnets.get(inst["SubnetId"])
        if not subnet:
            return
        inst["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
        address = value(p, "PrivateIpAddress") or free_address(subnet)
        inst["PrivateIpAddress"] = address
        inst["PrivateDnsName"] = f"ip-{address.replace('.', '-')}.{ec2.get_region()}.compute.internal"
        public = value(p, "AssociatePublicIpAddress") or subnet.get("MapPublicIpOnLaunch", False)
        if not _flag(public):
            inst["PublicIpAddress"] = inst["PublicDnsName"] = ""

    def add_interface(inst):
        known = set(ec2._network_interfaces.keys())
        ec2._create_network_interface({"SubnetId": [inst["SubnetId"]]})
        interface = next(i for i in ec2._network_interfaces.values() if i["NetworkInterfaceId"] not in known)
        ec2._attach_network_interface(
            {"NetworkInterfaceId": [interface["NetworkInterfaceId"]], "InstanceId": [inst["InstanceId"]]})
        interface["Attachment"]["DeviceIndex"] = 0
        interface["PrivateIpAddress"] = inst["PrivateIpAddress"]
        interface["Groups"] = inst["SecurityGroups"]
        inst["PrimaryNetworkInterfaceId"] = interface["NetworkInterfaceId"]

    def set_up_root_volume(inst, p):
        for device in inst["BlockDeviceMappings"]:
            volume = ec2._volumes[device["Ebs"]["VolumeId"]]
            volume["AvailabilityZone"] = inst["Placement"]["AvailabilityZone"]
            asked = "BlockDeviceMapping.1."
            if value(p, f"{asked}DeviceName") != device["DeviceName"]:
                continue
            ebs = {key.removeprefix(f"{asked}Ebs."): value(p, key) for key in p if key.startswith(f"{asked}Ebs.")}
            volume["Size"] = int(ebs.get("VolumeSize") or volume["Size"])
            volume["VolumeType"] = ebs.get("VolumeType") or volume["VolumeType"]
            volume["Encrypted"] = _flag(ebs.get("Encrypted"))
            volume["KmsKeyId"] = ebs.get("KmsKeyId", "")
            is_gp3 = volume["VolumeType"] == "gp3"
            volume["Iops"] = int(ebs.get("Iops") or (3000 if is_gp3 else 0))
            volume["Throughput"] = int(ebs.get("Throughput") or (125 if is_gp3 else 0))
            kept = _flag(ebs.get("DeleteOnTermination", "true"))
            device["Ebs"]["DeleteOnTermination"] = volume["Attachments"][0]["DeleteOnTermination"] = kept

    def run_instances(p):
        p = flattened(p)
        refused = refusal(p)
        if refused:
            return refused
        known = set(ec2._instances.keys())
        status, headers, body = launch(p)
        for inst in [i for i in ec2._instances.values() if i["InstanceId"] not in known]:
            before = ec2._instance_xml(inst)
            put_into_subnet(inst, p)
            add_interface(inst)
            set_up_root_volume(inst, p)
            inst["MetadataOptions"] = {n: value(p, f"MetadataOptions.{n}") or default for n, default in METADATA.items()}
            inst["EbsOptimized"] = _flag(value(p, "EbsOptimized"))
            inst["DisableApiTermination"] = _flag(value(p, "DisableApiTermination"))
            inst["Monitoring"] = {"State": "enabled" if _flag(value(p, "Monitoring.Enabled")) else "disabled"}
            body = body.replace(before.encode(), ec2._instance_xml(inst).encode())
        return status, headers, body

    def instance_with_more(inst):
        options = inst.get("MetadataOptions", METADATA)
        more = "".join(f"<{_camel(n)}>{v}</{_camel(n)}>" for n, v in options.items())
        more = f"<metadataOptions><state>applied</state>{more}</metadataOptions>"
        more += f"<ebsOptimized>{str(inst.get('EbsOptimized', False)).lower()}</ebsOptimized>"
        interface = ec2._network_interfaces.get(inst.get("PrimaryNetworkInterfaceId"))
        if interface:
            more += f"<networkInterfaceSet>{ec2._eni_fields_xml(interface)}</networkInterfaceSet>"
        return f"{instance_xml(inst).removesuffix('</item>')}{more}</item>"

    def volume_with_more(volume):
        key = f"<kmsKeyId>{ec2._esc(volume['KmsKeyId'])}</kmsKeyId>" if volume.get("KmsKeyId") else ""
        throughput = f"<throughput>{volume['Throughput']}</throughput>" if volume.get("Throughput") else ""
        return volume_xml(volume) + key + throughput

    def modify_volume_and_throughput(p):
        volume = ec2._volumes.get(value(p, "VolumeId"))
        if volume and value(p, "Throughput"):
            volume["Throughput"] = int(value(p, "Throughput"))
        return modify_volume(p)

    def describe_instance_attribute(p):
        inst, attribute = ec2._instances.get(value(p, "InstanceId")), value(p, "Attribute")
        answers = inst and {
            "userData": inst.get("UserData", ""),
            "disableApiTermination": str(inst.get("DisableApiTermination", False)).lower(),
            "ebsOptimized": str(inst.get("EbsOptimized", False)).lower(),
        }
        if not inst or attribute not in answers:
            return describe_attribute(p)
        found = f"<value>{answers[attribute]}</value>" if answers[attribute] else ""
        inner = f"<instanceId>{inst['InstanceId']}</instanceId><{attribute}>{found}</{attribute}>"
        return ec2._xml(200, "DescribeInstanceAttributeResponse", inner)

    def modify_instance_attribute(p):
        inst = ec2._instances.get(value(p, "InstanceId"))
        if not inst:
            return missing(value(p, "InstanceId"))
        for name, key in (("InstanceType", "InstanceType.Value"), ("UserData", "UserData.Value")):
            if key in p and inst["State"]["Name"] != "stopped":
                message = f"The instance '{inst['InstanceId']}' is not in the 'stopped' state."
                return ec2._error("IncorrectInstanceState", message, 400)
            if key in p:
                inst[name] = value(p, key)
        for name in ("DisableApiTermination", "EbsOptimized", "SourceDestCheck"):
            if f"{name}.Value" in p:
                inst[name] = _flag(value(p, f"{name}.Value"))
        for device in inst["BlockDeviceMappings"]:
            if value(p, "BlockDeviceMapping.1.DeviceName") == device["DeviceName"]:
                kept = _flag(value(p, "BlockDeviceMapping.1.Ebs.DeleteOnTermination"))
                device["Ebs"]["DeleteOnTermination"] = kept
        return done("ModifyInstanceAttribute")

    def modify_metadata_options(p):
        inst = ec2._instances.get(value(p, "InstanceId"))
        if not inst:
            return missing(value(p, "InstanceId"))
        changed = {name: value(p, name) for name in METADATA if value(p, name)}
        inst["MetadataOptions"] = {**inst.get("MetadataOptions", METADATA), **changed}
        inner = f"<instanceId>{inst['InstanceId']}</instanceId>"
        return ec2._xml(200, "ModifyInstanceMetadataOptionsResponse", inner)

    def monitoring(action, state):
        def handler(p):
            ids = ec2._parse_member_list(p, "InstanceId")
            for instance_id in ids:
                if instance_id not in ec2._instances:
                    return missing(instance_id)
                ec2._instances[instance_id]["Monitoring"] = {"State": state}
            return ec2._xml(200, f"{action}Response", "<instancesSet/>")
        return handler

    def modify_interface(p):
        interface = ec2._network_interfaces.get(value(p, "NetworkInterfaceId"))
        if not interface:
            message = f"The networkInterface ID '{value(p, 'NetworkInterfaceId')}' does not exist"
            return ec2._error("InvalidNetworkInterfaceID.NotFound", message, 400)
        ids = ec2._parse_member_list(p, "SecurityGroupId")
        if ids:
            interface["Groups"] = groups(ids)
            inst = ec2._instances.get((interface["Attachment"] or {}).get("InstanceId"))
            if inst and inst.get("PrimaryNetworkInterfaceId") == interface["NetworkInterfaceId"]:
                inst["SecurityGroups"] = groups(ids)
        return done("ModifyNetworkInterfaceAttribute")

    def terminate_instances(p):
        found = [ec2._instances.get(i) for i in ec2._parse_member_list(p, "InstanceId")]
        for inst in filter(None, found):
            if inst.get("DisableApiTermination"):
                message = (f"The instance '{inst['InstanceId']}' may not be terminated. Modify its "
                           "'disableApiTermination' instance attribute and try again.")
                return ec2._error("OperationNotPermitted", message, 400)
        answer = terminate(p)
        for inst in filter(None, found if answer[0] == 200 else []):
            ec2._network_interfaces.pop(inst.pop("PrimaryNetworkInterfaceId", ""), None)
            for device in inst["BlockDeviceMappings"]:
                volume = ec2._volumes.get(device["Ebs"]["VolumeId"])
                if volume:
                    volume.update(Attachments=[], State="available")
                if device["Ebs"]["DeleteOnTermination"]:
                    ec2._volumes.pop(device["Ebs"]["VolumeId"], None)
            inst["BlockDeviceMappings"] = []
        return answer

    ec2._instance_xml, ec2._volume_inner_xml = instance_with_more, volume_with_more
    ec2._ACTION_MAP.update({
        "RunInstances": run_instances,
        "TerminateInstances": terminate_instances,
        "DescribeInstanceAttribute": describe_instance_attribute,
        "ModifyInstanceAttribute": modify_instance_attribute,
        "ModifyInstanceMetadataOptions": modify_metadata_options,
        "MonitorInstances": monitoring("MonitorInstances", "enabled"),
        "UnmonitorInstances": monitoring("UnmonitorInstances", "disabled"),
        "ModifyNetworkInterfaceAttribute": modify_interface,
        "ModifyVolume": modify_volume_and_throughput,
    })
