"""Reading what leads out of a VPC: gateways, peering connections, endpoints, and the addresses for them."""

from __future__ import annotations

from ipaddress import IPv4Address

from labs.aws.network.paths.documents import Item
from labs.aws.network.paths.values import (
    Cidr,
    EgressOnlyGateway,
    ElasticIp,
    Endpoint,
    InternetGateway,
    NatAddress,
    NatGateway,
    Peering,
    PeeringSide,
    PrefixList,
)

__all__ = [
    "read_egress_only",
    "read_elastic_ip",
    "read_endpoint",
    "read_internet_gateway",
    "read_nat",
    "read_peering",
    "read_prefix_list",
]


def read_internet_gateway(id: str, item: Item) -> InternetGateway:
    """An internet gateway."""
    return InternetGateway(id, _attached_to(item), item.name())


def read_egress_only(id: str, item: Item) -> EgressOnlyGateway:
    """An egress-only internet gateway."""
    return EgressOnlyGateway(id, _attached_to(item), item.name())


def _attached_to(item: Item) -> str:
    """The VPC of the attachment; none while it is being made or taken away."""
    return next(
        (
            each.text("VpcId")
            for each in item.items("Attachments")
            if each.maybe("State") in ("available", "attached", "")
        ),
        "",
    )


def read_nat(id: str, item: Item) -> NatGateway:
    """A NAT gateway with its addresses."""
    addresses = tuple(
        NatAddress(
            each.address("PrivateIp", IPv4Address),
            each.address("PublicIp", IPv4Address),
            each.maybe("NetworkInterfaceId"),
        )
        for each in item.items("NatGatewayAddresses")
    )
    return NatGateway(
        id,
        item.maybe("VpcId"),
        item.text("SubnetId"),
        item.maybe("State") or "available",
        item.maybe("ConnectivityType") != "private",
        addresses,
        item.name(),
    )


def read_elastic_ip(id: str, item: Item) -> ElasticIp | None:
    """An Elastic IP address; its public address stands for its id."""
    public = item.address("PublicIp", IPv4Address)
    if public is None:
        return None
    return ElasticIp(
        item.maybe("AllocationId"),
        public,
        any(item.maybe(key) for key in ("AssociationId", "InstanceId", "NetworkInterfaceId")),
    )


def read_peering(id: str, item: Item) -> Peering:
    """A VPC peering connection."""
    return Peering(
        id,
        _side(item.item("RequesterVpcInfo")),
        _side(item.item("AccepterVpcInfo")),
        item.item("Status").maybe("Code") or "active",
        item.name(),
    )


def _side(item: Item) -> PeeringSide:
    blocks: list[Cidr] = [item.cidr("CidrBlock")] if item.has("CidrBlock") else []
    blocks += [each.cidr("CidrBlock") for each in item.items("CidrBlockSet")]
    blocks += [each.cidr("Ipv6CidrBlock") for each in item.items("Ipv6CidrBlockSet")]
    return PeeringSide(
        item.text("VpcId"), tuple(dict.fromkeys(blocks)), item.maybe("Region"), item.maybe("OwnerId")
    )


def read_endpoint(id: str, item: Item) -> Endpoint:
    """A VPC endpoint; without a type it is a gateway endpoint, which is what AWS makes then.

    An interface endpoint has an interface in each of its subnets, also where their ids are not told.
    """
    return Endpoint(
        id,
        item.text("VpcId"),
        item.text("ServiceName"),
        item.maybe("VpcEndpointType") or "Gateway",
        (item.maybe("State") or "available").lower(),
        item.texts("RouteTableIds"),
        item.texts("NetworkInterfaceIds") or tuple(f"{id} in {each}" for each in item.texts("SubnetIds")),
        tuple(each.text("GroupId") for each in item.items("Groups")),
        # The name then leads here only for those who ask from outside the VPC.
        item.flag("PrivateDnsEnabled")
        and not item.item("DnsOptions").flag("PrivateDnsOnlyForInboundResolverEndpoint"),
        item.name(),
    )


def read_prefix_list(id: str, item: Item) -> PrefixList:
    """A prefix list: AWS's own have `Cidrs`, those of the account `Entries`."""
    blocks = [Item(f"{item.place}.Cidrs", {"Cidr": each}).cidr("Cidr") for each in item.texts("Cidrs")]
    blocks += [each.cidr("Cidr") for each in item.items("Entries")]
    return PrefixList(id, item.maybe("PrefixListName"), tuple(blocks))
