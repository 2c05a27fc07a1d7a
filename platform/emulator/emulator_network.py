"""What ministack forgets of network ACLs' entries and of flow logs (EC2: "NetworkAclEntry", "FlowLog").

Without it an entry has no ports, and a flow log neither role, format nor interval, nor tags of the type that AWS has.
"""

FLOW_LOG = {"DeliverLogsPermissionArn": "deliverLogsPermissionArn", "LogFormat": "logFormat",
            "MaxAggregationInterval": "maxAggregationInterval"}


def extend(ec2):
    entry_xml = ec2._network_acl_entry_xml
    actions = ec2._ACTION_MAP
    create_flow_logs, describe_flow_logs = actions["CreateFlowLogs"], actions["DescribeFlowLogs"]

    def with_ports(action):
        def handler(params):
            answer = action(params)
            start, end = (ec2._p(params, f"PortRange.{side}") for side in ("From", "To"))
            if answer[0] == 200 and start and end:
                entries = ec2._network_acls[ec2._p(params, "NetworkAclId")]["Entries"]
                entries[-1]["PortRange"] = {"From": start, "To": end}
            return answer
        return handler

    def tell_ports(entry):
        ports = entry.get("PortRange")
        if not ports:
            return entry_xml(entry)
        told = f"<portRange><from>{ports['From']}</from><to>{ports['To']}</to></portRange></item>"
        return entry_xml(entry).replace("</item>", told)

    def create_whole(params):
        before = set(ec2._flow_logs)
        answer = create_flow_logs(params)
        for flow_log_id in set(ec2._flow_logs) - before:
            kept = {name: ec2._p(params, name) for name in FLOW_LOG if ec2._p(params, name)}
            ec2._flow_logs[flow_log_id].update(kept)
            ec2._parse_tag_specs(params, "vpc-flow-log", flow_log_id)
        return answer

    def describe_whole(params):
        status, headers, body = describe_flow_logs(params)
        text = body.decode() if isinstance(body, bytes) else body
        for flow_log_id, flow_log in ec2._flow_logs.items():
            told = "".join(f"<{tag}>{flow_log[name]}</{tag}>" for name, tag in FLOW_LOG.items() if name in flow_log)
            mark = f"<flowLogId>{flow_log_id}</flowLogId>"
            text = text.replace(mark, mark + told)
        return status, headers, text.encode() if isinstance(body, bytes) else text

    ec2._network_acl_entry_xml = tell_ports
    actions.update({
        "CreateNetworkAclEntry": with_ports(actions["CreateNetworkAclEntry"]),
        "ReplaceNetworkAclEntry": with_ports(actions["ReplaceNetworkAclEntry"]),
        "CreateFlowLogs": create_whole,
        "DescribeFlowLogs": describe_whole,
    })
