"""The parts of a network as `describe-*` tells of them: frozen values, under AWS's own names.

Source: Amazon EC2 API Reference, "Data Types".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

__all__ = [
    "AclEntry",
    "Address",
    "Cidr",
    "EgressOnlyGateway",
    "ElasticIp",
    "Endpoint",
    "GroupRule",
    "Instance",
    "InterfaceAddress",
    "InternetGateway",
    "NatAddress",
    "NatGateway",
    "NetworkAcl",
    "NetworkInterface",
    "Peering",
    "PeeringSide",
    "PrefixList",
    "Route",
    "RouteTable",
    "SecurityGroup",
    "Subnet",
    "TargetKind",
    "Vpc",
]

Address: TypeAlias = IPv4Address | IPv6Address
Cidr: TypeAlias = IPv4Network | IPv6Network

ANY_PROTOCOL: Final = -1


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC with all its address blocks of both families; `None` where nothing tells of a DNS attribute."""

    id: str
    cidrs: tuple[Cidr, ...] = ()
    name: str = ""
    owner: str = ""
    dns_support: bool | None = None
    dns_hostnames: bool | None = None


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; without blocks where only its interfaces told of it."""

    id: str
    vpc: str
    cidrs: tuple[Cidr, ...] = ()
    zone: str = ""
    name: str = ""


class TargetKind(StrEnum):
    """What a route leads to."""

    LOCAL = "local"
    INTERNET_GATEWAY = "internet gateway"
    NAT_GATEWAY = "NAT gateway"
    EGRESS_ONLY_GATEWAY = "egress-only internet gateway"
    PEERING = "peering connection"
    ENDPOINT = "VPC endpoint"
    INTERFACE = "network interface"
    OTHER = "gateway of another kind"


@dataclass(frozen=True, slots=True)
class Route:
    """A route; its destination is a block or the id of a prefix list."""

    destination: Cidr | str
    kind: TargetKind
    target: str
    blackhole: bool = False
    propagated: bool = False


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with the subnets and gateways that it is associated with."""

    id: str
    vpc: str
    routes: tuple[Route, ...] = ()
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    main: bool = False
    name: str = ""
    described: bool = True
    """False for the main table that every VPC has, where the documents hold none."""


@dataclass(frozen=True, slots=True)
class InternetGateway:
    """An internet gateway and the VPC that it is attached to, if any."""

    id: str
    vpc: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class EgressOnlyGateway:
    """An egress-only internet gateway and the VPC that it is attached to, if any."""

    id: str
    vpc: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class NatAddress:
    """An address of a NAT gateway; `public` is its Elastic IP address."""

    private: IPv4Address | None
    public: IPv4Address | None = None
    interface: str = ""


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway; `state` is pending, failed, available, deleting or deleted."""

    id: str
    vpc: str
    subnet: str
    state: str = "available"
    public: bool = True
    addresses: tuple[NatAddress, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule of a security group, for one peer: a block, the id of a prefix list, or that of a group.

    `low` and `high` are ports for TCP and UDP and the type and code for ICMP, where -1 is any.
    """

    protocol: int
    low: int
    high: int
    peer: Cidr | str

    @property
    def peer_is_group(self) -> bool:
        """Whether the rule refers to a security group."""
        return isinstance(self.peer, str) and self.peer.startswith("sg-")


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group."""

    id: str
    vpc: str
    ingress: tuple[GroupRule, ...] = ()
    egress: tuple[GroupRule, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A numbered entry of a network ACL; `low` and `high` as in `GroupRule`."""

    number: int
    egress: bool
    allow: bool
    protocol: int
    cidr: Cidr
    low: int = 0
    high: int = 65535


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL; its entries stand in the order of their numbers, without the final `*`."""

    id: str
    vpc: str
    subnets: tuple[str, ...] = ()
    entries: tuple[AclEntry, ...] = ()
    default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """A private IPv4 address of an interface, and the public one that belongs to it."""

    private: IPv4Address
    public: IPv4Address | None = None


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """A network interface; `kind` is AWS's InterfaceType, refined by who asked for the interface.

    An instance that is described without its interfaces gets one whose id is that of the instance.
    """

    id: str
    vpc: str
    subnet: str
    addresses: tuple[InterfaceAddress, ...] = ()
    ipv6: tuple[IPv6Address, ...] = ()
    groups: tuple[str, ...] = ()
    source_dest_check: bool = True
    attached: bool = True
    kind: str = "interface"
    instance: str = ""
    device: int = 0
    owner: str = ""
    description: str = ""
    name: str = ""

    @property
    def is_managed(self) -> bool:
        """Whether an AWS service made it, and its addresses cannot be changed from outside."""
        return self.kind != "interface"

    def private(self) -> tuple[Address, ...]:
        """The addresses that it has inside the VPC, of both families."""
        return (*(each.private for each in self.addresses), *self.ipv6)

    def public_of(self, private: Address) -> Address | None:
        """The public IPv4 address that stands for a private one; a Lambda interface never has one."""
        if self.kind == "lambda":
            return None
        return next((each.public for each in self.addresses if each.private == private), None)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance and its state."""

    id: str
    state: str = "running"
    name: str = ""


@dataclass(frozen=True, slots=True)
class ElasticIp:
    """An Elastic IP address of the account."""

    allocation: str
    public: IPv4Address
    associated: bool = False


@dataclass(frozen=True, slots=True)
class PeeringSide:
    """One of the two VPCs of a peering connection, as the connection describes it."""

    vpc: str
    cidrs: tuple[Cidr, ...] = ()
    region: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Peering:
    """A VPC peering connection."""

    id: str
    requester: PeeringSide
    accepter: PeeringSide
    status: str = "active"
    name: str = ""

    @property
    def is_pending(self) -> bool:
        """Whether it can still become active."""
        return self.status in ("initiating-request", "pending-acceptance", "provisioning")

    def other_side(self, vpc: str) -> PeeringSide | None:
        """The side that is not this VPC; None when this VPC has no part in the connection."""
        if vpc == self.requester.vpc:
            return self.accepter
        return self.requester if vpc == self.accepter.vpc else None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint of type Gateway or Interface, or another that is not followed further."""

    id: str
    vpc: str
    service: str
    kind: str = "Gateway"
    state: str = "available"
    route_tables: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    private_dns: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list, AWS's own or the account's."""

    id: str
    name: str = ""
    cidrs: tuple[Cidr, ...] = ()
