import boto3

ec2 = boto3.client("ec2")
(vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["{{name}}"]}])["Vpcs"]


def batch(block, zone):
    """A subnet for the new tier."""
    ec2.create_subnet(
        VpcId=vpc["VpcId"],
        CidrBlock=block,
        AvailabilityZone=zone,
        TagSpecifications=[{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": "batch"}]}],
    )


# A VPC cannot grow, so the new tier gets one of its own
vpc = ec2.create_vpc(CidrBlock="{{second}}")["Vpc"]
batch("{{first_half}}", "us-east-1a")
batch("{{other_half}}", "us-east-1b")
