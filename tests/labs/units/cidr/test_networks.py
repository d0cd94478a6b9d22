"""The small networks of unit 2 behave as their names say; marking withstands whatever a learner returns."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from labs.course import CallResult, Run, load_course
from labs.errors import SubmissionError
from labs.units.cidr import networks as net
from labs.units.cidr.exercises.fill_the_gaps.exercise import overlaps
from labs.units.cidr.exercises.read_a_block.exercise import bits_of
from labs.units.cidr.live import Found

COURSE = load_course()
VPC, BLOCK = "10.20.0.0/16", "10.20.1.0/24"


def site(*more: net.Part, default: str = "igw-lab", public: str | None = "54.0.0.7") -> dict[str, Any]:
    """A web server in a subnet whose table leads somewhere, and more."""
    return net.network(
        net.vpc("vpc-lab", VPC),
        net.subnet("subnet-web", "vpc-lab", BLOCK),
        net.table("rtb-web", "vpc-lab", VPC, {net.ANYWHERE: default}, "subnet-web"),
        net.gateway("igw-lab", "vpc-lab"),
        net.group("sg-web", "vpc-lab", (443, net.ANYWHERE), (5432, "sg-web")),
        net.instance("i-web", "vpc-lab", "subnet-web", "10.20.1.20", "sg-web", public=public),
        net.instance("i-peer", "vpc-lab", "subnet-web", "10.20.1.21", "sg-web"),
        *more,
    )


NARROW = net.acl(
    "acl-web",
    "vpc-lab",
    "subnet-web",
    [("in", 100, "allow", "443", net.ANYWHERE), ("out", 100, "allow", "443", net.ANYWHERE)],
)


@pytest.mark.parametrize(
    ("document", "ends", "outcome"),
    [
        (site(), ("internet", "i-web", 443), "answered"),
        (site(), ("internet", "i-web", 22), "blocked"),
        (site(), ("i-peer", "i-web", 5432), "answered"),
        (site(NARROW), ("internet", "i-web", 443), "reply lost"),
        (site(public=None), ("i-web", "internet", 443), "blocked"),
        (net.without_a_route(VPC, BLOCK, "10.20.1.20"), ("i-web", "internet", 443), "blocked"),
        (
            site(net.nat("nat-lab", "vpc-lab", "subnet-web", "10.20.1.9", "54.0.0.9"), default="nat-lab"),
            ("i-web", "internet", 443),
            "blocked",
        ),
    ],
)
def test_a_packet_has_one_of_three_outcomes(
    document: dict[str, Any], ends: tuple[str, str, int], outcome: str
) -> None:
    assert net.outcome(document, *ends) == outcome


def test_a_field_of_arrival_carries_the_network_that_decides_it() -> None:
    ends = ("internet", "i-web", 443)
    field = net.arrival("web", "internet to web", site(), ends, ("blocked", "C17", "It is not."))

    assert field.answer == "answered"
    assert field.command == net.question(*ends)
    assert field.stdin == net.text_of(site())
    assert [slip.misconception for slip in field.slips] == ["C17"]


@pytest.mark.parametrize(
    ("prefix", "bits"),
    [
        (16, "00001010.00010100 | 00000000.00000000"),
        (20, "00001010.00010100.0000 | 0000.00000000"),
        (31, "00001010.00010100.00000000.0000000 | 0"),
    ],
)
def test_the_bar_stands_behind_the_fixed_bits(prefix: int, bits: str) -> None:
    assert bits_of((10 << 24) + (20 << 16), prefix) == bits


@pytest.mark.parametrize(
    ("given", "taken"),
    [("10.0.0.64/26", True), ('"10.0.0.0/25"', True), ("10.0.0.128/25", False), ("none", False)],
)
def test_a_typed_block_is_compared_with_what_is_taken(given: str, taken: bool) -> None:
    assert overlaps("10.0.0.0/25")(given) is taken


@pytest.mark.parametrize(
    "value",
    [None, 5, "10.0.0.0/24", {}, [], [None], [{"tier": "web"}], [{"tier": "web", "zone": 1, "cidr": "x"}]],
)
def test_whatever_a_planner_returns_is_marked_and_earns_little(value: Any) -> None:
    exercise = COURSE.exercise("plan-with-python")
    variant = exercise.variant("ada")
    asked = (*variant.values["cases"], *variant.values["hopeless"])
    results = tuple(CallResult(value) for _ in asked)

    criteria = exercise.mark(None, Run(results, ()), variant)

    assert sum(each.max for each in criteria) == exercise.points
    assert sum(each.points for each in criteria) < exercise.points / 2


def test_a_vpc_that_was_renamed_or_deleted_is_said_to_be_gone() -> None:
    ec2 = SimpleNamespace(describe_vpcs=lambda **_: {"Vpcs": []})
    world: Any = SimpleNamespace(client=lambda _: ec2)

    with pytest.raises(SubmissionError) as raised:
        Found.by_name(world, "shop")

    assert "shop" in raised.value.detail


def test_in_every_variant_each_reason_for_a_mistake_differs_from_the_answer() -> None:
    for name in ("does-it-arrive", "two-filters", "which-route-wins", "nested-or-apart"):
        exercise: Any = COURSE.exercise(name)
        for number in range(20):
            variant = exercise.variant(f"student-{number}", random.Random(number).randrange(9))
            for field in exercise.fields(variant):
                assert field.answer in field.choices
                assert field.answer not in [slip.given for slip in field.slips]
