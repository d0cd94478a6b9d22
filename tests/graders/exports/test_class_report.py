"""The class report: its numbers are right, and it quotes nobody unescaped."""

from __future__ import annotations

from dataclasses import replace
from statistics import correlation

import pytest

from graders.exports.class_report import class_report
from graders.exports.statistics import statistics_of
from graders.results import ClassResult, StudentResult, Unread
from labs.errors import SubmissionError
from tests.graders.exports.conftest import Make

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
EXERCISES = ("toy/number", "toy/double", "toy/bucket")


@pytest.fixture
def everybody(result: Make) -> list[StudentResult]:
    states = ["pass pass pass", "pass pass fail", "fail pass fail", "fail fail fail", "pass missing missing"]
    made = [
        result(f"s{number}", **dict(zip(("number", "double", "bucket"), each.split(), strict=True)))
        for number, each in enumerate(states)
    ]
    return [*made, result("absent", number="missing", double="missing", bucket="missing")]


def test_difficulty_is_the_mean_share_of_those_who_handed_in(everybody: list[StudentResult]) -> None:
    told = statistics_of(EXERCISES, everybody)
    assert [each.difficulty for each in told.items] == [0.6, 0.75, 0.25]
    assert told.items[1].states == {"pass": 3, "fail": 1, "missing": 2}
    assert told.items[1].shares == (1, 0, 0, 0, 0, 0, 0, 0, 0, 3)


def test_discrimination_is_the_correlation_with_all_other_exercises(everybody: list[StudentResult]) -> None:
    number = statistics_of(EXERCISES, everybody).items[0]
    own, others = [1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0]
    assert number.discrimination == pytest.approx(correlation(own, others))


def test_where_all_are_alike_or_few_there_is_no_discrimination(result: Make) -> None:
    alike = [result(f"s{n}", number="pass", double="pass") for n in range(5)]
    assert statistics_of(("toy/number", "toy/double"), alike).items[0].discrimination is None
    few = [result("a", number="pass", double="fail"), result("b", number="fail", double="pass")]
    assert statistics_of(("toy/number", "toy/double"), few).items[0].discrimination is None


def test_totals_are_of_those_who_handed_in_anything(everybody: list[StudentResult]) -> None:
    told = statistics_of(EXERCISES, everybody)
    assert (told.students, sum(told.totals)) == (6, 5)
    assert told.middle == pytest.approx(2 / 6)


def test_a_class_of_nobody_has_a_report() -> None:
    assert "0 students" in class_report(ClassResult("skylab", (), (), ()))


def test_beliefs_time_and_copies_are_told_by_exercise(everybody: list[StudentResult]) -> None:
    first, *others = everybody
    reports = (first.exercises[0].beside(("s1", HOSTILE), 600), *first.exercises[1:])
    told = statistics_of(EXERCISES, [replace(first, exercises=reports), *others])
    assert told.items[0].beliefs == {"S1": 2}
    assert (told.items[0].minutes, told.items[0].told_time) == (10.0, 1)
    assert [(each.student, each.exercise, each.fits) for each in told.copies] == [
        ("s0", "toy/number", ("s1", HOSTILE))
    ]


def test_the_page_stands_alone_and_escapes_everything(everybody: list[StudentResult]) -> None:
    first, *others = everybody
    reports = (first.exercises[0].beside((HOSTILE,), 600), *first.exercises[1:])
    unread = (Unread(HOSTILE, SubmissionError(HOSTILE, HOSTILE)),)
    html = class_report(
        ClassResult(HOSTILE, EXERCISES, [replace(first, exercises=reports, student=HOSTILE), *others], unread)
    )
    assert "<script" not in html.lower()
    assert "\x1b" not in html
    assert "\u202e" not in html
    for loaded in ("src=", "href=", "url(", "@import"):
        assert loaded not in html
    assert "default-src 'none'" in html
    assert "ListBucket needs the bucket ARN" in html
    assert "prefers-color-scheme: dark" in html
    assert "10 min" in html
    assert "Made for another variant" in html


def test_a_students_own_page_says_nothing_of_copies(everybody: list[StudentResult]) -> None:
    from graders.feedback import page

    assert "s-other" not in page("skylab", "s0", [everybody[0].exercises[0].beside(("s-other",), 5)])
