"""Which route a packet takes: the most specific one that matches, and what decides between equals.

Source: VPC User Guide, "How route priority works", "Subnet route tables".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from labs.aws.network.paths.network import Network, holds
from labs.aws.network.paths.values import Address, Cidr, NetworkInterface, Route, RouteTable, TargetKind

__all__ = ["Choice", "choose", "is_reserved", "leads_to_internet"]

_RESERVED: Final = (IPv4Network("169.254.168.0/22"), IPv6Network("fd00:ec2::/32"))
_UNKNOWN_PREFIX_LENGTH: Final = 16
"""How specific a prefix list is that nobody describes: more than a default route."""
_INSIDE_TARGETS: Final = (TargetKind.NAT_GATEWAY, TargetKind.INTERFACE, TargetKind.ENDPOINT)


@dataclass(frozen=True, slots=True)
class Choice:
    """The route that is taken; `refused` are routes inside the VPC's own blocks that AWS would not accept."""

    route: Route | None
    refused: tuple[Route, ...] = ()
    length: int = 0


def is_reserved(address: Address) -> bool:
    """Whether an address is one of those that no route table ever forwards to."""
    return any(address.version == block.version and address in block for block in _RESERVED)


def choose(network: Network, table: RouteTable, destination: Address, service: str = "") -> Choice:
    """The route of a table for a destination."""
    own = network.vpcs[table.vpc].cidrs if table.vpc in network.vpcs else ()
    inside = [block for block in own if block.version == destination.version and destination in block]
    matching = list(_matching(network, table, destination, service))
    for block in inside:
        if not any(route.destination == block for _, route in matching):
            matching.append((block.prefixlen, Route(block, TargetKind.LOCAL, "local")))
    refused = [
        route
        for length, route in matching
        if inside and not _may_be_inside(network, table.vpc, route, inside)
    ]
    best = max(
        ((length, route) for length, route in matching if route not in refused), key=_rank, default=None
    )
    if best is None:
        return Choice(None, tuple(refused))
    return Choice(best[1], tuple(refused), best[0])


def _matching(
    network: Network, table: RouteTable, destination: Address, service: str
) -> Iterator[tuple[int, Route]]:
    """The routes that match, each with the length of the prefix by which it does."""
    for route in table.routes:
        if not isinstance(route.destination, str):
            block = route.destination
            if block.version == destination.version and destination in block:
                yield block.prefixlen, route
            continue
        known = network.prefix_lists.get(route.destination)
        blocks = [each for each in known.cidrs if holds((each,), destination)] if known else []
        if blocks:
            yield max(each.prefixlen for each in blocks), route
        elif service and network.service_of(route.destination) == service:
            yield _UNKNOWN_PREFIX_LENGTH, route


def _rank(candidate: tuple[int, Route]) -> tuple[int, bool, bool, bool]:
    """The longest prefix; then static before propagated; then a block before a prefix list."""
    length, route = candidate
    return (
        length,
        not route.propagated,
        route.kind is TargetKind.LOCAL,
        not isinstance(route.destination, str),
    )


def _may_be_inside(network: Network, vpc: str, route: Route, inside: list[Cidr]) -> bool:
    """Whether AWS accepts a route as it stands beside the local routes.

    One more specific than a local route must be for the whole block of a subnet, and lead to a NAT gateway, a
    network interface or a Gateway Load Balancer endpoint.
    """
    block = route.destination
    if isinstance(block, str):
        return True
    narrower = any(block.prefixlen > own.prefixlen for own in inside)
    if not narrower or block in inside:
        return True
    whole = any(block in each.cidrs for each in network.subnets.values() if each.vpc == vpc)
    return whole and route.kind in _INSIDE_TARGETS and not route.propagated


def leads_to_internet(network: Network, table: RouteTable) -> bool:
    """Whether IPv4 from this table goes to an internet gateway that is attached."""
    return any(
        route.destination == IPv4Network("0.0.0.0/0")
        and route.kind is TargetKind.INTERNET_GATEWAY
        and network.gateway_is_attached(route.target, table.vpc)
        for route in table.routes
    )


def interface_of(network: Network, target: str) -> NetworkInterface | None:
    """The interface that a route leads to, by its own id or by that of its instance."""
    if target in network.interfaces:
        return network.interfaces[target]
    return next(
        (each for each in network.interfaces.values() if each.instance == target and each.device == 0), None
    )
