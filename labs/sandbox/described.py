"""The network of a world, as anyone would see it who may call `describe-*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from labs.aws.network.paths import Network, network_from_json

if TYPE_CHECKING:
    from labs.sandbox.world import World

__all__ = ["described_network", "described_vpc", "network_of"]

_CALLS: Final = (
    ("describe_vpcs", "Vpcs", "vpc-id"),
    ("describe_subnets", "Subnets", "vpc-id"),
    ("describe_route_tables", "RouteTables", "vpc-id"),
    ("describe_internet_gateways", "InternetGateways", "attachment.vpc-id"),
    ("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", ""),
    ("describe_nat_gateways", "NatGateways", "vpc-id"),
    ("describe_security_groups", "SecurityGroups", "vpc-id"),
    ("describe_network_acls", "NetworkAcls", "vpc-id"),
    ("describe_network_interfaces", "NetworkInterfaces", "vpc-id"),
    ("describe_instances", "Reservations", "vpc-id"),
    ("describe_addresses", "Addresses", ""),
    ("describe_vpc_peering_connections", "VpcPeeringConnections", ""),
    ("describe_vpc_endpoints", "VpcEndpoints", "vpc-id"),
)
"""The call, the key of its answer, and the filter by which it keeps to one VPC; empty where it has none."""

_PREFIX_LISTS: Final = ("describe_managed_prefix_lists", "PrefixLists")


def network_of(world: World) -> Network:
    """The network of a world, read by its owner, which leaves no event.

    Raises:
        InputError: what EC2 describes does not fit together.
    """
    return network_from_json(described_network(world.observer("ec2")))


def described_vpc(client: Any, vpc: str) -> dict[str, list[dict[str, Any]]]:
    """What an EC2 client can describe of one VPC: fewer calls than for all, and a document that is short.

    Prefix lists, DNS attributes and other VPCs, peers included, are left out.
    """
    return {
        key: _pages(client, call, key, {"Filters": [{"Name": name, "Values": [vpc]}]} if name else None)
        for call, key, name in _CALLS
    }


def described_network(client: Any) -> dict[str, list[dict[str, Any]]]:
    """All that an EC2 client can describe of its network, in the form that `network_from_json` reads."""
    found = {key: _pages(client, call, key) for call, key, _ in _CALLS}
    found[_PREFIX_LISTS[1]] = _pages(client, *_PREFIX_LISTS)
    for prefix_list in found["PrefixLists"]:
        wanted = {"PrefixListId": prefix_list["PrefixListId"]}
        prefix_list["Entries"] = _pages(client, "get_managed_prefix_list_entries", "Entries", wanted)
    found["VpcAttributes"] = [_attributes(client, each["VpcId"]) for each in found["Vpcs"]]
    return found


def _pages(
    client: Any, call: str, key: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    if client.can_paginate(call):
        pages = client.get_paginator(call).paginate(**(parameters or {}))
        return [each for page in pages for each in page.get(key, ())]
    return list(getattr(client, call)(**(parameters or {})).get(key, ()))


def _attributes(client: Any, vpc: str) -> dict[str, Any]:
    """The DNS attributes of a VPC, which describe-vpcs does not tell."""
    found: dict[str, Any] = {"VpcId": vpc}
    for key in ("EnableDnsSupport", "EnableDnsHostnames"):
        answer = client.describe_vpc_attribute(VpcId=vpc, Attribute=key[0].lower() + key[1:])
        found[key] = answer[key]["Value"]
    return found
