"""Sizes: what AWS allows for a VPC and a subnet, the five addresses that it keeps in each subnet, quotas.

Sources: VPC User Guide, "VPC CIDR blocks", "Subnet CIDR blocks" and "Amazon VPC quotas".
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from labs.aws.network.addresses.block import Block
from labs.errors import AddressError

__all__ = [
    "KEPT",
    "LARGEST",
    "QUOTAS",
    "SMALLEST",
    "SUBNET_PREFIXES6",
    "VPC_PREFIXES6",
    "Quota",
    "Reserved",
    "fits_aws",
    "prefix_for",
    "reserved",
    "subnet_sized",
    "usable",
    "vpc_sized",
]

LARGEST: Final = 16
"""The prefix length of the largest IPv4 block of a VPC, or of a subnet."""

SMALLEST: Final = 28
"""The prefix length of the smallest."""

KEPT: Final = 5
"""How many addresses of each subnet AWS keeps: the first four and the last."""

VPC_PREFIXES6: Final = range(44, 61, 4)
"""The prefix lengths of an IPv6 block of a VPC; those that Amazon provides are /56."""

SUBNET_PREFIXES6: Final = range(44, 65, 4)
"""The prefix lengths of an IPv6 block of a subnet; /64 is usual."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many there may be unless AWS raises it; `per` says of what."""

    name: str
    limit: int
    per: str


QUOTAS: Final = MappingProxyType(
    {
        "vpcs": Quota("VPCs", 5, "Region"),
        "subnets": Quota("subnets", 200, "VPC"),
        "ipv4_blocks": Quota("IPv4 CIDR blocks", 5, "VPC"),
        "ipv6_blocks": Quota("IPv6 CIDR blocks", 5, "VPC"),
        "elastic_ips": Quota("Elastic IP addresses", 5, "Region"),
        "routes": Quota("routes", 50, "route table"),
        "nacl_rules": Quota("rules in one direction", 20, "network ACL"),
        "group_rules": Quota("rules in one direction", 60, "security group"),
        "groups": Quota("security groups", 5, "network interface"),
    }
)
"""The quotas of addresses and what uses them, as AWS grants them at first."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """An address of a subnet that no resource can have, and what AWS keeps it for."""

    address: str
    role: str


_ROLES4: Final = (
    (0, "network address"),
    (1, "VPC router"),
    (2, "DNS server: Amazon's answers at the base of the VPC's first block plus two"),
    (3, "kept for future use"),
    (-1, "network broadcast address, although a VPC has no broadcast"),
)
_ROLES6: Final = (
    (0, "kept by AWS"),
    (1, "VPC router"),
    (2, "kept by AWS"),
    (3, "kept by AWS"),
    (-1, "kept by AWS"),
)


def reserved(block: Block) -> tuple[Reserved, ...]:
    """The five addresses that AWS keeps in a subnet; none where the block cannot be one by its size."""
    if not subnet_sized(block):
        return ()
    roles = _ROLES4 if block.version == 4 else _ROLES6
    return tuple(Reserved(str(block[number]), role) for number, role in roles)


def usable(block: Block) -> int:
    """How many addresses of a block are left to resources when it is a subnet: its size less five."""
    return max(0, block.size - KEPT)


def fits_aws(prefix: int) -> bool:
    """Whether AWS allows an IPv4 block of this size for a VPC or a subnet: /16 to /28."""
    return LARGEST <= prefix <= SMALLEST


def vpc_sized(block: Block) -> bool:
    """Whether AWS allows a block's size for a VPC."""
    return fits_aws(block.prefix) if block.version == 4 else block.prefix in VPC_PREFIXES6


def subnet_sized(block: Block) -> bool:
    """Whether AWS allows a block's size for a subnet."""
    return fits_aws(block.prefix) if block.version == 4 else block.prefix in SUBNET_PREFIXES6


def prefix_for(hosts: int) -> int:
    """The prefix length of the smallest IPv4 subnet that has addresses for so many hosts.

    >>> prefix_for(251), prefix_for(252)
    (24, 23)

    Raises:
        AddressError: the number is not positive, or more than one subnet holds.
    """
    if hosts < 1:
        raise AddressError(
            "A subnet is for one host at least", f"The number is {hosts:,}.", "Give a positive number."
        )
    prefix = 32 - (hosts + KEPT - 1).bit_length()
    if prefix < LARGEST:
        most = (1 << (32 - LARGEST)) - KEPT
        raise AddressError(
            "No subnet is that large",
            f"{hosts:,} hosts are asked for, and a /{LARGEST} has {most:,} usable addresses.",
            "Divide the hosts over several subnets.",
        )
    return min(prefix, SMALLEST)
