"""The values of condition keys: one for each way in which conditions turn out together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import parse_policy
from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.keys import kind_of
from labs.aws.iam.prover.values import Facet, probe
from labs.aws.iam.requests import ContextValue

laws = settings(max_examples=150, deadline=None, derandomize=True)
Written = tuple[str, Any]


def conditions(key: str, written: list[Written]) -> list[ConditionElement]:
    return [
        parse_policy(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {operator: {key: values}},
                },
            }
        )
        .statements[0]
        .conditions[0]
        for operator, values in written
    ]


def facet(key: str, *written: Written, **filling: str) -> Facet:
    atoms = [(1 << place, each) for place, each in enumerate(conditions(key, list(written)))]
    return Facet(key.lower(), atoms, {f"aws:{name}": value for name, value in filling.items()}, Budget())


def values(key: str, *written: Written, **filling: str) -> list[Any]:
    made = facet(key, *written, **filling)
    everything = (1 << len(written)) - 1
    found = [option.value for option in made.options(everything)]
    assert made.gap(everything) is None
    return found


@pytest.mark.parametrize(
    ("key", "written", "expected"),
    [
        ("s3:prefix", [("StringEquals", "a")], [None, "a"]),
        ("s3:prefix", [("StringNotEquals", "a")], [None, "a"]),
        ("s3:prefix", [("StringLike", ["a*", "*b"]), ("StringEquals", "ab")], [None, "a", "ab"]),
        ("s3:prefix", [("StringEqualsIgnoreCase", "a"), ("StringEquals", "a")], [None, "A", "a"]),
        ("s3:max-keys", [("NumericLessThan", "10"), ("NumericGreaterThan", "8")], [None, "1", "10", "9"]),
        (
            "aws:SourceIp",
            [("IpAddress", "10.0.0.0/8"), ("IpAddress", "10.1.0.0/16")],
            [None, "10.0.0.1", "10.1.0.0"],
        ),
        ("aws:SecureTransport", [("Bool", "true")], ["true", "false"]),
        ("aws:MultiFactorAuthPresent", [("BoolIfExists", "false")], [None, "true"]),
        ("aws:TokenIssueTime", [("Null", "true")], [None, "2030-01-01T00:00:00Z"]),
        ("aws:TagKeys", [("ForAnyValue:StringEquals", "a")], [None, ("a",)]),
        ("aws:TagKeys", [("ForAllValues:StringEquals", "a")], [None, ("x",)]),
        ("aws:TagKeys", [("StringEquals", "a")], [None]),
        ("aws:TagKeys", [("Null", "true"), ("ForAnyValue:StringEquals", "")], [None, ("x",), ("x", "")]),
        ("custom:key", [("BinaryEquals", "eA==")], [None, "eA=="]),
    ],
)
def test_values_are_few_and_readable(key: str, written: list[Written], expected: list[Any]) -> None:
    assert values(key, *written) == expected


def test_two_values_at_once_come_up_where_one_will_not_do() -> None:
    found = values("aws:TagKeys", ("ForAnyValue:StringEquals", "a"), ("ForAnyValue:StringEquals", "b"))

    assert found == [None, ("a",), ("b",), ("a", "b")]


def test_dates_lie_on_both_sides_of_each_limit() -> None:
    limit = "2026-01-01T00:00:00Z"
    operators = ("DateLessThan", "DateEquals", "DateGreaterThan")
    found = values("aws:CurrentTime", *((operator, limit) for operator in operators))

    assert found == ["2030-01-01T00:00:00Z", limit, "2025-12-31T00:00:00Z", None]


def test_a_variable_in_a_condition_takes_its_value() -> None:
    condition = ("StringLike", "home/${aws:username}/*")

    assert values("s3:prefix", condition, username="alice") == [None, "home/alice/"]


def test_numbers_too_long_to_write_out_are_compared_all_the_same() -> None:
    nines = "9" * 100

    assert values("custom:size", ("NumericLessThan", "1e999999"), ("NumericLessThan", nines)) == [
        None,
        nines,
        "9" * 99 + "8",
    ]


def test_operators_that_read_a_key_in_different_ways_leave_a_gap() -> None:
    assert facet("custom:key", ("NumericLessThan", "10"), ("StringLike", "1*")).gap(0b11) is not None
    assert facet("custom:key", ("NumericLessThan", "10"), ("StringEquals", "1")).gap(0b11) is None
    assert facet("aws:SecureTransport", ("Bool", "true"), ("StringLike", "t*")).gap(0b11) is None


def test_a_key_with_very_many_sets_of_values_leaves_a_gap() -> None:
    many = facet("aws:TagKeys", *(("ForAnyValue:StringEquals", f"k{place}") for place in range(12)))

    many.options((1 << 12) - 1)
    assert many.gap((1 << 12) - 1) is not None
    assert len(many.options(0b111)) == 8
    assert many.gap(0b111) is None


def test_what_a_key_holds_follows_from_the_reference() -> None:
    assert (kind_of("aws:tagkeys").one, kind_of("aws:tagkeys").several) == (False, True)
    assert (kind_of("aws:requesttag/team").one, kind_of("aws:requesttag/team").several) == (True, False)
    assert kind_of("s3:max-keys").type == "numeric"
    assert kind_of("token.actions.githubusercontent.com:sub").type == "text"
    assert kind_of("custom:key").type is None


operators = {
    "s3:prefix": st.tuples(
        st.sampled_from(
            ["StringEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringLikeIfExists"]
        ),
        st.lists(st.sampled_from(["", "a", "a*", "*b", "?", "A", "ab", "x*y"]), min_size=1, max_size=2),
    ),
    "s3:max-keys": st.tuples(
        st.sampled_from(
            ["NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals", "NumericEqualsIfExists"]
        ),
        st.sampled_from(["0", "5", "6", "10.5", "-3"]),
    ),
    "aws:CurrentTime": st.tuples(
        st.sampled_from(["DateLessThan", "DateGreaterThanEquals", "DateNotEquals"]),
        st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z", "2026-06", "1893456000"]),
    ),
    "aws:SourceIp": st.tuples(
        st.sampled_from(["IpAddress", "NotIpAddress", "NotIpAddressIfExists"]),
        st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "10.1.2.3"]),
    ),
    "aws:TagKeys": st.tuples(
        st.sampled_from(
            [
                f"{each}:{op}"
                for each in ("ForAllValues", "ForAnyValue")
                for op in ("StringEquals", "StringNotLike")
            ]
            + ["ForAllValues:StringLikeIfExists", "Null", "StringNotEquals"]
        ),
        st.sampled_from(["true", "a", "a*", "b", ""]),
    ),
    "aws:SourceArn": st.tuples(
        st.sampled_from(["ArnLike", "ArnNotEquals", "StringLike"]),
        st.sampled_from(
            ["arn:aws:sns:*:1:t", "arn:aws:sns:us-*:1:t*", "*", "arn:aws:s3:::b?", "arn:*:s3:::b1"]
        ),
    ),
}
actual: dict[str, st.SearchStrategy[Any]] = {
    "s3:prefix": st.text("abxyAX", max_size=4),
    "s3:max-keys": st.integers(-5, 20).map(str),
    "aws:CurrentTime": st.sampled_from(
        ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-03-01T00:00:00Z",
         "2026-06-01T00:00:00Z", "2029-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z"]
    ),
    "aws:SourceIp": st.sampled_from(["10.0.0.1", "10.1.0.1", "10.1.2.3", "192.0.2.1", "::1", "2001:db8::9"]),
    "aws:TagKeys": st.lists(st.sampled_from(["a", "ab", "b", "", "true", "z"]), max_size=4).map(tuple),
    "aws:SourceArn": st.sampled_from(
        ["arn:aws:sns:us-east-1:1:t", "arn:aws:sns:us-east-1:1:t:x", "arn:aws:s3:::b1", "arn:aws:s3:::b"]
    ),
}  # fmt: skip


@laws
@given(st.data(), st.sampled_from(sorted(operators)))
def test_no_value_turns_conditions_out_in_a_way_that_was_not_found(data: st.DataObject, key: str) -> None:
    written = data.draw(st.lists(operators[key], min_size=1, max_size=4))
    value: ContextValue | None = data.draw(st.none() | actual[key])
    found = conditions(key, written)
    request = probe({key.lower(): value})
    holds = sum(1 << place for place, each in enumerate(found) if each.matches(request))

    everything = (1 << len(written)) - 1
    assert holds in {option.holds & everything for option in facet(key, *written).options(everything)}
