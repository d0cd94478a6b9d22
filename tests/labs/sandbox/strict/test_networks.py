"""VPCs and subnets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import Attempt, Refusal, Repair, Table, client, try_refusal, try_repair
from tests.labs.sandbox.strict.networks import gateway, subnet, vpc

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


# -- blocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block", ["127.0.0.0/16", "169.254.0.0/16", "224.0.0.0/16", "240.0.0.0/24", "0.1.0.0/16"]
)
def test_a_vpc_has_no_block_with_a_meaning_of_its_own(house: House, block: str) -> None:
    def prepare(house: House) -> Attempt:
        return lambda: client(house, "ec2").create_vpc(CidrBlock=block)

    try_refusal(
        house, Refusal("ec2.vpc-range", block, prepare, "InvalidVpc.Range", f"The CIDR '{block}' is invalid")
    )


@refused("ec2.vpc-range", "InvalidVpc.Range", "The CIDR '169.254.0.0/16' is invalid.")
def link_local_vpc(house: House) -> Attempt:
    return lambda: client(house, "ec2").create_vpc(CidrBlock="169.254.0.0/16")


@refused("ec2.vpc-secondary-range", "InvalidVpc.Range", "The CIDR '10.0.4.0/24' is invalid.")
def secondary_block_overlaps(house: House) -> Attempt:
    home = vpc(house)
    return lambda: client(house, "ec2").associate_vpc_cidr_block(VpcId=home, CidrBlock="10.0.4.0/24")


@refused("ec2.vpc-secondary-range", "InvalidVpc.Range", "The CIDR '192.168.0.0/16' is restricted.")
def secondary_block_of_another_private_range(house: House) -> Attempt:
    home = vpc(house)
    return lambda: client(house, "ec2").associate_vpc_cidr_block(VpcId=home, CidrBlock="192.168.0.0/16")


@refused("ec2.subnet-range", "InvalidSubnet.Range", "The CIDR '10.0.0.0/29' is invalid.")
def subnet_of_eight(house: House) -> Attempt:
    home = vpc(house)
    return lambda: client(house, "ec2").create_subnet(VpcId=home, CidrBlock="10.0.0.0/29")


@repaired("ec2.subnet-zone", aws=True, moto=False)
def zones_of_subnets_that_name_none(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    made = [ec2.create_subnet(VpcId=home, CidrBlock=f"10.0.{number}.0/24") for number in range(8)]
    return {each["Subnet"]["AvailabilityZone"] for each in made} == {"us-east-1a"}


def test_a_subnet_lies_in_the_zone_that_it_names(house: House) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    named = ec2.create_subnet(VpcId=home, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1c")
    zone = named["Subnet"]["AvailabilityZoneId"]
    known = ec2.create_subnet(VpcId=home, CidrBlock="10.0.2.0/24", AvailabilityZoneId=zone)
    assert known["Subnet"]["AvailabilityZone"] == "us-east-1c"


@repaired("ec2.cidr-host-bits", aws="10.9.0.0/16", moto="10.9.0.1/16")
def vpc_with_host_bits(house: House) -> Any:
    return client(house, "ec2").create_vpc(CidrBlock="10.9.0.1/16")["Vpc"]["CidrBlock"]


@repaired("ec2.cidr-host-bits", aws="10.0.3.0/28", moto="10.0.3.1/28")
def subnet_with_host_bits(house: House) -> Any:
    made = client(house, "ec2").create_subnet(VpcId=vpc(house), CidrBlock="10.0.3.1/28")
    return made["Subnet"]["CidrBlock"]


@repaired("ec2.cidr-host-bits", aws=["203.0.113.0/24"], moto=["203.0.113.7/24"])
def rule_with_host_bits(house: House) -> Any:
    ec2 = client(house, "ec2")
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "203.0.113.7/24"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[https])
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    return [each["CidrIp"] for each in found[0]["IpRanges"]]


def test_an_event_says_what_became_of_a_block(house: House) -> None:
    client(house, "ec2").create_vpc(CidrBlock="10.9.0.1/16")
    told = house.last.explanations
    assert [(each.rule, each.effect) for each in told] == [("ec2.cidr-host-bits", "repaired")]
    assert told[0].text == "AWS sets the host bits of a block to zero: 10.9.0.1/16 becomes 10.9.0.0/16."
    client(house, "ec2").create_vpc(CidrBlock="10.8.0.0/16")
    assert house.last.explanations == ()


# -- what must be gone first ---------------------------------------------------------------------------------


@refused("ec2.subnet-in-use", "DependencyViolation", "has dependencies and cannot be deleted")
def subnet_with_an_interface(house: House) -> Attempt:
    ec2, place = client(house, "ec2"), subnet(house)
    ec2.create_network_interface(SubnetId=place)
    return lambda: ec2.delete_subnet(SubnetId=place)


@refused("ec2.vpc-in-use", "DependencyViolation", "has dependencies and cannot be deleted")
def vpc_with_a_gateway(house: House) -> Attempt:
    home = vpc(house)
    gateway(house, home)
    return lambda: client(house, "ec2").delete_vpc(VpcId=home)


@pytest.mark.parametrize("what", ["group", "acl", "endpoint", "egress"])
def test_a_vpc_goes_last(house: House, what: str) -> None:
    def prepare(house: House) -> Attempt:
        ec2, home = client(house, "ec2"), vpc(house)
        if what == "group":
            ec2.create_security_group(GroupName="web", Description="web", VpcId=home)
        elif what == "acl":
            ec2.create_network_acl(VpcId=home)
        elif what == "endpoint":
            ec2.create_vpc_endpoint(VpcId=home, ServiceName="com.amazonaws.us-east-1.s3")
        else:
            ec2.create_egress_only_internet_gateway(VpcId=home)
        return lambda: ec2.delete_vpc(VpcId=home)

    try_refusal(house, Refusal("ec2.vpc-in-use", what, prepare, "DependencyViolation", "has dependencies"))


def test_a_vpc_with_its_defaults_only_can_be_deleted(house: House) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    place = subnet(house, home)
    ec2.delete_subnet(SubnetId=place)
    ec2.delete_vpc(VpcId=home)
    assert [each["IsDefault"] for each in ec2.describe_vpcs()["Vpcs"]] == [True]


@repaired("ec2.vpc-takes-its-acl", aws=1, moto=2)
def acls_after_a_vpc_is_deleted(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    ec2.delete_vpc(VpcId=home)
    return len(ec2.describe_network_acls()["NetworkAcls"])


@repaired("ec2.subnet-takes-its-associations", aws=(0, 0), moto=(1, 1))
def associations_after_a_subnet_is_deleted(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    place = subnet(house)
    made = ec2.create_subnet(VpcId=home, CidrBlock="10.0.200.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=home)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=made)
    ec2.delete_subnet(SubnetId=made)
    acls = ec2.describe_network_acls()["NetworkAcls"]
    tables = ec2.describe_route_tables()["RouteTables"]
    held = [
        [at.get("SubnetId") for each in listed for at in each["Associations"]] for listed in (acls, tables)
    ]
    assert place in held[0], "the others stay"
    return held[0].count(made), held[1].count(made)


# -- what a VPC begins with ----------------------------------------------------------------------------------


@repaired("ec2.default-vpc-gateway", aws=(True, True), moto=(False, False))
def default_vpc_leads_out(house: House) -> Any:
    ec2 = client(house, "ec2")
    home = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    gateways = ec2.describe_internet_gateways()["InternetGateways"]
    attached = [each for each in gateways if each["Attachments"] == [{"State": "available", "VpcId": home}]]
    routes = ec2.describe_route_tables()["RouteTables"][0]["Routes"]
    out = [
        each for each in routes if each["DestinationCidrBlock"] == "0.0.0.0/0" and each["State"] == "active"
    ]
    return bool(attached), bool(out)


@repaired("ec2.default-group-ingress", aws=True, moto=False)
def default_group_lets_its_members_in(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    found = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [home]}])["SecurityGroups"][0]
    pair = {"GroupId": found["GroupId"], "UserId": found["OwnerId"]}
    return [(each["IpProtocol"], each["UserIdGroupPairs"]) for each in found["IpPermissions"]] == [
        ("-1", [pair])
    ]


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
