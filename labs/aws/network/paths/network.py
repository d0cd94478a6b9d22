"""A network as a whole: all that `describe-*` told, and who is found where in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, ip_address
from typing import Final, NamedTuple

from labs.aws.network.paths.values import (
    Address,
    Cidr,
    EgressOnlyGateway,
    ElasticIp,
    Endpoint,
    Instance,
    InternetGateway,
    NatGateway,
    NetworkAcl,
    NetworkInterface,
    Peering,
    PrefixList,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)

__all__ = ["Network", "Place", "Public", "holds", "is_private", "is_shared"]

_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SHARED: Final = IPv4Network("100.64.0.0/10")


class Place(NamedTuple):
    """Where a packet is about to leave from: the interface of an instance, or a NAT gateway."""

    vpc: str
    subnet: str
    component: str
    interface: NetworkInterface | None = None


class Public(NamedTuple):
    """Whom a public address leads to: an interface by one of its private addresses, or a NAT gateway."""

    vpc: str
    private: Address
    interface: NetworkInterface | None = None
    nat: NatGateway | None = None


# Not slotted: the look-up tables are made once, when they are first asked for.
@dataclass(frozen=True)
class Network:
    """Everything in it by its id. `described` has the keys that the documents held."""

    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    route_tables: Mapping[str, RouteTable] = field(default_factory=dict)
    internet_gateways: Mapping[str, InternetGateway] = field(default_factory=dict)
    egress_only_gateways: Mapping[str, EgressOnlyGateway] = field(default_factory=dict)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    security_groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    network_acls: Mapping[str, NetworkAcl] = field(default_factory=dict)
    interfaces: Mapping[str, NetworkInterface] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    elastic_ips: Mapping[str, ElasticIp] = field(default_factory=dict)
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    prefix_lists: Mapping[str, PrefixList] = field(default_factory=dict)
    described: frozenset[str] = frozenset()

    # Addresses

    @cached_property
    def _inside(self) -> Mapping[tuple[str, Address], NetworkInterface]:
        return {(each.vpc, address): each for each in self.interfaces.values() for address in each.private()}

    @cached_property
    def _nats(self) -> Mapping[tuple[str, Address], NatGateway]:
        return {
            (nat.vpc, each.private): nat
            for nat in self.nat_gateways.values()
            for each in nat.addresses
            if each.private is not None and nat.state == "available"
        }

    @cached_property
    def _public(self) -> Mapping[Address, Public]:
        found: dict[Address, Public] = {}
        for interface in self.interfaces.values():
            for each in interface.addresses:
                if (public := interface.public_of(each.private)) is not None:
                    found[public] = Public(interface.vpc, each.private, interface)
            for six in interface.ipv6:
                found[six] = Public(interface.vpc, six, interface)
        for nat in self.nat_gateways.values():
            for address in nat.addresses:
                if address.public is not None and address.private is not None and nat.state == "available":
                    found[address.public] = Public(nat.vpc, address.private, nat=nat)
        return found

    def interface_at(self, vpc: str, address: Address) -> NetworkInterface | None:
        """The interface that has this address inside a VPC."""
        return self._inside.get((vpc, address))

    def interfaces_at(self, address: Address) -> tuple[NetworkInterface, ...]:
        """The interfaces that have this address inside any VPC."""
        return tuple(self._inside[vpc, address] for vpc in self.vpcs if (vpc, address) in self._inside)

    def nat_at(self, vpc: str, address: Address) -> NatGateway | None:
        """The NAT gateway that has this private address."""
        return self._nats.get((vpc, address))

    def public(self, address: Address) -> Public | None:
        """Whom a public address leads to."""
        return self._public.get(address)

    @cached_property
    def nat_interfaces(self) -> frozenset[str]:
        """The interfaces that belong to NAT gateways."""
        return frozenset(
            each.interface for nat in self.nat_gateways.values() for each in nat.addresses if each.interface
        )

    def is_resolver(self, vpc: str, address: Address) -> bool:
        """Whether the address is that of the VPC's own DNS server (VPC User Guide, "Amazon DNS server")."""
        if str(address) in ("169.254.169.253", "fd00:ec2::253"):
            return True
        blocks = self.vpcs[vpc].cidrs if vpc in self.vpcs else ()
        return any(block.version == 4 and address == block[2] for block in blocks if block.num_addresses > 2)

    # Who serves whom

    @cached_property
    def _tables(self) -> Mapping[str, RouteTable]:
        return {subnet: table for table in self.route_tables.values() for subnet in table.subnets}

    @cached_property
    def _main_tables(self) -> Mapping[str, RouteTable]:
        return {table.vpc: table for table in self.route_tables.values() if table.main}

    def table_of(self, subnet: str, vpc: str) -> RouteTable:
        """The route table that a subnet is associated with, else the main table of its VPC."""
        found = self._tables.get(subnet) or self._main_tables.get(vpc)
        return found or RouteTable(f"main route table of {vpc}", vpc, main=True, described=False)

    def table_of_gateway(self, gateway: str) -> RouteTable | None:
        """The gateway route table of an internet gateway: it directs what comes in."""
        return next((each for each in self.route_tables.values() if gateway in each.gateways), None)

    @cached_property
    def _acls(self) -> Mapping[str, NetworkAcl]:
        return {subnet: acl for acl in self.network_acls.values() for subnet in acl.subnets}

    @cached_property
    def _default_acls(self) -> Mapping[str, NetworkAcl]:
        return {acl.vpc: acl for acl in self.network_acls.values() if acl.default and acl.vpc}

    def acl_of(self, subnet: str, vpc: str) -> NetworkAcl | None:
        """The network ACL of a subnet, else the default one of the VPC; None when neither is described."""
        return self._acls.get(subnet) or self._default_acls.get(vpc)

    def groups_of(self, interface: NetworkInterface) -> tuple[SecurityGroup, ...]:
        """The security groups of an interface; a NAT gateway's interface has none."""
        if interface.id in self.nat_interfaces:
            return ()
        return tuple(self.security_groups[id] for id in interface.groups if id in self.security_groups)

    @cached_property
    def _members(self) -> Mapping[str, tuple[NetworkInterface, ...]]:
        found: dict[str, list[NetworkInterface]] = {}
        for each in self.interfaces.values():
            for group in each.groups:
                found.setdefault(group, []).append(each)
        return {group: tuple(members) for group, members in found.items()}

    def members(self, group: str) -> tuple[NetworkInterface, ...]:
        """The interfaces that have a security group."""
        return self._members.get(group, ())

    def internet_gateway_of(self, vpc: str) -> InternetGateway | None:
        """The internet gateway that is attached to a VPC; a VPC has one at most."""
        return next((each for each in self.internet_gateways.values() if each.vpc == vpc), None)

    def gateway_is_attached(self, gateway: str, vpc: str) -> bool:
        """Whether an internet gateway is attached; where none are described, routes to one prove it."""
        if gateway in self.internet_gateways:
            return self.internet_gateways[gateway].vpc == vpc
        return "InternetGateways" not in self.described

    def peerings_between(self, one: str, other: str) -> tuple[Peering, ...]:
        """The peering connections between two VPCs, whatever their state."""
        return tuple(
            each
            for each in self.peerings.values()
            if {each.requester.vpc, each.accepter.vpc} == {one, other} and one != other
        )

    def shares_groups(self, one: str, other: str) -> bool:
        """Whether a security group of one VPC may refer to one of the other.

        Source: VPC Peering Guide, "Update your security groups to reference peer security groups": the
        connection must be active, and within one Region.
        """
        return one == other or any(
            each.status == "active" and each.requester.region == each.accepter.region
            for each in self.peerings_between(one, other)
        )

    def vpcs_holding(self, address: Address) -> Iterator[Vpc]:
        """The VPCs whose blocks hold an address."""
        return (each for each in self.vpcs.values() if holds(each.cidrs, address))

    def subnet_holding(self, vpc: str, address: Address) -> str:
        """The subnet whose block holds an address; empty when none does."""
        found = (each for each in self.subnets.values() if each.vpc == vpc and holds(each.cidrs, address))
        return next((each.id for each in found), "")

    def service_of(self, prefix_list: str) -> str:
        """The service whose addresses a prefix list holds: by its name, or by an endpoint with a route."""
        if (known := self.prefix_lists.get(prefix_list)) is not None and known.name:
            return known.name
        for table in self.route_tables.values():
            for route in table.routes:
                if route.destination == prefix_list and route.target in self.endpoints:
                    return self.endpoints[route.target].service
        return ""

    # Words

    def called(self, id: str) -> str:
        """`web (sg-0a1)`, or the id alone; what a repair is to make has no id yet, and goes by its name."""
        name = self.name(id)
        if id.startswith("${"):
            return name
        return f"{name} ({id})" if name else id

    def host(self, interface: NetworkInterface) -> str:
        """`web (i-0a1)`: the instance that an interface belongs to; the interface itself without one."""
        name, id = self.name(interface.id), interface.instance or interface.id
        return f"{name} ({id})" if name else id

    def name(self, id: str) -> str:
        """The Name tag of something; of an interface without one, that of its instance."""
        tables: tuple[Mapping[str, object], ...] = (
            self.instances,
            self.interfaces,
            self.security_groups,
            self.subnets,
            self.route_tables,
            self.network_acls,
            self.nat_gateways,
            self.internet_gateways,
            self.vpcs,
            self.endpoints,
            self.peerings,
            self.egress_only_gateways,
        )
        found = next((table[id] for table in tables if id in table), None)
        named = str(getattr(found, "name", ""))
        if not named and isinstance(found, NetworkInterface) and found.instance in self.instances:
            return self.instances[found.instance].name
        return named


def holds(blocks: tuple[Cidr, ...], address: Address) -> bool:
    """Whether one of the blocks holds the address; the families are apart."""
    return any(address in block for block in blocks)


def is_private(address: Address) -> bool:
    """Whether an address is from the private ranges of RFC 1918, or unique local (RFC 4193)."""
    if address.version == 6:
        return int(address) >> 121 == int(ip_address("fc00::")) >> 121
    return any(address in block for block in _PRIVATE)


def is_shared(address: Address) -> bool:
    """Whether an address is from the shared range of RFC 6598."""
    return address.version == 4 and address in _SHARED
