"""The pure parts of the app: text set in cells, faults, highlighting, the fields of an answer, rows."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from labs.aws.iam import Decision, PolicySet, Principal, Request, explain, parse_policy
from labs.sandbox.values import Check, Event, Explanation
from tui.widgets.editor import fault_in, lexed
from tui.widgets.fields import values_of, with_value
from tui.widgets.line import Hanging, Line, Lines, Piece, foreign
from tui.widgets.requests import reasons, request_row, ruled, short_principal, short_resource
from tui.widgets.why import nearest, why


def text_of(*pieces: Piece, width: int = 60) -> list[str]:
    return [line.plain.rstrip() for line in Lines(*pieces).set(width)]


def test_a_line_keeps_its_right_part_at_the_edge_and_cuts_the_left() -> None:
    line = Line(Content("a very long title indeed"), Content("3 min"))

    assert [each.plain for each in line.set(16)] == ["a very l…  3 min"]
    assert [each.plain for each in line.set(32)] == ["a very long title indeed   3 min"]


@given(st.text(max_size=80), st.text(max_size=30), st.integers(1, 120))
def test_a_line_is_exactly_as_wide_as_it_is_told(left: str, right: str, width: int) -> None:
    line = Line(foreign(left.replace("\n", " ")), foreign(right.replace("\n", " ")))

    assert [each.cell_length for each in line.set(width)] == [width]


def test_hanging_text_wraps_below_itself_not_below_its_label() -> None:
    piece = Hanging(Content("Enter"), Content("Opens the lesson or the exercise"), 8)

    assert text_of(piece, width=28) == ["Enter   Opens the lesson or", "        the exercise"]


def test_a_label_too_long_for_its_column_gets_a_line_of_its_own() -> None:
    piece = Hanging(Content("StringNotEquals aws:username"), Content("root"), 12)

    assert text_of(piece, width=40) == ["StringNotEq…", "            root"] or text_of(piece, width=40) == [
        "StringNotEquals aws:username",
        "            root",
    ]


def test_text_from_outside_is_no_markup_and_steers_no_terminal() -> None:
    assert foreign("[red]x[/red] \x1b[2J \u202e").plain == "[red]x[/red] ␛[2J �"


@pytest.mark.parametrize(
    ("text", "suffix", "shown"),
    [
        ('{"a": 1,}', ".json", "line 1: "),
        ("x = \n", ".toml", "line 1: "),
        ("def f(:\n", ".py", "line 1: "),
        ('{\n  "a": [1\n', ".json", "line 3: "),
    ],
)
def test_a_fault_names_its_line(text: str, suffix: str, shown: str) -> None:
    assert str(fault_in(text, suffix)).startswith(shown)


@pytest.mark.parametrize(
    ("text", "suffix"), [('{"a": 1}', ".json"), ('x = "y"\n', ".toml"), ("x = 1\n", ".py")]
)
def test_a_text_that_can_be_read_has_no_fault(text: str, suffix: str) -> None:
    assert fault_in(text, suffix) is None


def test_a_text_too_deep_to_read_is_a_fault_not_a_crash() -> None:
    assert fault_in("[" * 100_000, ".json") is not None


def test_highlights_count_in_bytes_and_know_their_row() -> None:
    spans = lexed('name = "é"  # ok\n"""a\nb"""\n', "python")

    assert (0, 12, 16, "comment") not in spans  # the é takes two bytes
    assert (0, 13, 17, "comment") in spans
    assert {row for row, _, _, name in spans if name == "string"} == {0, 1, 2}


def test_an_answer_is_changed_in_its_place_and_comments_stay() -> None:
    text = '# The effect\neffect = ""\n\n# Why\nwhy = "x"\n'

    changed = with_value(text, "effect", "Deny")

    assert changed == '# The effect\neffect = "Deny"\n\n# Why\nwhy = "x"\n'


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_as_an_answer(value: str) -> None:
    text = with_value('# first\nother = "1"\n', "answer", value)

    assert tomllib.loads(text) == {"other": "1", "answer": value}
    assert values_of(text) == {"other": "1", "answer": value}


def test_an_answer_file_that_cannot_be_read_shows_empty_fields() -> None:
    assert values_of("effect = ") == {}


def event(**changes: Any) -> Event:
    values: dict[str, Any] = {
        "sequence": 1,
        "id": "r1",
        "time": "2026-01-14T09:14:02Z",
        "principal": "arn:aws:iam::123456789012:user/reader",
        "service": "s3",
        "operation": "ListObjectsV2",
        "region": "us-east-1",
        "checks": (
            Check(
                "c1", "s3:ListBucket", "arn:aws:s3:::training-7f", "ImplicitlyDenied", "no statement matched"
            ),
        ),
        "status": 403,
        "error": "AccessDenied",
        "message": "…",
        "source": "127.0.0.1",
    }
    return Event(**(values | changes))


def rows_of(each: Event) -> list[str]:
    return [line.plain.rstrip() for line in request_row(each).set(60)]


def test_a_denied_request_says_who_what_and_on_what() -> None:
    assert rows_of(event()) == [
        "  ✗ denied  s3:ListObjectsV2               reader  09:14:02",
        "            training-7f · s3:ListBucket",
    ]


def test_a_request_without_a_valid_signature_is_refused_not_denied() -> None:
    first, second = rows_of(event(checks=(), error="InvalidClientTokenId", principal="anonymous"))

    assert first.startswith("  ! refused s3:ListObjectsV2")
    assert second.strip() == "InvalidClientTokenId"


def test_an_allowed_call_that_fails_for_another_reason_is_told_apart() -> None:
    allowed = Check("c1", "s3:GetObject", "arn:aws:s3:::b/k", "Allowed", "…")

    assert rows_of(event(checks=(allowed,), error="NoSuchKey", status=404))[0].startswith("  ! failed")
    assert rows_of(event(checks=(allowed,), error=None, status=200))[0].startswith("  ✓ allowed")


RANGE = Explanation(
    "ec2.vpc-range",
    "refused",
    "AWS refuses this because it is link-local.",
    "Take another.",
    'VPC User Guide, "VPC CIDR blocks"',
    "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
)


def test_a_rule_that_refused_a_call_comes_before_what_iam_said() -> None:
    allowed = Check("c1", "ec2:CreateVpc", "*", "Allowed", "admin allows it.")
    refused = event(
        checks=(allowed,), error="InvalidVpc.Range", status=400, message="Bad.", explanations=(RANGE,)
    )

    assert text_of(*ruled(refused), *reasons(refused)) == [
        "InvalidVpc.Range: Bad.",
        "AWS refuses this because it is link-local. Take another.",
        'VPC User Guide, "VPC CIDR blocks"',
        "",
        "admin allows it.",
    ]


def test_a_call_that_was_carried_out_says_what_a_rule_changed_of_it() -> None:
    changed = replace(RANGE, effect="repaired", text="A becomes B.", hint="")
    made = event(checks=(), error=None, status=200, explanations=(changed,))

    assert text_of(*ruled(made), *reasons(made))[::3] == ["A becomes B.", "This call needs no permission."]


def test_a_call_that_nobody_signed_has_only_its_error() -> None:
    unsigned = event(checks=(), error="AuthFailure", status=401, message=None)

    assert text_of(*ruled(unsigned), *reasons(unsigned)) == ["AuthFailure"]


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ("arn:aws:iam::123456789012:user/team/alice", "alice"),
        ("arn:aws:sts::123456789012:assumed-role/app/i-0a1", "app/i-0a1"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_principal_is_shown_by_its_name(principal: str, shown: str) -> None:
    assert short_principal(principal) == shown


def test_a_resource_is_shown_without_what_all_arns_share() -> None:
    assert short_resource("arn:aws:s3:::b/a:b/c") == "b/a:b/c"
    assert short_resource("*") == "*"


def decide(action: str, resource: str, *statements: Any) -> Decision:
    policy = parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, name="reader/inline/read")
    request = Request(Principal.parse("arn:aws:iam::123456789012:user/reader"), action, resource)
    return explain(request, PolicySet(identity=(policy,)))


READ_OBJECTS = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::b/*",
}
SOMETHING_ELSE = {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:q"}
NO_DELETES = {"Sid": "NoDeletes", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}


def test_why_shows_the_element_that_failed_and_what_was_asked() -> None:
    told = text_of(*why(decide("s3:ListBucket", "arn:aws:s3:::b", SOMETHING_ELSE, READ_OBJECTS)), width=120)

    assert "    reader/inline/read · statement 2 · Allow" in told
    assert "    ✓ Action     s3:GetObject, s3:ListBucket" in told
    assert "    ✗ Resource   arn:aws:s3:::b/*" in told
    assert "      asked      arn:aws:s3:::b" in told


def test_what_came_closest_comes_first_and_what_matched_nothing_is_left_out() -> None:
    (policy, statement), *rest = nearest(
        decide("s3:ListBucket", "arn:aws:s3:::b", SOMETHING_ELSE, READ_OBJECTS)
    )

    assert (policy.name, statement.index, rest) == ("reader/inline/read", 2, [])


def test_why_of_an_explicit_deny_is_the_deny() -> None:
    told = text_of(*why(decide("s3:DeleteObject", "arn:aws:s3:::b/k", READ_OBJECTS, NO_DELETES)), width=120)

    assert "    reader/inline/read · statement NoDeletes · Deny" in told
    assert not any("statement 1" in line for line in told)
