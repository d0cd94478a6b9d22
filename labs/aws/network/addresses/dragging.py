"""Where a block goes that is dragged: of all the blocks that a VPC can have there, to the nearest.

    carried(blocks, block, start)               the same size, beginning as near to an address as it can
    stretched(blocks, block, "end", address)    the other end stays, this one goes as near as it can

A block begins at a multiple of its size, so a dragged one jumps from place to place. Sources: RFC 4632,
"CIDR"; VPC User Guide, "Subnet CIDR blocks".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.sizes import LARGEST, SMALLEST

__all__ = ["End", "carried", "stretched"]

End: TypeAlias = Literal["start", "end"]


def carried(blocks: Sequence[Block], block: Block, start: int) -> Block:
    """The block of the same size inside a VPC's blocks whose first address is nearest to one.

    >>> vpc = Block.parse("10.0.0.0/22")
    >>> str(carried([vpc], Block.parse("10.0.0.0/25"), vpc.start + 200))
    '10.0.1.0/25'
    """
    places = [each for within in blocks if (each := _nearest(within, block, start)) is not None]
    return min(places, key=lambda each: abs(each.start - start), default=block)


def stretched(blocks: Sequence[Block], block: Block, end: End, address: int) -> Block:
    """The block with one end, its first address or the one behind its last, dragged as near to an address
    as a subnet's sizes allow; the other end stays.

    >>> vpc = Block.parse("10.0.0.0/22")
    >>> str(stretched([vpc], Block.parse("10.0.0.0/25"), "end", vpc.start + 240))
    '10.0.0.0/24'
    """
    found = [block]
    for prefix in range(LARGEST, SMALLEST + 1):
        size = 1 << (block.bits - prefix)
        start = block.start if end == "end" else block.stop - size
        each = Block(block.version, start, prefix)
        if start >= 0 and start % size == 0 and any(within.covers(each) for within in blocks):
            found.append(each)
    return min(found, key=lambda each: abs((each.stop if end == "end" else each.start) - address))


def _nearest(within: Block, block: Block, start: int) -> Block | None:
    """The place of a block's size inside another that is nearest to an address; None where it is larger."""
    if block.size > within.size:
        return None
    # Halfway between two places the later one is taken.
    rounded = (start + block.size // 2) // block.size * block.size
    return Block(block.version, max(within.start, min(rounded, within.stop - block.size)), block.prefix)
