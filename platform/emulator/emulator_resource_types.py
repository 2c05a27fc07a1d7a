"""How EC2 and RDS name resources in a request ("Actions, resources, and condition keys for Amazon EC2", "… for Amazon RDS")."""

# EC2: the fields that name a resource, and its type; what is made has no name yet.
EC2 = {
    "AssociateRouteTable": {"RouteTableId": "route-table", "SubnetId": "subnet"},
    "AuthorizeSecurityGroupEgress": {"GroupId": "security-group"},
    "AuthorizeSecurityGroupIngress": {"GroupId": "security-group"},
    "CreateFlowLogs": {"ResourceId": "vpc", "": "vpc-flow-log"},
    "CreateNetworkAcl": {"VpcId": "vpc", "": "network-acl"},
    "CreateNetworkAclEntry": {"NetworkAclId": "network-acl"},
    "CreateRouteTable": {"VpcId": "vpc", "": "route-table"},
    "CreateSecurityGroup": {"VpcId": "vpc", "": "security-group"},
    "CreateSubnet": {"VpcId": "vpc", "": "subnet"},
    "CreateVpc": {"": "vpc"},
    "CreateVpcEndpoint": {
        **{"VpcId": "vpc", "RouteTableId": "route-table", "SubnetId": "subnet", "SecurityGroupId": "security-group"},
        "": "vpc-endpoint",
    },
    "DeleteFlowLogs": {"FlowLogId": "vpc-flow-log"},
    "DeleteNetworkAcl": {"NetworkAclId": "network-acl"},
    "DeleteNetworkAclEntry": {"NetworkAclId": "network-acl"},
    "DeleteRouteTable": {"RouteTableId": "route-table"},
    "DeleteSecurityGroup": {"GroupId": "security-group"},
    "DeleteSubnet": {"SubnetId": "subnet"},
    "DeleteVpc": {"VpcId": "vpc"},
    "DeleteVpcEndpoints": {"VpcEndpointId": "vpc-endpoint"},
    "ModifyInstanceAttribute": {"InstanceId": "instance"},
    "ModifyInstanceMetadataOptions": {"InstanceId": "instance"},
    "ModifySecurityGroupRules": {"GroupId": "security-group"},
    "ModifySubnetAttribute": {"SubnetId": "subnet"},
    "ModifyVpcAttribute": {"VpcId": "vpc"},
    "ModifyVpcEndpoint": {"VpcEndpointId": "vpc-endpoint"},
    "ReplaceNetworkAclAssociation": {"NetworkAclId": "network-acl"},
    "RevokeSecurityGroupEgress": {"GroupId": "security-group"},
    "RevokeSecurityGroupIngress": {"GroupId": "security-group"},
    "RunInstances": {
        **{"ImageId": "image", "SubnetId": "subnet", "SecurityGroupId": "security-group"},
        "": "instance",
    },
    "StartInstances": {"InstanceId": "instance"},
    "StopInstances": {"InstanceId": "instance"},
    "TerminateInstances": {"InstanceId": "instance"},
}

# The beginning of an id, and the type that it is of: what CreateTags and DeleteTags name.
EC2_IDS = {
    **{"vpc": "vpc", "subnet": "subnet", "rtb": "route-table", "sg": "security-group", "sgr": "security-group-rule"},
    **{"acl": "network-acl", "vpce": "vpc-endpoint", "fl": "vpc-flow-log", "i": "instance", "vol": "volume"},
    "eni": "network-interface",
}

RDS = {
    "DBInstanceIdentifier": "db",
    "SourceDBInstanceIdentifier": "db",
    "DBParameterGroupName": "pg",
    "DBSubnetGroupName": "subgrp",
    "SubscriptionName": "es",
    "FinalDBSnapshotIdentifier": "snapshot",
}

# Without a name, all of a kind.
RDS_LISTS = {
    **{"DescribeDBInstances": "db", "DescribeDBParameterGroups": "pg", "DescribeDBSubnetGroups": "subgrp"},
    **{"DescribeDBSnapshots": "snapshot", "DescribeEventSubscriptions": "es"},
}
