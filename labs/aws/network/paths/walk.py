"""Following packets one way through a network, from what sends them to what they reach.

`Walk` knows interfaces, subnets and route tables; what a route leads to is in `crossings`.
A filter that drops does not end the walk, so that everything in the way is found; a missing way does.

Source: VPC User Guide, "Configure route tables", "Security groups", "Network ACLs"; EC2 User Guide,
"Security group connection tracking".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any, Final, NamedTuple, TypeAlias

from labs.aws.network.paths import wording
from labs.aws.network.paths.causes import (
    AclDenies,
    Cause,
    DnsOff,
    Fault,
    GroupsDeny,
    NoRoute,
    NotRunning,
    Unrepairable,
)
from labs.aws.network.paths.crossings import cross, dead_end
from labs.aws.network.paths.filters import Packet, by_acl, by_groups
from labs.aws.network.paths.hops import Code, Direction, End, Hop, HopKind
from labs.aws.network.paths.neighbours import check_endpoint
from labs.aws.network.paths.network import Network, Place
from labs.aws.network.paths.ports import NO_PORTS, Ports
from labs.aws.network.paths.routes import choose, interface_of, is_reserved
from labs.aws.network.paths.translators import back_through_appliance, back_to_nat
from labs.aws.network.paths.values import Address, Cidr, NetworkInterface, Route, RouteTable, TargetKind

__all__ = ["Session", "Step", "Walk"]

Step: TypeAlias = "Callable[[], Step | None] | None"
"""What happens next to the packet; None when its way ends."""

MOST_HOPS: Final = 60
"""A packet that has not arrived by then goes round in circles."""


class Session(NamedTuple):
    """What a translator or a stateful gateway remembers of a connection that began inside.

    `inside` and `outside` are its packets before and after it; `table` is the one by which they came.
    """

    inside: Packet
    outside: Packet
    table: RouteTable


class Walk:
    """One direction of a path. `hops` and `faults` fill up as `run` follows the packet."""

    def __init__(
        self,
        network: Network,
        direction: Direction,
        ends: tuple[End, End],
        before: Walk | None = None,
    ) -> None:
        self.network = network
        self.direction = direction
        self.ends = ends
        self.sessions: dict[str, Session] = before.sessions if before else {}
        self.tracked: frozenset[str] = frozenset(before.passing) if before else frozenset()
        self.passing: set[str] = set()
        self.hops: list[Hop] = []
        self.faults: list[Fault] = []
        self.arrived: Packet | None = None
        self.arrived_at: Place | None = None
        self.arrived_through: str = ""

    @property
    def is_reply(self) -> bool:
        """Whether this is the way back."""
        return self.direction is Direction.REPLY

    def run(self, step: Step) -> None:
        """Follow the packet to its end."""
        while step is not None and len(self.hops) < MOST_HOPS:
            step = step()

    # Writing down

    def hop(
        self,
        kind: HopKind,
        component: str,
        rule: str,
        packet: Packet,
        *,
        passed: Ports | None = None,
        side: str = "",
        interface: str = "",
        fields: Mapping[str, Any] | None = None,
        code: Code | None = None,
    ) -> None:
        """Write a hop down; without `passed`, everything passes."""
        self.hops.append(
            Hop(
                kind,
                component,
                self.network.name(component),
                rule,
                packet,
                packet.ports if passed is None else passed,
                side,
                interface,
                fields or {},
                code,
            )
        )

    def stop(
        self,
        kind: HopKind,
        component: str,
        code: Code,
        detail: str,
        packet: Packet,
        cause: Cause | None = None,
        *,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down a hop where nothing passes, and why."""
        self.hop(kind, component, detail, packet, passed=NO_PORTS, fields=fields, code=code)
        self.fault(component, code, detail, packet, cause or Unrepairable())

    def fault(
        self, component: str, code: Code, detail: str, packet: Packet, cause: Cause, side: str = ""
    ) -> None:
        """Write down what blocks."""
        self.faults.append(Fault(component, code, self.direction, detail, packet, cause, side))

    def block_of(self, address: Address) -> Cidr:
        """Whom a repair should let pass: everyone where the address stands for the internet."""
        everyone = any(end.anyone and end.address == address for end in self.ends)
        return ip_network(f"{address}/0", strict=False) if everyone else ip_network(address)

    # Interfaces

    def send(self, interface: NetworkInterface, packet: Packet) -> Step:
        """A packet leaves the interface that sends it."""
        if not self.is_reply:
            self.hop(HopKind.SOURCE, interface.instance or interface.id, wording.sender(packet), packet)
            self.check_running(interface, packet)
        if (step := self.link_local(interface, packet)) is not None:
            return step
        self.check_groups(interface, packet, egress=True)
        place = Place(interface.vpc, interface.subnet, interface.id, interface)
        return lambda: self.leave(place, packet)

    def check_running(self, interface: NetworkInterface, packet: Packet) -> None:
        """An instance that does not run neither sends nor answers."""
        instance = self.network.instances.get(interface.instance)
        if instance is not None and instance.state != "running":
            detail = (
                f"{self.network.called(instance.id)} is {instance.state}{_STATES.get(instance.state, '')}"
            )
            self.stop(HopKind.HOST, instance.id, Code.BAD_STATE, detail, packet, NotRunning(instance))
        elif not interface.attached:
            detail = f"{interface.id} is attached to nothing"
            self.stop(HopKind.HOST, interface.id, Code.BAD_STATE_ATTACHMENT, detail, packet)

    def check_groups(self, interface: NetworkInterface, packet: Packet, *, egress: bool) -> None:
        """The security groups of an interface: once a connection is known, its replies pass."""
        groups = self.network.groups_of(interface)
        if not groups:
            return
        side = "out" if egress else "in"
        self.passing.add(interface.id)
        if interface.id in self.tracked:
            rule = "stateful: the reply is allowed"
            self.hop(
                HopKind.SECURITY_GROUP,
                groups[0].id,
                rule,
                packet,
                side=side,
                interface=interface.id,
                fields={"Stateful": True},
            )
            return
        screened = by_groups(self.network, interface, groups, packet, egress=egress)
        lost = packet.ports - screened.passed
        hidden = bool(lost and screened.hidden_members)
        code = Code.SG_REFERENCES_NOT_PRESERVED if hidden else Code.ENI_SG_RULES_MISMATCH
        used = next((use.group for use in screened.rules), groups[0].id)
        detail = wording.groups(self.network, groups, screened, packet, egress=egress)
        self.hop(
            HopKind.SECURITY_GROUP,
            groups[0].id if lost else used,
            detail,
            packet,
            passed=screened.passed,
            side=side,
            interface=interface.id,
            fields=wording.group_fields(groups, screened),
            code=code if lost else None,
        )
        if lost:
            peer = self.block_of(packet.destination if egress else packet.source)
            cause = GroupsDeny(interface, egress, packet, lost, peer)
            self.fault(groups[0].id, code, detail, packet, cause, side)

    def link_local(self, interface: NetworkInterface, packet: Packet) -> Step:
        """What the host itself answers, past all filters: the metadata service, time, and DNS."""
        address = packet.destination
        if self.network.is_resolver(interface.vpc, address):
            vpc = self.network.vpcs.get(interface.vpc)
            if vpc is not None and vpc.dns_support is False:
                detail = f"enableDnsSupport of {vpc.id} is off, so that its DNS server does not answer"
                self.stop(HopKind.HOST, vpc.id, Code.BAD_STATE, detail, packet, DnsOff(vpc.id))
            else:
                rule = "the VPC's DNS server answers: neither security groups nor network ACLs filter it"
                self.hop(HopKind.HOST, "AmazonProvidedDNS", rule, packet)
            return lambda: self.finish(packet, None)
        if str(address) in _HOST_SERVICES:
            rule = f"{_HOST_SERVICES[str(address)]} answers, past routes, security groups and network ACLs"
            self.hop(HopKind.HOST, str(address), rule, packet)
            return lambda: self.finish(packet, None)
        return None

    def finish(self, packet: Packet, place: Place | None, through: str = "") -> Step:
        """The packet has arrived."""
        self.arrived = packet
        self.arrived_at = place
        self.arrived_through = through
        return None

    # Subnets

    def check_acl(self, subnet: str, vpc: str, packet: Packet, *, egress: bool, interface: str = "") -> None:
        """The network ACL of a subnet, at its boundary."""
        acl = self.network.acl_of(subnet, vpc)
        if acl is None:
            return
        screened = by_acl(acl, packet, egress=egress)
        lost = packet.ports - screened.passed
        detail = wording.acl(acl, screened, packet, egress=egress)
        side = "out" if egress else "in"
        self.hop(
            HopKind.NETWORK_ACL,
            acl.id,
            detail,
            packet,
            passed=screened.passed,
            side=side,
            interface=interface,
            fields=wording.acl_fields(screened),
            code=Code.SUBNET_ACL_RESTRICTION if lost else None,
        )
        if lost:
            peer = self.block_of(packet.destination if egress else packet.source)
            cause = AclDenies(acl, egress, packet, screened.denied, peer)
            self.fault(acl.id, Code.SUBNET_ACL_RESTRICTION, detail, packet, cause, side)

    def skip_acl(self, subnet: str, vpc: str, packet: Packet) -> None:
        """Within a subnet its network ACL has no say; that is worth a line."""
        acl = self.network.acl_of(subnet, vpc)
        if acl is not None:
            rule = "not asked: both ends are in the same subnet"
            self.hop(HopKind.NETWORK_ACL, acl.id, rule, packet, fields={"SubnetId": subnet})

    def leave(self, place: Place, packet: Packet) -> Step:
        """A packet goes from a subnet to wherever its route table says."""
        table = self.network.table_of(place.subnet, place.vpc)
        if is_reserved(packet.destination):
            detail = (
                f"{packet.destination} is reserved (169.254.168.0/22, fd00:ec2::/32): no route leads there"
            )
            self.stop(HopKind.ROUTE_TABLE, table.id, Code.RESERVED_ADDRESS, detail, packet)
            return None
        choice = choose(self.network, table, packet.destination, packet.service)
        route = choice.route
        if route is not None and self._stays_inside(place, packet, route):
            self.skip_acl(place.subnet, place.vpc, packet)
        else:
            own = place.interface.id if place.interface else ""
            self.check_acl(place.subnet, place.vpc, packet, egress=True, interface=own)
        if route is None:
            detail = wording.no_route(table, place, packet)
            cause = NoRoute(table, place, packet, client_table=self.client_table(place))
            self.stop(HopKind.ROUTE_TABLE, table.id, Code.NO_ROUTE_TO_DESTINATION, detail, packet, cause)
            return None
        return self._take(place, packet, table, route, wording.route(table, route, choice.refused))

    def _stays_inside(self, place: Place, packet: Packet, route: Route) -> bool:
        """Whether the next thing on the way is in the same subnet."""
        if route.kind is TargetKind.LOCAL:
            found = self.network.interface_at(place.vpc, packet.destination)
            nat = self.network.nat_at(place.vpc, packet.destination)
            here = found.subnet if found else nat.subnet if nat else ""
            return here == place.subnet
        if route.kind is TargetKind.NAT_GATEWAY:
            nat = self.network.nat_gateways.get(route.target)
            return nat is not None and nat.subnet == place.subnet
        if route.kind is TargetKind.INTERFACE:
            target = interface_of(self.network, route.target)
            return target is not None and target.subnet == place.subnet
        return False

    def _take(self, place: Place, packet: Packet, table: RouteTable, route: Route, rule: str) -> Step:
        """Follow a route to its target, if it still leads anywhere."""
        fields = wording.route_fields(route)
        if (fault := dead_end(self, place, packet, table, route)) is not None:
            code, component, detail, cause = fault
            self.stop(HopKind.ROUTE_TABLE, component, code, detail, packet, cause, fields=fields)
            return None
        self.hop(HopKind.ROUTE_TABLE, table.id, rule, packet, fields=fields)
        if route.kind is TargetKind.LOCAL:
            return lambda: self.deliver(place.vpc, packet, place.subnet)
        return lambda: cross(self, place, packet, table, route)

    def deliver(self, vpc: str, packet: Packet, from_subnet: str = "") -> Step:
        """A packet is handed to whoever has its destination inside a VPC."""
        nat = self.network.nat_at(vpc, packet.destination)
        if nat is not None:
            return back_to_nat(self, nat, packet, from_subnet)
        interface = self.network.interface_at(vpc, packet.destination)
        if interface is None:
            subnet = self.network.subnet_holding(vpc, packet.destination)
            detail = f"no interface of {vpc} has the address {packet.destination}"
            self.stop(HopKind.DESTINATION, subnet or vpc, Code.NO_POSSIBLE_DESTINATION, detail, packet)
            return None
        if interface.subnet != from_subnet:
            self.check_acl(interface.subnet, vpc, packet, egress=False, interface=interface.id)
        return lambda: self.enter(interface, packet)

    def enter(self, interface: NetworkInterface, packet: Packet) -> Step:
        """A packet comes to the interface that it is for."""
        self.check_groups(interface, packet, egress=False)
        if not self.is_reply:
            self.check_running(interface, packet)
            check_endpoint(self, interface, packet)
        elif self.ends[0].interface is None or self.ends[0].interface.id != interface.id:
            session = self.sessions.get(interface.id)
            if session is not None:
                return back_through_appliance(self, interface, session, packet)
        self.hop(HopKind.DESTINATION, interface.instance or interface.id, wording.receiver(packet), packet)
        return self.finish(packet, Place(interface.vpc, interface.subnet, interface.id, interface))

    def client_table(self, place: Place) -> RouteTable | None:
        """The route table by which the packet came to the translator that it now leaves."""
        session = self.sessions.get(place.component)
        return session.table if session else None

    def remember(self, device: str, inside: Packet, outside: Packet, table: RouteTable) -> None:
        """A translator notes a new connection."""
        self.sessions[device] = Session(inside, outside, table)

    def restored(self, device: str, packet: Packet) -> Packet | None:
        """A reply as the connection needs it that a translator noted; None without one."""
        session = self.sessions.get(device)
        if not self.is_reply or session is None or session.outside.source != packet.destination:
            return None
        return session.inside.returned()


_STATES: Final = {
    "pending": ": it answers once it runs; wait a moment and ask again",
    "stopping": ": it can be started once it is stopped; wait a moment and ask again",
    "stopped": ", and does not answer",
}
"""What to say of an instance that does not run."""

_HOST_SERVICES: Final = {
    "169.254.169.254": "the instance metadata service",
    "fd00:ec2::254": "the instance metadata service",
    "169.254.169.123": "the time service",
    "fd00:ec2::123": "the time service",
}
