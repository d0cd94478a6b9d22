"""The sentences and fields with which hops tell of the rule that they followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from labs.aws.network.paths.filters import EntryUse, Packet, Screened
from labs.aws.network.paths.network import Network, Place
from labs.aws.network.paths.ports import ALL_PORTS, Ports
from labs.aws.network.paths.traffic import ICMP, ICMPV6, has_ports, protocol_name
from labs.aws.network.paths.values import (
    ANY_PROTOCOL,
    AclEntry,
    Address,
    Cidr,
    GroupRule,
    NetworkAcl,
    Route,
    RouteTable,
    SecurityGroup,
    TargetKind,
)

__all__ = [
    "acl",
    "acl_fields",
    "group_fields",
    "groups",
    "no_route",
    "receiver",
    "route",
    "route_fields",
    "sender",
    "traffic",
]

TARGET_KEYS: Final = {
    TargetKind.LOCAL: "GatewayId",
    TargetKind.INTERNET_GATEWAY: "GatewayId",
    TargetKind.NAT_GATEWAY: "NatGatewayId",
    TargetKind.EGRESS_ONLY_GATEWAY: "EgressOnlyInternetGatewayId",
    TargetKind.PEERING: "VpcPeeringConnectionId",
    TargetKind.ENDPOINT: "GatewayId",
    TargetKind.INTERFACE: "NetworkInterfaceId",
    TargetKind.OTHER: "GatewayId",
}
"""The parameter of create_route that names a target of each kind."""


def traffic(protocol: int, ports: Ports) -> str:
    """`tcp 443`, `icmp`, `tcp, all ports`."""
    if not has_ports(protocol):
        return protocol_name(protocol)
    between = ", " if ports == ALL_PORTS else " "
    return f"{protocol_name(protocol)}{between}{ports}"


def sender(packet: Packet) -> str:
    """What leaves the source."""
    return f"sends {traffic(packet.protocol, packet.ports)} from {packet.source} to {packet.destination}"


def receiver(packet: Packet) -> str:
    """What comes to the destination."""
    return f"{packet.destination} receives {traffic(packet.protocol, packet.ports)} from {packet.source}"


# Security groups


def groups(
    network: Network, asked: Sequence[SecurityGroup], screened: Screened, packet: Packet, *, egress: bool
) -> str:
    """Which rules let a packet pass, or that none does."""
    towards = "to" if egress else "from"
    passing = "; ".join(
        dict.fromkeys(
            f"{_named(use.group, asked)}{_interval(use.rule.protocol, use.rule.low, use.rule.high)} "
            f"{towards} {use.rule.peer}"
            for use in screened.rules
        )
    )
    lost = packet.ports - screened.passed
    if not lost:
        return passing
    peer = packet.destination if egress else packet.source
    way = f"out to {peer}" if egress else f"in from {peer}"
    several = f" of {', '.join(each.id for each in asked)}" if len(asked) > 1 else ""
    missing = (
        f"no {'outbound' if egress else 'inbound'} rule{several} lets {traffic(packet.protocol, lost)} {way}"
    )
    if screened.hidden_members:
        missing = (
            f"a middlebox passed the packet on, so that a reference to {screened.hidden_members[0]} matches "
            f"nothing; {missing}"
        )
    elif note := _public_member(network, asked, packet, peer, egress):
        missing = f"{missing}; {note}"
    return f"{passing}; {missing}" if passing else missing


def _named(group: str, asked: Sequence[SecurityGroup]) -> str:
    return f"{group}: " if len(asked) > 1 else ""


def _public_member(
    network: Network, asked: Sequence[SecurityGroup], packet: Packet, peer: Address, egress: bool
) -> str:
    """Why a reference does not match a member that is met by its public address."""
    owner = network.public(peer)
    if owner is None or owner.interface is None or packet.destination.version == 6:
        return ""
    referred = {
        str(rule.peer)
        for group in asked
        for rule in (group.egress if egress else group.ingress)
        if rule.peer_is_group
    }
    known = [each for each in owner.interface.groups if each in referred]
    if not known:
        return ""
    return f"the reference to {known[0]} matches private addresses only, and {peer} is public"


def group_fields(asked: Sequence[SecurityGroup], screened: Screened) -> dict[str, Any]:
    """The groups that were asked, and the rules that matched."""
    return {
        "GroupIds": [each.id for each in asked],
        "Rules": [{"GroupId": use.group, **rule_fields(use.rule)} for use in screened.rules],
    }


def rule_fields(rule: GroupRule) -> dict[str, Any]:
    """A rule with the keys of an IpPermission, its one peer among them."""
    protocol = (
        "-1" if rule.protocol == ANY_PROTOCOL else protocol_name(rule.protocol).removeprefix("protocol ")
    )
    found: dict[str, Any] = {"IpProtocol": protocol}
    if rule.protocol != ANY_PROTOCOL and (has_ports(rule.protocol) or rule.protocol in (ICMP, ICMPV6)):
        found |= {"FromPort": rule.low, "ToPort": rule.high}
    if rule.peer_is_group:
        return found | {"ReferencedGroupId": rule.peer}
    if isinstance(rule.peer, str):
        return found | {"PrefixListId": rule.peer}
    return found | {"CidrIp" if rule.peer.version == 4 else "CidrIpv6": str(rule.peer)}


def _interval(protocol: int, low: int, high: int) -> str:
    if protocol == ANY_PROTOCOL:
        return "all traffic"
    if protocol in (ICMP, ICMPV6):
        return protocol_name(protocol) + (f" type {low}" if low != -1 else "")
    return traffic(protocol, Ports(((low, high),)))


# Network ACLs


def acl(asked: NetworkAcl, screened: Screened, packet: Packet, *, egress: bool) -> str:
    """Which entries let a packet pass, and which one denies it."""
    allowing = [use.entry for use in screened.entries if use.entry is not None and use.entry.allow]
    parts = [f"rule {each.number} allows {_entry(each)}" for each in allowing]
    for use in screened.denied:
        if use.entry is not None:
            parts.append(f"rule {use.entry.number} denies {_lost(packet, use.ports)}")
        elif not allowing and (near := _near_misses(asked, packet, egress)):
            numbers = ", ".join(f"rule {each.number} allows {_entry(each)} only" for each in near[:2])
            parts.append(f"{numbers}; {_lost(packet, use.ports, verb=True)}")
        else:
            parts.append(f"no rule allows {_lost(packet, use.ports)}: rule * denies it")
    return "; ".join(parts)


def _lost(packet: Packet, ports: Ports, *, verb: bool = False) -> str:
    """What does not pass: of a reply, the ports of the client that it goes to."""
    if packet.reply and has_ports(packet.protocol):
        return f"the reply goes to {ports}" if verb else f"the reply to {ports}"
    shown = traffic(packet.protocol, ports)
    return f"this is {shown}" if verb else shown


def _near_misses(asked: NetworkAcl, packet: Packet, egress: bool) -> list[AclEntry]:
    """Entries that allow the same protocol to the same peer, and other ports."""
    peer = packet.destination if egress else packet.source
    return [
        each
        for each in asked.entries
        if each.egress is egress
        and each.allow
        and each.protocol == packet.protocol
        and peer.version == each.cidr.version
        and peer in each.cidr
    ]


def _entry(entry: AclEntry) -> str:
    where = "" if entry.cidr.prefixlen == 0 else f" {'to' if entry.egress else 'from'} {entry.cidr}"
    return f"{_interval(entry.protocol, entry.low, entry.high)}{where}"


def acl_fields(screened: Screened) -> dict[str, Any]:
    """The entries that decided, each with the ports that it decided about."""
    return {"Entries": [_entry_fields(use) for use in screened.entries]}


def _entry_fields(use: EntryUse) -> dict[str, Any]:
    if use.entry is None:
        return {"RuleNumber": 32767, "RuleAction": "deny", "Ports": use.ports.as_json()}
    return {
        "RuleNumber": use.entry.number,
        "RuleAction": "allow" if use.entry.allow else "deny",
        "Ports": use.ports.as_json(),
    }


# Routes


def route(table: RouteTable, taken: Route, refused: Sequence[Route]) -> str:
    """Which route was taken, and what AWS would not have accepted beside it."""
    said = (
        f"{taken.destination} → {taken.target}{' (main table)' if table.main and not table.subnets else ''}"
    )
    for each in refused[:1]:
        said += (
            f"; {each.destination} → {each.target} is passed over: more specific than local, a route must be "
            "for a whole subnet and lead to a NAT gateway, an interface or a Gateway Load Balancer endpoint"
        )
    return said


def route_fields(taken: Route) -> dict[str, Any]:
    """A route with the keys of create_route."""
    return {**destination_field(taken.destination), TARGET_KEYS[taken.kind]: taken.target}


def destination_field(destination: Cidr | str) -> dict[str, str]:
    """The destination of a route as a parameter of create_route."""
    if isinstance(destination, str):
        return {"DestinationPrefixListId": destination}
    key = "DestinationCidrBlock" if destination.version == 4 else "DestinationIpv6CidrBlock"
    return {key: str(destination)}


def no_route(table: RouteTable, place: Place, packet: Packet) -> str:
    """Whose table has no route, and why it is this table that counts."""
    where = packet.service or str(packet.destination)
    whose = f"the subnet of {place.component}" if place.interface is None else place.subnet
    if not table.described:
        return f"the documents hold no route table for {whose}: nothing tells of a route to {where}"
    why = (
        "by the main route table, as it is associated with no other"
        if place.subnet not in table.subnets
        else f"by {table.id}"
    )
    return f"{whose} sends {why}: it has no route to {where}"
