"""Routes: their targets, those within the VPC, and blackholes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)
from tests.labs.sandbox.strict.networks import address, gateway, instance, route_table, subnet, vpc

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


@refused(
    "ec2.route-target", "InvalidGatewayID.NotFound", "The gateway ID 'nat-0123456789abcdef0' does not exist"
)
def nat_as_gateway(house: House) -> Attempt:
    ec2, table = client(house, "ec2"), route_table(house, vpc(house))
    way = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "nat-0123456789abcdef0"}
    return lambda: ec2.create_route(**way)


@refused("ec2.route-target", "InvalidNatGatewayID.NotFound", "The natGateway ID 'nat-0123456789abcdef0'")
def nat_that_there_is_not(house: House) -> Attempt:
    ec2, table = client(house, "ec2"), route_table(house, vpc(house))
    way = {
        "RouteTableId": table,
        "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": "nat-0123456789abcdef0",
    }
    return lambda: ec2.create_route(**way)


@refused("ec2.route-network", "InvalidParameterValue", "belong to different networks")
def gateway_attached_to_nothing(house: House) -> Attempt:
    ec2, table, loose = client(house, "ec2"), route_table(house, vpc(house)), gateway(house)
    return lambda: ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=loose)


@refused("ec2.route-network", "InvalidParameterValue", "and interface")
def nat_of_another_vpc(house: House) -> Attempt:
    ec2, other = client(house, "ec2"), vpc(house, "10.1.0.0/16")
    gateway(house, other)
    place = subnet(house, other, "10.1.1.0/24")
    nat = ec2.create_nat_gateway(SubnetId=place, AllocationId=address(house))["NatGateway"]["NatGatewayId"]
    table = route_table(house, vpc(house))
    return lambda: ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)


@refused(
    "ec2.route-beside-local", "InvalidParameterValue", "is equal to or more specific than one of this VPC's"
)
def part_of_the_vpc_to_the_internet(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    out, table = gateway(house, home), route_table(house, home)
    return lambda: ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.0.1.0/24", GatewayId=out)


@refused("ec2.route-beside-local", "InvalidParameterValue", "does not match the CIDR block of a subnet")
def part_of_a_subnet_to_an_interface(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    interface = ec2.create_network_interface(SubnetId=subnet(house, home))["NetworkInterface"]
    way = {"DestinationCidrBlock": "10.0.1.0/25", "NetworkInterfaceId": interface["NetworkInterfaceId"]}
    table = route_table(house, home)
    return lambda: ec2.create_route(RouteTableId=table, **way)


def test_a_whole_subnet_can_be_led_to_an_interface(house: House) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    interface = ec2.create_network_interface(SubnetId=subnet(house, home))["NetworkInterface"]
    way = {"DestinationCidrBlock": "10.0.1.0/24", "NetworkInterfaceId": interface["NetworkInterfaceId"]}
    ec2.create_route(RouteTableId=route_table(house, home), **way)


def _state(house: House, table: str, target: str) -> str:
    routes = client(house, "ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return str(next(each["State"] for each in routes if target in each))


@repaired("ec2.blackhole", aws=("active", "blackhole", "active"), moto=("active", "active", "active"))
def gateway_detached_and_back(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    out, table = gateway(house, home), route_table(house, home)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=out)
    states = []
    for change in (lambda **_: None, ec2.detach_internet_gateway, ec2.attach_internet_gateway):
        change(InternetGatewayId=out, VpcId=home)
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        states.append(next(each["State"] for each in routes if each.get("GatewayId") == out))
    return tuple(states)


@repaired("ec2.blackhole", aws="blackhole", moto="active")
def nat_gone(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    gateway(house, home)
    nat = ec2.create_nat_gateway(SubnetId=subnet(house, home), AllocationId=address(house))["NatGateway"]
    table = route_table(house, home)
    way = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat["NatGatewayId"]}
    ec2.create_route(RouteTableId=table, **way)
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    return _state(house, table, "NatGatewayId")


@repaired("ec2.blackhole", aws=("blackhole", "active"), moto=("active", "active"))
def peering_pending_then_active(house: House) -> Any:
    ec2, home, other = client(house, "ec2"), vpc(house), vpc(house, "10.1.0.0/16")
    made = ec2.create_vpc_peering_connection(VpcId=home, PeerVpcId=other)["VpcPeeringConnection"]
    connection, table = made["VpcPeeringConnectionId"], route_table(house, home)
    way = {"DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": connection}
    ec2.create_route(RouteTableId=table, **way)
    before = _state(house, table, "VpcPeeringConnectionId")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    return before, _state(house, table, "VpcPeeringConnectionId")


@repaired("ec2.blackhole", aws=("active", "blackhole"), moto=("active", "active"))
def instance_stopped(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    appliance, table = instance(house, SubnetId=subnet(house, home)), route_table(house, home)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", InstanceId=appliance)
    before = _state(house, table, "InstanceId")
    ec2.stop_instances(InstanceIds=[appliance])
    return before, _state(house, table, "InstanceId")


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
