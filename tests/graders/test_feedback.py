"""A page says what is meant and quotes nobody unescaped; the gradebook has a row a student."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from graders.exports.gradebook import gradebook
from graders.feedback import fragment, page
from graders.report import Report, state_of
from graders.results import StudentResult
from graders.roster import Entry
from labs.course import CounterExample, Course, Criterion

HOSTILE = "</pre><script>alert(1)</script>\x1b[31m\u202e`<b>`"
CASE = {"request": {"action": HOSTILE}}


@pytest.fixture
def report(toy: Course) -> Report:
    variant = toy.exercise("double").variant(HOSTILE)
    example = CounterExample(f"{HOSTILE} is allowed", CASE)
    criteria = (
        Criterion("is right", "pass", Decimal(1), Decimal(1)),
        Criterion(HOSTILE, "fail", Decimal(0), Decimal(1), f"{HOSTILE} on `bucket/*`", "S1", example),
        Criterion("accepted", "fail", Decimal(0), Decimal(0), "No."),
    )
    return Report(
        variant.exercise, variant, "partial", Decimal(1), Decimal(2), criteria, (), 5, (HOSTILE,), HOSTILE
    )


def test_nothing_hostile_is_left_on_a_page(report: Report) -> None:
    for html in (page(HOSTILE, HOSTILE, [report]), fragment(report)):
        assert "<script" not in html
        assert "<b>" not in html
        assert "\x1b" not in html
        assert "\u202e" not in html


def test_a_page_stands_alone(report: Report) -> None:
    html = page("skylab", "alice", [report])
    assert "default-src 'none'" in html
    assert "src=" not in html
    assert "href=" not in html
    assert "url(" not in html


def test_a_page_tells_each_criterion_with_its_reasons(report: Report) -> None:
    html = page("skylab", "alice", [report])
    assert "1 of 2 points" in html
    assert "partly there" in html
    assert "<code>bucket/*</code>" in html
    assert "You may think" in html
    assert "ListBucket needs the bucket ARN" in html
    assert "0 of 0" not in html


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "fail"), "partial"),
        (("fail", "skipped"), "fail"),
        (("pass", "error"), "error"),
        (("partial", "fail"), "partial"),
        ((), "fail"),
    ],
)
def test_criteria_come_to_a_state(states: tuple[Any, ...], state: str) -> None:
    earned = {"pass": Decimal(2), "partial": Decimal(1)}
    criteria = [Criterion("x", each, earned.get(each, Decimal(0)), Decimal(2)) for each in states]
    assert state_of(criteria) == state


def test_what_is_missing_is_no_zero(report: Report, toy: Course) -> None:
    variant = toy.exercise("number").variant("alice")
    absent = Report(variant.exercise, variant, "missing", Decimal(0), Decimal(1), ())
    late = Report(variant.exercise, variant, "timeout", Decimal(0), Decimal(1), ())
    rows = [
        StudentResult("=1+1", "a", (report, absent)),
        StudentResult("b", "b", (report, late), Entry("b", "Bee", {"ID": "-7"})),
    ]
    assert gradebook(["toy/double", "toy/number"], rows).splitlines() == [
        "student,source,toy/double,toy/number,total,max,to look at",
        "'=1+1,a,1,,1,3,",
        "b,b,1,0,1,3,toy/number: timeout",
    ]
    assert gradebook(["toy/double", "toy/number"], rows, ["ID"]).splitlines()[1:] == [
        "'=1+1,,,a,1,,1,3,",
        "b,Bee,'-7,b,1,0,1,3,toy/number: timeout",
    ]
