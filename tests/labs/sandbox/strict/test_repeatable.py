"""What the rules repair is the same world after a restart, in a copy, and when it is done once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.sandbox import Nursery, World, read_journal

SEEN = (
    "vpcs",
    "subnets",
    "route_tables",
    "network_acls",
    "internet_gateways",
    "security_groups",
    "security_group_rules",
    "network_interfaces",
    "addresses",
    "nat_gateways",
    "vpc_peering_connections",
    "vpc_endpoints",
    "instances",
    "volumes",
    "instance_credit_specifications",
    "images",
)


def launch(ec2: Any, **more: Any) -> str:
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    given = {"ImageId": image["ImageId"], "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    return str(ec2.run_instances(**given)["Instances"][0]["InstanceId"])


def furnish(world: World) -> None:
    """Whatever meets a repair: default VPC, addresses, gateways, routes, launches, tokens, buckets."""
    ec2, s3 = world.client("ec2"), world.client("s3")
    launch(ec2, ClientToken="first")
    home = ec2.create_vpc(CidrBlock="10.0.0.1/16")["Vpc"]["VpcId"]
    public = ec2.create_subnet(VpcId=home, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    small = ec2.create_subnet(VpcId=home, CidrBlock="10.0.2.0/28")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=home)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=home)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.create_network_acl(VpcId=home)
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_peering_connection(VpcId=home, PeerVpcId=other)
    ec2.create_vpc_endpoint(VpcId=home, ServiceName=f"com.amazonaws.{world.region}.s3")
    launch(ec2, SubnetId=small, MinCount=1, MaxCount=20)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.create_volume(AvailabilityZone=f"{world.region}a", Size=8, VolumeType="gp3")
    s3.create_bucket(Bucket="basket")
    world.advance(minutes=10)


def refused(world: World) -> None:
    """Calls that a rule refuses, and a dry run."""
    ec2 = world.client("ec2")
    for call, params in (
        (ec2.create_vpc, {"CidrBlock": "169.254.0.0/16"}),
        (ec2.create_vpc, {"CidrBlock": "10.1.0.0/16", "DryRun": True}),
        (ec2.create_security_group, {"GroupName": "sg-web", "Description": "web"}),
    ):
        with pytest.raises(ClientError):
            call(**params)


def seen(world: World) -> dict[str, str]:
    ec2, s3 = world.client("ec2"), world.client("s3")
    answers = {name: getattr(ec2, f"describe_{name}")() for name in SEEN}
    answers["blocked"] = s3.get_public_access_block(Bucket="basket")
    answers["owner"] = s3.get_bucket_ownership_controls(Bucket="basket")
    for answer in answers.values():
        del answer["ResponseMetadata"]
    return {name: json.dumps(each, default=str, sort_keys=True) for name, each in answers.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worlds")


@pytest.fixture(scope="module")
def original(nursery: Nursery, folder: Path) -> Iterator[World]:
    with nursery.world(seed=9, journal=folder / "journal") as world:
        furnish(world)
        yield world


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def test_the_repairs_are_there_to_be_seen(original: World) -> None:
    found = {name: json.loads(text) for name, text in seen(original).items()}
    assert len(found["internet_gateways"]["InternetGateways"]) == 2
    assert [each["State"] for each in found["nat_gateways"]["NatGateways"]] == ["deleted"]
    assert "blackhole" in str(found["route_tables"])
    assert "10.0.0.1/16" not in str(found)
    assert "failed" in str(found["vpc_peering_connections"])
    launched = [len(each["Instances"]) for each in found["instances"]["Reservations"]]
    assert launched == [1, 11]
    assert {each["VolumeType"] for each in found["volumes"]["Volumes"]} == {"gp3"}


def test_a_world_with_the_same_seed_and_calls_is_the_same(original: World, nursery: Nursery) -> None:
    with nursery.world(seed=9) as world:
        refused(world)
        furnish(world)
        refused(world)
        times = {"instances", "volumes", "nat_gateways", "images", "network_interfaces", "vpc_endpoints"}
        assert set(differing(seen(original), seen(world))) <= times
        assert ids_in(seen(original)) == ids_in(seen(world))


def ids_in(answers: dict[str, str]) -> set[str]:
    """All ids and addresses that stand in answers; without client tokens, which botocore draws itself."""
    words = {word.strip('[]{}",') for text in answers.values() for word in text.split()}
    return {word for word in words if word.count("-") == 1 or word.count(".") == 3}


def test_a_copy_has_what_was_repaired(original: World) -> None:
    with original.fork() as copy:
        assert differing(seen(original), seen(copy)) == []


def test_a_restart_repairs_alike(original: World, nursery: Nursery, folder: Path) -> None:
    before = seen(original)
    (folder / "again").write_bytes((folder / "journal").read_bytes())
    with nursery.world(seed=9, journal=folder / "again") as world:
        assert differing(before, seen(world)) == []


def test_what_was_done_since_is_taken_back(original: World) -> None:
    with original.fork() as copy:
        before = seen(copy)
        copy.checkpoint("here")
        ec2 = copy.client("ec2")
        launched = ec2.describe_instances()["Reservations"]
        ec2.terminate_instances(
            InstanceIds=[each["InstanceId"] for held in launched for each in held["Instances"]]
        )
        copy.advance(minutes=5)
        for each in ec2.describe_internet_gateways()["InternetGateways"]:
            vpc = each["Attachments"][0]["VpcId"]
            ec2.detach_internet_gateway(InternetGatewayId=each["InternetGatewayId"], VpcId=vpc)
        ec2.create_network_interface(SubnetId=ec2.describe_subnets()["Subnets"][0]["SubnetId"])
        copy.client("s3").put_public_access_block(
            Bucket="basket", PublicAccessBlockConfiguration={"BlockPublicAcls": True}
        )
        assert {"blocked", "internet_gateways", "route_tables", "network_interfaces"} <= set(
            differing(before, seen(copy))
        )
        copy.rewind(to="here")
        assert differing(before, seen(copy)) == []


def test_addresses_after_a_rewind_are_again_those_that_are_free(original: World) -> None:
    with original.fork() as copy:
        ec2 = copy.client("ec2")
        subnet = next(
            each["SubnetId"]
            for each in ec2.describe_subnets()["Subnets"]
            if each["CidrBlock"] == "10.0.1.0/24"
        )

        def next_address() -> str:
            made = ec2.create_network_interface(SubnetId=subnet)
            return str(made["NetworkInterface"]["PrivateIpAddress"])

        first = next_address()
        copy.rewind()
        assert next_address() == first
        assert int(first.rpartition(".")[2]) > 3


def test_a_token_is_known_again_after_a_restart_and_forgotten_by_a_rewind(
    original: World, nursery: Nursery, folder: Path
) -> None:
    (folder / "tokens").write_bytes((folder / "journal").read_bytes())
    with nursery.world(seed=9, journal=folder / "tokens") as world:
        ec2 = world.client("ec2")
        (before,) = (
            each["Instances"][0]["InstanceId"]
            for each in ec2.describe_instances()["Reservations"]
            if len(each["Instances"]) == 1
        )
        assert launch(ec2, ClientToken="first") == before
        second = launch(ec2, ClientToken="second")
        world.rewind()
        assert launch(ec2, ClientToken="second") == second
        assert len(ec2.describe_instances()["Reservations"]) == 3


def test_what_a_rule_refuses_is_no_step(original: World, folder: Path) -> None:
    entries = len(read_journal(folder / "journal").entries)
    refused(original)
    assert len(read_journal(folder / "journal").entries) == entries
