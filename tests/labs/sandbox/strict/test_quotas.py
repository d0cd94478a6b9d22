"""How many there may be."""

from __future__ import annotations

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Table,
    client,
    try_refusal,
)
from tests.labs.sandbox.strict.networks import address, default_subnet, gateway, route_table, subnet, vpc

TABLE = Table()
refused = TABLE.refused


@refused("ec2.quota-vpcs", "VpcLimitExceeded", "The maximum number of VPCs has been reached.")
def sixth_vpc(house: House) -> Attempt:
    for number in range(4):
        vpc(house, f"10.{number}.0.0/16")
    return lambda: vpc(house, "10.9.0.0/16")


@refused("ec2.quota-addresses", "AddressLimitExceeded", "The maximum number of addresses has been reached.")
def sixth_address(house: House) -> Attempt:
    for _ in range(5):
        address(house)
    return lambda: address(house)


@refused("ec2.quota-subnets", "SubnetLimitExceeded", "The maximum number of subnets has been reached.")
def subnet_two_hundred_and_one(house: House) -> Attempt:
    from moto.ec2.models import ec2_backends

    home = vpc(house)
    backend = ec2_backends[ACCOUNT]["us-east-1"]
    for number in range(200):
        backend.create_subnet(home, f"10.0.{number}.0/24", availability_zone="us-east-1a")
    return lambda: subnet(house, home, "10.0.250.0/24")


@refused("ec2.quota-routes", "RouteLimitExceeded", "The maximum number of routes has been reached.")
def route_fifty_one(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    out, table = gateway(house, home), route_table(house, home)
    for number in range(50):
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=f"20.{number}.0.0/16", GatewayId=out)
    return lambda: ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=out)


@refused("ec2.quota-acl-entries", "NetworkAclEntryLimitExceeded", "maximum number of network acl entries")
def entry_twenty_one(house: House) -> Attempt:
    ec2 = client(house, "ec2")
    acl = ec2.create_network_acl(VpcId=vpc(house))["NetworkAcl"]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "Protocol": "-1", "RuleAction": "deny", "Egress": False}
    for number in range(1, 21):
        ec2.create_network_acl_entry(**entry, RuleNumber=number, CidrBlock=f"10.0.{number}.0/24")
    return lambda: ec2.create_network_acl_entry(**entry, RuleNumber=21, CidrBlock="10.0.21.0/24")


@refused("ec2.quota-groups", "SecurityGroupsPerInterfaceLimitExceeded", "security groups per interface")
def six_groups(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    made = [
        ec2.create_security_group(GroupName=f"web{n}", Description="web", VpcId=home)["GroupId"]
        for n in range(6)
    ]
    place = subnet(house, home)
    return lambda: ec2.create_network_interface(SubnetId=place, Groups=made)


@refused("ec2.quota-internet-gateways", "InternetGatewayLimitExceeded", "internet gateways has been reached")
def sixth_gateway(house: House) -> Attempt:
    client(house, "ec2").describe_vpcs()
    for _ in range(4):
        gateway(house)
    return lambda: gateway(house)


@refused("ec2.quota-nat-gateways", "NatGatewayLimitExceeded", "would exceed the limit of 5 NAT gateways")
def sixth_nat_gateway(house: House) -> Attempt:
    ec2, place = client(house, "ec2"), default_subnet(house)
    for _ in range(5):
        ec2.create_nat_gateway(SubnetId=place, ConnectivityType="private")
    return lambda: ec2.create_nat_gateway(SubnetId=place, ConnectivityType="private")


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)
