"""What the rules look up in moto's EC2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labs.errors import AddressError
from labs.sandbox.served.ask import Ask

if TYPE_CHECKING:
    from labs.aws.network.addresses import Block

__all__ = [
    "block_of",
    "blocks_of",
    "default_vpc_of",
    "ec2_of",
    "free_addresses",
    "gateway_of",
    "group_of",
    "instance_of",
    "instances_of",
    "interfaces_in",
    "is_live",
    "peered",
    "subnet_of",
]


def ec2_of(ask: Ask) -> Any:
    """moto's EC2 of the account and region of a call; what it begins with follows from the world's seed."""
    from moto.ec2.models import ec2_backends

    return ec2_backends[ask.account][ask.call.region]


def block_of(text: object) -> Block | None:
    """The block that a text is; None when it is none, which moto says itself.

    The rules of addresses are loaded when they are first asked: most worlds have no network.
    """
    from labs.aws.network.addresses import Block

    try:
        return Block.parse(str(text))
    except AddressError:
        return None


def blocks_of(vpc: Any) -> tuple[Block, ...]:
    """The IPv4 blocks of a VPC, the primary one first."""
    held = (each for each in vpc.get_cidr_block_association_set() if _associated(each))
    return tuple(block for each in held if (block := block_of(each["cidr_block"])) is not None)


def _associated(association: Any) -> bool:
    return bool(association["cidr_block_state"]["state"] == "associated")


def default_vpc_of(ec2: Any) -> Any:
    """The default VPC; None where somebody has deleted it."""
    return next((vpc for vpc in ec2.vpcs.values() if vpc.is_default), None)


def subnet_of(ec2: Any, subnet_id: object) -> Any:
    """A subnet by its id, or None."""
    return next((held[subnet_id] for held in list(ec2.subnets.values()) if subnet_id in held), None)


def free_addresses(subnet: Any) -> int:
    """How many addresses of a subnet are left, as AvailableIpAddressCount has it."""
    return int(subnet.available_ip_address_count)


def instances_of(ec2: Any) -> Iterator[Any]:
    """All instances, those that are gone included."""
    for reservation in list(ec2.reservations.values()):
        yield from reservation.instances


def instance_of(ec2: Any, instance_id: object) -> Any:
    """An instance by its id, or None."""
    return next((each for each in instances_of(ec2) if each.id == instance_id), None)


def is_live(instance: Any) -> bool:
    """Whether an instance is neither gone nor going."""
    return instance.state not in ("shutting-down", "terminated")


def interfaces_in(ec2: Any, *, subnet: str | None = None, vpc: str | None = None) -> Iterator[Any]:
    """The network interfaces of a subnet or of a VPC."""
    for interface in list(ec2.enis.values()):
        if subnet in (None, interface.subnet.id) and vpc in (None, interface.subnet.vpc_id):
            yield interface


def gateway_of(ec2: Any, vpc_id: object) -> Any:
    """The internet gateway that is attached to a VPC, or None."""
    gateways = ec2.internet_gateways.values()
    return next((each for each in gateways if each.vpc is not None and each.vpc.id == vpc_id), None)


def group_of(ec2: Any, group_id: object) -> Any:
    """A security group by its id, or None."""
    return next((held[group_id] for held in list(ec2.groups.values()) if group_id in held), None)


def peered(ec2: Any, one: str, other: str) -> bool:
    """Whether two VPCs have an active peering connection."""
    return any(
        {pcx.vpc.id, pcx.peer_vpc.id} == {one, other} and pcx.status["Code"] == "active"
        for pcx in list(ec2.vpc_pcxs.values())
    )
