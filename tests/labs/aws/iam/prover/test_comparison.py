"""What a comparison says of itself: its sentence, and what decides its requests."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws.iam import Outcome, Policy, parse_policy
from labs.aws.iam.prover import Kind, Side, compare

READ: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
}
WRITE: dict[str, Any] = {**READ, "Sid": "Write", "Action": "s3:PutObject"}
DENY: dict[str, Any] = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def policy(*statements: dict[str, Any], name: str = "policy") -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, name)


MORE = "the candidate allows s3:PutObject on arn:aws:s3:::b/x, which the reference does not"
LESS = "the reference allows {} on arn:aws:s3:::b/x, which the candidate does not"
LAUNCH = {**READ, "Action": "ec2:DescribeInstances", "Resource": "*"}


@pytest.mark.parametrize(
    ("reference", "candidate", "sentence"),
    [
        ([READ], [READ], "Both policies allow the same requests."),
        ([READ], [READ, WRITE], f"The candidate is wider: {MORE.replace('the candidate', 'it')}."),
        (
            [READ, WRITE],
            [READ],
            f"The candidate is narrower: it allows nothing more, and {LESS.format('s3:PutObject')}.",
        ),
        ([READ], [WRITE], f"Neither policy contains the other: {MORE}, and {LESS.format('s3:GetObject')}."),
        (
            [],
            [LAUNCH],
            "The candidate is wider: it allows ec2:DescribeInstances, which the reference does not.",
        ),
    ],
)
def test_the_verdict_in_a_sentence(
    reference: list[dict[str, Any]], candidate: list[dict[str, Any]], sentence: str
) -> None:
    assert compare(policy(*reference), policy(*candidate)).sentence == sentence


def test_the_statement_that_allows_is_named() -> None:
    comparison = compare(policy(READ), policy(DENY, READ, WRITE, name="x"))
    assert (comparison.verdict, comparison.allowing("narrower")) == ("narrower", "Read")
    assert comparison.allowing("wider") is None

    comparison = compare(policy(READ), policy(READ, WRITE))
    assert (comparison.verdict, comparison.allowing("wider")) == ("wider", "Write")


def test_each_policy_decides_the_request_in_its_own_way() -> None:
    reference, candidate = policy(READ, DENY), policy(READ)
    comparison = compare(reference, candidate)

    allowed = comparison.decision("wider", candidate)
    denied = comparison.decision("wider", reference)
    assert allowed is not None
    assert denied is not None
    assert allowed.outcome is Outcome.ALLOWED
    assert denied.outcome is Outcome.EXPLICITLY_DENIED
    assert comparison.decision("narrower", reference) is None


@pytest.mark.parametrize(
    ("kind", "reference", "side", "statement"),
    [
        ("resource", {**WRITE, "Principal": {"AWS": "222222222222"}}, "narrower", "Write"),
        ("resource", {**DENY, "Principal": "*"}, "wider", None),
    ],
)
def test_who_needs_no_allow_is_named_by_no_statement(
    kind: Kind, reference: dict[str, Any], side: Side, statement: str | None
) -> None:
    """An account's root user may do in its account what no Deny stops."""
    comparison = compare(policy(reference), policy(), kind)

    assert comparison.verdict == side
    assert comparison.allowing(side) == statement
