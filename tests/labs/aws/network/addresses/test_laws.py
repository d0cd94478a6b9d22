"""Laws of blocks that hold whatever the addresses, with `ipaddress` as the judge where it has an opinion."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import (
    Block,
    Relation,
    beginning,
    cidrhost,
    cidrsubnet,
    cidrsubnets,
    exclude,
    overlap,
    prefix_for,
    reserved,
    split,
    summarise,
    usable,
)

law = settings(max_examples=150, deadline=None, derandomize=True)

wide = st.builds(Block.around, st.integers(0, 2**32 - 1), st.integers(0, 32))
# Among few addresses blocks meet often.
near = st.builds(Block.around, st.integers(0, 2**10 - 1), st.integers(22, 32))
ipv6 = st.builds(Block.around, st.integers(0, 2**128 - 1), st.integers(0, 128), st.just(6))
any_block = wide | near | ipv6


@law
@given(any_block)
def test_writing_and_reading_gives_the_same_block(block: Block) -> None:
    assert Block.parse(str(block)) == block
    assert str(block) == str(ip_network(str(block)))


@law
@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_host_bits_are_kept_as_written_and_count_for_nothing(address: int, prefix: int) -> None:
    written = f"{Block(4, address, 32)[0]}/{prefix}"
    block = Block.parse(written)

    assert str(block) == str(ip_network(written, strict=False))
    assert block.start + block.host == address
    assert (block == block.canonical, hash(block)) == (True, hash(block.canonical))


@law
@given(any_block)
def test_a_block_is_its_halves_and_half_of_its_parent(block: Block) -> None:
    assert all(half.parent == block for half in block.halves)
    assert [half.sibling for half in block.halves] == list(block.halves)[::-1]
    if block.parent is not None:
        assert block in block.parent.halves
        assert block.parent.covers(block)


@law
@given(any_block, st.integers(0, 8))
def test_split_then_summarise_is_the_identity(block: Block, bits: int) -> None:
    prefix = min(block.bits, block.prefix + bits)
    summary = summarise(split(block, prefix=prefix))

    assert summary.blocks == (block,)
    assert summary.whole == block
    assert summary.extra == ()


@law
@given(any_block, st.integers(1, 300))
def test_a_split_into_parts_gives_at_least_as_many(block: Block, count: int) -> None:
    if count > block.size:
        return
    parts = split(block, parts=count)

    assert count <= len(parts) < 2 * count
    assert {part.size for part in parts} == {block.size // len(parts)}


@law
@given(near, st.lists(near, max_size=6))
def test_exclude_partitions(block: Block, holes: list[Block]) -> None:
    found = exclude(block, holes)

    addresses = [address for each in found.left for address in range(each.start, each.stop)]
    assert addresses == [
        address
        for address in range(block.start, block.stop)
        if not any(hole.start <= address < hole.stop for hole in holes)
    ]
    assert list(found.left) == sorted(found.left)
    assert summarise([block, *holes]).blocks == summarise([*found.left, block, *holes]).blocks


@law
@given(st.lists(near | ipv6, min_size=1, max_size=10))
def test_summaries_agree_with_the_standard_library(blocks: list[Block]) -> None:
    summary = summarise(blocks)

    texts4, texts6 = ([str(b) for b in blocks if b.version == version] for version in (4, 6))
    expected = [
        *map(str, collapse_addresses(map(IPv4Network, texts4))),
        *map(str, collapse_addresses(map(IPv6Network, texts6))),
    ]
    assert [str(each) for each in summary.blocks] == expected
    if summary.whole is not None:
        assert all(summary.whole.covers(each) for each in blocks)
        assert all(any(not half.covers(each) for each in blocks) for half in summary.whole.halves)
        assert summarise([*summary.blocks, *summary.extra]).blocks == (summary.whole,)


@law
@given(near | wide, near | wide)
def test_blocks_are_nested_or_apart(first: Block, second: Block) -> None:
    found = overlap(first, second)

    assert found.overlap is ip_network(str(first)).overlaps(ip_network(str(second)))
    assert (found.relation is Relation.APART) is (found.shared is None)
    assert found.overlap is overlap(second, first).overlap
    assert found.sentence.endswith(".")


@pytest.mark.parametrize("prefix", range(16, 29))
def test_usable_is_the_size_less_five(prefix: int) -> None:
    block = Block.around(10 << 24, prefix)

    assert usable(block) == 2 ** (32 - prefix) - 5
    assert len(reserved(block)) == 5
    assert prefix_for(usable(block)) == prefix
    if prefix > 16:
        assert prefix_for(usable(block) + 1) == prefix - 1


@pytest.mark.parametrize("prefix", range(33))
def test_blocks_begin_where_the_sentence_says(prefix: int) -> None:
    numbers = beginning(prefix)
    size = 1 << (32 - prefix)
    steps = [size // 256**place for place in (3, 2, 1, 0)]

    multiples = [step for step in steps if 1 < step < 256]
    assert all(f"multiple of {step}" in numbers for step in multiples)
    assert ("multiple" in numbers) is bool(multiples)


@law
@given(any_block, st.integers(0, 12), st.data())
def test_cidrsubnet_numbers_the_parts_of_a_split(block: Block, newbits: int, data: st.DataObject) -> None:
    newbits = min(newbits, block.bits - block.prefix)
    number = data.draw(st.integers(0, 2**newbits - 1))

    assert cidrsubnet(str(block), newbits, number) == split(block, prefix=block.prefix + newbits)[number]


@law
@given(
    wide.filter(lambda block: block.start > 0 and block.prefix < 24), st.lists(st.integers(1, 8), max_size=8)
)
def test_cidrsubnets_gives_aligned_blocks_in_order(block: Block, newbits: list[int]) -> None:
    try:
        blocks = cidrsubnets(str(block), newbits)
    except ValueError:
        assert sum(2.0**-bits for bits in newbits) > 0.5
        return
    assert [each.prefix - block.prefix for each in blocks] == newbits
    assert all(block.covers(each) for each in blocks)
    assert all(before.stop <= after.start for before, after in pairwise(blocks))


@law
@given(any_block, st.data())
def test_cidrhost_counts_from_both_ends(block: Block, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, block.size - 1))

    assert cidrhost(str(block), number) == cidrhost(str(block), number - block.size) == str(block[number])
