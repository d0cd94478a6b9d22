"""Internet gateways, Elastic IP addresses, NAT gateways, endpoints."""

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


@refused("ec2.one-internet-gateway", "InvalidParameterValue", "already has an internet gateway attached")
def second_gateway(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    gateway(house, home)
    second = gateway(house)
    return lambda: ec2.attach_internet_gateway(InternetGatewayId=second, VpcId=home)


@refused("ec2.detach-with-addresses", "DependencyViolation", "has some mapped public address(es)")
def detach_under_a_public_instance(house: House) -> Attempt:
    ec2 = client(house, "ec2")
    instance(house)
    held = ec2.describe_internet_gateways()["InternetGateways"][0]
    home = held["Attachments"][0]["VpcId"]
    return lambda: ec2.detach_internet_gateway(InternetGatewayId=held["InternetGatewayId"], VpcId=home)


def test_a_gateway_without_public_addresses_behind_it_can_be_detached(house: House) -> None:
    ec2 = client(house, "ec2")
    home = vpc(house)
    held = gateway(house, home)
    instance(house, SubnetId=subnet(house, home))
    ec2.detach_internet_gateway(InternetGatewayId=held, VpcId=home)


@refused("ec2.address-needs-gateway", "Gateway.NotAttached", "is not attached to any internet gateway")
def address_without_a_way_out(house: House) -> Attempt:
    ec2 = client(house, "ec2")
    interface = ec2.create_network_interface(SubnetId=subnet(house))["NetworkInterface"]["NetworkInterfaceId"]
    allocation = address(house)
    return lambda: ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)


@refused("ec2.address-in-use", "InvalidIPAddress.InUse", "is in use.")
def release_a_used_address(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    gateway(house, home)
    place = subnet(house, home)
    interface = ec2.create_network_interface(SubnetId=place)["NetworkInterface"]["NetworkInterfaceId"]
    allocation = address(house)
    ec2.associate_address(AllocationId=allocation, NetworkInterfaceId=interface)
    return lambda: ec2.release_address(AllocationId=allocation)


def test_in_a_default_vpc_an_address_is_released_from_whoever_has_it(house: House) -> None:
    ec2 = client(house, "ec2")
    allocation = address(house)
    ec2.associate_address(AllocationId=allocation, InstanceId=instance(house))
    ec2.release_address(AllocationId=allocation)


@repaired("ec2.elastic-ip-range", aws="3", moto="127")
def elastic_ip(house: House) -> Any:
    return client(house, "ec2").allocate_address(Domain="vpc")["PublicIp"].partition(".")[0]


@refused("ec2.nat-needs-address", "MissingParameter", "AllocationId")
def nat_without_an_address(house: House) -> Attempt:
    place = default_subnet(house)
    return lambda: client(house, "ec2").create_nat_gateway(SubnetId=place)


def test_a_private_nat_gateway_needs_no_address(house: House) -> None:
    made = client(house, "ec2").create_nat_gateway(SubnetId=subnet(house), ConnectivityType="private")
    assert made["NatGateway"]["State"] == "available"


@refused("ec2.nat-exists", "NatGatewayNotFound", "was not found", moto="crashes")
def delete_no_nat(house: House) -> Attempt:
    return lambda: client(house, "ec2").delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0")


@repaired(
    "ec2.nat-needs-gateway",
    aws=("failed", "Gateway.NotAttached", False),
    moto=("available", None, True),
)
def nat_without_a_way_out(house: House) -> Any:
    ec2 = client(house, "ec2")
    ec2.create_nat_gateway(SubnetId=subnet(house), AllocationId=address(house))
    found = ec2.describe_nat_gateways()["NatGateways"][0]
    used = "AssociationId" in ec2.describe_addresses()["Addresses"][0]
    if found["State"] == "failed":
        assert found["FailureMessage"] == f"Network {found['VpcId']} has no Internet gateway attached"
    return found["State"], found.get("FailureCode"), used


def test_the_event_says_why_a_nat_gateway_will_fail(house: House) -> None:
    ec2, place, allocation = client(house, "ec2"), subnet(house), address(house)
    ec2.create_nat_gateway(SubnetId=place, AllocationId=allocation)
    assert [(each.rule, each.effect) for each in house.last.explanations] == [
        ("ec2.nat-needs-gateway", "dropped")
    ]


@repaired("ec2.nat-gives-back", aws=(False, 0), moto=(True, 1))
def nat_deleted(house: House) -> Any:
    ec2, home = client(house, "ec2"), vpc(house)
    gateway(house, home)
    nat = ec2.create_nat_gateway(SubnetId=subnet(house, home), AllocationId=address(house))["NatGateway"]
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    used = "AssociationId" in ec2.describe_addresses()["Addresses"][0]
    return used, len(ec2.describe_network_interfaces()["NetworkInterfaces"])


@repaired("ec2.endpoint-type-default", aws="Gateway", moto=None)
def endpoint_of_no_type(house: House) -> Any:
    ec2 = client(house, "ec2")
    made = ec2.create_vpc_endpoint(VpcId=vpc(house), ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]
    return made.get("VpcEndpointType")


@refused(
    "ec2.endpoint-service", "InvalidServiceName", "The Vpc Endpoint Service 'com.amazonaws.us-east-1.s33'"
)
def endpoint_for_nothing(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    return lambda: ec2.create_vpc_endpoint(VpcId=home, ServiceName="com.amazonaws.us-east-1.s33")


@refused("ec2.endpoint-service", "InvalidServiceName", "com.amazonaws.eu-west-1.s3")
def endpoint_for_another_region(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    return lambda: ec2.create_vpc_endpoint(VpcId=home, ServiceName="com.amazonaws.eu-west-1.s3")


@refused("ec2.endpoint-type", "InvalidParameter", "does not match available service types ([Interface])")
def gateway_endpoint_for_queues(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    return lambda: ec2.create_vpc_endpoint(VpcId=home, ServiceName="com.amazonaws.us-east-1.sqs")


@pytest.mark.parametrize("service", ["sqs", "sts", "logs", "ecr.api", "ssm", "execute-api", "s3", "kms"])
def test_services_have_interface_endpoints(house: House, service: str) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    made = ec2.create_vpc_endpoint(
        VpcId=home,
        ServiceName=f"com.amazonaws.us-east-1.{service}",
        VpcEndpointType="Interface",
        SubnetIds=[subnet(house, home)],
    )["VpcEndpoint"]
    interface = ec2.describe_network_interfaces(NetworkInterfaceIds=made["NetworkInterfaceIds"])
    assert interface["NetworkInterfaces"][0]["PrivateIpAddress"] == "10.0.1.4"


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
