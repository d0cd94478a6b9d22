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


ec2.associate_vpc_cidr_block(VpcId=vpc["VpcId"], CidrBlock="{{second}}")
batch("{{second}}", "us-east-1a")
