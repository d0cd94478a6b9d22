"""The network of a world, as anyone would see it who may call `describe-*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from labs.aws.network.paths import Network, network_from_json

if TYPE_CHECKING:
    from labs.sandbox.world import World

__all__ = ["described_network", "network_of"]

_CALLS: Final = (
    ("describe_vpcs", "Vpcs"),
    ("describe_subnets", "Subnets"),
    ("describe_route_tables", "RouteTables"),
    ("describe_internet_gateways", "InternetGateways"),
    ("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"),
    ("describe_nat_gateways", "NatGateways"),
    ("describe_security_groups", "SecurityGroups"),
    ("describe_network_acls", "NetworkAcls"),
    ("describe_network_interfaces", "NetworkInterfaces"),
    ("describe_instances", "Reservations"),
    ("describe_addresses", "Addresses"),
    ("describe_vpc_peering_connections", "VpcPeeringConnections"),
    ("describe_vpc_endpoints", "VpcEndpoints"),
    ("describe_managed_prefix_lists", "PrefixLists"),
)


def network_of(world: World) -> Network:
    """The network of a world, read by its administrator.

    Raises:
        InputError: what EC2 describes does not fit together.
    """
    return network_from_json(described_network(world.client("ec2")))


def described_network(client: Any) -> dict[str, list[dict[str, Any]]]:
    """All that an EC2 client can describe of its network, in the form that `network_from_json` reads."""
    found = {key: _pages(client, call, key) for call, key in _CALLS}
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
