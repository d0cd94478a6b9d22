import boto3

ec2 = boto3.client("ec2")


def named(call, key, kind, name):
    """The id of the one thing with a name."""
    (found,) = getattr(ec2, call)(Filters=[{"Name": "tag:Name", "Values": [name]}])[key]
    return found[kind]


public = named("describe_subnets", "Subnets", "SubnetId", "{{public}}")
private = named("describe_subnets", "Subnets", "SubnetId", "{{private}}")
table = named("describe_route_tables", "RouteTables", "RouteTableId", "{{private}}")
(old,) = ec2.describe_nat_gateways()["NatGateways"]

# A gateway where the way out is
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
made = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[made])
# The route to it
ec2.replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made)
