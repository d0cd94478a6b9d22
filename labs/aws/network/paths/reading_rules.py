"""Reading what filters and directs packets: security groups, network ACLs, route tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from labs.aws.network.paths.documents import Item
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TCP, UDP
from labs.aws.network.paths.values import (
    ANY_PROTOCOL,
    AclEntry,
    Cidr,
    GroupRule,
    NetworkAcl,
    Route,
    RouteTable,
    SecurityGroup,
    TargetKind,
)

__all__ = ["group_rules", "read_acl", "read_acl_entry", "read_group", "read_route", "read_route_table"]

LAST_ENTRY: Final = 32767
"""The number under which AWS shows the final `*` entry of a network ACL."""

_PROTOCOLS: Final = {
    "-1": ANY_PROTOCOL,
    "all": ANY_PROTOCOL,
    "tcp": TCP,
    "udp": UDP,
    "icmp": ICMP,
    "icmpv6": ICMPV6,
}
_TARGETS: Final = (
    ("NatGatewayId", TargetKind.NAT_GATEWAY),
    ("VpcPeeringConnectionId", TargetKind.PEERING),
    ("EgressOnlyInternetGatewayId", TargetKind.EGRESS_ONLY_GATEWAY),
    ("NetworkInterfaceId", TargetKind.INTERFACE),
    ("InstanceId", TargetKind.INTERFACE),
    ("VpcEndpointId", TargetKind.ENDPOINT),
    ("TransitGatewayId", TargetKind.OTHER),
    ("LocalGatewayId", TargetKind.OTHER),
    ("CarrierGatewayId", TargetKind.OTHER),
    ("CoreNetworkArn", TargetKind.OTHER),
)
_GATEWAYS: Final = {
    "local": TargetKind.LOCAL,
    "igw-": TargetKind.INTERNET_GATEWAY,
    "eigw-": TargetKind.EGRESS_ONLY_GATEWAY,
    "vpce-": TargetKind.ENDPOINT,
    "nat-": TargetKind.NAT_GATEWAY,
}


def read_group(id: str, item: Item) -> SecurityGroup:
    """A security group; each of its permissions becomes a rule for each peer."""
    return SecurityGroup(
        id,
        item.maybe("VpcId"),
        tuple(group_rules(item, "IpPermissions")),
        tuple(group_rules(item, "IpPermissionsEgress")),
        item.name() or item.maybe("GroupName"),
    )


def group_rules(item: Item, key: str) -> Iterator[GroupRule]:
    """The rules in a list of permissions, one for each peer."""
    for permission in item.items(key):
        protocol = _protocol(permission, "IpProtocol")
        low, high = _interval(permission, protocol)
        peers: list[Cidr | str] = [
            *(each.cidr("CidrIp") for each in permission.items("IpRanges")),
            *(each.cidr("CidrIpv6") for each in permission.items("Ipv6Ranges")),
            *(each.text("PrefixListId") for each in permission.items("PrefixListIds")),
            *(each.text("GroupId") for each in permission.items("UserIdGroupPairs")),
        ]
        for peer in peers:
            yield GroupRule(protocol, low, high, peer)


def read_acl(id: str, item: Item) -> NetworkAcl:
    """A network ACL without its final `*` entries, which every network ACL has."""
    entries = [read_acl_entry(each) for each in item.items("Entries")]
    numbered = [each for each in entries if each.number < LAST_ENTRY]
    return NetworkAcl(
        id,
        item.maybe("VpcId"),
        tuple(each.text("SubnetId") for each in item.items("Associations")),
        tuple(sorted(numbered, key=lambda each: each.number)),
        item.flag("IsDefault"),
        item.name(),
    )


def read_acl_entry(item: Item) -> AclEntry:
    """One entry of a network ACL."""
    protocol = _protocol(item, "Protocol")
    number = item.number("RuleNumber")
    action = item.text("RuleAction").lower()
    if not 0 < number <= LAST_ENTRY + 1:
        item.refuse("RuleNumber", f"is {number}", "A rule has a number from 1 to 32766.")
    if action not in ("allow", "deny"):
        item.refuse("RuleAction", f"is {action[:40]!r}", "A rule says allow or deny.")
    if protocol in (ICMP, ICMPV6):
        icmp = item.item("IcmpTypeCode")
        low, high = icmp.number("Type", -1), icmp.number("Code", -1)
    else:
        ports = item.item("PortRange")
        low, high = _ports(ports, protocol, "From", "To")
    block = "Ipv6CidrBlock" if item.has("Ipv6CidrBlock") else "CidrBlock"
    return AclEntry(number, item.flag("Egress"), action == "allow", protocol, item.cidr(block), low, high)


def read_route_table(id: str, item: Item) -> RouteTable:
    """A route table with its associations; one that is being taken away counts no more."""
    associations = [
        each
        for each in item.items("Associations")
        if each.item("AssociationState").maybe("State") not in ("disassociating", "disassociated", "failed")
    ]
    return RouteTable(
        id,
        item.text("VpcId"),
        tuple(read_route(each) for each in item.items("Routes")),
        tuple(each.text("SubnetId") for each in associations if each.has("SubnetId")),
        tuple(each.text("GatewayId") for each in associations if each.has("GatewayId")),
        any(each.flag("Main") for each in associations),
        item.name(),
    )


def read_route(item: Item) -> Route:
    """One route; without any target, as AWS shows it when an interface is gone, it is a blackhole."""
    destination: Cidr | str
    if item.has("DestinationPrefixListId"):
        destination = item.text("DestinationPrefixListId")
    else:
        six = item.has("DestinationIpv6CidrBlock")
        destination = item.cidr("DestinationIpv6CidrBlock" if six else "DestinationCidrBlock")
    kind, target = _target(item)
    return Route(
        destination,
        kind,
        target,
        item.maybe("State") == "blackhole" or not target,
        item.maybe("Origin") == "EnableVgwRoutePropagation",
    )


def _target(item: Item) -> tuple[TargetKind, str]:
    for key, kind in _TARGETS:
        if item.has(key):
            return kind, item.text(key)
    target = item.maybe("GatewayId")
    for beginning, kind in _GATEWAYS.items():
        if target.startswith(beginning):
            return kind, target
    return TargetKind.OTHER, target


def _protocol(item: Item, key: str) -> int:
    text = str(item.value.get(key)).lower()
    if text in _PROTOCOLS:
        return _PROTOCOLS[text]
    number = item.number(key)
    if not 0 <= number <= 255:
        item.refuse(key, f"is {number}", "An IP protocol has a number from 0 to 255; -1 is all of them.")
    return number


def _interval(item: Item, protocol: int) -> tuple[int, int]:
    """The ports of a permission; for ICMP its type and code."""
    if protocol in (ICMP, ICMPV6):
        return item.number("FromPort", -1), item.number("ToPort", -1)
    return _ports(item, protocol, "FromPort", "ToPort")


def _ports(item: Item, protocol: int, begin: str, end: str) -> tuple[int, int]:
    if protocol not in (TCP, UDP):
        return 0, 65535
    low = item.number(begin, -1)
    high = item.number(end, -1 if low == -1 else low)
    if (low, high) == (-1, -1):
        return 0, 65535
    if not 0 <= low <= high <= 65535:
        item.refuse(
            begin, f"and {end} are {low} and {high}", "Ports run from 0 to 65535, the lower one first."
        )
    return low, high
