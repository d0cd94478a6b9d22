"""Reviews: which misconception comes back when, and with which question."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.course import Exercise, Progress, load_course, misconceptions
from labs.course.progress import VERSION, Drilled
from labs.course.review import SITTING, Review
from labs.course.review_questions import question_on, sources_on
from labs.errors import CourseError

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
COURSE = load_course()
EXERCISE = COURSE.exercise("read-a-block")
ASKED = [name for name in misconceptions() if name[0] in "ACIEB"]


@dataclass(frozen=True)
class Marked:
    """What the progress keeps of a check."""

    misconceptions: tuple[str, ...] = ()
    state: str = "fail"
    exercise: Exercise = EXERCISE
    points: Decimal = Decimal(0)
    max: Decimal = Decimal(6)


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "progress.sqlite")


def due_days(progress: Progress) -> dict[str, int]:
    return {card.misconception.id: (card.due - NOW).days for card in Review(progress).cards()}


def test_nothing_is_due_before_anything_was_wrong(progress: Progress) -> None:
    progress.record(Marked((), "pass"), NOW)

    assert Review(progress).cards() == ()
    assert Review(progress).next(NOW) is None


def test_a_misconception_that_shows_in_a_check_is_due_the_next_day(progress: Progress) -> None:
    progress.record(Marked(("C2", "C8")), NOW)
    review = Review(progress)

    assert due_days(progress) == {"C2": 1, "C8": 1}
    assert review.due(NOW + DAY - timedelta(seconds=1)) == ()
    assert {card.misconception.id for card in review.due(NOW + DAY)} == {"C2", "C8"}


def test_a_misconception_that_shows_in_a_drill_is_due_as_well(progress: Progress) -> None:
    progress.drilled(Drilled("hosts", 1, NOW, False, 4.0, "C1"))
    progress.drilled(Drilled("hosts", 2, NOW, False, 4.0, None))

    assert due_days(progress) == {"C1": 1}


def test_right_answers_move_a_card_further_away_each_time(progress: Progress) -> None:
    progress.record(Marked(("C2",)), NOW)
    review, gaps = Review(progress), []
    now = NOW + DAY
    for _ in range(4):
        card = review.answer("C2", right=True, now=now)
        gaps.append((card.due - now).days)
        now = card.due

    assert gaps == sorted(gaps)
    assert gaps[0] >= 2
    assert gaps[-1] >= 21


def test_a_wrong_answer_brings_a_card_near_again(progress: Progress) -> None:
    progress.record(Marked(("C2",)), NOW)
    review = Review(progress)
    later = review.answer("C2", right=True, now=NOW + DAY)
    sooner = review.answer("C2", right=False, now=later.due)

    assert sooner.due - later.due < later.due - (NOW + DAY)
    assert (sooner.shown, sooner.right) == (2, 1)


def test_a_misconception_that_shows_again_brings_its_card_near_again(progress: Progress) -> None:
    progress.record(Marked(("C2",)), NOW)
    review = Review(progress)
    for _ in range(3):
        review.answer("C2", right=True, now=review.cards()[0].due)
    before = review.cards()[0]
    progress.record(Marked(("C2",)), before.due - DAY)

    assert review.cards()[0].due - (before.due - DAY) < timedelta(days=7)


def test_several_tries_in_one_sitting_are_one_mistake(progress: Progress) -> None:
    for minutes in range(0, 60, 10):
        progress.record(Marked(("C2",)), NOW + timedelta(minutes=minutes))
    once = Review(progress).cards()
    progress.record(Marked(("C2",)), NOW + SITTING)

    assert [card.shown for card in once] == [1]
    assert [card.shown for card in Review(progress).cards()] == [2]


def test_the_most_urgent_card_comes_first(progress: Progress) -> None:
    progress.record(Marked(("C2",)), NOW)
    progress.record(Marked(("C8",)), NOW - 5 * DAY)
    review = Review(progress)

    assert [card.misconception.id for card in review.due(NOW + DAY)] == ["C8", "C2"]
    assert (found := review.next(NOW)) is not None
    assert found.misconception.id == "C2"


def test_what_the_catalogue_has_given_up_is_not_asked(progress: Progress) -> None:
    progress.record(Marked(("C2", "Z99")), NOW)

    assert set(due_days(progress)) == {"C2"}
    with pytest.raises(CourseError):
        Review(progress).answer("Z99", right=True, now=NOW)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=8))
def test_however_reviews_go_the_next_one_is_a_day_away_at_least(
    tmp_path_factory: pytest.TempPathFactory, course: list[tuple[bool, int]]
) -> None:
    progress = Progress(tmp_path_factory.mktemp("review") / "progress.sqlite")
    progress.record(Marked(("C2",)), NOW)
    now = NOW
    for right, days in course:
        now += days * DAY
        card = Review(progress).answer("C2", right=right, now=now)
        assert card.due >= now + DAY
        assert Review(progress).cards() == (card,)  # what is kept gives the same card again


def test_a_progress_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = tmp_path / "progress.sqlite"
    with closing(sqlite3.connect(old)) as database:
        database.executescript(
            "CREATE TABLE attempt (id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, time TEXT NOT NULL,"
            " state TEXT NOT NULL, points TEXT NOT NULL, max TEXT NOT NULL, misconceptions TEXT NOT NULL);"
            "INSERT INTO attempt VALUES (1, 'cidr/read-a-block',"
            f""" '{NOW.isoformat()}', 'fail', '0', '6', '["C2"]');"""
            "PRAGMA user_version = 1;"
        )
    progress = Progress(old)

    assert due_days(progress) == {"C2": 1}
    progress.drilled(Drilled("hosts", 7, NOW, True, 2.5))
    assert progress.drills("hosts") == (Drilled("hosts", 7, NOW, True, 2.5),)
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)


class TestQuestions:
    """Every misconception of the five units can be asked about."""

    @pytest.mark.parametrize("name", ASKED)
    def test_each_misconception_has_a_question_that_tells_of_it(self, name: str) -> None:
        assert sources_on(COURSE, name)
        for seed in range(2):
            question = question_on(COURSE, name, "ada", seed)
            told = [slip for slip in question.field.slips if slip.misconception == name]
            assert told
            assert question.mark(question.answer).state == "pass"

    def test_a_review_asks_another_question_each_time(self) -> None:
        asked = {
            (question.situation, question.prompt)
            for question in (question_on(COURSE, "E6", "ada", seed) for seed in range(12))
        }

        assert len(asked) >= 8

    def test_the_same_seed_asks_the_same(self) -> None:
        first, second = (question_on(COURSE, "I22", "ada", 3) for _ in range(2))

        assert first.to_json() == second.to_json()

    def test_a_review_never_shows_the_learners_own_variant(self) -> None:
        own = COURSE.exercise("pass-or-assume")
        question = question_on(COURSE, "I22", "ada", 0)

        assert question.skill == own.id
        assert question.situation != own.prompt(own.variant("ada"))

    def test_what_nothing_asks_about_is_said_to_be_so(self) -> None:
        with pytest.raises(CourseError, match="L6"):
            question_on(COURSE, "L6", "ada", 0)
