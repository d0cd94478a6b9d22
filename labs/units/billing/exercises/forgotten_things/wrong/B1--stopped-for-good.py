import boto3

home = boto3.client("ec2", region_name="us-east-1")
for volume in home.describe_volumes()["Volumes"]:
    if volume["State"] == "available":
        home.delete_volume(VolumeId=volume["VolumeId"])
for gateway in home.describe_nat_gateways()["NatGateways"]:
    home.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
for address in home.describe_addresses()["Addresses"]:
    if not address.get("InstanceId"):
        home.release_address(AllocationId=address["AllocationId"])

# The report has a line with another Region's prefix.
far = boto3.client("ec2", region_name="{{far}}")
for reservation in far.describe_instances()["Reservations"]:
    for instance in reservation["Instances"]:
        far.stop_instances(InstanceIds=[instance["InstanceId"]])
