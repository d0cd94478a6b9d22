"""Where a route leads, and whether it still leads anywhere.

Source: VPC User Guide, "Route table concepts"; Amazon EC2 API Reference, "Route".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from labs.aws.network.paths.causes import Cause, NoRoute, Unrepairable
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Code
from labs.aws.network.paths.internet import out_by_egress_only, out_by_internet_gateway
from labs.aws.network.paths.neighbours import into_gateway_endpoint, over_peering
from labs.aws.network.paths.network import Network, Place
from labs.aws.network.paths.routes import interface_of
from labs.aws.network.paths.translators import into_nat, through_appliance
from labs.aws.network.paths.values import Route, RouteTable, TargetKind

if TYPE_CHECKING:
    from labs.aws.network.paths.walk import Step, Walk

__all__ = ["cross", "dead_end"]

DeadEnd: TypeAlias = tuple[Code, str, str, Cause]

_KEYS: Final = {
    TargetKind.INTERNET_GATEWAY: "InternetGateways",
    TargetKind.EGRESS_ONLY_GATEWAY: "EgressOnlyInternetGateways",
    TargetKind.NAT_GATEWAY: "NatGateways",
    TargetKind.PEERING: "VpcPeeringConnections",
    TargetKind.ENDPOINT: "VpcEndpoints",
}
"""Where the documents describe the targets of routes."""

_CERTAIN: Final = (TargetKind.INTERNET_GATEWAY, TargetKind.EGRESS_ONLY_GATEWAY, TargetKind.ENDPOINT)
"""Targets that need no description: an active route proves that they are there, and says all about them."""


def dead_end(walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route) -> DeadEnd | None:
    """Why a route leads nowhere, if it does."""
    cause = NoRoute(table, place, packet, bad=route, client_table=walk.client_table(place))
    if route.kind is TargetKind.LOCAL:
        return None
    if route.kind is TargetKind.OTHER and route.target and not route.blackhole:
        detail = f"{route.destination} → {route.target}: gateways of this kind are not followed here"
        return Code.UNKNOWN_DESTINATION, route.target, detail, Unrepairable()
    if _leads_back(walk.network, place, route):
        detail = (
            f"{route.destination} → {route.target}: {table.id} serves the subnet of {place.component} itself "
            "and leads back to it instead of to an internet gateway"
        )
        return Code.NO_ROUTE_TO_DESTINATION, table.id, detail, cause
    fault = _what_is_wrong_with(walk.network, route)
    if not fault:
        return None
    if fault == "unknown":
        detail = f"{route.destination} → {route.target}, and the documents do not describe it"
        return Code.UNKNOWN_DESTINATION, route.target, detail, Unrepairable()
    detail = f"{route.destination} → {route.target or 'nothing'} is a blackhole: {fault}"
    return Code.BAD_STATE_ROUTE, table.id, detail, cause


def _leads_back(network: Network, place: Place, route: Route) -> bool:
    """Whether a route leads to the very translator that the packet is leaving."""
    if route.kind is TargetKind.INTERFACE:
        target = interface_of(network, route.target)
        return target is not None and target.id == place.component
    return route.kind is TargetKind.NAT_GATEWAY and route.target == place.component


def _what_is_wrong_with(network: Network, route: Route) -> str:
    """Why a route is a blackhole, `unknown` where the documents do not tell, or nothing.

    A target that is there but not ready says so itself, when the packet comes to it.
    """
    if route.kind is TargetKind.OTHER or not route.target:
        return "its target is gone"
    if route.kind is TargetKind.INTERFACE:
        found = interface_of(network, route.target)
        if found is None:
            return f"{route.target} is gone"
        instance = network.instances.get(found.instance)
        works = found.attached and (instance is None or instance.state == "running")
        return _NO_REASON if route.blackhole and works else ""
    state = _state(network, route)
    if state is None:
        if route.blackhole or _KEYS[route.kind] in network.described:
            return f"{route.target} is gone"
        return "" if route.kind in _CERTAIN else "unknown"
    if state in ("ready", "not ready"):
        return _NO_REASON if route.blackhole and state == "ready" else ""
    return f"{route.target} is {state}"


_NO_REASON: Final = "AWS says so, though its target is there"


def _state(network: Network, route: Route) -> str | None:
    """`ready`, `not ready`, or the state of a target that will never be; None when it is not described."""
    id = route.target
    match route.kind:
        case TargetKind.NAT_GATEWAY if id in network.nat_gateways:
            state = network.nat_gateways[id].state
            return {"available": "ready", "pending": "not ready"}.get(state, state)
        case TargetKind.PEERING if id in network.peerings:
            peering = network.peerings[id]
            status = {"active": "ready"}.get(peering.status, peering.status)
            return "not ready" if peering.is_pending else status
        case TargetKind.INTERNET_GATEWAY if id in network.internet_gateways:
            return "ready" if network.internet_gateways[id].vpc else "not ready"
        case TargetKind.EGRESS_ONLY_GATEWAY if id in network.egress_only_gateways:
            return "ready"
        case TargetKind.ENDPOINT if id in network.endpoints:
            return "ready"
    return None


def cross(walk: Walk, place: Place, packet: Packet, table: RouteTable, route: Route) -> Step:
    """Go through what a route leads to."""
    network = walk.network
    if route.kind is TargetKind.INTERNET_GATEWAY:
        return out_by_internet_gateway(walk, place, packet, table, route)
    if route.kind is TargetKind.NAT_GATEWAY:
        return into_nat(walk, place, packet, table, route)
    if route.kind is TargetKind.EGRESS_ONLY_GATEWAY:
        return out_by_egress_only(walk, place, packet, table, route)
    if route.kind is TargetKind.PEERING:
        return over_peering(walk, place, packet, table, route)
    if route.kind is TargetKind.INTERFACE:
        found = interface_of(network, route.target)
        assert found is not None  # dead_end has seen to it
        return through_appliance(walk, place, packet, table, route, found)
    return into_gateway_endpoint(walk, place, packet, route)
