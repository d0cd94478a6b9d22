"""Applying a repair to a network: what each API call would change, in the model.

This is no second EC2: it knows the calls that repairs make, with the parameters that they give. What is new
has the reference to its id for an id, so that later repairs refer to it too; addresses are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from labs.aws.network.paths.documents import Item
from labs.aws.network.paths.endpoint_routes import with_endpoint_routes
from labs.aws.network.paths.hops import Repair, public_reference, reference
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.reading_rules import group_rules, read_acl_entry, read_route
from labs.aws.network.paths.values import (
    EgressOnlyGateway,
    ElasticIp,
    Endpoint,
    InterfaceAddress,
    InternetGateway,
    NatAddress,
    NatGateway,
    NetworkInterface,
    Peering,
    PeeringSide,
    TargetKind,
)
from labs.errors import InputError

__all__ = ["apply"]

Effect = Callable[[Network, Item, str], Network]

_NEW_ADDRESSES: Final = IPv4Network("198.18.0.0/15")
"""Addresses that no one has on the internet (RFC 2544): they stand for those that AWS would draw."""


def apply(repair: Repair, network: Network) -> Network:
    """The network after a repair.

    Raises:
        InputError: a call is not one that repairs make, or names something that is not there.
    """
    for call in repair.calls:
        effect = _EFFECTS.get((call.service, call.operation))
        if effect is None:
            raise InputError(
                "This call is not known",
                f"{call.service}: {call.operation}.",
                f"Repairs call {', '.join(sorted(name for _, name in _EFFECTS))}.",
            )
        try:
            parameters = _with_addresses(network, dict(call.parameters))
            network = effect(network, Item(call.operation, parameters), call.label)
        except (KeyError, StopIteration) as missing:
            raise InputError(
                "A repair is for something that is not there",
                f"{call.operation}: the network has no {missing.args[0] if missing.args else 'room'}.",
                "Take the repairs of a path through this very network, and apply them in their order.",
            ) from None
    return network


def _with_addresses(network: Network, value: Any) -> Any:
    """Parameters with the addresses in them that earlier calls have drawn."""
    if isinstance(value, dict):
        return {key: _with_addresses(network, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_addresses(network, each) for each in value]
    if isinstance(value, str) and ".PublicIp}" in value:
        for each in network.elastic_ips.values():
            value = value.replace(public_reference(each.allocation), str(each.public))
    return value


def _put(network: Network, table: str, id: str, value: object) -> Network:
    """The network with one thing added or replaced."""
    changes: dict[str, Any] = {table: {**getattr(network, table), id: value}}
    return replace(network, **changes)


# Filters


def _authorize(direction: str) -> Effect:
    def effect(network: Network, item: Item, _label: str) -> Network:
        group = network.security_groups[item.text("GroupId")]
        rules = tuple(group_rules(item, "IpPermissions"))
        changes: dict[str, Any] = {direction: (*getattr(group, direction), *rules)}
        return _put(network, "security_groups", group.id, replace(group, **changes))

    return effect


def _write_entry(network: Network, item: Item, _label: str) -> Network:
    acl = network.network_acls[item.text("NetworkAclId")]
    entry = read_acl_entry(item)
    others = [each for each in acl.entries if (each.egress, each.number) != (entry.egress, entry.number)]
    entries = sorted((*others, entry), key=lambda each: each.number)
    return _put(network, "network_acls", acl.id, replace(acl, entries=tuple(entries)))


# Routes and gateways


def _put_route(network: Network, item: Item, _label: str) -> Network:
    table = network.route_tables[item.text("RouteTableId")]
    route = read_route(item)
    if route.target in network.internet_gateways:
        route = replace(route, kind=TargetKind.INTERNET_GATEWAY)
    others = tuple(each for each in table.routes if each.destination != route.destination)
    return _put(network, "route_tables", table.id, replace(table, routes=(*others, route)))


def _delete_route(network: Network, item: Item, _label: str) -> Network:
    table = network.route_tables[item.text("RouteTableId")]
    gone = read_route(item).destination
    left = tuple(each for each in table.routes if each.destination != gone)
    return _put(network, "route_tables", table.id, replace(table, routes=left))


def _create_gateway(network: Network, _: Item, label: str) -> Network:
    id = reference(label, "InternetGateway.InternetGatewayId")
    return _put(network, "internet_gateways", id, InternetGateway(id, name="the new internet gateway"))


def _attach_gateway(network: Network, item: Item, _label: str) -> Network:
    gateway = network.internet_gateways[item.text("InternetGatewayId")]
    network = _put(network, "internet_gateways", gateway.id, replace(gateway, vpc=item.text("VpcId")))
    return _revived(network, gateway.id)


def _revived(network: Network, *targets: str) -> Network:
    """The routes to what works again are no blackholes any more."""
    for table in network.route_tables.values():
        routes = tuple(
            replace(each, blackhole=False) if each.target in targets else each for each in table.routes
        )
        if routes != table.routes:
            network = _put(network, "route_tables", table.id, replace(table, routes=routes))
    return network


def _create_egress_only(network: Network, item: Item, label: str) -> Network:
    id = reference(label, "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId")
    gateway = EgressOnlyGateway(id, item.text("VpcId"), "the new egress-only internet gateway")
    return _put(network, "egress_only_gateways", id, gateway)


def _create_nat(network: Network, item: Item, label: str) -> Network:
    id = reference(label, "NatGateway.NatGatewayId")
    subnet = network.subnets[item.text("SubnetId")]
    public = _elastic_ip(network, item.text("AllocationId"))
    address = NatAddress(_free_address(network, subnet.id), public.public)
    nat = NatGateway(id, subnet.vpc, subnet.id, addresses=(address,), name="the new NAT gateway")
    network = _put(network, "elastic_ips", str(public.public), replace(public, associated=True))
    return _put(network, "nat_gateways", id, nat)


# Addresses


def _allocate(network: Network, _: Item, label: str) -> Network:
    used = {each.public for each in network.elastic_ips.values()}
    public = next(each for each in _NEW_ADDRESSES.hosts() if each not in used)
    allocation = reference(label, "AllocationId")
    return _put(network, "elastic_ips", str(public), ElasticIp(allocation, public))


def _elastic_ip(network: Network, allocation: str) -> ElasticIp:
    return {each.allocation: each for each in network.elastic_ips.values()}[allocation]


def _associate(network: Network, item: Item, _label: str) -> Network:
    address = _elastic_ip(network, item.text("AllocationId"))
    interface = network.interfaces[item.maybe("NetworkInterfaceId") or item.text("InstanceId")]
    private = item.address("PrivateIpAddress", IPv4Address) or interface.addresses[0].private
    addresses = tuple(
        replace(each, public=address.public) if each.private == private else each
        for each in interface.addresses
    )
    network = _put(network, "interfaces", interface.id, replace(interface, addresses=addresses))
    return _put(network, "elastic_ips", str(address.public), replace(address, associated=True))


def _associate_with_nat(network: Network, item: Item, _label: str) -> Network:
    nat = network.nat_gateways[item.text("NatGatewayId")]
    address = _elastic_ip(network, item.texts("AllocationIds")[0])
    first, *others = nat.addresses
    given = first.private or _free_address(network, nat.subnet)
    addresses = (replace(first, private=given, public=address.public), *others)
    network = _put(network, "nat_gateways", nat.id, replace(nat, addresses=addresses))
    return _put(network, "elastic_ips", str(address.public), replace(address, associated=True))


def _free_address(network: Network, subnet: str) -> IPv4Address:
    """The highest address of a subnet that nothing has."""
    block = next(each for each in network.subnets[subnet].cidrs if isinstance(each, IPv4Network))
    vpc = network.subnets[subnet].vpc
    candidates = (block[place] for place in range(block.num_addresses - 2, 3, -1))
    return next(
        each
        for each in candidates
        if network.interface_at(vpc, each) is None and network.nat_at(vpc, each) is None
    )


# Peering and endpoints


def _create_peering(network: Network, item: Item, label: str) -> Network:
    id = reference(label, "VpcPeeringConnection.VpcPeeringConnectionId")
    asker, other = (network.vpcs[item.text(key)] for key in ("VpcId", "PeerVpcId"))
    sides = PeeringSide(asker.id, asker.cidrs), PeeringSide(other.id, other.cidrs)
    peering = Peering(id, *sides, "pending-acceptance", "the new peering connection")
    return _put(network, "peerings", id, peering)


def _accept_peering(network: Network, item: Item, _label: str) -> Network:
    peering = network.peerings[item.text("VpcPeeringConnectionId")]
    network = _put(network, "peerings", peering.id, replace(peering, status="active"))
    return _revived(network, peering.id)


def _create_endpoint(network: Network, item: Item, label: str) -> Network:
    id = reference(label, "VpcEndpoint.VpcEndpointId")
    endpoint = Endpoint(
        id, item.text("VpcId"), item.text("ServiceName"), route_tables=item.texts("RouteTableIds")
    )
    return with_endpoint_routes(_put(network, "endpoints", id, endpoint), endpoint)


def _modify_endpoint(network: Network, item: Item, _label: str) -> Network:
    endpoint = network.endpoints[item.text("VpcEndpointId")]
    changed = replace(
        endpoint,
        route_tables=(*endpoint.route_tables, *item.texts("AddRouteTableIds")),
        private_dns=item.flag("PrivateDnsEnabled", endpoint.private_dns),
    )
    return with_endpoint_routes(_put(network, "endpoints", endpoint.id, changed), changed)


# Attributes


def _start(network: Network, item: Item, _label: str) -> Network:
    for id in item.texts("InstanceIds"):
        network = _put(network, "instances", id, replace(network.instances[id], state="running"))
        own = [each.id for each in network.interfaces.values() if each.instance == id]
        network = _revived(network, id, *own)
    return network


def _modify_check(network: Network, item: Item, _label: str) -> Network:
    interface = network.interfaces[item.maybe("NetworkInterfaceId") or item.text("InstanceId")]
    value = item.item("SourceDestCheck").flag("Value")
    return _put(network, "interfaces", interface.id, replace(interface, source_dest_check=value))


def _modify_vpc(network: Network, item: Item, _label: str) -> Network:
    vpc = network.vpcs[item.text("VpcId")]
    vpc = replace(
        vpc,
        dns_support=item.item("EnableDnsSupport").flag("Value", vpc.dns_support is not False),
        dns_hostnames=item.item("EnableDnsHostnames").flag("Value", vpc.dns_hostnames is not False),
    )
    return _put(network, "vpcs", vpc.id, vpc)


def _move_function(network: Network, item: Item, _label: str) -> Network:
    subnet = item.item("VpcConfig").texts("SubnetIds")[0]
    for interface in _interfaces_of_function(network, item.text("FunctionName")):
        address = InterfaceAddress(_free_address(network, subnet))
        network = _put(
            network, "interfaces", interface.id, replace(interface, subnet=subnet, addresses=(address,))
        )
    return network


def _interfaces_of_function(network: Network, function: str) -> Iterator[NetworkInterface]:
    beginning = f"AWS Lambda VPC ENI-{function}"
    return (each for each in network.interfaces.values() if each.description.startswith(beginning))


_EFFECTS: Final[Mapping[tuple[str, str], Effect]] = {
    ("ec2", "accept_vpc_peering_connection"): _accept_peering,
    ("ec2", "allocate_address"): _allocate,
    ("ec2", "associate_address"): _associate,
    ("ec2", "associate_nat_gateway_address"): _associate_with_nat,
    ("ec2", "attach_internet_gateway"): _attach_gateway,
    ("ec2", "authorize_security_group_egress"): _authorize("egress"),
    ("ec2", "authorize_security_group_ingress"): _authorize("ingress"),
    ("ec2", "create_egress_only_internet_gateway"): _create_egress_only,
    ("ec2", "create_internet_gateway"): _create_gateway,
    ("ec2", "create_nat_gateway"): _create_nat,
    ("ec2", "create_network_acl_entry"): _write_entry,
    ("ec2", "create_route"): _put_route,
    ("ec2", "create_vpc_endpoint"): _create_endpoint,
    ("ec2", "create_vpc_peering_connection"): _create_peering,
    ("ec2", "delete_route"): _delete_route,
    ("ec2", "modify_instance_attribute"): _modify_check,
    ("ec2", "modify_network_interface_attribute"): _modify_check,
    ("ec2", "modify_vpc_attribute"): _modify_vpc,
    ("ec2", "modify_vpc_endpoint"): _modify_endpoint,
    ("ec2", "replace_network_acl_entry"): _write_entry,
    ("ec2", "replace_route"): _put_route,
    ("ec2", "start_instances"): _start,
    ("lambda", "update_function_configuration"): _move_function,
}
