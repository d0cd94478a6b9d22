"""What puts its own address in: NAT gateways, and instances that forward.

Source: VPC User Guide, "NAT gateways", "NAT instances", "Middlebox routing for specific subnets".
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Network
from typing import TYPE_CHECKING, Final

from labs.aws.network.paths.causes import ChecksSource, NoPublicAddress, Translated
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Code, HopKind
from labs.aws.network.paths.network import Place, holds
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TCP, TRANSLATED, UDP, protocol_name
from labs.aws.network.paths.values import NatGateway, NetworkInterface, Route, RouteTable

if TYPE_CHECKING:
    from labs.aws.network.paths.walk import Session, Step, Walk

__all__ = ["back_through_appliance", "back_to_nat", "into_nat", "through_appliance"]

_NAT64: Final = IPv6Network("64:ff9b::/96")


def into_nat(walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route) -> Step:
    """Through a NAT gateway: its own address and ports go in for those of the sender."""
    nat, kind = walk.network.nat_gateways[route.target], HopKind.NAT_GATEWAY
    if nat.subnet != place.subnet:
        walk.check_acl(nat.subnet, nat.vpc, packet, egress=False)
    if nat.state == "pending":
        walk.stop(kind, nat.id, Code.BAD_STATE, f"{nat.id} is pending; it works within minutes", packet)
    if (refusal := _nat_refuses(walk, nat, place, packet)) is not None:
        code, detail = refusal
        cause = Translated(table, route) if code is Code.NGW_SOURCE_ADDRESS_REASSIGN else None
        walk.stop(kind, nat.id, code, detail, packet, cause)
        return None
    own = next((each for each in nat.addresses if each.private is not None), None)
    if own is None or own.private is None:
        detail = f"{nat.id} has no address at all"
        lacking = NoPublicAddress(None, nat, None, table)
        walk.stop(kind, nat.id, Code.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS, detail, packet, lacking)
        return None
    destination, protocol = packet.destination, packet.protocol
    if destination.version == 6:
        destination = IPv4Address(int(destination) & 0xFFFFFFFF)
        protocol = ICMP if protocol == ICMPV6 else protocol
    translated = replace(
        packet,
        source=own.private,
        source_ports=TRANSLATED,
        destination=destination,
        protocol=protocol,
    )
    seen = f", outside {own.public}" if own.public else ""
    fields = {"PrivateIp": str(own.private), **({"PublicIp": str(own.public)} if own.public else {})}
    walk.hop(
        kind,
        nat.id,
        f"{packet.source} → {own.private}{seen}; source ports {TRANSLATED}",
        packet,
        fields=fields,
    )
    walk.remember(nat.id, packet, translated, table)
    return lambda: walk.leave(Place(nat.vpc, nat.subnet, nat.id), translated)


def _nat_refuses(walk: Walk, nat: NatGateway, place: Place, packet: Packet) -> tuple[Code, str] | None:
    if place.vpc != nat.vpc:
        return (
            Code.NGW_REQUIRES_SOURCE_IN_VPC,
            f"{nat.id} serves {nat.vpc} only, and {packet.source} is in {place.vpc}",
        )
    if walk.is_reply:
        detail = (
            f"the reply leaves through {nat.id}, which would put its own address in for {packet.source}: "
            "the client knows no connection with that"
        )
        return Code.NGW_SOURCE_ADDRESS_REASSIGN, detail
    if packet.destination.version == 6 and packet.destination not in _NAT64:
        return (
            Code.PROTOCOL_RESTRICTION,
            f"a NAT gateway takes IPv6 only to {_NAT64}, and translates it to IPv4",
        )
    if packet.protocol not in (TCP, UDP, ICMP, ICMPV6):
        return (
            Code.PROTOCOL_RESTRICTION,
            f"a NAT gateway carries TCP, UDP and ICMP, and not {protocol_name(packet.protocol)}",
        )
    return None


def back_to_nat(walk: Walk, nat: NatGateway, packet: Packet, from_subnet: str) -> Step:
    """A packet comes to the address of a NAT gateway: the answer to something, or unasked."""
    if nat.subnet != from_subnet:
        walk.check_acl(nat.subnet, nat.vpc, packet, egress=False)
    restored = walk.restored(nat.id, packet)
    if restored is None:
        detail = f"{nat.id} has no session for this: it answers nobody who was not called from inside"
        walk.stop(HopKind.NAT_GATEWAY, nat.id, Code.NGW_DEST_ADDRESS_PRESERVATION, detail, packet)
        return None
    walk.hop(HopKind.NAT_GATEWAY, nat.id, f"its session leads back to {restored.destination}", packet)
    return lambda: walk.leave(Place(nat.vpc, nat.subnet, nat.id), restored)


# Appliances


def through_appliance(
    walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route, interface: NetworkInterface
) -> Step:
    """Through an instance that forwards: a NAT instance to the internet, a middlebox inside the VPC.

    That it forwards at all is taken on trust; no describe document tells what runs on it.
    """
    network = walk.network
    name = interface.instance or interface.id
    if interface.subnet != place.subnet:
        walk.check_acl(interface.subnet, interface.vpc, packet, egress=False)
    walk.check_groups(interface, packet, egress=False)
    walk.check_running(interface, packet)
    if interface.source_dest_check:
        detail = f"{interface.id} checks source and destination, and drops what is not for itself"
        code, cause = Code.ENI_SOURCE_DEST_CHECK_RESTRICTION, ChecksSource(interface)
        walk.stop(HopKind.APPLIANCE, interface.id, code, detail, packet, cause)
    own = network.vpcs[interface.vpc].cidrs if interface.vpc in network.vpcs else ()
    goes_out = not holds(own, packet.destination) and packet.destination.version == 4
    if goes_out and walk.is_reply:
        detail = f"the reply leaves through {name}, which would put its own address in for {packet.source}"
        code = Code.NGW_SOURCE_ADDRESS_REASSIGN
        walk.stop(HopKind.APPLIANCE, interface.id, code, detail, packet, Translated(table, route))
        return None
    onward = replace(packet, known_groups=False)
    rule = "passes it on unchanged, as a middlebox does"
    if goes_out and interface.addresses:
        onward = replace(packet, source=interface.addresses[0].private)
        rule = f"puts {onward.source} in for {packet.source}, as a NAT instance does"
        walk.remember(interface.id, packet, onward, table)
    walk.hop(HopKind.APPLIANCE, name, rule, packet)
    return lambda: _from_appliance(walk, interface, onward)


def back_through_appliance(walk: Walk, interface: NetworkInterface, session: Session, packet: Packet) -> Step:
    """A reply comes to a NAT instance, which passes it on to whoever sent the packet."""
    restored = session.inside.returned()
    rule = f"its session leads back to {restored.destination}"
    walk.hop(HopKind.APPLIANCE, interface.instance or interface.id, rule, packet)
    return lambda: _from_appliance(walk, interface, restored)


def _from_appliance(walk: Walk, interface: NetworkInterface, packet: Packet) -> Step:
    walk.check_groups(interface, packet, egress=True)
    return lambda: walk.leave(Place(interface.vpc, interface.subnet, interface.id, interface), packet)
