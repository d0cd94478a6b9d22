"""The planner and the judge: laws over random requirements and random plans."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import (
    Block,
    NoPlan,
    Peer,
    Plan,
    Property,
    Requirements,
    Subnet,
    Survey,
    Tier,
    Violation,
    judge,
    make_plan,
    plan_from_document,
    repaired,
    to_json,
    usable,
)
from labs.errors import InputError

law = settings(max_examples=100, deadline=None, derandomize=True)

VPC = Block.parse("10.0.0.0/16")
ZONES = ("a", "b", "c")


def some_tiers(found: list[dict[str, Any]]) -> tuple[Tier, ...]:
    """Tiers with hosts, or else with a prefix."""
    return tuple(
        Tier(f"t{place}", **{**each, "prefix": None if each["hosts"] else each["prefix"]})
        for place, each in enumerate(found)
    )


tiers = st.lists(
    st.fixed_dictionaries(
        {
            "hosts": st.none() | st.integers(1, 900),
            "prefix": st.integers(20, 28),
            "growth": st.sampled_from([Decimal(1), Decimal("1.5"), Decimal(3)]),
            "double": st.sampled_from([None, None, True, False]),
            "zones": st.none() | st.sampled_from([("a",), ("a", "b"), ("c", "b")]),
        }
    ),
    min_size=1,
    max_size=6,
).map(some_tiers)

# From 10.2.0.0 on AWS lets any two blocks of 10.0.0.0/8 be of one VPC.
blocks = st.lists(
    st.tuples(st.integers(2, 255), st.integers(17, 26)),
    min_size=1,
    max_size=3,
    unique_by=lambda block: block[0],
).map(lambda found: tuple(Block.around((10 << 24) + (second << 16), prefix) for second, prefix in found))
requirements = st.builds(
    Requirements,
    blocks,
    st.just(ZONES),
    tiers,
    st.just((Peer("office", Block.parse("192.168.0.0/16")),)),
    st.sampled_from([0, 0, 10, 40]),
)


@law
@given(requirements)
def test_a_plan_of_the_planner_always_satisfies_the_judge(asked: Requirements) -> None:
    found = make_plan(asked)
    if isinstance(found, NoPlan):
        assert found.sentence
        return
    assert judge(found).violations == ()


@law
@given(requirements)
def test_a_plan_has_each_tier_in_each_of_its_zones_with_the_same_size(asked: Requirements) -> None:
    found = make_plan(asked)
    if isinstance(found, NoPlan):
        return
    expected = {(tier.name, zone): tier.size for tier in asked.tiers for zone in asked.zones_of(tier)}
    assert {(each.tier, each.zone): each.block.prefix for each in found.subnets} == expected
    for each in found.subnets:
        needed = next(tier.needed for tier in asked.tiers if tier.name == each.tier)
        assert needed is None or usable(each.block) >= needed


@law
@given(requirements)
def test_the_same_requirements_give_the_same_plan(asked: Requirements) -> None:
    assert make_plan(asked) == make_plan(asked)


@law
@given(requirements)
def test_the_vpc_that_would_do_does_and_none_of_half_its_size(asked: Requirements) -> None:
    found = make_plan(asked)
    if not isinstance(found, NoPlan) or found.prefix is None:
        return

    def with_vpc(prefix: int) -> Plan | NoPlan:
        blocks = (Block.around(10 << 24, prefix),)
        return make_plan(Requirements(blocks, asked.zones, asked.tiers, keep_free=asked.keep_free))

    if len(asked.blocks) == 1:
        assert found.prefix < asked.blocks[0].prefix
    assert isinstance(with_vpc(found.prefix), Plan)
    if found.prefix < 28:
        assert isinstance(with_vpc(found.prefix + 1), NoPlan)


@law
@given(requirements)
def test_a_tier_without_room_to_double_is_named(asked: Requirements) -> None:
    found = make_plan(asked)
    if isinstance(found, NoPlan):
        return
    survey = Survey(found)
    for tier in asked.tiers:
        subnets = [each for each in found.subnets if each.tier == tier.name]
        promised = found.tier(tier.name).double
        assert promised in (True, False)
        if promised:
            assert all(survey.doubled(each) is not None for each in subnets)
        elif tier.double is None:
            assert any(note.startswith(f"{tier.name} ") for note in found.notes)


@law
@given(requirements)
def test_the_planners_answer_can_be_judged_as_it_is(asked: Requirements) -> None:
    found = make_plan(asked)
    if isinstance(found, NoPlan):
        return
    again = plan_from_document(to_json(found))

    assert again.subnets == found.subnets
    assert judge(again).violations == ()


# Random plans, most of them bad


def some_subnets(found: list[tuple[int, int, str, str]]) -> tuple[Subnet, ...]:
    return tuple(
        Subnet(
            tier,
            zone,
            Block(4, block.start, block.prefix, host, f"{block}+{host}" if host else ""),
            f"s{place}",
        )
        for place, (address, prefix, tier, zone) in enumerate(found)
        for block in [Block.around(VPC.start + address, prefix)]
        for host in [address % 2 if prefix < 30 else 0]
    )


subnets = st.lists(
    st.tuples(
        st.integers(0, 2**13 - 1) | st.integers(0, 2**17),
        st.integers(17, 30),
        st.sampled_from(["web", "app", "db"]),
        st.sampled_from(ZONES[:2]),
    ),
    max_size=9,
).map(some_subnets)
plans = st.builds(
    Plan,
    st.builds(
        Requirements,
        st.sampled_from([(VPC,), (Block.parse("10.0.0.0/19"),), (VPC, Block.parse("100.64.0.0/20"))]),
        st.just(("a", "b")),
        st.just((Tier("web", 100), Tier("app", 300, double=True), Tier("db", prefix=26, double=False))),
        st.sampled_from([(), (Peer("office", Block.parse("10.0.0.0/15")),)]),
        st.sampled_from([0, 50, 90]),
    ),
    subnets,
)


def key(violation: Violation) -> tuple[Property, str]:
    return violation.property, violation.about


@law
@given(plans)
def test_a_repair_that_changes_something_mends_its_violation(plan: Plan) -> None:
    for violation in judge(plan).violations:
        assert violation.sentence.endswith(".")
        assert violation.repair.sentence.endswith(".")
        if violation.repair.changes:
            after = judge(repaired(plan, violation.repair))
            assert key(violation) not in map(key, after.violations)


@law
@given(plans)
def test_the_repair_of_a_subnet_that_cannot_double_takes_only_what_is_free(plan: Plan) -> None:
    for violation in judge(plan).violations:
        if violation.property is Property.ROOM and violation.repair.changes:
            after = repaired(plan, violation.repair)
            moved = {change.subnet for change in violation.repair.changes}  # type: ignore[union-attr]
            fresh = [each for each in after.subnets if each.name in moved]
            others = [each for each in after.subnets if each.name not in moved]
            assert not any(each.block.overlaps(other.block) for each in fresh for other in others)
            assert all(any(home.covers(each.block) for home in plan.requirements.blocks) for each in fresh)
            assert {each.name: each.block.prefix for each in fresh} == {
                each.name: each.block.prefix for each in plan.subnets if each.name in moved
            }


@law
@given(plans)
def test_the_judge_finds_each_property_exactly_where_it_fails(plan: Plan) -> None:
    """The properties over again, by plain comparison of all with all."""
    found = {(each.property, each.about) for each in judge(plan).violations}
    blocks, some = plan.requirements.blocks, plan.subnets
    expected = set()
    for place, each in enumerate(some):
        if each.block.host:
            expected.add((Property.ALIGNMENT, each.name))
        if not 16 <= each.block.prefix <= 28:
            expected.add((Property.SIZE, each.name))
        if not any(block.covers(each.block) for block in blocks):
            expected.add((Property.CONTAINMENT, each.name))
        if any(other.block.overlaps(each.block) for other in some[:place]):
            expected.add((Property.DISJOINTNESS, each.name))
        needed = {"web": 100, "app": 300, "db": 59}[each.tier]
        if usable(each.block) < needed:
            expected.add((Property.CAPACITY, each.name))
    simple = {
        Property.ALIGNMENT,
        Property.SIZE,
        Property.CONTAINMENT,
        Property.DISJOINTNESS,
        Property.CAPACITY,
    }
    assert {each for each in found if each[0] in simple} == expected


@law
@given(plans)
def test_what_is_free_and_what_is_taken_make_up_the_vpc(plan: Plan) -> None:
    free = sum(each.size for each in plan.free)
    taken = {
        address // 4
        for each in plan.subnets
        for block in plan.requirements.blocks
        for address in range(max(each.block.start, block.start), min(each.block.stop, block.stop), 4)
    }
    assert free + 4 * len(taken) == sum(block.size for block in plan.requirements.blocks)


# What cannot be asked


def asked(**changes: Any) -> Requirements:
    return Requirements(**{"blocks": (VPC,), "zones": ("a", "b"), "tiers": (Tier("web", 10),), **changes})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: asked(blocks=()), "no VPC"),
        (lambda: asked(blocks=(Block.parse("2001:db8::/56"),)), "IPv4"),
        (lambda: asked(zones=("a", "a")), "zone"),
        (lambda: asked(zones=("",)), "zone"),
        (lambda: asked(tiers=(Tier("web", 1), Tier("web", 2))), "tier"),
        (lambda: asked(keep_free=100), "share"),
        (lambda: Tier(" ", 1), "no name"),
        (lambda: Tier("web", 0), "web"),
        (lambda: Tier("web", 10, growth=Decimal("0.5")), "web"),
        (lambda: Tier("web", prefix=29), "web"),
        (lambda: Tier("web", 300, prefix=24), "web"),
        (lambda: Tier("web", 10, zones=()), "web"),
        (lambda: Plan(asked(), (Subnet("web", "a", VPC), Subnet("web", "a", VPC))), "subnet"),
        (lambda: make_plan(asked(tiers=())), "nothing to plan"),
        (lambda: make_plan(asked(zones=())), "no zones"),
        (lambda: make_plan(asked(tiers=(Tier("web"),))), "no size"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert said in caught.value.title
    assert caught.value.detail
    assert caught.value.hint


def test_a_slash_16_cannot_be_promised_to_double() -> None:
    found = make_plan(asked(tiers=(Tier("web", prefix=16, double=True, zones=("a",)),)))

    assert isinstance(found, NoPlan)
    assert "no subnet is larger" in found.sentence


def test_the_planner_says_what_aws_makes_of_the_vpc_and_that_one_zone_is_one() -> None:
    found = make_plan(asked(blocks=(Block.parse("10.0.3.1/22"),), zones=("a",)))

    assert isinstance(found, Plan)
    assert found.notes == (
        "AWS makes 10.0.0.0/22 of 10.0.3.1/22.",
        "All subnets are in one zone: when it fails, everything does.",
    )
    assert judge(found).ok


def test_a_vpc_of_several_blocks_is_filled_block_by_block() -> None:
    blocks = tuple(map(Block.parse, ("10.4.0.0/25", "10.4.4.0/24")))
    found = make_plan(asked(blocks=blocks, tiers=(Tier("web", 200, zones=("a",)), Tier("db", 50))))

    assert isinstance(found, Plan)
    assert [(each.name, str(each.block)) for each in found.subnets] == [
        ("db a", "10.4.0.0/26"),
        ("db b", "10.4.0.64/26"),
        ("web a", "10.4.4.0/24"),
    ]


def test_more_subnets_than_the_quota_are_a_violation() -> None:
    many = tuple(Subnet("web", "a", Block.around(VPC.start + 256 * n, 24), f"s{n}") for n in range(201))
    found = judge(Plan(asked(tiers=(Tier("web", double=False),), min_zones=1, zones=("a",)), many))

    assert [each.property for each in found.violations] == [Property.QUOTA]
    assert found.violations[0].code == "SubnetLimitExceeded"
