"""What the ends of a question mean in a network: instances, interfaces, addresses, the internet, services.

Source: VPC User Guide, "DNS attributes for your VPC"; AWS PrivateLink Guide, "Access an AWS service using an
interface VPC endpoint".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NoReturn

from labs.aws.network.paths.hops import End, EndKind
from labs.aws.network.paths.network import Network, is_private, is_shared
from labs.aws.network.paths.routes import is_reserved
from labs.aws.network.paths.traffic import ICMPV6, Question
from labs.aws.network.paths.values import Address, Cidr, Endpoint, NetworkInterface, TargetKind
from labs.errors import InputError

__all__ = ["endpoint_of_service", "resolves_privately", "stand_ins", "the_ends"]

_ANYBODY: Final = {
    4: ("203.0.113.77", "198.51.100.77", "192.0.2.77", "8.8.4.4", "9.9.9.9", "1.0.0.1", "93.184.216.34"),
    6: ("2620:fe::9", "2001:4860:4860::8844", "2606:4700:4700::1001", "2a00:1450:4001::77"),
}
"""Addresses that may stand for an arbitrary host on the internet; of them, one that no rule singles out."""

_INTERNET: Final = {"internet": frozenset({4, 6}), "internet6": frozenset({6})}
"""The words for the internet at large, and the address families that they may mean."""

_SERVICE_ADDRESSES: Final = {
    "com.amazonaws.us-east-1.s3": "52.216.0.1",
    "com.amazonaws.us-east-1.dynamodb": "52.94.0.1",
}
_ANY_SERVICE_ADDRESS: Final = "52.46.128.1"
"""Addresses of Amazon's, for services whose prefix list is not described (AWS IP address ranges)."""

_SERVICE: Final = re.compile(
    r"(?:com\.amazonaws|aws\.api)\.[a-z0-9-]+\.[a-z0-9.-]+|[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*"
)
_REGION: Final = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")


def stand_ins(network: Network, question: Question) -> dict[int, Address]:
    """By IP version, the address that stands for an arbitrary host, where the question is about one."""
    if not {question.source.lower(), question.destination.lower()} & _INTERNET.keys():
        return {}
    return {version: _anybody(network, version) for version in (4, 6)}


def the_ends(network: Network, question: Question, anybody: Mapping[int, Address]) -> tuple[End, End]:
    """Both ends of a question, of one address family; `anybody` is from `stand_ins`.

    Raises:
        InputError: an end is not in the documents, both are the same, or their families differ.
    """
    source = _End(network, question.source, "from", anybody)
    destination = _End(network, question.destination, "to", anybody)
    version = _version(source, destination, question)
    start = source.as_source(version)
    end = destination.as_destination(version, start)
    same = (
        start.interface is not None and end.interface is not None and start.interface.id == end.interface.id
    )
    if same or (start.address == end.address and start.kind is end.kind):
        raise InputError(
            "The packet would go nowhere",
            f"From {question.source} to {question.destination} is one and the same place.",
            "Name two different ends.",
        )
    return start, end


class _End:
    """An end as it was written, with what it names in the network."""

    def __init__(self, network: Network, text: str, role: str, anybody: Mapping[int, Address]) -> None:
        self.network = network
        self.text = text
        self.role = role
        self.anybody = anybody
        self.address = _address(text)
        self.internet = text.lower() in _INTERNET
        self.interface = self._interface()
        self.service = "" if self.address or self.internet or self.interface else self._service()

    @property
    def versions(self) -> frozenset[int]:
        """The address families that it can have."""
        if self.address is not None:
            return frozenset({self.address.version})
        if self.interface is not None:
            return frozenset(each.version for each in self.interface.private())
        return frozenset({4}) if self.service else _INTERNET[self.text.lower()]

    def _interface(self) -> NetworkInterface | None:
        network, text = self.network, self.text
        if text in network.interfaces and text not in network.instances:
            return network.interfaces[text]
        if text in network.instances:
            own = [each for each in network.interfaces.values() if each.instance == text]
            if own:
                return min(own, key=lambda each: each.device)
            state = network.instances[text].state
            raise InputError(
                "The instance has no network interface",
                f"{text} is {state}, and the documents hold no interface of it.",
                "Give the output of describe-network-interfaces, or name another instance.",
            )
        if text.startswith(("i-", "eni-")):
            self._unknown()
        return None

    def _service(self) -> str:
        text = self.text.lower()
        if not _SERVICE.fullmatch(text) or text.startswith(
            ("vpc-", "subnet-", "sg-", "igw-", "nat-", "vpce-")
        ):
            self._unknown()
        if text.startswith(("com.amazonaws.", "aws.api.")):
            return text
        known = _known_services(self.network)
        wanted = next((each for each in known if each.split(".", 3)[-1] == text), None)
        if wanted is not None:
            return wanted
        return f"com.amazonaws.{_region(known)}.{text}"

    def _unknown(self) -> NoReturn:
        ids = [f"{id} ({name})" if (name := self.network.name(id)) else id for id in self.network.instances]
        raise InputError(
            f'"{self.role}" names nothing in these documents',
            f"It is {self.text[:80]!r}; the instances are {', '.join(ids[:6]) or 'none at all'}"
            f"{', …' if len(ids) > 6 else ''}.",
            "Say an instance id, a network interface id, an address, internet, or a service such as s3.",
        )

    # As one end or the other

    def as_source(self, version: int) -> End:
        """Where the connection is opened."""
        if self.internet:
            return self._anyone(version)
        if self.service:
            return self._of_service(_service_address(self.network, self.service))
        if self.address is not None:
            return self._at_source_address(self.address)
        assert self.interface is not None
        return self._of_interface(self.interface, self._private(self.interface, version))

    def as_destination(self, version: int, start: End) -> End:
        """Where it is opened to, seen from where it starts: a name may mean another address there."""
        if self.internet:
            return self._anyone(version)
        if self.service:
            return self._service_seen_from(start)
        if self.address is not None:
            return self._at_destination_address(self.address, start)
        assert self.interface is not None
        return self._interface_seen_from(start, version)

    def _anyone(self, version: int) -> End:
        return End(self.text, EndKind.INTERNET, self.anybody[version], anyone=True, name="internet")

    def _of_service(self, address: Address) -> End:
        return End(self.text, EndKind.SERVICE, address, service=self.service, name=self.service)

    def _of_interface(self, interface: NetworkInterface, address: Address) -> End:
        name = self.network.host(interface)
        return End(self.text, EndKind.INTERFACE, address, interface, name=name)

    def _private(self, interface: NetworkInterface, version: int) -> Address:
        found = next((each for each in interface.private() if each.version == version), None)
        if found is None:
            raise InputError(
                f"There is no IPv{version} address",
                f"{self.text} has {', '.join(map(str, interface.private())) or 'no address at all'}.",
                f"Name an end with an IPv{version} address, or give it one.",
            )
        return found

    def _at_source_address(self, address: Address) -> End:
        owner = self.network.public(address)
        if owner is not None and owner.interface is not None:
            return self._of_interface(owner.interface, owner.private)
        inside = self.network.interfaces_at(address)
        if len(inside) > 1:
            raise InputError(
                "The address is in use more than once",
                f"{address} belongs to {', '.join(each.id for each in inside)}, in VPCs that overlap.",
                "Name the interface or the instance.",
            )
        if inside:
            return self._of_interface(inside[0], address)
        if owner is not None and owner.nat is not None:
            raise InputError(
                "A NAT gateway opens no connections",
                f"{address} belongs to {owner.nat.id}.",
                "Name the instance that sends through it.",
            )
        if _is_no_host_outside(address):
            raise InputError(
                "Nothing in these documents has this address",
                f"{address} is private, and no interface has it.",
                "Name an instance, an interface, or an address that one of them has.",
            )
        return End(self.text, EndKind.INTERNET, address, name=str(address))

    def _at_destination_address(self, address: Address, start: End) -> End:
        owner = self.network.public(address)
        if owner is not None and owner.interface is not None:
            found = self._of_interface(owner.interface, address)
            return replace(found, name=f"{found.name} by {address}") if address.version == 4 else found
        near = self.network.interface_at(start.interface.vpc, address) if start.interface else None
        inside = (near,) if near is not None else self.network.interfaces_at(address)
        if len(inside) == 1:
            return self._of_interface(inside[0], address)
        if _is_no_host_outside(address) or owner is not None or self.text in self.network.elastic_ips:
            return End(self.text, EndKind.ADDRESS, address, name=str(address))
        return End(self.text, EndKind.INTERNET, address, name=str(address))

    def _interface_seen_from(self, start: End, version: int) -> End:
        """By its private address where that can be meant; else by its public one.

        From outside, and from a VPC that has no way to the private address, only the public one can be.
        """
        assert self.interface is not None
        interface, private = self.interface, self._private(self.interface, version)
        public = self._public(interface) if version == 4 else private
        outside = start.interface is None
        apart = not outside and not self._near(start, interface, private)
        if (outside or apart) and public is not None:
            return self._of_interface(interface, public)
        return self._of_interface(interface, private)

    @staticmethod
    def _public(interface: NetworkInterface) -> Address | None:
        """The public address of the first private one that has any."""
        found = (interface.public_of(each.private) for each in interface.addresses)
        return next((each for each in found if each is not None), None)

    def _near(self, start: End, interface: NetworkInterface, private: Address) -> bool:
        assert start.interface is not None
        here, there = start.interface.vpc, interface.vpc
        if here == there or self.network.peerings_between(here, there):
            return True
        table = self.network.table_of(start.interface.subnet, here)
        return any(
            not isinstance(route.destination, str)
            and route.destination.version == private.version
            and route.destination.prefixlen > 0
            and private in route.destination
            and route.kind in (TargetKind.PEERING, TargetKind.OTHER)
            for route in table.routes
        )

    def _service_seen_from(self, start: End) -> End:
        """An interface endpoint where the service's name leads to one, else the service's public address."""
        if start.interface is not None:
            endpoint = endpoint_of_service(self.network, start.interface.vpc, self.service)
            if endpoint is not None and resolves_privately(self.network, endpoint):
                nearest = _nearest(self.network, endpoint, start.interface)
                if nearest is not None:
                    address = next(each for each in nearest.private() if each.version == 4)
                    return End(self.text, EndKind.SERVICE, address, nearest, self.service, name=self.service)
        return self._of_service(_service_address(self.network, self.service))


def _version(source: _End, destination: _End, question: Question) -> int:
    """The address family of the path: IPv4 where both ends could have either."""
    common = source.versions & destination.versions
    if question.protocol == ICMPV6:
        common &= {6}
    if not common:
        raise InputError(
            "The two ends have no address family in common",
            f"{source.text}: {_families(source.versions)}; {destination.text}: "
            f"{_families(destination.versions)}.",
            "IPv4 and IPv6 are routed apart. For the internet by IPv6 say internet6, or an IPv6 address.",
        )
    return 4 if 4 in common else 6


def _families(versions: Iterable[int]) -> str:
    return " and ".join(f"IPv{each}" for each in sorted(versions)) or "no address"


def _is_no_host_outside(address: Address) -> bool:
    """Whether nobody on the internet can have an address."""
    return is_private(address) or is_shared(address) or is_reserved(address)


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def endpoint_of_service(network: Network, vpc: str, service: str) -> Endpoint | None:
    """The interface endpoint of a service in a VPC."""
    return next(
        (
            each
            for each in network.endpoints.values()
            if each.vpc == vpc and each.service == service and each.kind == "Interface"
        ),
        None,
    )


def resolves_privately(network: Network, endpoint: Endpoint) -> bool:
    """Whether the service's own name leads to the endpoint inside its VPC.

    That takes private DNS on the endpoint and both DNS attributes of the VPC; an attribute that nothing tells
    of is taken to be on, as AWS refuses private DNS without it.
    """
    vpc = network.vpcs.get(endpoint.vpc)
    attributes = (vpc.dns_support, vpc.dns_hostnames) if vpc else (None, None)
    return endpoint.private_dns and False not in attributes


def _nearest(network: Network, endpoint: Endpoint, start: NetworkInterface) -> NetworkInterface | None:
    """The interface of an endpoint in the same subnet, else in the same zone, else the first."""

    def distance(interface: NetworkInterface) -> tuple[bool, bool]:
        here, there = network.subnets.get(start.subnet), network.subnets.get(interface.subnet)
        return interface.subnet != start.subnet, (here and here.zone) != (there and there.zone)

    own = [network.interfaces[id] for id in endpoint.interfaces if id in network.interfaces]
    return min((each for each in own if each.addresses), key=distance, default=None)


def _known_services(network: Network) -> list[str]:
    endpoints = [each.service for each in network.endpoints.values()]
    return [*endpoints, *(each.name for each in network.prefix_lists.values() if each.name)]


def _region(known: Iterable[str]) -> str:
    return next((found[1] for each in known if (found := _REGION.search(each))), "us-east-1")


def _service_address(network: Network, service: str) -> Address:
    """A public address of a service: from its prefix list, else one of those that AWS publishes."""
    for each in network.prefix_lists.values():
        if each.name == service:
            block = next((block for block in each.cidrs if block.version == 4), None)
            if block is not None:
                return block[1] if block.num_addresses > 1 else block[0]
    return IPv4Address(_SERVICE_ADDRESSES.get(service, _ANY_SERVICE_ADDRESS))


def _anybody(network: Network, version: int) -> Address:
    """An address for an arbitrary host on the internet: the one that the rules single out least."""
    blocks = _blocks(network, version)
    kind = IPv4Address if version == 4 else IPv6Address
    candidates = [kind(each) for each in _ANYBODY[version]]
    return min(
        candidates, key=lambda each: max((prefix for block, prefix in blocks if each in block), default=0)
    )


def _blocks(network: Network, version: int) -> list[tuple[Cidr, int]]:
    found = {
        rule.peer for group in network.security_groups.values() for rule in (*group.ingress, *group.egress)
    }
    found |= {entry.cidr for acl in network.network_acls.values() for entry in acl.entries}
    found |= {route.destination for table in network.route_tables.values() for route in table.routes}
    found |= {block for each in network.prefix_lists.values() for block in each.cidrs}
    found |= {block for each in network.vpcs.values() for block in each.cidrs}
    return [(each, each.prefixlen) for each in found if not isinstance(each, str) and each.version == version]
