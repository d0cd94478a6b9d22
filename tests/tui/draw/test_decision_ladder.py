"""The ladder of a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labs.aws.iam import Policy, PolicySet, Principal, Request, explain, parse_policy
from tui.draw.decision import ladder

Draw = Callable[..., str]

ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
LISTING = Request(ALICE, "s3:ListBucket", "arn:aws:s3:::training")
READING = Request(ALICE, "s3:GetObject", "arn:aws:s3:::training/a.csv")


def policy(name: str, *statements: dict[str, Any]) -> Policy:
    full: list[Any] = [{"Effect": "Allow", **statement} for statement in statements]
    document: Any = {"Version": "2012-10-17", "Statement": full}
    return parse_policy(document, name=name)


READS_OBJECTS = {
    "Sid": "Read",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::training/*",
}
EVERYTHING = {"Action": "*", "Resource": "*"}
NO_DELETES = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}

BUCKET_OR_OBJECT = """\
  ✗ denied: nothing allows it
  s3:ListBucket on arn:aws:s3:::training
  by arn:aws:iam::111111111111:user/alice
"""
THE_ELEMENTS = """\
  6  Identity-based policies   ✗ silent      It had to allow this.
       alice/inline/read · statement 1 “Read” · Allow
       ✓ Action             s3:GetObject, s3:ListBucket
       ✗ Resource           arn:aws:s3:::training/*
           asked            arn:aws:s3:::training
"""


def test_an_implicit_deny_shows_which_element_failed_and_what_was_asked(drawn: Draw) -> None:
    decision = explain(LISTING, PolicySet(identity=(policy("alice/inline/read", READS_OBJECTS),)))

    text = drawn(ladder(decision))

    assert text.startswith(BUCKET_OR_OBJECT)
    assert THE_ELEMENTS in text


def test_the_first_question_is_whether_anything_denies(drawn: Draw) -> None:
    deleting = Request(ALICE, "s3:DeleteObject", "arn:aws:s3:::training/a.csv")
    policies = PolicySet(
        identity=(policy("all", EVERYTHING),), scps=((policy("guard", NO_DELETES, EVERYTHING),),)
    )

    text = drawn(ladder(explain(deleting, policies)), width=100)

    assert "✗ explicitly denied" in text
    assert "1  Any explicit deny?        ✗ yes         Service control policies: guard / 1" in text


def test_a_stage_that_was_not_reached_says_what_it_would_have_said(drawn: Draw) -> None:
    policies = PolicySet(
        identity=(policy("alice/all", EVERYTHING),),
        scps=(
            (policy("FullAWSAccess", EVERYTHING),),
            (policy("only-ec2", {"Action": "ec2:*", "Resource": "*"}),),
        ),
    )

    text = drawn(ladder(explain(READING, policies)))

    assert "6  Identity-based policies   · not reached would allow: alice/all / 1" in text


def test_only_the_silent_level_of_scps_is_shown(drawn: Draw) -> None:
    policies = PolicySet(
        identity=(policy("alice/all", EVERYTHING),),
        scps=(
            (policy("FullAWSAccess", EVERYTHING),),
            (policy("only-ec2", {"Action": "ec2:*", "Resource": "*"}),),
        ),
    )

    text = drawn(ladder(explain(READING, policies)))

    assert "only-ec2 · statement 1 · Allow" in text
    assert "FullAWSAccess" not in text


def test_a_stage_that_had_to_allow_and_is_not_there_is_marked(drawn: Draw) -> None:
    ben = Principal.parse("arn:aws:iam::222222222222:user/ben")
    asked = Request(ben, "s3:GetObject", "arn:aws:s3:::training/a.csv", "111111111111")
    bucket = policy("bucket", {**READS_OBJECTS, "Principal": {"AWS": ben.arn}})

    text = drawn(ladder(explain(asked, PolicySet(resource=bucket))))

    assert "6  Identity-based policies   ✗ none here   It had to allow this." in text


def test_a_boundary_that_does_not_count_is_said_not_to(drawn: Draw) -> None:
    bucket = policy("bucket", {**READS_OBJECTS, "Principal": {"AWS": ALICE.arn}})
    edge = policy("edge", {"Action": "ec2:*", "Resource": "*"})

    text = drawn(ladder(explain(READING, PolicySet(resource=bucket, boundary=edge))), width=120)

    assert "7  Permissions boundary      · not needed  Its silence does not limit" in text


def test_policies_that_do_not_bind_the_caller_have_no_say(drawn: Draw) -> None:
    policies = PolicySet(
        identity=(policy("all", EVERYTHING),),
        scps=((policy("guard", NO_DELETES),),),
        management="111111111111",
    )

    text = drawn(ladder(explain(READING, policies)))

    assert "3  Service control policies  · no say      It does not bind this caller." in text


def test_of_two_near_misses_the_one_about_the_action_is_shown(drawn: Draw) -> None:
    two = policy("two", READS_OBJECTS, {"Sid": "Pass", "Action": "iam:PassRole", "Resource": "*"})

    text = drawn(ladder(explain(LISTING, PolicySet(identity=(two,)))))

    assert "“Read”" in text
    assert "“Pass”" not in text


def test_a_condition_stands_on_a_line_of_its_own_with_its_reason(drawn: Draw) -> None:
    limited = policy(
        "p", {**EVERYTHING, "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}}
    )
    asked = Request(ALICE, "s3:GetObject", "arn:aws:s3:::training/a.csv", context={"aws:TagKeys": ["a", "c"]})

    text = drawn(ladder(explain(asked, PolicySet(identity=(limited,)))))

    assert "✗ ForAllValues:StringEquals aws:TagKeys  a, b\n" in text
    assert "c, a value of aws:TagKeys, is not equal to a or b" in text


def test_a_deny_that_matched_for_want_of_a_key_says_so(drawn: Draw) -> None:
    deny = {
        "Effect": "Deny",
        **EVERYTHING,
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }

    text = drawn(ladder(explain(READING, PolicySet(identity=(policy("p", EVERYTHING, deny),)))))

    assert "the request has no aws:MultiFactorAuthPresent" in text


def test_only_the_statement_that_decided_is_shown_unless_all_are_asked_for(drawn: Draw) -> None:
    two = policy("two", READS_OBJECTS, {"Sid": "Write", "Action": "s3:PutObject", "Resource": "*"})
    decision = explain(READING, PolicySet(identity=(two,)))

    assert "“Write”" not in drawn(ladder(decision))
    assert "“Write”" in drawn(ladder(decision, every=True))


@pytest.mark.parametrize("width", [60, 80, 120, 160])
def test_no_line_is_wider_than_the_terminal(width: int, drawn: Draw) -> None:
    long = "arn:aws:s3:::training/" + "deeply/" * 40 + "*"
    decision = explain(LISTING, PolicySet(identity=(policy("p", {**READS_OBJECTS, "Resource": long}),)))

    assert max(map(len, drawn(ladder(decision), width).splitlines())) <= width


def test_names_cannot_be_taken_for_markup(drawn: Draw) -> None:
    decision = explain(LISTING, PolicySet(identity=(policy("[red]name[/red]", READS_OBJECTS),)))

    assert "[red]name[/red] · statement 1" in drawn(ladder(decision))
