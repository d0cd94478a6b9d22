"""Reading instances and network interfaces, from wherever they are described."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import zip_longest
from typing import Final

from labs.aws.network.paths.documents import Item
from labs.aws.network.paths.values import (
    Address,
    Endpoint,
    Instance,
    InterfaceAddress,
    NetworkInterface,
    Subnet,
)

__all__ = [
    "completed",
    "derived_interface",
    "endpoint_interfaces",
    "nested_interfaces",
    "public_address_of",
    "read_instance",
    "read_interface",
    "with_public_addresses",
]

_GONE: Final = ("terminated", "shutting-down")
_MADE_BY: Final = {"AWS Lambda VPC ENI": "lambda", "ELB ": "load_balancer"}
"""How the descriptions of interfaces begin that a service has made, and the kind that they are of."""


def read_instance(id: str, item: Item) -> Instance:
    """An instance; one without a state is taken to run."""
    return Instance(id, item.item("State").maybe("Name") or "running", item.name())


def read_interface(id: str, item: Item) -> NetworkInterface:
    """A network interface, from describe-network-interfaces or from within describe-instances."""
    attachment = item.item("Attachment")
    return NetworkInterface(
        id,
        item.maybe("VpcId"),
        item.text("SubnetId"),
        _addresses(item),
        tuple(
            found
            for each in item.items("Ipv6Addresses")
            if (found := each.address("Ipv6Address", IPv6Address)) is not None
        ),
        tuple(each.text("GroupId") for each in item.items("Groups")),
        item.flag("SourceDestCheck", True),
        item.maybe("Status") != "available" and attachment.maybe("Status") not in ("detaching", "detached"),
        _kind(item),
        attachment.maybe("InstanceId"),
        attachment.number("DeviceIndex", 0),
        item.maybe("OwnerId"),
        item.maybe("Description"),
        item.name(),
    )


def _kind(item: Item) -> str:
    """AWS's InterfaceType; Lambda and load balancers are known by the description that they write as well."""
    said = item.maybe("Description")
    for beginning, kind in _MADE_BY.items():
        if said.startswith(beginning):
            return kind
    return item.maybe("InterfaceType") or "interface"


def _addresses(item: Item) -> tuple[InterfaceAddress, ...]:
    """The IPv4 addresses, the primary one first."""
    listed = sorted(item.items("PrivateIpAddresses"), key=lambda each: not each.flag("Primary"))
    found = [
        InterfaceAddress(private, each.item("Association").address("PublicIp", IPv4Address))
        for each in listed
        if (private := each.address("PrivateIpAddress", IPv4Address)) is not None
    ]
    primary = item.address("PrivateIpAddress", IPv4Address)
    public = item.item("Association").address("PublicIp", IPv4Address)
    if primary is not None and primary not in [each.private for each in found]:
        found.insert(0, InterfaceAddress(primary))
    if found and public is not None and found[0].public is None:
        found[0] = replace(found[0], public=public)
    return tuple(found)


def nested_interfaces(item: Item) -> dict[str, NetworkInterface]:
    """The interfaces that the description of an instance holds."""
    instance = item.text("InstanceId")
    found = {}
    for each in item.items("NetworkInterfaces"):
        if each.has("NetworkInterfaceId") and (each.has("SubnetId") or item.has("SubnetId")):
            complete = Item(each.place, {"SubnetId": item.value.get("SubnetId"), **each.value})
            id, complete = complete.identified("NetworkInterfaceId")
            interface = read_interface(id, complete)
            vpc = interface.vpc or item.maybe("VpcId")
            found[id] = replace(interface, instance=instance, attached=True, vpc=vpc)
    return found


def derived_interface(item: Item) -> NetworkInterface | None:
    """The primary interface of an instance that is described without one; None when it has none any more."""
    private = item.address("PrivateIpAddress", IPv4Address)
    six = item.address("Ipv6Address", IPv6Address)
    if item.item("State").maybe("Name") in _GONE or not item.has("SubnetId"):
        return None
    if private is None and six is None:
        item.refuse(
            "PrivateIpAddress", "is missing", "Give the output of describe-network-interfaces as well."
        )
    public = item.address("PublicIpAddress", IPv4Address)
    id = item.text("InstanceId")
    return NetworkInterface(
        id,
        item.maybe("VpcId"),
        item.text("SubnetId"),
        (InterfaceAddress(private, public),) if private is not None else (),
        (six,) if six is not None else (),
        tuple(each.text("GroupId") for each in item.items("SecurityGroups")),
        item.flag("SourceDestCheck", True),
        instance=id,
        name=item.name(),
    )


def endpoint_interfaces(
    endpoints: Mapping[str, Endpoint],
    interfaces: Mapping[str, NetworkInterface],
    items: tuple[Item, ...],
) -> dict[str, NetworkInterface]:
    """The interfaces of interface endpoints, of the endpoint's kind and with its groups.

    Those that are described nowhere have no address; `Network` knows them by their subnet all the same.
    """
    found: dict[str, NetworkInterface] = {}
    subnets = {each.text("VpcEndpointId"): each.texts("SubnetIds") for each in items}
    for endpoint in endpoints.values():
        if endpoint.kind != "Interface":
            continue
        homes = subnets[endpoint.id]
        for id, home in zip_longest(endpoint.interfaces, homes[: len(endpoint.interfaces)], fillvalue=""):
            known = interfaces.get(id) or (NetworkInterface(id, endpoint.vpc, home) if home else None)
            if known is not None:
                found[id] = replace(
                    known, kind="vpc_endpoint", attached=True, groups=known.groups or endpoint.groups
                )
    return found


def completed(
    interfaces: Mapping[str, NetworkInterface], subnets: Mapping[str, Subnet]
) -> dict[str, NetworkInterface]:
    """The interfaces, each in the VPC of its subnet; those of endpoints have an address in it.

    An endpoint whose interfaces nobody describes gets the highest free address of the subnet: which one it
    really has makes no difference to the path.
    """
    taken = {address for each in interfaces.values() for address in each.private()}
    found: dict[str, NetworkInterface] = {}
    for id, interface in interfaces.items():
        subnet = subnets.get(interface.subnet)
        if subnet is not None and not interface.vpc:
            interface = replace(interface, vpc=subnet.vpc)
        unknown = interface.kind == "vpc_endpoint" and not interface.private()
        if subnet is not None and unknown and (address := _free(subnet, taken)) is not None:
            taken.add(address)
            interface = replace(interface, addresses=(InterfaceAddress(address),))
        found[id] = interface
    return found


def _free(subnet: Subnet, taken: Container[Address]) -> IPv4Address | None:
    blocks = (each for each in subnet.cidrs if isinstance(each, IPv4Network))
    candidates = (block[-place] for block in blocks for place in range(2, min(block.num_addresses, 4096)))
    return next((each for each in candidates if each not in taken), None)


def public_address_of(item: Item) -> Item:
    """What the description of an instance tells of its public address, in the form of describe-addresses."""
    known = {
        "PublicIp": "PublicIpAddress",
        "PrivateIpAddress": "PrivateIpAddress",
        "InstanceId": "InstanceId",
    }
    return Item(item.place, {key: item.value.get(source) for key, source in known.items()})


def with_public_addresses(
    interfaces: Mapping[str, NetworkInterface], items: tuple[Item, ...]
) -> dict[str, NetworkInterface]:
    """The interfaces with the public addresses that describe-addresses gives them."""
    found = dict(interfaces)
    for item in items:
        public = item.address("PublicIp", IPv4Address)
        private = item.address("PrivateIpAddress", IPv4Address)
        holder = found.get(item.maybe("NetworkInterfaceId")) or next(
            (
                each
                for each in found.values()
                if each.instance and each.instance == item.maybe("InstanceId") and each.device == 0
            ),
            None,
        )
        if holder is None or public is None or not holder.addresses:
            continue
        private = private or holder.addresses[0].private
        found[holder.id] = replace(
            holder,
            addresses=tuple(
                replace(each, public=public) if each.private == private else each for each in holder.addresses
            ),
        )
    return found
