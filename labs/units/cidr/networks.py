"""Small networks of this unit's exercises, as `describe-*` documents, and questions about them.

document = network(
    vpc("vpc-lab", "10.20.0.0/16"),
    subnet("subnet-web", "vpc-lab", "10.20.1.0/24"),
    table("rtb-web", "vpc-lab", "10.20.0.0/16", {"0.0.0.0/0": "igw-lab"}, "subnet-web"),
    …
)
outcome(document, "internet", "i-web", 443)           # "answered", "reply lost" or "blocked"
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from labs.course import Field, Slip

if TYPE_CHECKING:
    from labs.aws.network.paths import Network

__all__ = [
    "ANYWHERE",
    "OUTCOMES",
    "Part",
    "acl",
    "arrival",
    "gateway",
    "group",
    "instance",
    "nat",
    "network",
    "outcome",
    "outcome_in",
    "peering",
    "question",
    "subnet",
    "table",
    "text_of",
    "vpc",
    "without_a_route",
]

Part: TypeAlias = tuple[str, dict[str, Any]]
"""An item of a document, and the key that it stands under."""

ANYWHERE: Final = "0.0.0.0/0"
OUTCOMES: Final = ("answered", "reply lost", "blocked")
"""What becomes of a packet: the reply comes back; it arrives and the reply does not; it does not arrive."""

_TARGETS: Final = {
    "igw": "GatewayId",
    "nat": "NatGatewayId",
    "pcx": "VpcPeeringConnectionId",
    "local": "GatewayId",
}


# The parts of a network


def vpc(id: str, block: str) -> Part:
    """A VPC with one block."""
    return "Vpcs", {"VpcId": id, "CidrBlock": block}


def subnet(id: str, vpc: str, block: str, zone: str = "us-east-1a", *, auto_assign: bool = False) -> Part:
    """A subnet; `auto_assign` is its setting that gives new instances a public address."""
    found = {"SubnetId": id, "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone}
    return "Subnets", found | ({"MapPublicIpOnLaunch": True} if auto_assign else {})


def table(id: str, vpc: str, local: str, routes: Mapping[str, str], *subnets: str) -> Part:
    """A route table: the local route, others by destination, and its subnets; the main one without any."""
    listed = [
        {"DestinationCidrBlock": block, _TARGETS[target.partition("-")[0]]: target}
        for block, target in {local: "local", **routes}.items()
    ]
    associations = [{"SubnetId": each} for each in subnets] if subnets else [{"Main": True}]
    return "RouteTables", {"RouteTableId": id, "VpcId": vpc, "Routes": listed, "Associations": associations}


def gateway(id: str, vpc: str) -> Part:
    """An internet gateway that is attached."""
    return "InternetGateways", {
        "InternetGatewayId": id,
        "Attachments": [{"VpcId": vpc, "State": "available"}],
    }


def nat(id: str, vpc: str, subnet: str, private: str, public: str) -> Part:
    """A NAT gateway with its Elastic IP address."""
    return "NatGateways", {
        "NatGatewayId": id,
        "VpcId": vpc,
        "SubnetId": subnet,
        "State": "available",
        "NatGatewayAddresses": [{"PrivateIp": private, "PublicIp": public}],
    }


def group(id: str, vpc: str, *rules: tuple[int, str]) -> Part:
    """A security group that lets everything out, and in what rules say: a TCP port, and a block or group."""
    return "SecurityGroups", {
        "GroupId": id,
        "VpcId": vpc,
        "IpPermissions": [_permission(port, peer) for port, peer in rules],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}],
    }


def _permission(port: int, peer: str) -> dict[str, Any]:
    who = (
        {"UserIdGroupPairs": [{"GroupId": peer}]}
        if peer.startswith("sg-")
        else {"IpRanges": [{"CidrIp": peer}]}
    )
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **who}


def acl(id: str, vpc: str, subnet: str, entries: Iterable[tuple[str, int, str, str, str]]) -> Part:
    """A network ACL of a subnet. An entry is direction, number, action, ports (`all`, `80`, `1-9`), block."""
    return "NetworkAcls", {
        "NetworkAclId": id,
        "VpcId": vpc,
        "Associations": [{"SubnetId": subnet}],
        "Entries": [_entry(*each) for each in entries],
    }


def _entry(direction: str, number: int, action: str, ports: str, block: str) -> dict[str, Any]:
    entry = {
        "Egress": direction == "out",
        "RuleNumber": number,
        "RuleAction": action,
        "CidrBlock": block,
        "Protocol": "-1",
    }
    if ports == "all":
        return entry
    low, _, high = ports.partition("-")
    return entry | {"Protocol": "6", "PortRange": {"From": int(low), "To": int(high or low)}}


def instance(id: str, vpc: str, subnet: str, private: str, *groups: str, public: str | None = None) -> Part:
    """A running instance."""
    found = {
        "InstanceId": id,
        "VpcId": vpc,
        "SubnetId": subnet,
        "PrivateIpAddress": private,
        "SecurityGroups": [{"GroupId": each} for each in groups],
        "State": {"Name": "running"},
    }
    return "Instances", found | ({"PublicIpAddress": public} if public else {})


def peering(id: str, requester: tuple[str, str], accepter: tuple[str, str]) -> Part:
    """An active peering connection of two VPCs, each given by its id and its block."""
    sides = [{"VpcId": vpc, "CidrBlock": block} for vpc, block in (requester, accepter)]
    return "VpcPeeringConnections", {
        "VpcPeeringConnectionId": id,
        "Status": {"Code": "active"},
        "RequesterVpcInfo": sides[0],
        "AccepterVpcInfo": sides[1],
    }


def network(*parts: Part) -> dict[str, Any]:
    """The document that has these parts."""
    found: dict[str, Any] = {}
    for key, item in parts:
        found.setdefault(key, []).append(item)
    return found


def without_a_route(block: str, subnet_block: str, address: str) -> dict[str, Any]:
    """A subnet as public as settings can make it, and no route; `i-web` in it has a public address."""
    return network(
        vpc("vpc-lab", block),
        subnet("subnet-web", "vpc-lab", subnet_block, auto_assign=True),
        table("rtb-main", "vpc-lab", block, {}),
        gateway("igw-lab", "vpc-lab"),
        group("sg-web", "vpc-lab", (443, ANYWHERE)),
        instance("i-web", "vpc-lab", "subnet-web", address, "sg-web", public="54.0.0.7"),
    )


# Questions about it


def text_of(document: Mapping[str, Any]) -> str:
    """The document as the text that `skylab reach --describe -` reads."""
    return json.dumps(document, separators=(",", ":"))


def question(source: str, destination: str, port: int) -> tuple[str, ...]:
    """The words after `skylab` that ask it of a document on standard input."""
    return "reach", "--describe", "-", "--from", source, "--to", destination, "--port", str(port)


def outcome(document: Mapping[str, Any], source: str, destination: str, port: int) -> str:
    """What becomes of TCP to a port, from a Linux client: one of `OUTCOMES`."""
    return _outcome(text_of(document), source, destination, port)


@lru_cache(maxsize=256)
def _outcome(text: str, source: str, destination: str, port: int) -> str:
    # The same variant is marked again and again, and following a packet takes some milliseconds.
    from labs.aws.network.paths import network_from_json

    return outcome_in(network_from_json(json.loads(text)), source, destination, port)


def outcome_in(network: Network, source: str, destination: str, port: int) -> str:
    """The same, in a network that has been read."""
    from labs.aws.network.paths import Direction, Ports, Question, Verdict, trace

    path = trace(network, Question(source, destination, ports=Ports.of(port)))
    if path.verdict is Verdict.REACHABLE:
        return OUTCOMES[0]
    lost = {each.direction for each in path.blockers}
    return OUTCOMES[2] if Direction.FORWARD in lost else OUTCOMES[1]


def arrival(
    name: str,
    label: str,
    document: Mapping[str, Any],
    ends: tuple[str, str, int],
    *slips: tuple[str, str, str],
    why: str = "",
) -> Field:
    """A field that asks what becomes of a packet; a slip is an outcome, a misconception and a sentence."""
    return Field(
        name,
        label,
        outcome(document, *ends),
        "choice",
        OUTCOMES,
        why=why,
        slips=tuple(Slip(given, belief, said) for given, belief, said in slips),
        command=question(*ends),
        stdin=text_of(document),
    )
