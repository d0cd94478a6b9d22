import boto3

ec2 = boto3.client("ec2")


def make_subnet(vpc_id, block, zone, name):
    """A subnet with its Name."""
    made = ec2.create_subnet(VpcId=vpc_id, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
    ec2.create_tags(Resources=[made["SubnetId"]], Tags=[{"Key": "Name", "Value": name}])
    return made["SubnetId"]


def build(vpc, zones, public_hosts, private_hosts):
    """A VPC with a public and a private subnet in each zone."""
    vpc_id = ec2.create_vpc(CidrBlock=vpc)["Vpc"]["VpcId"]
    # Which blocks?
    # What makes the public subnets public?
