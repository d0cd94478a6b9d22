import boto3

ec2 = boto3.client("ec2")


def find(call, key, kind, **filters):
    """The id of the one thing that fits."""
    wanted = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    (found,) = getattr(ec2, call)(Filters=wanted)[key]
    return found[kind]


vpc = find("describe_vpcs", "Vpcs", "VpcId", **{"tag:Name": "{{name}}"})
front = find("describe_subnets", "Subnets", "SubnetId", vpc_id=vpc, **{"tag:Name": "front"})
table = find("describe_route_tables", "RouteTables", "RouteTableId", vpc_id=vpc, **{"tag:Name": "public"})
acl = find("describe_network_acls", "NetworkAcls", "NetworkAclId", vpc_id=vpc, **{"tag:Name": "front"})
web = find("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId", subnet_id=front)

# The route
ec2.associate_route_table(RouteTableId=table, SubnetId=front)
# The address
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
ec2.associate_address(AllocationId=address, NetworkInterfaceId=web)
# The answers
ec2.create_network_acl_entry(
    NetworkAclId=acl,
    RuleNumber=120,
    Egress=True,
    RuleAction="allow",
    CidrBlock="0.0.0.0/0",
    Protocol="6",
    PortRange={"From": 1024, "To": 65535},
)
# To be sure
group = find("describe_security_groups", "SecurityGroups", "GroupId", vpc_id=vpc, group_name="web")
ec2.authorize_security_group_ingress(
    GroupId=group,
    IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
)
ec2.create_network_acl_entry(
    NetworkAclId=acl,
    RuleNumber=130,
    Egress=False,
    RuleAction="allow",
    CidrBlock="0.0.0.0/0",
    Protocol="-1",
)
