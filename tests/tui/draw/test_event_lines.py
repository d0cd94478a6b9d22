"""Requests of the sandbox, a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from labs.sandbox import Check, Event, Explanation
from tui.draw.events import event_line

Draw = Callable[..., str]

ALLOWED = Check("c1", "s3:GetObject", "arn:aws:s3:::training/a.csv", "Allowed", "alice/read allows it.")
DENIED = Check("c2", "s3:ListBucket", "arn:aws:s3:::training", "ImplicitlyDenied", "No policy allows it.")
READ = Event(
    sequence=1,
    id="e1",
    time="2026-01-14T09:14:02.123Z",
    principal="arn:aws:iam::123456789012:user/alice",
    service="s3",
    operation="GetObject",
    region="us-east-1",
    checks=(ALLOWED,),
    status=200,
    error=None,
    message=None,
    source="127.0.0.1",
)
LISTED = replace(
    READ,
    operation="ListObjectsV2",
    checks=(DENIED,),
    status=403,
    error="AccessDenied",
    message="User: … is not",
)


def test_an_allowed_request_takes_one_line(drawn: Draw) -> None:
    assert drawn(event_line(READ)) == (
        "09:14:02 user/alice             s3:GetObject                       ✓ allowed"
    )


def test_a_denied_request_says_why_and_how_to_see_the_whole_decision(drawn: Draw) -> None:
    first, *details = drawn(event_line(LISTED)).splitlines()

    assert first.endswith("s3:ListObjectsV2                   ✗ denied")
    assert details == [
        "         s3:ListBucket on arn:aws:s3:::training",
        "         No policy allows it.",
        "         skylab explain --check c2",
    ]


def test_a_request_that_aws_refuses_for_another_reason_is_not_called_denied(drawn: Draw) -> None:
    gone = replace(READ, status=404, error="NoSuchKey", message="The specified key does not exist.")

    first, *details = drawn(event_line(gone)).splitlines()

    assert first.endswith("! refused")
    assert details == ["         NoSuchKey: The specified key does not exist."]


PAGE = "https://docs.aws.amazon.com/a.html"


def test_a_request_that_a_rule_refused_says_why_what_to_do_and_where_aws_says_so(drawn: Draw) -> None:
    rule = Explanation("s3.acls", "refused", "AWS refuses this because.", "Leave it out.", "S3 Guide", PAGE)
    refused = replace(
        READ, status=400, error="AccessControlListNotSupported", message="No ACLs", explanations=(rule,)
    )

    assert drawn(event_line(refused)).splitlines()[1:] == [
        "         AccessControlListNotSupported: No ACLs",
        "         AWS refuses this because. Leave it out.",
        f"         S3 Guide: {PAGE}",
    ]


def test_a_request_that_was_carried_out_otherwise_says_so(drawn: Draw) -> None:
    rule = Explanation("ec2.cidr-host-bits", "repaired", "A becomes B.", "", "VPC Guide", PAGE)

    first, *details = drawn(event_line(replace(READ, explanations=(rule,)))).splitlines()

    assert first.endswith("✓ allowed")
    assert details == ["         A becomes B.", f"         VPC Guide: {PAGE}"]


def test_what_the_caller_named_cannot_move_the_cursor(drawn: Draw) -> None:
    sly = replace(LISTED, checks=(replace(DENIED, resource="arn:aws:s3:::\x1b[2Jtraining"),))

    assert "\x1b" not in drawn(event_line(sly))
