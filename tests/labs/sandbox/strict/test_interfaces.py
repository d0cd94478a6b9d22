"""Addresses of network interfaces, and peering connections."""

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
from tests.labs.sandbox.strict.networks import address, default_subnet, gateway, instance, subnet, vpc

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _interface(house: House, place: str, **options: Any) -> Any:
    return client(house, "ec2").create_network_interface(SubnetId=place, **options)["NetworkInterface"]


# -- addresses that are asked for --------------------------------------------------------------------------


@refused("ec2.address-outside", "InvalidParameterValue", "does not fall within the subnet's", moto="crashes")
def launch_with_an_address_of_elsewhere(house: House) -> Attempt:
    place = subnet(house)
    return lambda: instance(house, SubnetId=place, PrivateIpAddress="10.0.9.9")


@refused("ec2.address-outside", "InvalidParameterValue", "does not fall within the subnet's address range")
def interface_with_an_address_of_elsewhere(house: House) -> Attempt:
    place = subnet(house)
    return lambda: _interface(house, place, PrivateIpAddress="10.0.9.9")


@refused(
    "ec2.address-reserved", "InvalidParameterValue", "Address 10.0.1.2 is in subnet's reserved address range"
)
def launch_with_the_address_of_the_dns_server(house: House) -> Attempt:
    place = subnet(house)
    return lambda: instance(house, SubnetId=place, PrivateIpAddress="10.0.1.2")


@refused("ec2.address-reserved", "InvalidParameterValue", "Address 10.0.1.255 is in subnet's reserved")
def interface_with_the_last_address(house: House) -> Attempt:
    place = subnet(house)
    wanted = [{"PrivateIpAddress": "10.0.1.255", "Primary": True}]
    return lambda: _interface(house, place, PrivateIpAddresses=wanted)


@refused("ec2.address-taken", "InvalidIPAddress.InUse", "Address 10.0.1.4 is in use.", moto="crashes")
def launch_with_a_taken_address(house: House) -> Attempt:
    place = subnet(house)
    instance(house, SubnetId=place)
    nic = {"DeviceIndex": 0, "SubnetId": place, "PrivateIpAddress": "10.0.1.4"}
    return lambda: instance(house, NetworkInterfaces=[nic])


@refused("ec2.address-taken", "InvalidIPAddress.InUse", "Address 10.0.1.4 is in use.")
def assign_a_taken_address(house: House) -> Attempt:
    place = subnet(house)
    instance(house, SubnetId=place)
    other = _interface(house, place)["NetworkInterfaceId"]
    wanted = {"NetworkInterfaceId": other, "PrivateIpAddresses": ["10.0.1.4"]}
    return lambda: client(house, "ec2").assign_private_ip_addresses(**wanted)


@refused("ec2.subnet-full", "InsufficientFreeAddressesInSubnet", "There are not enough free", moto="crashes")
def twelve_in_a_28(house: House) -> Attempt:
    place = subnet(house, block="10.0.1.0/28")
    return lambda: instance(house, SubnetId=place, MinCount=12, MaxCount=12)


@refused("ec2.subnet-full", "InsufficientFreeAddressesInSubnet", "does not have enough free", moto="crashes")
def interface_in_a_full_subnet(house: House) -> Attempt:
    place = subnet(house, block="10.0.1.0/28")
    for _ in range(11):
        _interface(house, place)
    return lambda: _interface(house, place)


def test_a_28_has_room_for_eleven(house: House) -> None:
    place = subnet(house, block="10.0.1.0/28")
    instance(house, SubnetId=place, MinCount=11, MaxCount=11)
    found = client(house, "ec2").describe_subnets(SubnetIds=[place])["Subnets"][0]
    assert found["AvailableIpAddressCount"] == 0


@refused("ec2.group-elsewhere", "InvalidParameter", "belong to different networks.")
def launch_with_a_group_of_another_vpc(house: House) -> Attempt:
    group = client(house, "ec2").create_security_group(GroupName="web", Description="web")["GroupId"]
    place = subnet(house)
    return lambda: instance(house, SubnetId=place, SecurityGroupIds=[group])


@refused("ec2.group-elsewhere", "InvalidGroup.NotFound", "two resources that belong to different networks.")
def interface_with_a_group_of_another_vpc(house: House) -> Attempt:
    group = client(house, "ec2").create_security_group(GroupName="web", Description="web")["GroupId"]
    place = subnet(house)
    return lambda: _interface(house, place, Groups=[group])


# -- addresses that AWS gives ------------------------------------------------------------------------------


@repaired("ec2.free-address", aws=["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.7"], moto=None)
def addresses_in_order(house: House) -> Any:
    home = vpc(house)
    gateway(house, home)
    place = subnet(house, home)
    nat = client(house, "ec2").create_nat_gateway(SubnetId=place, AllocationId=address(house))["NatGateway"]
    given = [nat["NatGatewayAddresses"][0]["PrivateIp"]]
    instance(house, SubnetId=place)
    given += [_interface(house, place)["PrivateIpAddress"] for _ in range(2)]
    found = client(house, "ec2").describe_instances()["Reservations"][0]["Instances"][0]
    given.insert(1, found["PrivateIpAddress"])
    return given if all(each.startswith("10.0.1.") for each in given) else None


@repaired("ec2.free-address", aws="10.0.1.4", moto=None)
def address_of_a_deleted_interface(house: House) -> Any:
    place = subnet(house)
    first = _interface(house, place)
    client(house, "ec2").delete_network_interface(NetworkInterfaceId=first["NetworkInterfaceId"])
    again = _interface(house, place)["PrivateIpAddress"]
    return again if again == first["PrivateIpAddress"] else None


def test_secondary_addresses_are_free_ones_too(house: House) -> None:
    place = subnet(house)
    made = _interface(house, place, SecondaryPrivateIpAddressCount=2)
    given = [each["PrivateIpAddress"] for each in made["PrivateIpAddresses"]]
    assert given == ["10.0.1.4", "10.0.1.5", "10.0.1.6"]
    more = {"NetworkInterfaceId": made["NetworkInterfaceId"], "SecondaryPrivateIpAddressCount": 1}
    client(house, "ec2").assign_private_ip_addresses(**more)
    found = client(house, "ec2").describe_network_interfaces()["NetworkInterfaces"][0]
    assert len(found["PrivateIpAddresses"]) == 4
    gone = {"NetworkInterfaceId": made["NetworkInterfaceId"], "PrivateIpAddresses": ["10.0.1.5"]}
    client(house, "ec2").unassign_private_ip_addresses(**gone)
    assert _interface(house, place)["PrivateIpAddress"] == "10.0.1.5"


@repaired("ec2.interface-ends-with-instance", aws=0, moto=1)
def interfaces_after_a_termination(house: House) -> Any:
    ec2 = client(house, "ec2")
    ec2.terminate_instances(InstanceIds=[instance(house)])
    return len(ec2.describe_network_interfaces()["NetworkInterfaces"])


def test_an_interface_that_was_there_before_outlives_its_instance(house: House) -> None:
    ec2 = client(house, "ec2")
    own = _interface(house, default_subnet(house))["NetworkInterfaceId"]
    made = instance(house, NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": own}])
    ec2.terminate_instances(InstanceIds=[made])
    assert [
        each["NetworkInterfaceId"] for each in ec2.describe_network_interfaces()["NetworkInterfaces"]
    ] == [own]


@repaired("ec2.interface-lets-address-go", aws=False, moto=True)
def elastic_ip_after_a_termination(house: House) -> Any:
    ec2 = client(house, "ec2")
    made = instance(house)
    ec2.associate_address(AllocationId=address(house), InstanceId=made)
    ec2.terminate_instances(InstanceIds=[made])
    return "AssociationId" in ec2.describe_addresses()["Addresses"][0]


# -- peering connections -------------------------------------------------------------------------------------


@repaired("ec2.peering-overlap", aws="failed", moto="pending-acceptance")
def peering_of_overlapping_vpcs(house: House) -> Any:
    ec2, home, other = client(house, "ec2"), vpc(house), vpc(house, "10.0.128.0/17")
    ec2.create_vpc_peering_connection(VpcId=home, PeerVpcId=other)
    return ec2.describe_vpc_peering_connections()["VpcPeeringConnections"][0]["Status"]["Code"]


def test_a_failed_peering_connection_cannot_be_accepted(house: House) -> None:
    ec2, home, other = client(house, "ec2"), vpc(house), vpc(house, "10.0.128.0/17")
    made = ec2.create_vpc_peering_connection(VpcId=home, PeerVpcId=other)["VpcPeeringConnection"]
    told = house.last.explanations[0]
    assert (told.rule, told.effect) == ("ec2.peering-overlap", "dropped")
    with pytest.raises(ec2.exceptions.ClientError):
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made["VpcPeeringConnectionId"])


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
