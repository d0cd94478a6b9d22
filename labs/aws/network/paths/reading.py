"""From `describe-*` documents to a network: the parts one by one, then whether they fit together.

Any key may be absent. What AWS itself would not leave out is an error; what its output can lack has a
reading: a VPC without a description has the blocks of its local routes, a subnet without one is known by its
interfaces, an interface by its instance, and a network ACL that nobody describes lets everything pass.

Source: Amazon EC2 API Reference, "Data Types"; the examples of `aws ec2 describe-*`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from labs.aws.network.paths.documents import Item, collect
from labs.aws.network.paths.endpoint_routes import with_endpoint_routes
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.reading_gateways import (
    read_egress_only,
    read_elastic_ip,
    read_endpoint,
    read_internet_gateway,
    read_nat,
    read_peering,
    read_prefix_list,
)
from labs.aws.network.paths.reading_interfaces import (
    completed,
    derived_interface,
    endpoint_interfaces,
    nested_interfaces,
    public_address_of,
    read_instance,
    read_interface,
    with_public_addresses,
)
from labs.aws.network.paths.reading_rules import read_acl, read_group, read_route_table
from labs.aws.network.paths.values import (
    Cidr,
    Instance,
    NetworkInterface,
    RouteTable,
    Subnet,
    TargetKind,
    Vpc,
)
from labs.errors import InputError

__all__ = ["network_from_files", "network_from_json"]

Items = Mapping[str, tuple[Item, ...]]
ValueT = TypeVar("ValueT")


def network_from_json(document: Mapping[str, Any]) -> Network:
    """The network that one document describes, in the form that `skylab reach --describe` reads.

    Raises:
        InputError: a value is damaged or an id leads to nothing; the detail says where.
    """
    return network_from_files({"": document})


def network_from_files(documents: Mapping[str, Mapping[str, Any]]) -> Network:
    """The network that several documents describe together; the names are used in errors.

    Raises:
        InputError: as `network_from_json`; or two documents describe one id differently.
    """
    items = collect(documents)
    read = _Reader(items)
    endpoints = read.all("VpcEndpoints", "VpcEndpointId", read_endpoint)
    nats = read.all("NatGateways", "NatGatewayId", read_nat)
    addresses = read.all("Addresses", "PublicIp", read_elastic_ip)
    instances, interfaces = _instances_and_interfaces(read)
    interfaces |= endpoint_interfaces(endpoints, interfaces, items.get("VpcEndpoints", ()))
    tables = read.all("RouteTables", "RouteTableId", read_route_table)
    subnets = _subnets(read, interfaces)
    interfaces = completed(interfaces, subnets)
    network = Network(
        vpcs=_vpcs(read, subnets, tables),
        subnets=subnets,
        route_tables=tables,
        internet_gateways=read.all("InternetGateways", "InternetGatewayId", read_internet_gateway),
        egress_only_gateways=read.all(
            "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", read_egress_only
        ),
        nat_gateways={
            id: nat if nat.vpc or nat.subnet not in subnets else replace(nat, vpc=subnets[nat.subnet].vpc)
            for id, nat in nats.items()
        },
        security_groups=read.all("SecurityGroups", "GroupId", read_group),
        network_acls=read.all("NetworkAcls", "NetworkAclId", read_acl),
        interfaces=with_public_addresses(interfaces, items.get("Addresses", ())),
        instances=instances,
        elastic_ips=addresses,
        peerings=read.all("VpcPeeringConnections", "VpcPeeringConnectionId", read_peering),
        endpoints=endpoints,
        prefix_lists=read.all("PrefixLists", "PrefixListId", read_prefix_list),
        described=frozenset(items),
    )
    _check_references(network, read)
    for endpoint in network.endpoints.values():
        if endpoint.kind == "Gateway" and endpoint.state == "available":
            network = with_endpoint_routes(network, endpoint)
    return network


class _Reader:
    """Reads all objects under a key; the same id twice is one object when both say the same."""

    def __init__(self, items: Items) -> None:
        self.items = items
        self.places: dict[str, Item] = {}

    def all(self, key: str, id_key: str, read: Callable[[str, Item], ValueT | None]) -> dict[str, ValueT]:
        found: dict[str, ValueT] = {}
        for each in self.items.get(key, ()):
            id, item = each.identified(id_key)
            value = read(id, item)
            self.places[id] = item
            if value is None:
                continue
            if found.setdefault(id, value) != value:
                raise InputError(
                    "Two descriptions of one thing disagree",
                    f"{item.place} says something else than an earlier one.",
                    "Give the outputs of describe-* of one moment.",
                )
        return found


def _instances_and_interfaces(read: _Reader) -> tuple[dict[str, Instance], dict[str, NetworkInterface]]:
    """The instances; and the interfaces, from wherever they are described."""
    reserved = tuple(each for item in read.items.get("Reservations", ()) for each in item.items("Instances"))
    described = _Reader({"Instances": (*read.items.get("Instances", ()), *reserved)})
    instances = described.all("Instances", "InstanceId", read_instance)
    interfaces = read.all("NetworkInterfaces", "NetworkInterfaceId", read_interface)
    for item in described.places.values():
        for id, nested in nested_interfaces(item).items():
            if interfaces.setdefault(id, nested) is nested:
                read.places[id] = item
    interfaces = with_public_addresses(interfaces, tuple(map(public_address_of, described.places.values())))
    having = {each.instance for each in interfaces.values()}
    for id, item in described.places.items():
        if id not in having and (derived := derived_interface(item)) is not None:
            interfaces[derived.id] = derived
            read.places[derived.id] = item
    return instances, interfaces


def _subnets(read: _Reader, interfaces: Mapping[str, NetworkInterface]) -> dict[str, Subnet]:
    if "Subnets" in read.items:
        return read.all("Subnets", "SubnetId", _read_subnet)
    return {each.subnet: Subnet(each.subnet, each.vpc) for each in interfaces.values()}


def _read_subnet(id: str, item: Item) -> Subnet:
    blocks = [item.cidr("CidrBlock")] if item.has("CidrBlock") else []
    blocks += _associated(item, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock")
    if not blocks:
        item.refuse("CidrBlock", "is missing", "A subnet has an IPv4 block, an IPv6 block, or both.")
    return Subnet(id, item.text("VpcId"), tuple(blocks), item.maybe("AvailabilityZone"), item.name())


def _vpcs(read: _Reader, subnets: Mapping[str, Subnet], tables: Mapping[str, RouteTable]) -> dict[str, Vpc]:
    attributes = {each.text("VpcId"): each for each in read.items.get("VpcAttributes", ())}

    def read_vpc(id: str, item: Item) -> Vpc:
        blocks = [item.cidr("CidrBlock")] if item.has("CidrBlock") else []
        blocks += _associated(item, "CidrBlockAssociationSet", "CidrBlock")
        blocks += _associated(item, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock")
        if not blocks:
            item.refuse("CidrBlock", "is missing", "Every VPC has an address block.")
        return _with_attributes(
            Vpc(id, tuple(dict.fromkeys(blocks)), item.name(), item.maybe("OwnerId")), attributes.get(id)
        )

    if "Vpcs" in read.items:
        return read.all("Vpcs", "VpcId", read_vpc)
    owners = [*(each.vpc for each in subnets.values()), *(each.vpc for each in tables.values())]
    known = dict.fromkeys(filter(None, owners))
    return {
        id: _with_attributes(Vpc(id, _implied_blocks(id, subnets, tables)), attributes.get(id))
        for id in known
    }


def _implied_blocks(
    vpc: str, subnets: Mapping[str, Subnet], tables: Mapping[str, RouteTable]
) -> tuple[Cidr, ...]:
    """The blocks of a VPC that nothing describes: where its local routes lead, else those of its subnets."""
    local = [
        route.destination
        for table in tables.values()
        for route in table.routes
        if table.vpc == vpc and route.kind is TargetKind.LOCAL and not isinstance(route.destination, str)
    ]
    return tuple(dict.fromkeys(local)) or tuple(
        block for each in subnets.values() if each.vpc == vpc for block in each.cidrs
    )


def _with_attributes(vpc: Vpc, item: Item | None) -> Vpc:
    if item is None:
        return vpc
    return Vpc(
        vpc.id,
        vpc.cidrs,
        vpc.name,
        vpc.owner,
        _attribute(item, "EnableDnsSupport"),
        _attribute(item, "EnableDnsHostnames"),
    )


def _attribute(item: Item, key: str) -> bool | None:
    """A DNS attribute: `true`, or `{"Value": true}` as describe-vpc-attribute writes it."""
    if not item.has(key):
        return None
    if isinstance(item.value[key], Mapping):
        return item.item(key).flag("Value")
    return item.flag(key)


def _associated(item: Item, key: str, block: str) -> list[Cidr]:
    """The blocks of an association set that are in use."""
    return [
        each.cidr(block)
        for each in item.items(key)
        if each.item(f"{block}State").maybe("State") in ("", "associated", "associating")
    ]


# Whether the parts fit together


def _check_references(network: Network, read: _Reader) -> None:
    """Every id that AWS's own output could not leave unexplained leads somewhere.

    Whole keys may be absent, and then nothing can be missing from them; but without the security groups that
    an interface names, or the tables that an endpoint is in, nobody could say what passes.
    """
    known: dict[str, Mapping[str, object]] = {
        "Vpcs": network.vpcs,
        "Subnets": network.subnets,
        "SecurityGroups": network.security_groups,
        "RouteTables": network.route_tables,
    }
    for id, key, wanted, found in _references(network):
        for target in found:
            if target not in known[wanted] and (wanted in read.items or wanted in _NEEDED):
                read.places.get(id, Item(id, {})).dangling(key, target, wanted)
    inside = [(each.id, each.vpc, each.subnet) for each in network.interfaces.values()]
    inside += [(each.id, each.vpc, each.subnet) for each in network.nat_gateways.values()]
    for id, vpc, subnet in inside:
        if subnet in network.subnets and network.subnets[subnet].vpc != vpc:
            fault = f"is {vpc[:80]}, but {subnet} is in {network.subnets[subnet].vpc}"
            read.places.get(id, Item(id, {})).refuse("VpcId", fault, "One of the two is wrong.")


_NEEDED = ("SecurityGroups", "RouteTables")


def _references(network: Network) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Who refers, under which key, to which kind of thing, and the ids."""
    for subnet in network.subnets.values():
        yield subnet.id, "VpcId", "Vpcs", (subnet.vpc,)
    for table in network.route_tables.values():
        yield table.id, "VpcId", "Vpcs", (table.vpc,)
        yield table.id, "Associations[].SubnetId", "Subnets", table.subnets
    for acl in network.network_acls.values():
        yield acl.id, "Associations[].SubnetId", "Subnets", acl.subnets
    for nat in network.nat_gateways.values():
        if nat.state not in ("deleted", "failed"):
            yield nat.id, "SubnetId", "Subnets", (nat.subnet,)
    for interface in network.interfaces.values():
        yield interface.id, "SubnetId", "Subnets", (interface.subnet,)
        yield interface.id, "Groups[].GroupId", "SecurityGroups", interface.groups
    for endpoint in network.endpoints.values():
        yield endpoint.id, "RouteTableIds", "RouteTables", endpoint.route_tables
