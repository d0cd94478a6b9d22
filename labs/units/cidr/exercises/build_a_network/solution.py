from ipaddress import ip_network

import boto3

ec2 = boto3.client("ec2")


def make_subnet(vpc_id, block, zone, name):
    """A subnet with its Name."""
    made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
    ec2.create_tags(Resources=[made["SubnetId"]], Tags=[{"Key": "Name", "Value": name}])
    return made["SubnetId"]


def blocks_for(network, hosts, count):
    """The first blocks of a network that have addresses for so many hosts; AWS keeps five."""
    prefix = min(28, 32 - (hosts + 4).bit_length())
    blocks = network.subnets(new_prefix=prefix)
    return [str(next(blocks)) for _ in range(count)]


def build(vpc, zones, public_hosts, private_hosts):
    """A VPC with a public and a private subnet in each zone."""
    vpc_id = ec2.create_vpc(CidrBlock=vpc)["Vpc"]["VpcId"]
    lower, upper = ip_network(vpc).subnets(prefixlen_diff=1)
    private = blocks_for(lower, private_hosts, len(zones))
    public = blocks_for(upper, public_hosts, len(zones))

    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    table = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    for zone, block in zip(zones, public, strict=True):
        subnet = make_subnet(vpc_id, block, zone, "public")
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    for zone, block in zip(zones, private, strict=True):
        make_subnet(vpc_id, block, zone, "private")
