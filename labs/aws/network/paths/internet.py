"""Between a VPC and the internet: internet gateways, egress-only internet gateways, and what lies outside.

Source: VPC User Guide, "Internet gateways", "Egress-only internet gateways", "Gateway route tables".
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from labs.aws.network.paths.causes import (
    Cause,
    NoPublicAddress,
    NoRoute,
    NotAttached,
    Translated,
    Unrepairable,
)
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Code, HopKind
from labs.aws.network.paths.network import Place, Public, is_private, is_shared
from labs.aws.network.paths.routes import choose, interface_of
from labs.aws.network.paths.translators import back_to_nat, through_appliance
from labs.aws.network.paths.values import Address, NatGateway, NetworkInterface, Route, RouteTable, TargetKind
from labs.aws.network.paths.wording import receiver

if TYPE_CHECKING:
    from labs.aws.network.paths.walk import Step, Walk

__all__ = ["out_by_egress_only", "out_by_internet_gateway", "outside", "unmapped"]


def out_by_internet_gateway(
    walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route
) -> Step:
    """Out by an internet gateway, which puts the public address of the sender in for its private one."""
    network, gateway, kind = walk.network, route.target, HopKind.INTERNET_GATEWAY
    if not network.gateway_is_attached(gateway, place.vpc):
        detail = f"{gateway} is not attached to {place.vpc}"
        unattached = NotAttached(gateway, place.vpc, table, route)
        walk.stop(kind, gateway, Code.BAD_STATE_ATTACHMENT, detail, packet, unattached)
    if isinstance(packet.destination, IPv4Address):
        for refused, code, name in (
            (is_private, Code.IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS, "RFC 1918"),
            (is_shared, Code.IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS, "RFC 6598"),
        ):
            if refused(packet.destination):
                detail = (
                    f"an internet gateway takes nothing to {packet.destination}, a private address ({name})"
                )
                astray = NoRoute(walk.client_table(place) or table, place, packet)
                walk.stop(kind, gateway, code, detail, packet, astray)
                return None
    elif is_private(packet.source):
        detail = f"{packet.source} is a unique local address, which is not routed on the internet"
        walk.stop(kind, gateway, Code.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS, detail, packet)
        return None
    if packet.source.version == 6:
        walk.hop(kind, gateway, "IPv6: no translation, the address is public", packet)
        return lambda: outside(walk, packet)

    public: Address | None
    nat = network.nat_gateways.get(place.component)
    sender = network.interface_at(place.vpc, packet.source)
    if nat is not None:
        public = next((each.public for each in nat.addresses if each.private == packet.source), None)
    else:
        public = sender.public_of(packet.source) if sender is not None else None
    if public is None:
        cause = NoPublicAddress(sender, nat, packet.source, walk.client_table(place))
        detail = _no_public_address(walk, packet, sender, nat)
        walk.stop(kind, gateway, Code.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS, detail, packet, cause)
        return None
    fields = {"PrivateIpAddress": str(packet.source), "PublicIp": str(public)}
    walk.hop(kind, gateway, f"1:1 NAT {packet.source} → {public}", packet, fields=fields)
    translated = replace(packet, source=public)
    return lambda: outside(walk, translated)


def _no_public_address(
    walk: Walk, packet: Packet, sender: NetworkInterface | None, nat: NatGateway | None
) -> str:
    if nat is not None:
        kind = "a private NAT gateway" if not nat.public else "without an Elastic IP address"
        return f"{nat.id} is {kind}: an internet gateway has no public address to put in for {packet.source}"
    if sender is not None and sender.kind == "lambda":
        return f"{sender.id} belongs to a Lambda function, which never has a public address"
    name = walk.network.host(sender) if sender else str(packet.source)
    return f"{name} has no public IPv4 address that an internet gateway could put in for {packet.source}"


def outside(walk: Walk, packet: Packet) -> Step:
    """On the internet, a packet goes to whoever has its destination."""
    network = walk.network
    owner = network.public(packet.destination)
    if owner is not None:
        return _in_from_internet(walk, owner, packet)
    if str(packet.destination) in network.elastic_ips:
        detail = f"the Elastic IP address {packet.destination} is associated with nothing"
        walk.stop(HopKind.DESTINATION, str(packet.destination), Code.NO_POSSIBLE_DESTINATION, detail, packet)
        return None
    end = walk.ends[0 if walk.is_reply else 1]
    walk.hop(HopKind.DESTINATION, end.service or "internet", receiver(packet), packet)
    return walk.finish(packet, None, "internet")


def _in_from_internet(walk: Walk, owner: Public, packet: Packet) -> Step:
    """Into the VPC of a public address, by its internet gateway."""
    kind = HopKind.INTERNET_GATEWAY
    if packet.destination.version == 6 and (step := _in_by_egress_only(walk, owner, packet)) is not None:
        return step
    gateway = _gateway_in(walk, owner, packet)
    if owner.interface is not None and not owner.interface.attached:
        detail = f"{packet.destination} belongs to {owner.interface.id}, which is attached to nothing"
        walk.stop(kind, gateway, Code.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS, detail, packet)
        return None
    if packet.destination.version == 6:
        walk.hop(kind, gateway, "IPv6: no translation, the address is public", packet)
        return lambda: _inside(walk, gateway, owner.vpc, packet)
    fields = {"PrivateIpAddress": str(owner.private), "PublicIp": str(packet.destination)}
    walk.hop(kind, gateway, f"1:1 NAT {packet.destination} → {owner.private}", packet, fields=fields)
    translated = replace(packet, destination=owner.private)
    if owner.nat is not None:
        nat = owner.nat
        return lambda: back_to_nat(walk, nat, translated, "")
    return lambda: _inside(walk, gateway, owner.vpc, translated)


def _gateway_in(walk: Walk, owner: Public, packet: Packet) -> str:
    """The internet gateway by which a packet comes in; what is wrong when none is attached."""
    network = walk.network
    attached = network.internet_gateway_of(owner.vpc)
    if attached is not None:
        return attached.id
    subnet = owner.interface.subnet if owner.interface else owner.nat.subnet if owner.nat else ""
    table = network.table_of(subnet, owner.vpc)
    route = choose(network, table, packet.source).route
    named = route.target if route is not None and route.kind is TargetKind.INTERNET_GATEWAY else ""
    if "InternetGateways" not in network.described:
        return named or f"internet gateway of {owner.vpc}"
    gateway = named if named in network.internet_gateways else ""
    detail = (
        f"{gateway} is not attached to {owner.vpc}"
        if gateway
        else f"no internet gateway is attached to {owner.vpc}"
    )
    cause = NotAttached(gateway, owner.vpc)
    walk.stop(
        HopKind.INTERNET_GATEWAY, gateway or owner.vpc, Code.BAD_STATE_ATTACHMENT, detail, packet, cause
    )
    return gateway or owner.vpc


def unmapped(walk: Walk, interface: NetworkInterface, packet: Packet, *, meant: bool) -> Step:
    """From the internet to an interface that has no public address; `meant` when the interface was named."""
    network = walk.network
    gateway = network.internet_gateway_of(interface.vpc)
    name = network.host(interface)
    detail = (
        f"{name} has no public IPv4 address that an internet gateway could take in"
        if meant
        else f"{packet.destination} is private: it is not routed on the internet, whoever has it"
    )
    cause: Cause = NoPublicAddress(interface, None, packet.destination) if meant else Unrepairable()
    code = Code.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS
    walk.stop(HopKind.INTERNET_GATEWAY, gateway.id if gateway else interface.vpc, code, detail, packet, cause)
    if gateway is None or not meant:
        return None
    return lambda: _inside(walk, gateway.id, interface.vpc, packet)


def _inside(walk: Walk, gateway: str, vpc: str, packet: Packet) -> Step:
    """From an internet gateway to a subnet, unless a gateway route table sends to an appliance first."""
    table = walk.network.table_of_gateway(gateway)
    if table is not None and table.vpc == vpc:
        route = choose(walk.network, table, packet.destination).route
        target = interface_of(walk.network, route.target) if route is not None else None
        if route is not None and route.kind is TargetKind.INTERFACE and target is not None:
            walk.hop(
                HopKind.ROUTE_TABLE, table.id, f"{route.destination} → {route.target} (gateway table)", packet
            )
            place = Place(vpc, "", gateway)
            return lambda: through_appliance(walk, place, packet, table, route, target)
    return lambda: walk.deliver(vpc, packet)


# IPv6 out only


def out_by_egress_only(walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route) -> Step:
    """Out by an egress-only internet gateway: IPv6, and only what begins inside."""
    kind, gateway = HopKind.EGRESS_ONLY_GATEWAY, walk.network.egress_only_gateways.get(route.target)
    if gateway is not None and gateway.vpc != place.vpc:
        detail = f"{route.target} is not attached to {place.vpc}"
        walk.stop(kind, route.target, Code.BAD_STATE_ATTACHMENT, detail, packet)
        return None
    if walk.is_reply:
        detail = f"{route.target} lets out only what began inside: it knows no connection that this answers"
        walk.stop(kind, route.target, Code.EIGW_OUTBOUND_ONLY, detail, packet, Translated(table, route))
        return None
    walk.remember(route.target, packet, packet, table)
    walk.hop(kind, route.target, "IPv6 goes out; only replies come back in", packet)
    return lambda: outside(walk, packet)


def _in_by_egress_only(walk: Walk, owner: Public, packet: Packet) -> Step:
    """Replies to what went out by an egress-only gateway; where a VPC has no other, all else ends there."""
    network, kind = walk.network, HopKind.EGRESS_ONLY_GATEWAY
    own = [each for each in network.egress_only_gateways.values() if each.vpc == owner.vpc]
    for gateway in own:
        if walk.restored(gateway.id, packet) is not None:
            walk.hop(kind, gateway.id, "stateful: a reply to what went out", packet)
            return lambda: walk.deliver(owner.vpc, packet)
    if own and owner.interface is not None and network.internet_gateway_of(owner.vpc) is None:
        table = network.table_of(owner.interface.subnet, owner.vpc)
        route = choose(network, table, packet.source).route
        leads_out = route is not None and route.kind is TargetKind.EGRESS_ONLY_GATEWAY
        cause = Translated(table, route) if route is not None and leads_out else NotAttached("", owner.vpc)
        detail = f"{own[0].id} lets nobody in who was not called, and {owner.vpc} has no internet gateway"
        walk.stop(kind, own[0].id, Code.EIGW_OUTBOUND_ONLY, detail, packet, cause)
        return lambda: walk.deliver(owner.vpc, packet)
    return None
