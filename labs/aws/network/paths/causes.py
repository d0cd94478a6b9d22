"""Why a packet did not pass, with all that a repair needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from labs.aws.network.paths.filters import EntryUse, Packet
from labs.aws.network.paths.hops import Code, Direction
from labs.aws.network.paths.network import Place
from labs.aws.network.paths.ports import Ports
from labs.aws.network.paths.values import (
    Address,
    Cidr,
    Instance,
    NatGateway,
    NetworkAcl,
    NetworkInterface,
    Peering,
    Route,
    RouteTable,
)

__all__ = [
    "AclDenies",
    "Cause",
    "ChecksSource",
    "DnsOff",
    "Fault",
    "GroupsDeny",
    "NoPublicAddress",
    "NoRoute",
    "NotAttached",
    "NotRunning",
    "PeeringNotActive",
    "Translated",
    "Unrepairable",
]


@dataclass(frozen=True, slots=True)
class GroupsDeny:
    """No rule of an interface's groups lets these ports pass; `peer` is who should be let in or out."""

    interface: NetworkInterface
    egress: bool
    packet: Packet
    lost: Ports
    peer: Cidr


@dataclass(frozen=True, slots=True)
class AclDenies:
    """A network ACL denies these ports; `denied` are the entries that did."""

    acl: NetworkAcl
    egress: bool
    packet: Packet
    denied: tuple[EntryUse, ...]
    peer: Cidr

    @property
    def lost(self) -> Ports:
        """The ports that the entries denied."""
        return Ports.of(*(interval for use in self.denied for interval in use.ports.ranges))


@dataclass(frozen=True, slots=True)
class NoRoute:
    """A route table has no usable route: none at all, or `bad`, which leads nowhere or elsewhere.

    `client_table` is the table of whoever sent the packet to the NAT gateway that it is now leaving.
    """

    table: RouteTable
    place: Place
    packet: Packet
    bad: Route | None = None
    client_table: RouteTable | None = None


@dataclass(frozen=True, slots=True)
class NotRunning:
    """An instance does not run."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class NotAttached:
    """The internet gateway that a route names, or any at all, is not attached to the VPC."""

    gateway: str
    vpc: str
    table: RouteTable | None = None
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class NoPublicAddress:
    """A private address of an interface or of a NAT gateway has no public one.

    `client_table` is the table of whoever sends to the NAT gateway.
    """

    interface: NetworkInterface | None
    nat: NatGateway | None
    private: Address | None = None
    client_table: RouteTable | None = None


@dataclass(frozen=True, slots=True)
class PeeringNotActive:
    """A peering connection waits for its acceptance."""

    peering: Peering


@dataclass(frozen=True, slots=True)
class ChecksSource:
    """An interface that should forward drops what is not addressed to itself."""

    interface: NetworkInterface


@dataclass(frozen=True, slots=True)
class Translated:
    """A reply leaves through something that only serves connections which began inside."""

    table: RouteTable
    route: Route


@dataclass(frozen=True, slots=True)
class DnsOff:
    """The VPC's own DNS server is turned off."""

    vpc: str


@dataclass(frozen=True, slots=True)
class Unrepairable:
    """No setting would let this packet pass."""


Cause: TypeAlias = (
    GroupsDeny
    | AclDenies
    | NoRoute
    | NotRunning
    | NotAttached
    | NoPublicAddress
    | PeeringNotActive
    | ChecksSource
    | Translated
    | DnsOff
    | Unrepairable
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A blocker before its repair is worked out."""

    component: str
    code: Code
    direction: Direction
    detail: str
    packet: Packet
    cause: Cause
    side: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two faults the same: what blocks, on which side, and whose packet."""
        packet = self.packet
        return self.component, self.code, self.direction, self.side, packet.source, packet.destination

    @property
    def lost(self) -> Ports:
        """The ports that do not go on."""
        return self.cause.lost if isinstance(self.cause, (GroupsDeny, AclDenies)) else self.packet.ports
