"""The rules of a vote: one for each device, changed until it closes, counted and never named."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.course.walkthrough import Option
from tui.web.ballot import Allowance, Ballot, Question

ASKED = Question(3, "two sides", "May bob read?", (Option("A", "No.", "I5"), Option("B", "Yes.")))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asking(question: Question | None = ASKED, most: int = 2000) -> Ballot:
    ballot = Ballot(most, Clock())
    ballot.ask(question)
    return ballot


def test_a_second_vote_of_a_device_replaces_the_first() -> None:
    ballot = asking()

    assert [ballot.vote(*each) for each in (("one", 3, "A"), ("two", 3, "B"), ("one", 3, "B"))] == [""] * 3
    assert ballot.counts(3) == {"B": 2}
    assert ballot.vote_of("one", 3) == "B"
    assert ballot.vote_of("three", 3) == ""
    assert ballot.devices == 2


def test_the_ballot_tells_that_something_has_changed() -> None:
    ballot = asking()
    seen = [ballot.changes]
    for letter in ("A", "A", "B"):
        ballot.vote("one", 3, letter)
        seen.append(ballot.changes)

    assert seen == [0, 1, 1, 2]


def test_a_closed_vote_takes_no_more_and_keeps_what_it_has() -> None:
    ballot = asking()
    ballot.vote("one", 3, "A")
    ballot.ask(replace(ASKED, open=False))

    assert "closed" in ballot.vote("one", 3, "B")
    assert "closed" in ballot.vote("two", 3, "B")
    assert ballot.counts(3) == {"A": 1}


def test_a_vote_for_an_earlier_question_or_for_no_choice_is_not_taken() -> None:
    ballot = asking()

    assert "another question" in ballot.vote("one", 2, "A")
    assert "none of the choices" in ballot.vote("one", 3, "C")
    assert "none of the choices" in ballot.vote("one", 3, "")
    ballot.ask(None)
    assert "another question" in ballot.vote("one", 3, "A")
    assert ballot.counts(3) == {}


def test_each_question_has_votes_of_its_own_and_keeps_them_when_it_comes_again() -> None:
    ballot = asking()
    ballot.vote("one", 3, "A")
    ballot.ask(replace(ASKED, slide=4))
    ballot.vote("one", 4, "B")
    ballot.ask(ASKED)

    assert (ballot.counts(3), ballot.counts(4)) == ({"A": 1}, {"B": 1})
    assert ballot.vote_of("one", 3) == "A"


def test_there_is_an_end_to_the_devices_but_not_for_those_that_have_voted() -> None:
    ballot = asking(most=1)

    assert ballot.vote("one", 3, "A") == ""
    assert "no more are taken" in ballot.vote("two", 3, "A")
    assert ballot.vote("one", 3, "B") == ""


def test_a_device_that_votes_without_end_has_to_wait() -> None:
    ballot = asking()
    clock = ballot.clock
    assert isinstance(clock, Clock)
    taken = [ballot.vote("one", 3, "AB"[number % 2]) for number in range(11)]

    assert taken[:10] == [""] * 10
    assert "very often" in taken[10]
    clock.now += 1
    assert ballot.vote("one", 3, "A") == ""
    assert ballot.vote("two", 3, "A") == ""


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0.1, 5), st.integers(1, 8))
def test_an_allowance_gives_no_more_than_its_rate_and_what_it_has_at_once(
    pauses: list[float], rate: float, most: int
) -> None:
    clock = Clock()
    allowance = Allowance(rate, most, clock)
    taken = 0
    for pause in pauses:
        clock.now += pause
        taken += allowance.take()

    assert taken <= most + rate * clock.now + 1e-6


def test_the_state_of_a_question_changes_whenever_its_page_has_to() -> None:
    states = [
        ASKED,
        replace(ASKED, open=False),
        replace(ASKED, open=False, revealed=True, answer="B"),
        replace(ASKED, slide=4),
    ]

    assert len({each.state for each in states}) == 4
