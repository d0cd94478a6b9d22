"""Repairs that give a packet a way: routes, gateways, public addresses, peering connections, endpoints.

What is there already is used before anything new is made.

Source: VPC User Guide, "Example routing options"; VPC Peering Guide, "Update your route tables for a VPC
peering connection"; AWS PrivateLink Guide, "Gateway endpoints".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any, Final, NamedTuple

from labs.aws.network.paths.causes import NoPublicAddress, NoRoute
from labs.aws.network.paths.hops import Call, Repair, reference
from labs.aws.network.paths.network import Network, is_private, is_shared
from labs.aws.network.paths.places import endpoint_of_service, resolves_privately
from labs.aws.network.paths.routes import leads_to_internet
from labs.aws.network.paths.values import (
    Cidr,
    Endpoint,
    NatGateway,
    NetworkInterface,
    Peering,
    Route,
    RouteTable,
    TargetKind,
    Vpc,
)
from labs.aws.network.paths.wording import TARGET_KEYS, destination_field

__all__ = ["internet_route", "public_address", "route_repair"]

_FUNCTION: Final = re.compile(r"AWS Lambda VPC ENI-(.+?)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?")
_BY_GATEWAY: Final = ("s3", "dynamodb")


def _made(known: Iterable[str], label: str, path: str) -> tuple[str, str]:
    """The label of a call that makes something, and what stands for the id of what it makes."""
    number = sum(each.startswith(f"${{{label}") for each in known) + 1
    label = label if number == 1 else f"{label}{number}"
    return label, reference(label, path)


class Target(NamedTuple):
    """Where a new route should lead, and what has to be called before it can."""

    kind: TargetKind
    id: str
    said: str
    before: tuple[Call, ...] = ()


def route_repair(network: Network, cause: NoRoute) -> Repair | None:
    """A route for a packet that has none, or in place of one that leads nowhere."""
    table, packet = cause.table, cause.packet
    if not table.described:
        return None
    destination = packet.destination
    if packet.service and (repair := _to_service(network, cause)) is not None:
        return repair
    other = next((each for each in network.vpcs_holding(destination) if each.id != table.vpc), None)
    if other is not None and (is_private(destination) or network.peerings_between(table.vpc, other.id)):
        return _to_peer(network, cause, other)
    if destination.version == 4 and (is_private(destination) or is_shared(destination)):
        return None
    target = _six_way_out(network, cause) if destination.version == 6 else _way_out(network, cause)
    everywhere = ip_network("::/0" if destination.version == 6 else "0.0.0.0/0")
    return (
        _routed(network, table, cause.bad.destination if cause.bad else everywhere, target)
        if target
        else None
    )


def _routed(network: Network, table: RouteTable, destination: Cidr | str, target: Target) -> Repair:
    replaces = any(each.destination == destination for each in table.routes)
    return Repair(
        f"Route {destination} in {network.called(table.id)} to {target.said}.",
        (*target.before, _put(table, destination, target, replaces)),
    )


def _put(table: RouteTable, destination: Cidr | str, target: Target, replaces: bool) -> Call:
    parameters = {
        "RouteTableId": table.id,
        **destination_field(destination),
        TARGET_KEYS[target.kind]: target.id,
    }
    return Call("replace_route" if replaces else "create_route", parameters)


# Services


def _to_service(network: Network, cause: NoRoute) -> Repair | None:
    """The endpoint of a service for this route table: what is there, else a new gateway endpoint."""
    table, service = cause.table, cause.packet.service
    own = [each for each in network.endpoints.values() if each.vpc == table.vpc and each.service == service]
    gateway = next((each for each in own if each.kind == "Gateway" and each.state == "available"), None)
    if gateway is not None:
        call = Call("modify_vpc_endpoint", {"VpcEndpointId": gateway.id, "AddRouteTableIds": [table.id]})
        said = f"Associate {gateway.id} with {network.called(table.id)}."
        return Repair(said, (*_without(cause), call))
    endpoint = endpoint_of_service(network, table.vpc, service)
    if endpoint is not None and not resolves_privately(network, endpoint):
        return _private_dns(network, endpoint)
    if service.rsplit(".", 1)[-1] not in _BY_GATEWAY:
        return None
    parameters = {
        "VpcEndpointType": "Gateway",
        "VpcId": table.vpc,
        "ServiceName": service,
        "RouteTableIds": [table.id],
    }
    label, _ = _made(network.endpoints, "endpoint", "VpcEndpoint.VpcEndpointId")
    return Repair(
        f"Create a gateway endpoint for {service} and associate it with {network.called(table.id)}.",
        (*_without(cause), Call("create_vpc_endpoint", parameters, label=label)),
    )


def _without(cause: NoRoute) -> tuple[Call, ...]:
    """Take a route away that leads elsewhere and that the route of a gateway endpoint would not outdo."""
    bad = cause.bad
    if bad is None or isinstance(bad.destination, str) or bad.destination.prefixlen == 0:
        return ()
    return (Call("delete_route", {"RouteTableId": cause.table.id, **destination_field(bad.destination)}),)


def _private_dns(network: Network, endpoint: Endpoint) -> Repair:
    vpc = network.vpcs.get(endpoint.vpc)
    calls = [
        Call("modify_vpc_attribute", {"VpcId": endpoint.vpc, key: {"Value": True}})
        for key, value in (
            ("EnableDnsSupport", vpc.dns_support if vpc else None),
            ("EnableDnsHostnames", vpc.dns_hostnames if vpc else None),
        )
        if value is False
    ]
    if not endpoint.private_dns:
        calls.append(Call("modify_vpc_endpoint", {"VpcEndpointId": endpoint.id, "PrivateDnsEnabled": True}))
    return Repair(
        f"Let the name of {endpoint.service} lead to {endpoint.id}: private DNS on the endpoint, "
        "enableDnsSupport and enableDnsHostnames on the VPC.",
        tuple(calls),
    )


# Other VPCs


def _to_peer(network: Network, cause: NoRoute, other: Vpc) -> Repair | None:
    """A route over a peering connection to the VPC of the destination, which is made if there is none."""
    table, packet = cause.table, cause.packet
    here = network.vpcs[table.vpc]
    if any(a.overlaps(b) for a in here.cidrs for b in other.cidrs if a.version == b.version):
        return None
    if not any(packet.source in block for block in here.cidrs if block.version == packet.source.version):
        return None
    block = next(each for each in other.cidrs if packet.destination in each)
    destination = (
        cause.bad.destination if cause.bad and cause.bad.destination != _everywhere(block) else block
    )
    known = network.peerings_between(here.id, other.id)
    usable = next((each for each in known if each.status == "active" or each.is_pending), None)
    target = _peering_target(network, usable) if usable else _new_peering(network, here, other)
    return _routed(network, table, destination, target)


def _everywhere(block: Cidr) -> Cidr:
    return ip_network("0.0.0.0/0" if block.version == 4 else "::/0")


def _peering_target(network: Network, peering: Peering) -> Target:
    return Target(TargetKind.PEERING, peering.id, network.called(peering.id))


def _new_peering(network: Network, here: Vpc, other: Vpc) -> Target:
    label, made = _made(network.peerings, "peering", "VpcPeeringConnection.VpcPeeringConnectionId")
    ask = {"VpcId": here.id, "PeerVpcId": other.id}
    return Target(
        TargetKind.PEERING,
        made,
        f"a new peering connection between {here.id} and {other.id}",
        (
            Call("create_vpc_peering_connection", ask, label=label),
            Call("accept_vpc_peering_connection", {"VpcPeeringConnectionId": made}),
        ),
    )


# The internet


def _way_out(network: Network, cause: NoRoute) -> Target | None:
    """For IPv4: an internet gateway for who has a public address, a NAT gateway for who has none."""
    place, table, packet = cause.place, cause.table, cause.packet
    interface = place.interface
    if interface is None:
        shared = cause.client_table is not None and cause.client_table.id == table.id
        return (_new_nat(network, table) if shared else None) or _internet_gateway(network, table.vpc)
    if packet.reply or interface.public_of(packet.source) is not None:
        return _internet_gateway(network, table.vpc)
    if (nat := _usable_nat(network, table)) is not None:
        return Target(TargetKind.NAT_GATEWAY, nat.id, network.called(nat.id))
    if interface.is_managed:
        return _new_nat(network, table)
    return _internet_gateway(network, table.vpc)


def _six_way_out(network: Network, cause: NoRoute) -> Target:
    """For IPv6: the internet gateway that is there, or for replies; else an egress-only one."""
    vpc = cause.table.vpc
    if cause.packet.reply or network.internet_gateway_of(vpc) is not None:
        return _internet_gateway(network, vpc)
    own = next((each for each in network.egress_only_gateways.values() if each.vpc == vpc), None)
    if own is not None:
        return Target(TargetKind.EGRESS_ONLY_GATEWAY, own.id, network.called(own.id))
    path = "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId"
    label, made = _made(network.egress_only_gateways, "egress", path)
    return Target(
        TargetKind.EGRESS_ONLY_GATEWAY,
        made,
        "a new egress-only internet gateway",
        (Call("create_egress_only_internet_gateway", {"VpcId": vpc}, label=label),),
    )


def _internet_gateway(network: Network, vpc: str, wanted: str = "") -> Target:
    """The gateway that is attached; else one that is attached to nothing; else a new one."""
    kind = TargetKind.INTERNET_GATEWAY
    attached = network.internet_gateway_of(vpc)
    if attached is not None:
        return Target(kind, attached.id, network.called(attached.id))
    free = [each for each in network.internet_gateways.values() if not each.vpc]
    free.sort(key=lambda each: each.id != wanted)
    if free:
        attach = Call("attach_internet_gateway", {"InternetGatewayId": free[0].id, "VpcId": vpc})
        return Target(kind, free[0].id, f"{network.called(free[0].id)}, attached to {vpc}", (attach,))
    label, made = _made(network.internet_gateways, "gateway", "InternetGateway.InternetGatewayId")
    return Target(
        kind,
        made,
        f"a new internet gateway, attached to {vpc}",
        (
            Call("create_internet_gateway", {}, label=label),
            Call("attach_internet_gateway", {"InternetGatewayId": made, "VpcId": vpc}),
        ),
    )


def internet_route(
    network: Network, vpc: str, table: RouteTable | None, route: Route | None, wanted: str = ""
) -> Repair:
    """Lead a route to the VPC's internet gateway, which is attached if none is."""
    target = _internet_gateway(network, vpc, wanted)
    if table is None or route is None or (route.target == target.id and target.before):
        return Repair(_attached(target), target.before)
    repair = _routed(network, table, route.destination, target)
    if route.kind is TargetKind.NAT_GATEWAY:
        return Repair(
            f"{repair.sentence} What has no public address in its subnets then loses its way out.",
            repair.calls,
        )
    return repair


def _attached(gateway: Target) -> str:
    return f"Attach {gateway.said.replace(', attached', '')}."


def _usable_nat(network: Network, table: RouteTable) -> NatGateway | None:
    """A NAT gateway of the VPC that reaches the internet, and not by this table."""
    return next(
        (
            each
            for each in network.nat_gateways.values()
            if each.vpc == table.vpc
            and each.state == "available"
            and any(address.public and address.private for address in each.addresses)
            and _is_public_for(network, each.subnet, table)
        ),
        None,
    )


def _is_public_for(network: Network, subnet: str, table: RouteTable) -> bool:
    """Whether a subnet reaches the internet by another table than this one."""
    own = network.table_of(subnet, table.vpc)
    return own.id != table.id and leads_to_internet(network, own)


def _new_nat(network: Network, table: RouteTable) -> Target | None:
    """A new NAT gateway in a subnet with a way to the internet; None where there is no such subnet."""
    home = next(
        (
            each.id
            for each in network.subnets.values()
            if each.vpc == table.vpc and _is_public_for(network, each.id, table)
        ),
        None,
    )
    if home is None:
        return None
    before, allocation = _an_address(network)
    label, made = _made(network.nat_gateways, "nat", "NatGateway.NatGatewayId")
    create = Call("create_nat_gateway", {"SubnetId": home, "AllocationId": allocation}, label=label)
    said = f"a new NAT gateway in {network.called(home)}"
    return Target(TargetKind.NAT_GATEWAY, made, said, (*before, create))


# Public addresses


def _an_address(network: Network) -> tuple[tuple[Call, ...], str]:
    """An Elastic IP address that nothing uses, else a new one."""
    free = next(
        (each for each in network.elastic_ips.values() if not each.associated and each.allocation), None
    )
    if free is not None:
        return (), free.allocation
    label, made = _made([each.allocation for each in network.elastic_ips.values()], "address", "AllocationId")
    return (Call("allocate_address", {"Domain": "vpc"}, label=label),), made


def public_address(network: Network, cause: NoPublicAddress) -> Repair | None:
    """An Elastic IP address for whoever needs one; a Lambda function goes behind a NAT gateway instead."""
    if cause.nat is not None:
        return _address_for_nat(network, cause.nat, cause.client_table)
    interface = cause.interface
    if interface is None:
        return None
    if interface.kind == "lambda":
        return _behind_nat(network, interface)
    if interface.is_managed:
        return None
    before, allocation = _an_address(network)
    parameters: dict[str, Any] = {"AllocationId": allocation}
    if interface.id == interface.instance:
        parameters["InstanceId"] = interface.id
    else:
        parameters["NetworkInterfaceId"] = interface.id
        if cause.private != interface.addresses[0].private:
            parameters["PrivateIpAddress"] = str(cause.private)
    # EC2 associates no address in a VPC that has no internet gateway.
    gateway = _internet_gateway(network, interface.vpc)
    sentence = f"Associate an Elastic IP address with {network.host(interface)}."
    if gateway.before:
        sentence = f"{_attached(gateway)} {sentence}"
    return Repair(sentence, (*gateway.before, *before, Call("associate_address", parameters)))


def _address_for_nat(network: Network, nat: NatGateway, client: RouteTable | None) -> Repair | None:
    before, allocation = _an_address(network)
    if nat.public and nat.addresses:
        parameters = {"NatGatewayId": nat.id, "AllocationIds": [allocation]}
        return Repair(
            f"Associate an Elastic IP address with {network.called(nat.id)}.",
            (*before, Call("associate_nat_gateway_address", parameters)),
        )
    route = next((each for each in client.routes if each.target == nat.id), None) if client else None
    if client is None or route is None:
        return None
    target = _new_nat(network, client)
    return _routed(network, client, route.destination, target) if target else None


def _behind_nat(network: Network, interface: NetworkInterface) -> Repair | None:
    """Move a function to a subnet that sends to a NAT gateway."""
    function = _FUNCTION.fullmatch(interface.description)
    home = next(_behind_nats(network, interface.vpc), None)
    if function is None or home is None:
        return None
    parameters = {
        "FunctionName": function[1],
        "VpcConfig": {"SubnetIds": [home], "SecurityGroupIds": list(interface.groups)},
    }
    return Repair(
        f"Move the function {function[1]} to {network.called(home)}, behind a NAT gateway.",
        (Call("update_function_configuration", parameters, service="lambda"),),
    )


def _behind_nats(network: Network, vpc: str) -> Iterator[str]:
    """The subnets whose default route leads to a NAT gateway that reaches the internet."""
    for subnet in network.subnets.values():
        table = network.table_of(subnet.id, vpc)
        nat = _usable_nat(network, table) if subnet.vpc == vpc else None
        if nat is not None and any(
            each.target == nat.id and each.destination == ip_network("0.0.0.0/0") for each in table.routes
        ):
            yield subnet.id
