"""Changes of a plan by hand keep what they must, and refuse what makes no sense."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import Block, Plan, Requirements, Subnet, Tier, judge, make_plan
from labs.aws.network.addresses.edits import dropped, halved, joined, moved, placed, retiered, rezoned, taken
from labs.errors import InputError

ASKED = Requirements(
    (Block.parse("10.0.0.0/22"),), ("a", "b"), (Tier("web", 100), Tier("app", 60), Tier("db", prefix=27))
)


def proposed() -> Plan:
    plan = make_plan(ASKED)
    assert isinstance(plan, Plan)
    return plan


def block_of(plan: Plan, name: str) -> str:
    return str(next(each for each in plan.subnets if each.name == name).block)


def only(*subnets: Subnet) -> Plan:
    return Plan(ASKED, subnets)


def test_a_subnet_is_cut_in_two_halves_of_its_tier_and_zone() -> None:
    plan = halved(only(Subnet("web", "a", Block.parse("10.0.0.0/24"))), "web a")

    assert [(each.name, str(each.block), each.tier, each.zone) for each in plan.subnets] == [
        ("web a", "10.0.0.0/25", "web", "a"),
        ("web a/2", "10.0.0.128/25", "web", "a"),
    ]


def test_the_smallest_subnet_cannot_be_cut() -> None:
    with pytest.raises(InputError, match="smaller than a /28"):
        halved(only(Subnet("web", "a", Block.parse("10.0.0.0/28"))), "web a")


def test_a_subnet_joins_with_its_free_half() -> None:
    plan = joined(only(Subnet("web", "a", Block.parse("10.0.0.128/25"))), "web a")

    assert block_of(plan, "web a") == "10.0.0.0/24"


def test_a_subnet_does_not_join_with_another_tier() -> None:
    plan = only(
        Subnet("web", "a", Block.parse("10.0.0.0/25")), Subnet("db", "a", Block.parse("10.0.0.128/26"))
    )

    with pytest.raises(InputError, match="belongs to db a"):
        joined(plan, "web a")


def test_a_subnet_does_not_join_beyond_the_vpc() -> None:
    with pytest.raises(InputError, match="not in the VPC"):
        joined(only(Subnet("web", "a", Block.parse("10.0.0.0/22"))), "web a")


def test_a_subnet_moves_to_the_next_free_place_and_round_again() -> None:
    plan = only(
        Subnet("web", "a", Block.parse("10.0.0.0/24")), Subnet("web", "b", Block.parse("10.0.1.0/24"))
    )
    places = []
    for _ in range(3):
        plan = moved(plan, "web a")
        places.append(block_of(plan, "web a"))

    assert places == ["10.0.2.0/24", "10.0.3.0/24", "10.0.0.0/24"]


def test_where_nothing_is_free_nothing_moves() -> None:
    with pytest.raises(InputError, match="No other /22"):
        moved(only(Subnet("web", "a", Block.parse("10.0.0.0/22"))), "web a")


def test_a_subnet_named_by_tier_and_zone_is_renamed_with_them() -> None:
    plan = only(Subnet("web", "a", Block.parse("10.0.0.0/24")))

    assert [each.name for each in rezoned(plan, "web a").subnets] == ["web b"]
    assert [each.name for each in retiered(plan, "web a").subnets] == ["app a"]


def test_a_subnet_with_a_name_of_its_own_keeps_it() -> None:
    plan = only(Subnet("web", "a", Block.parse("10.0.0.0/24"), "front"))

    assert [(each.name, each.zone) for each in rezoned(plan, "front").subnets] == [("front", "b")]


def test_a_free_block_is_taken_by_the_first_tier() -> None:
    plan = taken(only(), Block.parse("10.0.1.0/24"))

    assert [(each.name, str(each.block)) for each in plan.subnets] == [("web a", "10.0.1.0/24")]


def test_what_a_subnet_has_is_not_taken() -> None:
    plan = only(Subnet("web", "a", Block.parse("10.0.0.0/24")))

    with pytest.raises(InputError, match="is not free"):
        taken(plan, Block.parse("10.0.0.0/25"))


def test_a_subnet_is_placed_anywhere_in_the_vpc_also_onto_another_one() -> None:
    plan = only(Subnet("web", "a", Block.parse("10.0.0.0/25")), Subnet("db", "a", Block.parse("10.0.1.0/25")))

    plan = placed(plan, "web a", Block.parse("10.0.1.0/24"))
    assert block_of(plan, "web a") == "10.0.1.0/24"
    assert not judge(plan).ok


@pytest.mark.parametrize("block", ["10.0.4.0/24", "10.0.0.0/21", "10.0.0.0/29"])
def test_a_subnet_is_not_placed_outside_the_vpc_nor_at_a_size_that_aws_refuses(block: str) -> None:
    with pytest.raises(InputError, match="cannot"):
        placed(only(Subnet("web", "a", Block.parse("10.0.0.0/25"))), "web a", Block.parse(block))


def test_a_dropped_subnet_leaves_its_addresses_free() -> None:
    plan = only(Subnet("web", "a", Block.parse("10.0.0.0/22")))

    assert [str(each) for each in dropped(plan, "web a").free] == ["10.0.0.0/22"]


def test_a_subnet_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="nobody"):
        dropped(proposed(), "nobody")


EDITS = (halved, joined, moved, rezoned, retiered, dropped)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 20)), max_size=12))
def test_no_series_of_changes_makes_subnets_overlap_or_leave_the_vpc(
    steps: list[tuple[Callable[[Plan, str], Plan], int]],
) -> None:
    plan = proposed()
    for edit, place in steps:
        if not plan.subnets:
            return
        try:
            plan = edit(plan, plan.subnets[place % len(plan.subnets)].name)
        except InputError:
            continue
        blocks = [each.block for each in plan.subnets]
        assert all(ASKED.blocks[0].covers(each) for each in blocks)
        assert not any(
            one.overlaps(other) for place, one in enumerate(blocks) for other in blocks[place + 1 :]
        )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 20))
def test_a_split_that_is_joined_again_changes_nothing(place: int) -> None:
    plan = proposed()
    subnet = plan.subnets[place % len(plan.subnets)]
    if subnet.block.prefix < 28:
        assert joined(halved(plan, subnet.name), subnet.name).subnets == plan.subnets
