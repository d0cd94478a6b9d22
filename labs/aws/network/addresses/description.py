"""A block described: its range, what AWS says of it for a VPC and a subnet, the addresses that AWS keeps."""

from __future__ import annotations

from dataclasses import dataclass

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.dialects import Dialect, dialects
from labs.aws.network.addresses.ranges import Range, Remark, range_of, subnet_remarks, vpc_remarks
from labs.aws.network.addresses.sizes import Reserved, reserved, usable

__all__ = ["Description", "describe"]


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to say of a block.

    `home` is the range that it lies in, None when it lies in several; `reserved` is empty when it cannot be a
    subnet.
    """

    block: Block
    home: Range | None
    as_vpc: tuple[Remark, ...]
    as_subnet: tuple[Remark, ...]
    reserved: tuple[Reserved, ...]
    dialects: tuple[Dialect, ...]

    @property
    def vpc_allowed(self) -> bool:
        """Whether AWS takes it for a VPC."""
        return not any(each.refused for each in self.as_vpc)

    @property
    def subnet_allowed(self) -> bool:
        """Whether AWS takes it for a subnet."""
        return not any(each.refused for each in self.as_subnet)

    @property
    def ok(self) -> bool:
        """Whether AWS takes it for either."""
        return self.vpc_allowed or self.subnet_allowed

    @property
    def usable(self) -> int | None:
        """How many addresses resources can have when it is a subnet; None when it cannot be one."""
        return usable(self.block) if self.subnet_allowed else None


def describe(block: Block) -> Description:
    """Describe a block."""
    as_subnet = subnet_remarks(block)
    kept = () if any(each.refused for each in as_subnet) else reserved(block)
    return Description(block, range_of(block), vpc_remarks(block), as_subnet, kept, dialects(block))
