"""Plans are judged by their properties: every plan that has them is right, and a fault names its belief."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from labs.aws.network.addresses import judge, plan_from_document
from labs.course import Criterion, Place, PlanExercise, Unit, Variant, mark_plan

ASKED: dict[str, Any] = {
    "vpc": "10.20.0.0/22",
    "zones": ["a", "b"],
    "tiers": {"app": {"hosts": 125, "double": False}, "db": {"hosts": 10, "double": False}},
}


class TwoTiers(PlanExercise):
    """Two tiers in two zones; 125 hosts fit into a /25 only for who forgets what AWS keeps."""

    title, minutes, points = "Two tiers", 5, 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {}

    def asked(self, variant: Variant) -> Mapping[str, Any]:
        return ASKED

    def places(self, variant: Variant) -> Sequence[Place]:
        return tuple(Place(f"{tier}_{zone}", tier, zone) for tier in ("app", "db") for zone in "ab")


EXERCISE = TwoTiers(Unit("toy", 0, "Toy", "A toy.", (), Path(), ()), "two-tiers", Path())
VARIANT = EXERCISE.variant("ada")
RIGHT = {"app_a": "10.20.0.0/24", "app_b": "10.20.1.0/24", "db_a": "10.20.2.0/28", "db_b": "10.20.2.16/28"}


def marks(**blocks: str) -> tuple[Criterion, ...]:
    lines = [f"{name} = {json.dumps(block)}" for name, block in {**RIGHT, **blocks}.items()]
    return EXERCISE.mark("\n".join(lines), VARIANT)


def beliefs(criteria: Sequence[Criterion]) -> set[str]:
    return {each.misconception for each in criteria if each.misconception is not None}


@pytest.mark.parametrize(
    "blocks",
    [
        {},
        {"app_a": "10.20.2.0/24", "app_b": "10.20.0.0/24", "db_a": "10.20.3.0/28", "db_b": "10.20.1.0/28"},
        {"db_a": "10.20.2.0/25", "db_b": "10.20.3.0/25"},
        {"app_a": " 10.20.0.0/24 "},
    ],
)
def test_every_plan_with_the_properties_is_worth_all_points(blocks: dict[str, str]) -> None:
    criteria = marks(**blocks)

    assert [each.state for each in criteria] == ["pass"] * 5
    assert sum(each.points for each in criteria) == EXERCISE.points


def test_the_planners_own_blocks_are_right() -> None:
    assert [each.state for each in marks(**EXERCISE.planned(VARIANT))] == ["pass"] * 5
    assert [each.answer for each in EXERCISE.fields(VARIANT)] == list(EXERCISE.planned(VARIANT).values())


@pytest.mark.parametrize(
    ("blocks", "criterion", "belief"),
    [
        ({"app_a": "10.20.0.0/25", "app_b": "10.20.0.128/25"}, 2, "C1"),
        ({"db_a": "10.20.2.8/28"}, 0, "C4"),
        ({"db_a": "10.20.2.0/29", "db_b": "10.20.2.8/29"}, 0, "C5"),
        ({"db_a": "10.20.1.0/28"}, 1, "C6"),
        ({"app_b": "10.20.0.0/24"}, 1, "C10"),
        ({"app_a": "10.20.0.0/28", "app_b": "10.20.0.16/28"}, 2, None),
        ({"db_b": "10.20.3.0/26"}, 3, None),
        ({"app_b": "10.20.4.0/24"}, 1, None),
    ],
)
def test_a_fault_costs_its_own_criterion_and_names_the_belief(
    blocks: dict[str, str], criterion: int, belief: str | None
) -> None:
    criteria = marks(**blocks)

    assert [place for place, each in enumerate(criteria) if each.state == "fail"] == [criterion]
    assert beliefs(criteria) == ({belief} if belief else set())


def test_a_failed_criterion_shows_the_plan_to_be_judged_again() -> None:
    example = marks(db_a="10.20.1.0/28")[1].counterexample

    assert example is not None
    assert example.command == ("cidr", "judge", "-")
    assert not judge(plan_from_document(json.loads(example.given))).ok


def test_what_is_no_block_or_not_there_leaves_the_rest_waiting() -> None:
    for criteria in (marks(app_a=""), marks(app_a="10.20.0.0"), marks(app_a="10.20.0.8/24")):
        assert criteria[0].state == "fail"
        assert {each.state for each in criteria[1:]} == {"skipped"}
    assert "app_a" in marks(app_a="")[0].message


@pytest.mark.parametrize(
    "subnets",
    [
        [],
        ["10.20.0.0/24"],
        [{"tier": "app", "zone": "a"}],
        [{"tier": "app", "zone": "a", "cidr": "2001:db8::/64"}],
        [{"tier": "app", "zone": "a", "cidr": 5}],
        [{"tier": "app", "zone": "a", "cidr": "10.20.0.0/24"}] * 2,
        [{"tier": f"t{n}", "zone": "a", "cidr": "10.20.0.0/24"} for n in range(501)],
    ],
)
def test_whatever_a_function_returns_gets_a_mark(subnets: list[Any]) -> None:
    first, *others = mark_plan(ASKED, subnets)

    assert first.state == "fail"
    assert first.message
    assert {each.state for each in others} == {"skipped"}


def test_one_subnet_for_each_tier_is_the_belief_that_it_spans_zones() -> None:
    one_each = [
        {"tier": "app", "zone": "a", "cidr": "10.20.0.0/24"},
        {"tier": "db", "zone": "a", "cidr": "10.20.1.0/28"},
    ]

    criteria = mark_plan(ASKED, one_each)

    assert beliefs(criteria) == {"C10"}
    assert [each.state for each in criteria] == ["pass", "skipped", "skipped", "fail", "skipped"]


def test_a_vpc_that_overlaps_what_it_will_be_joined_to_is_the_belief_that_overlap_is_fine() -> None:
    subnets = [
        {"tier": tier, "zone": zone, "cidr": RIGHT[f"{tier}_{zone}"]}
        for tier in ("app", "db")
        for zone in "ab"
    ]

    assert beliefs(mark_plan({**ASKED, "peers": {"office": "10.20.0.0/16"}}, subnets)) == {"C13"}
