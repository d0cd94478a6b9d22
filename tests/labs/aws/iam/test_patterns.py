from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import Principal, Request
from labs.aws.iam.patterns import arn_matcher, resource_matcher, text_matcher, tokenize

ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
REQUEST = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", context={"aws:PrincipalTag/team": "r*d"})


def like(pattern: str, value: str) -> bool:
    return bool(text_matcher(pattern, variables=True, wildcards=True)(value, REQUEST))


def plainly(pattern: str, value: str) -> bool:
    """The definition of a wildcard pattern, by recursion and without any haste."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return plainly(pattern[1:], value) or (bool(value) and plainly(pattern, value[1:]))
    return bool(value) and pattern[0] in ("?", value[0]) and plainly(pattern[1:], value[1:])


@settings(deadline=None, derandomize=True)
@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_wildcards_mean_what_their_definition_says(pattern: str, value: str) -> None:
    assert like(pattern, value) is plainly(pattern, value)


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=12))
def test_a_text_without_wildcards_matches_itself_alone(text: str) -> None:
    literal = re.sub(r"[*?$]", "", text)
    assert like(literal, literal)
    assert not like(literal, literal + "x")


@pytest.mark.parametrize(
    "pattern", ["*a" * 1000 + "b", "*?" * 1000 + "b", "a*" * 1000 + "b", "*" * 2000 + "b"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    started = time.perf_counter()
    assert not like(pattern, "a" * 20_000)
    assert time.perf_counter() - started < 2


def test_a_variable_stands_for_plain_text() -> None:
    assert like("${aws:PrincipalTag/team}", "r*d")
    assert not like("${aws:PrincipalTag/team}", "red")


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("${aws:username}", "alice"),
        ("${ AWS:UserName }", "alice"),
        ("${aws:nothing, 'none'}", "none"),
        ("${aws:nothing,''}", ""),
        ("${*}${?}${$}", "*?$"),
        ("${}", "${}"),
        ("${unclosed", "${unclosed"),
        ("${a b}", "${a b}"),
        ("${${aws:username}}", "${alice}"),
    ],
)
def test_variables_are_read_as_the_guide_writes_them(pattern: str, value: str) -> None:
    assert like(pattern, value)


def test_repeated_stars_are_one() -> None:
    assert tokenize("a***b", variables=False) == tokenize("a*b", variables=False)


@pytest.mark.parametrize(
    ("pattern", "value", "wanted"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:us-east-1:1:q", True),
        ("arn:aws:sqs:us-*-1:1:q", "arn:aws:sqs:us-east-1:1:q", True),
        ("arn:aws:sqs:us-*-1:q", "arn:aws:sqs:us-east-1:x-1:q", False),
        ("*", "*", True),
        ("arn:aws:s3:::b", "*", False),
        ("arn:aws:s3:::${aws:username}", "arn:aws:s3:::alice", True),
        ("arn:aws:${aws:username}:::b", "arn:aws:alice:::b", False),
    ],
)
def test_resources(pattern: str, value: str, wanted: bool) -> None:
    assert bool(resource_matcher(pattern, variables=True)(value, REQUEST)) is wanted


@pytest.mark.parametrize(
    ("pattern", "value", "wanted"),
    [
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b:c/d", True),
        ("arn:*:iam::*:role/x-*", "arn:aws-cn:iam::1:role/x-y", True),
        ("arn:aws:iam::*", "arn:aws:iam::1:role/x", False),
        ("arn:aws:*:role/x", "arn:aws:iam::1:role/x", False),
        ("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/alice", True),
        ("${aws:PrincipalArn}", "arn:aws:iam::111111111111:user/alice", True),
        ("arn:aws:s3:::b", "b", False),
    ],
)
def test_arn_operators_compare_part_by_part(pattern: str, value: str, wanted: bool) -> None:
    assert bool(arn_matcher(pattern, variables=True)(value, REQUEST)) is wanted
