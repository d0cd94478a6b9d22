"""Ways out of a VPC that are not the internet: peering connections and VPC endpoints.

Source: VPC Peering Guide, "How VPC peering connections work"; AWS PrivateLink Guide, "Gateway endpoints",
"Access an AWS service using an interface VPC endpoint".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.aws.network.paths.causes import NoRoute, PeeringNotActive
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Code, HopKind
from labs.aws.network.paths.network import Place, holds
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TCP, protocol_name
from labs.aws.network.paths.values import NetworkInterface, Route, RouteTable
from labs.aws.network.paths.wording import receiver

if TYPE_CHECKING:
    from labs.aws.network.paths.walk import Step, Walk

__all__ = ["check_endpoint", "into_gateway_endpoint", "over_peering"]


def over_peering(walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route) -> Step:
    """Over a peering connection, to the VPC at its other end and no further."""
    network, kind = walk.network, HopKind.PEERING
    peering = network.peerings[route.target]
    other = peering.other_side(place.vpc)
    if other is None:
        detail = f"{peering.id} does not connect {place.vpc}"
        cause = NoRoute(table, place, packet, bad=route, client_table=walk.client_table(place))
        walk.stop(kind, peering.id, Code.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR, detail, packet, cause)
        return None
    if peering.status != "active":
        detail = f"{peering.id} is {peering.status}; it carries nothing before it is active"
        walk.stop(kind, peering.id, Code.BAD_STATE, detail, packet, PeeringNotActive(peering))
    there = network.vpcs[other.vpc].cidrs if other.vpc in network.vpcs else other.cidrs
    here = network.vpcs[place.vpc].cidrs if place.vpc in network.vpcs else ()
    for blocks, address, vpc in ((there, packet.destination, other.vpc), (here, packet.source, place.vpc)):
        if blocks and not holds(blocks, address):
            detail = f"{peering.id} leads to {other.vpc} and no further: {address} is not in {vpc}"
            cause = NoRoute(table, place, packet, bad=route, client_table=walk.client_table(place))
            walk.stop(kind, peering.id, Code.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR, detail, packet, cause)
            return None
    overlap = next((a for a in here for b in there if a.version == b.version and a.overlaps(b)), None)
    if overlap is not None:
        detail = f"{place.vpc} and {other.vpc} overlap in {overlap}: AWS lets no such peering become active"
        walk.stop(kind, peering.id, Code.BAD_STATE, detail, packet)
        return None
    if other.vpc not in network.vpcs:
        detail = f"{peering.id} leads to {other.vpc}, which the documents do not describe"
        walk.stop(kind, peering.id, Code.UNKNOWN_DESTINATION, detail, packet)
        return None
    walk.hop(kind, peering.id, f"{packet.destination} is in {other.vpc}", packet, fields={"VpcId": other.vpc})
    return lambda: walk.deliver(other.vpc, packet)


# Endpoints


def into_gateway_endpoint(walk: Walk, place: Place, packet: Packet, route: Route) -> Step:
    """By a gateway endpoint, straight to its service."""
    kind, endpoint = HopKind.ENDPOINT, walk.network.endpoints.get(route.target)
    if endpoint is not None and endpoint.kind != "Gateway":
        detail = f"{endpoint.id} is of type {endpoint.kind}, which is not followed here"
        walk.stop(kind, endpoint.id, Code.UNKNOWN_DESTINATION, detail, packet)
        return None
    if endpoint is not None and endpoint.state != "available":
        walk.stop(kind, endpoint.id, Code.BAD_STATE, f"{endpoint.id} is {endpoint.state}", packet)
    if packet.protocol not in (TCP, ICMP, ICMPV6):
        detail = f"a gateway endpoint carries TCP and ping, and not {protocol_name(packet.protocol)}"
        walk.stop(kind, route.target, Code.VPCE_GATEWAY_PROTOCOL_RESTRICTION, detail, packet)
        return None
    if walk.is_reply:
        detail = f"{route.target} carries only connections that begin inside the VPC"
        walk.stop(kind, route.target, Code.NO_POSSIBLE_DESTINATION, detail, packet)
        return None
    service = endpoint.service if endpoint is not None else packet.service
    rule = f"straight to {service or 'the service'}: no internet gateway, no NAT, no public address"
    walk.hop(kind, route.target, rule, packet, fields={"ServiceName": service})
    walk.hop(HopKind.DESTINATION, service or str(packet.destination), receiver(packet), packet)
    return walk.finish(packet, place, route.target)


def check_endpoint(walk: Walk, interface: NetworkInterface, packet: Packet) -> None:
    """What an interface endpoint asks of a packet, beyond its security groups."""
    endpoint = next(
        (each for each in walk.network.endpoints.values() if interface.id in each.interfaces), None
    )
    if endpoint is None:
        return
    if endpoint.state != "available":
        walk.stop(HopKind.ENDPOINT, endpoint.id, Code.BAD_STATE, f"{endpoint.id} is {endpoint.state}", packet)
    elif packet.protocol != TCP:
        detail = f"an interface endpoint carries TCP, and not {protocol_name(packet.protocol)}"
        walk.stop(HopKind.ENDPOINT, endpoint.id, Code.PROTOCOL_RESTRICTION, detail, packet)
    else:
        rule = f"{endpoint.service} answers at {packet.destination}"
        walk.hop(HopKind.ENDPOINT, endpoint.id, rule, packet, fields={"ServiceName": endpoint.service})
