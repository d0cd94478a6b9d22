"""A network drawn: each VPC with its subnets and what stands in them, its route tables and its groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from labs.aws.network.paths import Network
from labs.aws.network.paths.values import (
    ANY_PROTOCOL,
    GroupRule,
    NetworkInterface,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    TargetKind,
    Vpc,
)
from tui.draw.layout import page, row, rule
from tui.draw.words import clipped, listed, shown

__all__ = ["network_drawn"]

WAYS = {
    TargetKind.INTERNET_GATEWAY: ("public", "allowed"),
    TargetKind.NAT_GATEWAY: ("private, out by NAT", "partly"),
}
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
COLUMNS = (2, 21, 19, None)
LONGEST = 21
"""Cells of a name in the first column, which is what COLUMNS gives it."""
EVERYWHERE = ("0.0.0.0/0", "::/0")


def network_drawn(network: Network) -> RenderableType:
    """All VPCs, those with instances first."""
    busy = {each.vpc for each in network.interfaces.values()}
    vpcs = sorted(network.vpcs.values(), key=lambda each: (each.id not in busy, each.name, each.id))
    if not vpcs:
        return page(Text("There is no VPC.", "quiet"))
    return page(*(block for vpc in vpcs for block in _vpc(network, vpc)))


def _vpc(network: Network, vpc: Vpc) -> Iterator[RenderableType]:
    yield Text.assemble(
        shown(vpc.name or "VPC", "title"),
        shown(f"   {listed(tuple(map(str, vpc.cidrs)))}", "accent"),
        shown(f"   {vpc.id}", "quiet"),
    )
    gateway = network.internet_gateway_of(vpc.id)
    door = f"internet gateway {network.called(gateway.id)}" if gateway else "no internet gateway"
    yield shown(door, "quiet")
    yield rule()
    yield from _subnets(network, vpc)
    yield from _tables(network, vpc)
    yield from _groups(network, vpc)


# Subnets


def _subnets(network: Network, vpc: Vpc) -> Iterator[RenderableType]:
    """The subnets by zone, each with its way out, its route table and what stands in it."""
    subnets = sorted(
        (each for each in network.subnets.values() if each.vpc == vpc.id),
        key=lambda each: (each.zone, each.cidrs[0].network_address.packed if each.cidrs else b"", each.id),
    )
    yield _title("Subnets", "no subnet" if not subnets else "")
    for zone, held in groupby(subnets, lambda each: each.zone):
        yield shown(zone or "zone unknown", "accent")
        for subnet in held:
            yield from _subnet(network, vpc, subnet)
    yield Text()


def _subnet(network: Network, vpc: Vpc, subnet: Subnet) -> Iterator[RenderableType]:
    table = network.table_of(subnet.id, vpc.id)
    way, style = _way(table)
    yield _line(
        shown(clipped(subnet.name or subnet.id, LONGEST)),
        shown(listed(tuple(map(str, subnet.cidrs)))),
        Text.assemble((way, style), shown(f"   by {_table_name(network, table)}", "quiet")),
    )
    hosts = [each for each in network.interfaces.values() if each.subnet == subnet.id]
    for each in sorted(hosts, key=lambda one: (one.instance, one.id)):
        yield _host(network, each)


def _way(table: RouteTable) -> tuple[str, str]:
    """Where the default route of a subnet leads, as words and a style."""
    for route in table.routes:
        if str(route.destination) == "0.0.0.0/0":
            if route.blackhole:
                return "default route leads nowhere", "denied"
            return WAYS.get(route.kind, (f"out by {route.kind.value}", "partly"))
    return "private", "quiet"


def _host(network: Network, interface: NetworkInterface) -> RenderableType:
    """What stands in a subnet: its addresses, its state unless it runs, its security groups."""
    instance = network.instances.get(interface.instance)
    state = instance.state if instance is not None and instance.state != "running" else ""
    private = ", ".join(str(each.private) for each in interface.addresses)
    public = ", ".join(str(each.public) for each in interface.addresses if each.public is not None)
    groups = tuple(network.name(each.id) or each.id for each in network.groups_of(interface))
    name = network.name(interface.id) or interface.instance or interface.id
    about = Text.assemble(
        (f"{state}   " if state else "", "partly"),
        shown(f"{public}   " if public else ""),
        shown(f"in {listed(groups)}" if groups else "", "quiet"),
    )
    sign = Text("●" if interface.instance else "·", "accent")
    return _line(shown(f" {clipped(name, LONGEST - 1)}"), shown(f" {private}"), about, sign)


# Route tables


def _tables(network: Network, vpc: Vpc) -> Iterator[RenderableType]:
    """Each route table, the subnets that go by it, and its routes."""
    yield _title("Route tables")
    tables = [each for each in network.route_tables.values() if each.vpc == vpc.id]
    for table in sorted(tables, key=lambda each: (each.main, each.name, each.id)):
        used = tuple(
            each.name or each.id
            for each in network.subnets.values()
            if each.vpc == vpc.id and network.table_of(each.id, vpc.id).id == table.id
        )
        name = shown(clipped(_table_name(network, table), LONGEST), "accent")
        yield _head(name, f"for {listed(used)}" if used else "for no subnet")
        for route in table.routes:
            yield _rule("", shown(_called(network, route.destination)), _target(network, route))
    yield Text()


def _table_name(network: Network, table: RouteTable) -> str:
    return network.name(table.id) or ("main table" if table.main else table.id)


def _target(network: Network, route: Route) -> Text:
    """Where a route leads; one whose target is gone says so."""
    if route.kind is TargetKind.LOCAL:
        return Text("→ local, within the VPC", "quiet")
    where = Text.assemble("→ ", shown(f"{route.kind.value} {network.called(route.target)}"))
    return where.append("   blackhole: the target is gone", "denied") if route.blackhole else where


# Security groups


def _groups(network: Network, vpc: Vpc) -> Iterator[RenderableType]:
    """Each security group, what is in it, and its rules."""
    yield _title("Security groups")
    groups = [each for each in network.security_groups.values() if each.vpc == vpc.id]
    for group in sorted(groups, key=lambda each: (each.name == "default", each.name, each.id)):
        members = tuple(
            network.name(each.id) or each.instance or each.id for each in network.members(group.id)
        )
        name = shown(clipped(group.name or group.id, LONGEST), "accent")
        yield _head(name, f"on {listed(members)}" if members else "on nothing")
        yield from _rules(network, group)
    yield Text()


def _rules(network: Network, group: SecurityGroup) -> Iterator[RenderableType]:
    for word, preposition, rules in (("in", "from", group.ingress), ("out", "to", group.egress)):
        if not rules:
            yield _rule(word, Text("nothing", "quiet"), "")
        for place, each in enumerate(rules):
            open_wide = word == "in" and str(each.peer) in EVERYWHERE
            peer = shown(f"{preposition} {_called(network, each.peer)}", "partly" if open_wide else "")
            yield _rule("" if place else word, Text(_ports(each)), peer)


def _ports(rule: GroupRule) -> str:
    """`tcp 443`, `udp 1024-65535`, `icmp`, `all traffic`."""
    if rule.protocol == ANY_PROTOCOL:
        return "all traffic"
    name = PROTOCOLS.get(rule.protocol, f"protocol {rule.protocol}")
    if name not in ("tcp", "udp"):
        return name
    if (rule.low, rule.high) == (0, 65535):
        return f"{name} all ports"
    return f"{name} {rule.low}" if rule.low == rule.high else f"{name} {rule.low}-{rule.high}"


def _called(network: Network, peer: object) -> str:
    """A block as it is; a group or a prefix list by its name, where it has one."""
    return network.called(peer) if isinstance(peer, str) else str(peer)


# Lines


def _title(word: str, note: str = "") -> RenderableType:
    return Text.assemble((word, "title"), (f"   {note}" if note else "", "quiet"))


def _head(name: Text, about: str) -> RenderableType:
    """A route table or a group, and what it is for."""
    return row("", name, shown(about, "quiet"), widths=(2, LONGEST, None))


def _rule(word: str, left: RenderableType, right: RenderableType) -> RenderableType:
    """A route or a rule: what it takes, and where to or from where."""
    return row("", Text(word, "quiet"), left, right, widths=(4, 4, 18, None))


def _line(
    name: RenderableType, block: RenderableType, about: RenderableType, sign: RenderableType = ""
) -> RenderableType:
    cells: Sequence[RenderableType] = (sign, name, block, about)
    return row(*cells, widths=COLUMNS)
