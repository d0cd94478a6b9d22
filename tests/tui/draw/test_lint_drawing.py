"""What `skylab lint` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labs.aws.iam.lint import lint
from tui.commands.documents import Linted
from tui.draw.lint import MOST, beside, lint_drawn

Draw = Callable[..., str]

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::training/*",
        },
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
    ],
}
FOUND = lint(POLICY)

THE_FIRST = """\
  policy.json
  ✗ 1 error, 1 security warning
  ────────────────────────────────────────────────────────────────────────────
  ✗ error  Statement[0].Action[1]
    s3:ListBucket acts on a bucket, and no Resource here names one, so this
    allows it nowhere.
    Add arn:aws:s3:::training, or give s3:ListBucket a statement of its own.
    IAM User Guide: reference_policies_elements_resource
"""


def test_each_finding_has_its_place_its_sentence_its_repair_and_its_page(drawn: Draw) -> None:
    text = drawn(lint_drawn(Linted("policy.json", FOUND)))

    assert text.startswith(THE_FIRST)
    assert "! security warning  Statement[1].Action" in text


def test_a_policy_without_findings_says_so(drawn: Draw) -> None:
    assert "✓ nothing to remark" in drawn(lint_drawn(Linted("policy.json", ())))


def test_beside_a_decision_stand_the_first_findings(drawn: Draw) -> None:
    many = FOUND * 3

    [page] = beside(many, allowed=False)

    assert drawn(page).count("Statement[") == MOST
    assert f"and {len(many) - MOST} more" in drawn(page)
    assert "Perhaps this is why" in drawn(page)
    assert "Worth knowing" in drawn(beside(many, allowed=True)[0])
    assert beside((), allowed=True) == ()


@pytest.mark.parametrize("width", [40, 80, 160])
def test_no_line_is_wider_than_the_terminal(width: int, drawn: Draw) -> None:
    long = {**POLICY, "Statement": {**POLICY["Statement"][0], "Resource": "arn:aws:sqs:::" + "deeply" * 40}}

    text = drawn(lint_drawn(Linted("p" * 200, lint(long))), width)

    assert max(map(len, text.splitlines())) <= width


def test_names_cannot_be_taken_for_markup(drawn: Draw) -> None:
    assert "[red]x[/red].json" in drawn(lint_drawn(Linted("[red]x[/red].json", FOUND)))
