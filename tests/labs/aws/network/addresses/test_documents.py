"""Plans as documents: what is read, what is refused and where, and that an answer reads back."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.addresses import (
    Block,
    Move,
    Property,
    Rebase,
    answer_question,
    judge,
    plan_from_document,
    repaired,
    requirements_from_document,
    to_json,
)
from labs.errors import InputError

PLAN: dict[str, Any] = {
    "id": "p1",
    "vpc": "10.0.0.0/20",
    "zones": ["a", "b"],
    "tiers": [
        {"name": "web", "hosts": 100, "growth": 1.5, "public": True},
        {"name": "db", "prefix": "/26", "double": False, "zones": 1},
    ],
    "peers": ["192.168.0.0/16", {"name": "office", "cidr": "172.16.0.0/12"}],
    "keep_free": 10,
    "subnets": [
        {"tier": "web", "zone": "a", "cidr": "10.0.0.0/24"},
        {"tier": "web", "zone": "b", "cidr": "10.0.2.0/24", "name": "the other"},
        {"tier": "db", "zone": "a", "cidr": "10.0.4.0/26"},
    ],
}


def test_every_key_is_read() -> None:
    plan = plan_from_document(PLAN)
    asked = plan.requirements
    web, db = asked.tiers

    assert [str(each) for each in asked.blocks] == ["10.0.0.0/20"]
    assert (web.needed, web.size, web.public, web.double, web.zones) == (150, 24, True, None, None)
    assert (web.growth, db.size, db.double, db.zones) == (Decimal("1.5"), 26, False, ("a",))
    assert [(each.name, str(each.block)) for each in asked.peers] == [
        ("192.168.0.0/16", "192.168.0.0/16"),
        ("office", "172.16.0.0/12"),
    ]
    assert (asked.keep_free, asked.quota, asked.min_zones) == (10, 200, 2)
    assert [each.name for each in plan.subnets] == ["web a", "the other", "db a"]
    assert judge(plan).ok


def test_short_forms_mean_the_same() -> None:
    short = requirements_from_document(
        {
            "vpc": ["10.0.0.0/20"],
            "zones": 2,
            "tiers": {"web": 100, "app": "100", "db": "/26", "ops": {"hosts": 5, "zones": ["b"]}},
            "peers": {"office": "10.8.0.0/16"},
        }
    )

    assert short.zones == ("a", "b")
    assert [(each.name, each.hosts, each.prefix, each.zones) for each in short.tiers] == [
        ("web", 100, None, None),
        ("app", 100, None, None),
        ("db", None, 26, None),
        ("ops", 5, None, ("b",)),
    ]
    assert [each.name for each in short.peers] == ["office"]


def test_zones_and_tiers_that_are_not_named_are_those_of_the_subnets() -> None:
    plan = plan_from_document({"vpc": PLAN["vpc"], "subnets": PLAN["subnets"]})

    assert plan.requirements.zones == ("a", "b")
    assert [each.name for each in plan.requirements.tiers] == ["web", "db"]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("vpc",), None, "vpc is missing"),
        (("vpc",), 5, "vpc is neither"),
        (("vpc",), ["10.0.0.0/33"], "At vpc[0]: It is /33"),
        (("zones",), 0, "zones is 0"),
        (("zones",), "a", "zones is 'a'"),
        (("zones",), ["a", 2], "zones[1] is 2"),
        (("tiers",), "web", "tiers is no list"),
        (("tiers",), {"web": "lots"}, "tiers.web is 'lots'"),
        (("tiers",), {"web": True}, "tiers.web is True"),
        (("tiers", 0), 5, "tiers[0] is 5"),
        (("tiers", 0, "name"), None, "tiers[0].name is missing"),
        (("tiers", 0, "hosts"), 1.5, "tiers[0].hosts is 1.5"),
        (("tiers", 0, "growth"), "much", "tiers[0].growth is 'much'"),
        (("tiers", 0, "growth"), float("inf"), "tiers[0].growth is inf"),
        (("tiers", 0, "double"), "yes", "tiers[0].double is 'yes'"),
        (("tiers", 0, "zones"), 3, "tiers[0].zones is 3, and the plan has 2"),
        (("tiers", 0, "hots"), 3, "'hots'"),
        (("tiers", 0, "hosts"), 70_000, "105,000 hosts"),
        (("peers",), "10.0.0.0/8", "peers is no list"),
        (("peers", 1, "cidr"), "x", "At peers[1].cidr"),
        (("keep_free",), "much", "keep_free is 'much'"),
        (("keep_free",), 100, "100 %"),
        (("subnets",), None, "subnets is missing"),
        (("subnets",), {}, "subnets is no list"),
        (("subnets", 0), "10.0.0.0/24", "subnets[0] is"),
        (("subnets", 0, "tier"), None, "subnets[0].tier is missing"),
        (("subnets", 0, "cidr"), "10.0.0.300/24", "At subnets[0].cidr: The fourth is 300"),
        (("subnets", 0, "cidr"), "2001:db8::/64", "subnets[0].cidr is 2001:db8::/64, which is IPv6"),
        (("subnets", 1, "name"), "web a", "'web a'"),
        (("subnet",), [], "'subnet'"),
    ],
)
def test_a_bad_document_says_what_is_wrong_and_where(place: tuple[Any, ...], value: Any, said: str) -> None:
    document = copy.deepcopy(PLAN)
    inside: Any = document
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value

    with pytest.raises(InputError) as caught:
        plan_from_document(document)
    assert said in caught.value.detail
    assert caught.value.title
    assert caught.value.hint


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "a", "10.0.0.0/24", "/24", "5"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "hosts", "cidr", "tier", "zone", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
keys = ["form", "cidr", "cidrs", "holes", "prefix", "parts", "newbits", "netnum", "number", "hosts", *PLAN]
forms = [
    "dissect",
    "split",
    "join",
    "exclude",
    "overlap",
    "subnet",
    "subnets",
    "host",
    "netmask",
    "secondary",
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from([*forms, "hosts", "plan", "judge", "nonsense"]),
    st.dictionaries(st.sampled_from(keys), junk, max_size=5),
)
def test_any_question_has_an_answer_or_an_error(form: str, changes: dict[str, Any]) -> None:
    asked = {**(PLAN if form in ("plan", "judge") else {"cidr": "10.0.0.0/24"}), **changes, "form": form}
    if form == "plan":
        asked.pop("subnets")
    fault = None
    try:
        assert isinstance(to_json(answer_question(asked))["ok"], bool)
    except InputError as raised:
        fault = raised
    assert fault is None or (fault.title and fault.detail)


def test_the_repair_of_a_vpc_that_aws_refuses_gives_one_that_it_takes() -> None:
    for vpc, mended in (
        (["10.0.0.0/8"], ["10.0.0.0/16"]),
        (["10.0.0.16/29"], ["10.0.0.16/28"]),
        (["127.0.0.0/20"], ["10.0.0.0/20"]),
        (["10.4.0.0/16", "172.16.0.0/16"], ["10.4.0.0/16", "10.0.0.0/16"]),
        (["10.0.0.0/16", "10.0.0.0/24"], ["10.0.0.0/16", "10.1.0.0/24"]),
    ):
        plan = plan_from_document({"vpc": vpc, "subnets": []})
        [violation] = judge(plan).violations
        assert violation.property is Property.VPC
        assert violation.repair.changes == (Rebase(tuple(map(Block.parse, mended))),)
        assert judge(repaired(plan, violation.repair)).ok


def test_subnets_stay_where_they_are_when_the_vpc_grows_around_them() -> None:
    halves = [
        {"tier": "web", "zone": "a", "cidr": "10.0.12.0/24"},
        {"tier": "web", "zone": "b", "cidr": "10.0.14.0/24"},
    ]
    plan = plan_from_document({"vpc": "10.0.12.0/22", "keep_free": 70, "subnets": halves})
    [violation] = judge(plan).violations
    grown = repaired(plan, violation.repair)

    assert violation.property is Property.FREE
    assert [str(each) for each in grown.requirements.blocks] == ["10.0.8.0/21"]
    assert grown.subnets == plan.subnets
    assert judge(grown).ok


def test_subnets_move_along_with_the_vpc() -> None:
    plan = plan_from_document(PLAN | {"peers": ["10.0.0.0/12"]})
    [violation] = judge(plan).violations
    moved = repaired(plan, violation.repair)

    assert violation.property is Property.PEERS
    assert [str(each.block) for each in moved.subnets] == ["10.16.0.0/24", "10.16.2.0/24", "10.16.4.0/26"]
    assert judge(moved).ok


def test_a_repair_is_written_as_the_changes_that_it_makes() -> None:
    document = PLAN | {"subnets": [*PLAN["subnets"], {"tier": "db", "zone": "b", "cidr": "10.0.2.0/26"}]}
    [violation] = judge(plan_from_document(document)).violations[:1]
    [change] = violation.repair.changes

    assert isinstance(change, Move)
    assert to_json(judge(plan_from_document(document)))["violations"][0]["repair"] == {  # type: ignore[index, call-overload]
        "sentence": violation.repair.sentence,
        "changes": [{"move": "db b", "to": str(change.to)}],
    }
