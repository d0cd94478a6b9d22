"""Whoever arrives, and used more than it took, falls by that criterion alone; and it waits for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graders import Report
from graders.verifying import TestBench
from labs.course import load_course

COURSE = load_course()
EXCESSIVE = [
    ("find-the-sid", "I23--everything-of-everybody.py", "asks for no more than it needs"),
    ("no-keys-on-board", "I20--wide-for-a-moment.py", "It never could do more"),
    ("empty-promise", "I4--lifted-for-a-moment.py", "was never without it"),
    ("deaf-instance", "E3--a-key-for-a-moment.py", "no access key was made"),
]


@pytest.fixture(scope="module")
def bench() -> Iterator[TestBench]:
    with TestBench() as bench:
        yield bench


def report_on(name: str, wrong: str, bench: TestBench) -> Report:
    variant = COURSE.exercise(name).variant("ada")
    (work,) = (each.text for each in variant.exercise.wrong(variant) if each.name == wrong)
    return bench.report(variant, work)


@pytest.mark.parametrize(("name", "wrong", "criterion"), EXCESSIVE)
def test_what_was_used_and_not_needed_costs_one_criterion_and_no_other(
    name: str, wrong: str, criterion: str, bench: TestBench
) -> None:
    report = report_on(name, wrong, bench)
    (fallen,) = (each for each in report.criteria if each.state != "pass")
    assert criterion in fallen.name
    assert fallen.state == "fail"
    assert (fallen.misconception or "") + "--" == wrong[: wrong.index("--") + 2]
    assert fallen.counterexample is not None
    assert fallen.counterexample.runs


def test_what_was_used_is_not_judged_before_the_goal_is_reached(bench: TestBench) -> None:
    report = report_on("empty-promise", "I4--a-wider-boundary.py", bench)
    first, *others = report.criteria
    assert first.state == "fail"
    assert {each.state for each in others} == {"skipped"}
    assert {each.message for each in others} == {f"Not judged, because this does not hold: {first.name}."}
    assert report.misconceptions == ("I4",)
