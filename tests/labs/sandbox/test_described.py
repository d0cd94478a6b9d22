"""The network of a world, described and followed; repairs are carried out on the world itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from labs.aws.network.paths import Call, Path, Verdict, network_from_json, question_from_json, trace
from labs.sandbox import World
from labs.sandbox.described import described_vpc, network_of

REFERENCE = re.compile(r"\$\{(\w+)\.([\w.]+)\}")


class Site:
    """A VPC in a world, with one subnet and a host in it."""

    def __init__(self, world: World, block: str) -> None:
        self.world = world
        self.ec2 = world.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock=f"{block}.0.0/16")["Vpc"]["VpcId"]
        self.group = self.ec2.create_security_group(GroupName="host", Description="host", VpcId=self.vpc)
        self.subnet = self.add_subnet(f"{block}.1.0/24")
        self.host = self.launch(self.subnet)

    def add_subnet(self, block: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block)
        return str(made["Subnet"]["SubnetId"])

    def launch(self, subnet: str) -> str:
        made = self.ec2.run_instances(
            ImageId=self.ec2.describe_images()["Images"][0]["ImageId"],
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            SecurityGroupIds=[self.group["GroupId"]],
        )
        self.world.advance(minutes=1)  # by then it runs
        return str(made["Instances"][0]["InstanceId"])


@pytest.fixture
def site(world: World) -> Site:
    return Site(world, "10.0")


def path_in(world: World, source: str, to: str, port: int) -> Path:
    return trace(network_of(world), question_from_json({"from": source, "to": to, "port": port}))


def carry_out(world: World, path: Path) -> None:
    """Call what the repairs say, in their order, with boto3."""
    responses: dict[str, Any] = {}
    for blocker in path.blockers:
        assert blocker.repair is not None
        for call in blocker.repair.calls:
            response = getattr(world.client(call.service), call.operation)(**parameters(call, responses))
            if call.label:
                responses[call.label] = response


def parameters(call: Call, responses: dict[str, Any]) -> dict[str, Any]:
    def part(match: re.Match[str]) -> str:
        value = responses[match[1]]
        for key in match[2].split("."):
            value = value[key]
        return str(value)

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: resolved(each) for key, each in value.items()}
        if isinstance(value, list):
            return [resolved(each) for each in value]
        return REFERENCE.sub(part, value) if isinstance(value, str) else value

    return dict(resolved(dict(call.parameters)))


def test_a_world_s_network_is_read_with_its_dns_attributes_and_prefix_lists(world: World, site: Site) -> None:
    network = network_of(world)

    assert network.vpcs[site.vpc].dns_support is True
    assert network.vpcs[site.vpc].dns_hostnames is False
    assert any(each.name == "com.amazonaws.us-east-1.s3" for each in network.prefix_lists.values())
    assert site.host in network.instances


def test_a_host_becomes_reachable_from_the_internet(world: World, site: Site) -> None:
    path = path_in(world, "internet", site.host, 22)
    assert path.verdict is Verdict.BLOCKED
    assert path.repairable

    carry_out(world, path)
    world.advance(minutes=1)

    assert path_in(world, "internet", site.host, 22).verdict is Verdict.REACHABLE


def test_a_private_host_becomes_able_to_reach_the_internet_by_nat(world: World, site: Site) -> None:
    carry_out(world, path_in(world, "internet", site.host, 22))
    address = site.ec2.allocate_address(Domain="vpc")["AllocationId"]
    site.ec2.create_nat_gateway(SubnetId=site.subnet, AllocationId=address)
    table = site.ec2.create_route_table(VpcId=site.vpc)["RouteTable"]["RouteTableId"]
    private = site.add_subnet("10.0.2.0/24")
    site.ec2.associate_route_table(RouteTableId=table, SubnetId=private)
    host = site.launch(private)

    path = path_in(world, host, "1.1.1.1", 443)
    assert [(each.component, each.code.value) for each in path.blockers] == [
        (table, "NO_ROUTE_TO_DESTINATION")
    ]
    carry_out(world, path)

    assert path_in(world, host, "1.1.1.1", 443).verdict is Verdict.REACHABLE


def test_two_vpcs_become_peers(world: World, site: Site) -> None:
    other = Site(world, "10.1")

    path = path_in(world, site.host, other.host, 5432)
    assert path.repairable
    carry_out(world, path)

    assert path_in(world, site.host, other.host, 5432).verdict is Verdict.REACHABLE


def test_a_network_acl_that_denies_all_is_opened_both_ways(world: World, site: Site) -> None:
    carry_out(world, path_in(world, "internet", site.host, 22))
    strict = site.ec2.create_network_acl(VpcId=site.vpc)["NetworkAcl"]["NetworkAclId"]
    association = next(
        each["NetworkAclAssociationId"]
        for acl in site.ec2.describe_network_acls()["NetworkAcls"]
        for each in acl["Associations"]
        if each["SubnetId"] == site.subnet
    )
    site.ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=strict)

    path = path_in(world, "internet", site.host, 22)
    assert [(each.component, each.direction.value) for each in path.blockers] == [
        (strict, "forward"),
        (strict, "reply"),
    ]
    carry_out(world, path)
    world.advance(minutes=1)

    assert path_in(world, "internet", site.host, 22).verdict is Verdict.REACHABLE


def test_an_isolated_host_comes_to_s3_by_an_endpoint(world: World, site: Site) -> None:
    path = path_in(world, site.host, "s3", 443)
    assert [each.code.value for each in path.blockers] == ["NO_ROUTE_TO_DESTINATION"]

    carry_out(world, path)

    after = path_in(world, site.host, "s3", 443)
    assert after.verdict is Verdict.REACHABLE
    assert any(each.component.startswith("vpce-") for each in after.forward)


def test_a_stopped_host_is_started(world: World, site: Site) -> None:
    carry_out(world, path_in(world, "internet", site.host, 22))
    site.ec2.stop_instances(InstanceIds=[site.host])
    world.advance(minutes=1)

    path = path_in(world, "internet", site.host, 22)
    assert [(each.component, each.code.value) for each in path.blockers] == [(site.host, "BAD_STATE")]
    carry_out(world, path)
    world.advance(minutes=1)

    assert path_in(world, "internet", site.host, 22).verdict is Verdict.REACHABLE


def test_one_vpc_is_described_without_the_others(world: World, site: Site) -> None:
    carry_out(world, path_in(world, "internet", site.host, 22))
    other = Site(world, "10.1")

    document = described_vpc(site.ec2, site.vpc)
    path = trace(
        network_from_json(document), question_from_json({"from": "internet", "to": site.host, "port": 22})
    )

    assert path.verdict is Verdict.REACHABLE
    assert [each["VpcId"] for each in document["Vpcs"]] == [site.vpc]
    assert len(document["InternetGateways"]) == 1
    assert not [each for each in (other.vpc, other.subnet, other.host) if each in str(document)]
