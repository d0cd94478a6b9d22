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

# Straight out, with a public address
gateway = named("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "gateway")
ec2.replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
machine = [{"Name": "tag:Name", "Values": ["{{machine}}"]}]
(instance,) = ec2.describe_instances(Filters=machine)["Reservations"][0]["Instances"]
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
ec2.associate_address(AllocationId=address, InstanceId=instance["InstanceId"])
ec2.delete_nat_gateway(NatGatewayId=old["NatGatewayId"])
