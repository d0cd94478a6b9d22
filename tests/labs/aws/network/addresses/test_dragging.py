"""A dragged block is always one that a VPC can have there, and never farther away than another one."""

from __future__ import annotations

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import Block
from labs.aws.network.addresses.dragging import carried, stretched

VPC = (Block.parse("10.0.0.0/22"), Block.parse("10.1.0.0/24"))
SIZES = range(22, 29)

blocks = st.builds(
    lambda prefix, address: Block.around(VPC[0].start + address, prefix),
    st.sampled_from(SIZES),
    st.integers(0, VPC[0].size - 1),
)
addresses = st.integers(VPC[0].start - 2000, VPC[1].stop + 2000)


def legal(block: Block) -> bool:
    """Whether a subnet of the VPC can have the block."""
    aligned = block.start % block.size == 0
    return aligned and 16 <= block.prefix <= 28 and any(each.covers(block) for each in VPC)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(blocks, addresses)
def test_a_carried_block_keeps_its_size_and_goes_to_the_nearest_place(block: Block, start: int) -> None:
    found = carried(VPC, block, start)

    assert legal(found)
    assert found.prefix == block.prefix
    others = (
        Block.around(each, block.prefix)
        for within in VPC
        if within.size >= block.size
        for each in range(within.start, within.stop, block.size)
    )
    assert abs(found.start - start) == min(abs(each.start - start) for each in others)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(blocks, st.sampled_from(["start", "end"]), addresses)
def test_a_stretched_block_keeps_its_other_end(
    block: Block, end: Literal["start", "end"], address: int
) -> None:
    found = stretched(VPC, block, end, address)

    assert legal(found)
    assert found.start == block.start if end == "end" else found.stop == block.stop


def test_an_end_goes_no_further_than_a_block_can_begin_there() -> None:
    odd = Block.parse("10.0.0.128/25")

    assert stretched(VPC, odd, "end", VPC[0].stop) == odd
    assert str(stretched(VPC, odd, "end", odd.start)) == "10.0.0.128/28"
    assert str(stretched(VPC, odd, "start", VPC[0].start)) == "10.0.0.0/24"


def test_a_block_that_is_too_large_for_another_one_stays_where_it_fits() -> None:
    large = Block.parse("10.0.2.0/23")

    assert str(carried(VPC, large, VPC[1].start)) == "10.0.2.0/23"
    assert str(carried(VPC, Block.parse("10.0.2.0/24"), VPC[1].start)) == "10.1.0.0/24"
