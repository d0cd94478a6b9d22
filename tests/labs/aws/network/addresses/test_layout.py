"""Where parts stand in a row: widths by size, rows that hold their labels, overlaps and rooms."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import (
    Block,
    Part,
    Plan,
    Requirements,
    Subnet,
    Tier,
    parts,
    rows,
    scaled,
    strip,
    widths,
)

law = settings(max_examples=150, deadline=None, derandomize=True)

VPC = Block.parse("10.0.0.0/16")
drawn = st.lists(st.tuples(st.integers(1, 2**16), st.integers(1, 12)), min_size=1, max_size=12)


def plan(*blocks: str, double: bool | None = False) -> Plan:
    asked = Requirements((VPC,), ("a",), (Tier("web", double=double),))
    subnets = (Subnet("web", "a", Block.parse(each), f"s{place}") for place, each in enumerate(blocks))
    return Plan(asked, tuple(subnets))


def seen(found: tuple[Part, ...]) -> list[tuple[str, int, str]]:
    """Each part as its kind, its size in /24s, and its subnets."""
    return [(each.kind, each.size // 256, " ".join(subnet.name for subnet in each.subnets)) for each in found]


@law
@given(drawn, st.integers(1, 160))
def test_widths_add_up_and_none_is_under_its_least(found: list[tuple[int, int]], total: int) -> None:
    sizes, least = zip(*found, strict=True)
    given_widths = widths(sizes, total, least)

    assert (given_widths is None) is (sum(least) > total)
    if given_widths is not None:
        assert sum(given_widths) == total
        assert all(width >= each for width, each in zip(given_widths, least, strict=True))


@law
@given(drawn, st.integers(12, 160))
def test_with_one_least_for_all_a_larger_part_is_never_narrower(
    found: list[tuple[int, int]], total: int
) -> None:
    sizes = [size for size, _ in found]
    given_widths = widths(sizes, total, [1] * len(sizes))

    assert given_widths is not None
    by_size = sorted(zip(sizes, given_widths, strict=True))
    assert all(small[1] <= large[1] or small[0] == large[0] for small, large in pairwise(by_size))


def test_widths_are_exact_where_sizes_divide_them() -> None:
    assert widths([1, 1, 2, 4], 80, [1, 1, 1, 1]) == (10, 10, 20, 40)
    assert widths([1, 7], 80, [15, 1]) == (15, 65)
    assert widths([1, 1], 3, [2, 2]) is None


def test_parts_are_subnets_rooms_and_what_is_free() -> None:
    found = parts(plan("10.0.0.0/24", "10.0.4.0/23", double=None), Block.parse("10.0.0.0/20"))

    assert seen(found) == [
        ("subnet", 1, "s0"),
        ("room", 1, ""),
        ("free", 2, ""),
        ("subnet", 2, "s1"),
        ("room", 2, ""),
        ("free", 8, ""),
    ]


def test_a_subnet_that_need_not_double_keeps_no_room() -> None:
    found = parts(plan("10.0.0.0/24"), Block.parse("10.0.0.0/20"))

    assert seen(found) == [("subnet", 1, "s0"), ("free", 15, "")]


def test_what_two_subnets_have_is_an_overlap() -> None:
    found = parts(
        plan("10.0.0.0/22", "10.0.1.0/24", "10.0.4.0/24", "10.0.4.0/24"), Block.parse("10.0.0.0/21")
    )

    assert seen(found) == [
        ("subnet", 1, "s0"),
        ("overlap", 1, "s0 s1"),
        ("subnet", 2, "s0"),
        ("overlap", 1, "s2 s3"),
        ("free", 3, ""),
    ]


def test_a_part_ends_where_the_row_ends() -> None:
    assert seen(parts(plan("10.0.0.0/16"), Block.parse("10.0.8.0/22"))) == [("subnet", 4, "s0")]


blocks = st.lists(
    st.builds(Block.around, st.integers(VPC.start, VPC.stop - 1), st.integers(17, 26)), max_size=14
)


@law
@given(blocks, st.integers(12, 160), st.integers(1, 14))
def test_rows_cover_the_vpc_once_and_hold_their_labels(found: list[Block], width: int, label: int) -> None:
    drawing = rows(plan(*map(str, found), double=None), width, lambda part: label)

    assert [row.block.start for row in drawing] == [VPC.start, *(row.block.stop for row in drawing[:-1])]
    assert drawing[-1].block.stop == VPC.stop
    for row in drawing:
        assert [cell.part.start for cell in row.cells] == [
            row.block.start,
            *(cell.part.stop for cell in row.cells[:-1]),
        ]
        assert row.cells[-1].part.stop == row.block.stop
        assert [cell.x for cell in row.cells] == [
            sum(cell.width for cell in row.cells[:place]) for place in range(len(row.cells))
        ]
        assert sum(cell.width for cell in row.cells) == width
        assert len(row.cells) == 1 or all(cell.width >= label for cell in row.cells)
        ordered = sorted(row.cells, key=lambda cell: cell.part.size)
        assert all(
            small.width <= large.width or small.part.size == large.part.size
            for small, large in pairwise(ordered)
        )


def test_a_long_label_makes_no_part_wider_than_a_larger_one() -> None:
    [row] = rows(plan("10.0.0.0/24", "10.0.128.0/17"), 100, lambda part: 30 if part.size == 256 else 3)

    assert min(cell.width for cell in row.cells) == 30


@law
@given(blocks, st.integers(1, 160))
def test_a_strip_shows_in_each_column_what_is_there(found: list[Block], width: int) -> None:
    shown = plan(*map(str, found))
    columns = strip(shown, VPC, width)

    assert len(columns) == width
    for column, part in enumerate(columns):
        assert part.start < VPC.start + (column + 1) * VPC.size / width
        assert part.stop > VPC.start + column * VPC.size // width


@law
@given(
    st.builds(Block.around, st.integers(VPC.start, VPC.stop - 1), st.integers(16, 32)), st.integers(1, 160)
)
def test_a_scaled_block_stays_in_its_row(block: Block, width: int) -> None:
    x, wide = scaled(block, VPC, width)

    assert x >= 0
    assert wide >= 1
    assert x + wide <= width
    assert scaled(VPC, VPC, width) == (0, width)
