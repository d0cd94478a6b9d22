"""Networks that cases begin with."""

from __future__ import annotations

from typing import Any

from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import client

__all__ = ["address", "default_subnet", "gateway", "image", "instance", "route_table", "subnet", "vpc"]


def vpc(house: House, block: str = "10.0.0.0/16") -> str:
    made = client(house, "ec2").create_vpc(CidrBlock=block)
    return str(made["Vpc"]["VpcId"])


def subnet(
    house: House, home: str | None = None, block: str = "10.0.1.0/24", zone: str = "us-east-1a"
) -> str:
    home = home or vpc(house)
    made = client(house, "ec2").create_subnet(VpcId=home, CidrBlock=block, AvailabilityZone=zone)
    return str(made["Subnet"]["SubnetId"])


def default_subnet(house: House, zone: str = "us-east-1a") -> str:
    found = client(house, "ec2").describe_subnets(Filters=[{"Name": "availability-zone", "Values": [zone]}])
    return str(next(each["SubnetId"] for each in found["Subnets"] if each["DefaultForAz"]))


def gateway(house: House, home: str | None = None) -> str:
    """An internet gateway, attached to a VPC if one is given."""
    ec2 = client(house, "ec2")
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    if home is not None:
        ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=home)
    return str(made)


def address(house: House) -> str:
    """The allocation of an Elastic IP address."""
    return str(client(house, "ec2").allocate_address(Domain="vpc")["AllocationId"])


def route_table(house: House, home: str) -> str:
    made = client(house, "ec2").create_route_table(VpcId=home)
    return str(made["RouteTable"]["RouteTableId"])


def image(house: House, architecture: str = "x86_64") -> str:
    found = client(house, "ec2").describe_images(Filters=[{"Name": "architecture", "Values": [architecture]}])
    return str(next(each["ImageId"] for each in found["Images"] if each["Name"].startswith("al2023")))


def instance(house: House, **options: Any) -> str:
    """A running t3.micro."""
    given = {"ImageId": image(house), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **options}
    made = client(house, "ec2").run_instances(**given)
    return str(made["Instances"][0]["InstanceId"])
