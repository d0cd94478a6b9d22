"""Unit 8 asks for no amount that nobody has read on AWS's page, and its handout says what was audited."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from labs.aws.billing import Line, bill, usage_from_json
from labs.aws.billing.audit import audit
from labs.course import AnswerExercise, load_course
from labs.units.billing.audits import AuditExercise, Claim
from labs.units.billing.bills import BILL

UNIT = load_course().unit("billing")
ANSWERS = [each for each in UNIT.exercises if isinstance(each, AnswerExercise)]
HANDOUTS = [each for each in UNIT.exercises if isinstance(each, AuditExercise)]
CLAIMS = [claim for each in HANDOUTS for kind in (*each.always, *each.sometimes) for claim in kind]


def _lines_asked_for(exercise: AnswerExercise) -> Iterator[Line]:
    """The lines of every bill that an amount is asked of, in 20 variants."""
    for number in range(20):
        for field in exercise.fields(exercise.variant(f"student-{number}")):
            if field.type == "money" and field.command == BILL:
                yield from bill(usage_from_json(json.loads(field.stdin))).lines


@pytest.mark.parametrize("exercise", ANSWERS, ids=lambda exercise: exercise.id)
def test_no_amount_is_asked_for_whose_price_was_not_read_on_its_page(exercise: AnswerExercise) -> None:
    assert not [line.sentence for line in _lines_asked_for(exercise) if line.verify and line.cost]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.row}-{claim.figure}")
def test_each_claim_of_the_handout_is_one_that_was_audited(claim: Claim) -> None:
    verdict, number = claim.fields()

    assert claim.figure in {figure.name for figure in claim.finding.figures}
    assert verdict.answer == claim.finding.verdict
    assert number.answer == claim.exact


def test_the_handouts_are_three_and_ask_for_half_of_what_was_audited() -> None:
    assert len(HANDOUTS) == 3
    assert len({claim.row for claim in CLAIMS}) * 2 >= len(audit())
