"""From what blocks a packet to the smallest change that lets it pass.

Rules are opened for the one peer and the ports of the question, routes added where one is missing, and what
is off is turned on. Ways out of a VPC are found in `ways_out`.

Source: Amazon EC2 API Reference, the calls that are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from labs.aws.network.paths.causes import (
    AclDenies,
    ChecksSource,
    DnsOff,
    Fault,
    GroupsDeny,
    NoPublicAddress,
    NoRoute,
    NotAttached,
    NotRunning,
    PeeringNotActive,
    Translated,
    Unrepairable,
)
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Call, Repair, public_reference
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.ports import Ports
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TRANSLATED, has_ports, protocol_name
from labs.aws.network.paths.values import AclEntry, Cidr
from labs.aws.network.paths.ways_out import (
    internet_route,
    public_address,
    route_repair,
)
from labs.aws.network.paths.wording import traffic

__all__ = ["repair_for"]

LAST_NUMBER: Final = 32766
"""The highest number that an entry of a network ACL may have."""


def repair_for(network: Network, fault: Fault) -> Repair | None:
    """The repair of a fault; None where no setting helps."""
    match fault.cause:
        case GroupsDeny():
            return _open_group(network, fault.component, fault.cause)
        case AclDenies():
            return _open_acl(network, fault.cause)
        case NoRoute():
            return route_repair(network, fault.cause)
        case NotRunning(instance):
            if instance.state != "stopped":  # what is on its way to another state takes no orders
                return None
            name = network.called(instance.id)
            return _one(f"Start {name}.", "start_instances", InstanceIds=[instance.id])
        case NotAttached(gateway, vpc, table, route):
            return internet_route(network, vpc, table, route, gateway)
        case NoPublicAddress():
            return public_address(network, fault.cause)
        case PeeringNotActive(peering):
            return _one(
                f"Accept {peering.id}.",
                "accept_vpc_peering_connection",
                VpcPeeringConnectionId=peering.id,
            )
        case ChecksSource(interface):
            return _stop_checking(interface.id, interface.instance == interface.id)
        case Translated(table, route):
            return internet_route(network, table.vpc, table, route)
        case DnsOff(vpc):
            return _one(
                f"Turn enableDnsSupport of {vpc} on.",
                "modify_vpc_attribute",
                VpcId=vpc,
                EnableDnsSupport={"Value": True},
            )
        case Unrepairable():
            return None


def _one(sentence: str, operation: str, **parameters: Any) -> Repair:
    return Repair(sentence, (Call(operation, parameters),))


def _stop_checking(interface: str, is_instance: bool) -> Repair:
    operation = "modify_instance_attribute" if is_instance else "modify_network_interface_attribute"
    key = "InstanceId" if is_instance else "NetworkInterfaceId"
    parameters = {key: interface, "SourceDestCheck": {"Value": False}}
    return Repair(f"Turn the source/destination check of {interface} off.", (Call(operation, parameters),))


# Security groups


def _open_group(network: Network, group: str, cause: GroupsDeny) -> Repair:
    """A rule for this peer and these ports: by reference to its group where that can match."""
    packet, egress = cause.packet, cause.egress
    peer, said = _group_peer(network, cause)
    permissions = [
        {**_protocol_and_ports(packet, ports), **peer} for ports in _intervals(packet.protocol, cause.lost)
    ]
    side = "egress" if egress else "ingress"
    way = "out to" if egress else "in from"
    return Repair(
        f"Let {traffic(packet.protocol, cause.lost)} {way} {said} in {network.called(group)}.",
        (Call(f"authorize_security_group_{side}", {"GroupId": group, "IpPermissions": permissions}),),
    )


def _group_peer(network: Network, cause: GroupsDeny) -> tuple[dict[str, Any], str]:
    packet = cause.packet
    address = packet.destination if cause.egress else packet.source
    if cause.egress and packet.service:
        lists = [each for each in network.prefix_lists.values() if each.name == packet.service]
        if lists and any(address in block for block in lists[0].cidrs if block.version == address.version):
            return {"PrefixListIds": [{"PrefixListId": lists[0].id}]}, f"{packet.service} ({lists[0].id})"
    for vpc in network.vpcs:
        other = network.interface_at(vpc, address)
        shared = other is not None and network.shares_groups(vpc, cause.interface.vpc)
        if other is not None and shared and packet.known_groups and network.groups_of(other):
            first = other.groups[0]
            return {"UserIdGroupPairs": [{"GroupId": first}]}, f"members of {network.called(first)}"
    block = _block_text(network, cause.peer)
    four = cause.peer.version == 4
    ranges = {"IpRanges": [{"CidrIp": block}]} if four else {"Ipv6Ranges": [{"CidrIpv6": block}]}
    return ranges, _peer_said(cause.peer, block, "everyone")


def _block_text(network: Network, peer: Cidr) -> str:
    """A block as a parameter: with a reference where an earlier repair is to draw the address."""
    drawn = network.elastic_ips.get(str(peer.network_address))
    if drawn is not None and peer.prefixlen == 32 and drawn.allocation.startswith("${"):
        return f"{public_reference(drawn.allocation)}/32"
    return str(peer)


def _peer_said(peer: Cidr, block: str, everyone: str) -> str:
    if peer.prefixlen == 0:
        return everyone
    return "the new Elastic IP address" if block.startswith("${") else block


def _protocol_and_ports(packet: Packet, ports: tuple[int, int]) -> dict[str, Any]:
    protocol = packet.protocol
    if has_ports(protocol):
        return {"IpProtocol": protocol_name(protocol), "FromPort": ports[0], "ToPort": ports[1]}
    if protocol in (ICMP, ICMPV6):
        return {"IpProtocol": protocol_name(protocol), "FromPort": packet.icmp_type, "ToPort": -1}
    return {"IpProtocol": str(protocol)}


def _intervals(protocol: int, ports: Ports) -> tuple[tuple[int, int], ...]:
    return ports.ranges if has_ports(protocol) else ((0, 65535),)


# Network ACLs


def _open_acl(network: Network, cause: AclDenies) -> Repair:
    """Entries that allow what was lost: before the first entry that denied any of it, or after all."""
    editor = _Editor(network, cause)
    denying = [use for use in cause.denied if use.entry is not None]
    explicit = Ports.of(*(interval for use in denying for interval in use.ports.ranges))
    implicit = cause.lost - explicit
    if cause.packet.reply and has_ports(cause.packet.protocol):
        implicit = _all_clients(implicit)
    protocol = cause.packet.protocol
    said: list[str] = []
    for before, ports in ((denying[0].entry if denying else None, explicit), (None, implicit)):
        for interval in _intervals(protocol, ports) if ports else ():
            number = editor.allow(cause, interval, before)
            said.append(f"rule {number} allows {traffic(protocol, Ports((interval,)))}")
    side, way = ("egress", "to") if cause.egress else ("ingress", "from")
    peer = _peer_said(cause.peer, _block_text(network, cause.peer), "anywhere")
    name = network.called(cause.acl.id)
    return Repair(f"{name} {side}: {', '.join(said)} {way} {peer}.", tuple(editor.calls))


def _all_clients(lost: Ports) -> Ports:
    """Where `*` denied replies: the range for clients of all kinds (VPC User Guide, "Ephemeral ports")."""
    return TRANSLATED if lost and lost & TRANSLATED == lost else lost


class _Editor:
    """Writes entries of a network ACL, and makes room where the number that one needs is taken."""

    def __init__(self, network: Network, cause: AclDenies) -> None:
        self.network = network
        self.acl = cause.acl
        self.egress = cause.egress
        self.entries = {each.number: each for each in self.acl.entries if each.egress is self.egress}
        self.calls: list[Call] = []

    def allow(self, cause: AclDenies, interval: tuple[int, int], before: AclEntry | None) -> int:
        """Add an entry right before another one, or after all of them; its number."""
        number = self._after_all() if before is None else self._right_before(before)
        low, high = _span(cause.packet, interval)
        entry = AclEntry(number, self.egress, True, cause.packet.protocol, cause.peer, low, high)
        self._write(number, entry)
        return number

    def _after_all(self) -> int:
        highest = max(self.entries, default=0)
        if highest == LAST_NUMBER:
            return self._below(LAST_NUMBER + 1)
        return min((highest // 100 + 1) * 100, LAST_NUMBER)

    def _right_before(self, entry: AclEntry) -> int:
        place = min(number for number, each in self.entries.items() if _same(each, entry))
        if place > 1 and place - 1 not in self.entries:
            return place - 1
        above = (number for number in range(place + 1, LAST_NUMBER + 1) if number not in self.entries)
        if (free := next(above, None)) is None:
            return self._below(place)
        for number in range(free, place, -1):
            self._write(number, self.entries[number - 1])
        return place

    def _below(self, place: int) -> int:
        """The number below a place, freed by moving the entries below it down."""
        free = next(number for number in range(place - 1, 0, -1) if number not in self.entries)
        for number in range(free, place - 1):
            self._write(number, self.entries[number + 1])
        return place - 1

    def _write(self, number: int, entry: AclEntry) -> None:
        """Put an entry under a number, in place of whatever stands there."""
        operation = "replace_network_acl_entry" if number in self.entries else "create_network_acl_entry"
        self.entries[number] = replace(entry, number=number)
        self.calls.append(Call(operation, self._parameters(self.entries[number])))

    def _parameters(self, entry: AclEntry) -> dict[str, Any]:
        """An entry as create_network_acl_entry takes it."""
        block = "CidrBlock" if entry.cidr.version == 4 else "Ipv6CidrBlock"
        return {
            "NetworkAclId": self.acl.id,
            "RuleNumber": entry.number,
            "Egress": entry.egress,
            "RuleAction": "allow" if entry.allow else "deny",
            "Protocol": str(entry.protocol),
            block: _block_text(self.network, entry.cidr),
            **dict(_scope(entry)),
        }


def _same(one: AclEntry, other: AclEntry) -> bool:
    """Whether two entries say the same, whatever their numbers."""
    return (one.allow, one.protocol, one.cidr, one.low, one.high) == (
        other.allow,
        other.protocol,
        other.cidr,
        other.low,
        other.high,
    )


def _span(packet: Packet, interval: tuple[int, int]) -> tuple[int, int]:
    if packet.protocol in (ICMP, ICMPV6):
        return packet.icmp_type, -1
    return interval


def _scope(entry: AclEntry) -> Iterator[tuple[str, dict[str, int]]]:
    if has_ports(entry.protocol):
        yield "PortRange", {"From": entry.low, "To": entry.high}
    elif entry.protocol in (ICMP, ICMPV6):
        yield "IcmpTypeCode", {"Type": entry.low, "Code": entry.high}
