"""A network drawn: each VPC with its subnets, where their routes lead, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from labs.aws.network.paths import Network
from labs.aws.network.paths.values import NetworkInterface, RouteTable, Subnet, TargetKind, Vpc
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import counted, listed, shown

__all__ = ["network_drawn"]

WAYS = {
    TargetKind.INTERNET_GATEWAY: ("public", "allowed"),
    TargetKind.NAT_GATEWAY: ("private, out by NAT", "partly"),
}
SUBNET = (2, 24, 18, None)
HOST = (2, 24, 18, None)


def network_drawn(network: Network) -> RenderableType:
    """All VPCs, those with instances first."""
    busy = {each.vpc for each in network.interfaces.values()}
    vpcs = sorted(network.vpcs.values(), key=lambda each: (each.id not in busy, each.name, each.id))
    if not vpcs:
        return page(Text("There is no VPC.", "quiet"))
    return page(*(block for vpc in vpcs for block in _vpc(network, vpc)))


def _vpc(network: Network, vpc: Vpc) -> Iterator[RenderableType]:
    subnets = sorted(
        (each for each in network.subnets.values() if each.vpc == vpc.id),
        key=lambda each: (each.zone, str(each.cidrs[0]) if each.cidrs else each.id),
    )
    gateway = network.internet_gateway_of(vpc.id)
    door = f"internet gateway {network.called(gateway.id)}" if gateway else "no internet gateway"
    yield Text.assemble(
        (vpc.name or "VPC", "title"),
        shown(f"  {vpc.id}", "quiet"),
        shown(f"   {listed(tuple(map(str, vpc.cidrs)))}", "accent"),
        shown(f"   {door}", "quiet"),
    )
    yield rule()
    zone = None
    for subnet in subnets:
        if subnet.zone != zone:
            zone = subnet.zone
            yield shown(zone or "zone unknown", "quiet")
        yield from _subnet(network, vpc, subnet)
    groups = [each for each in network.security_groups.values() if each.vpc == vpc.id]
    named = sorted(network.name(each.id) or each.id for each in groups)
    yield Text.assemble((counted(len(groups), "security group"), "quiet"), "  ", shown(listed(tuple(named))))
    yield Text()


def _subnet(network: Network, vpc: Vpc, subnet: Subnet) -> Iterator[RenderableType]:
    table = network.table_of(subnet.id, vpc.id)
    way, style = _way(table)
    yield row(
        "",
        shown(subnet.name or subnet.id),
        shown(listed(tuple(map(str, subnet.cidrs))), "accent"),
        Text.assemble((way, style), shown(f"   {network.name(table.id) or table.id}", "quiet")),
        widths=SUBNET,
    )
    hosts = [each for each in network.interfaces.values() if each.subnet == subnet.id]
    for each in sorted(hosts, key=lambda one: (one.instance, one.id)):
        yield indented(_host(network, each), 2)


def _way(table: RouteTable) -> tuple[str, str]:
    """Where the default route of a subnet leads, as words and a style."""
    for route in table.routes:
        if str(route.destination) == "0.0.0.0/0":
            if route.blackhole:
                return "default route leads nowhere", "denied"
            return WAYS.get(route.kind, (f"out by {route.kind.value}", "partly"))
    return "private", "quiet"


def _host(network: Network, interface: NetworkInterface) -> RenderableType:
    instance = network.instances.get(interface.instance)
    state = f"  {instance.state}" if instance is not None and instance.state != "running" else ""
    private = ", ".join(str(each.private) for each in interface.addresses)
    public = ", ".join(str(each.public) for each in interface.addresses if each.public is not None)
    groups = tuple(network.name(each.id) or each.id for each in network.groups_of(interface))
    name = Text.assemble(
        shown(network.name(interface.id) or interface.instance or interface.id), (state, "partly")
    )
    about = " · ".join(filter(None, (public, listed(groups))))
    return row(
        Text("●" if interface.instance else "·", "accent"),
        name,
        shown(private),
        shown(about, "quiet"),
        widths=HOST,
    )
