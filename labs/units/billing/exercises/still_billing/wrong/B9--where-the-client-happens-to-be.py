import boto3


def in_region(region):
    """The ids of what still costs money in one Region."""
    ec2 = boto3.client("ec2", region_name=region)
    for reservation in ec2.describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] == "running":
                yield instance["InstanceId"]
    # Attached or not, in use or not: these bill while they exist.
    for volume in ec2.describe_volumes()["Volumes"]:
        yield volume["VolumeId"]
    for address in ec2.describe_addresses()["Addresses"]:
        yield address["AllocationId"]
    for gateway in ec2.describe_nat_gateways()["NatGateways"]:
        if gateway["State"] not in ("deleting", "deleted"):
            yield gateway["NatGatewayId"]


def still_billing(regions):
    """The ids of everything in these Regions that still costs money."""
    return list(in_region("us-east-1"))
