"""What is due at a moment is done in order, once, and again after a rewind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.sandbox.agenda import Agenda, Due, agenda_at_hand

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def agenda() -> Agenda:
    """One that says what it does."""
    agenda = Agenda()
    agenda.on("bell", lambda moment, about: f"{about['name']} at {moment:%H:%M}")
    return agenda


def settle(agenda: Agenda, until: datetime) -> list[str]:
    return [each.text for each in agenda.settle(until, lambda due: nullcontext())]


def test_what_is_due_is_done_in_order_of_its_moments_and_not_before(agenda: Agenda) -> None:
    agenda.plan(NOON + 2 * HOUR, "bell", name="late")
    agenda.plan(NOON, "bell", name="early")
    agenda.plan(NOON + HOUR, "bell", name="middle")
    assert agenda.next_moment == NOON
    assert settle(agenda, NOON - HOUR) == []
    assert settle(agenda, NOON + HOUR) == ["early at 12:00", "middle at 13:00"]
    assert settle(agenda, NOON + HOUR) == []
    assert settle(agenda, NOON + 9 * HOUR) == ["late at 14:00"]
    assert agenda.next_moment is None


def test_things_of_one_moment_are_done_as_they_were_planned(agenda: Agenda) -> None:
    for name in "bca":
        agenda.plan(NOON, "bell", name=name)
    assert [text[0] for text in settle(agenda, NOON)] == ["b", "c", "a"]


def test_what_a_thing_plans_is_done_on_the_same_way(agenda: Agenda) -> None:
    def again(moment: datetime, about: Mapping[str, Any]) -> None:
        agenda.plan(moment + HOUR, "bell", name="echo")

    agenda.on("echo", again)
    agenda.plan(NOON, "echo")
    agenda.plan(NOON + 2 * HOUR, "bell", name="last")
    assert settle(agenda, NOON + 5 * HOUR) == ["echo at 13:00", "last at 14:00"]


def test_what_nobody_needs_to_hear_of_is_done_without_a_word(agenda: Agenda) -> None:
    agenda.on("silent", lambda moment, about: None)
    agenda.plan(NOON, "silent")
    assert settle(agenda, NOON) == []
    assert agenda.planned() == ()


def test_what_goes_wrong_stands_in_nobodys_way(agenda: Agenda, capsys: pytest.CaptureFixture[str]) -> None:
    agenda.on("broken", lambda moment, about: str(1 / 0))
    agenda.plan(NOON, "broken", instance="i-1")
    agenda.plan(NOON, "unheard of")
    agenda.plan(NOON, "bell", name="after")
    assert settle(agenda, NOON) == ["after at 12:00"]
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "instance=i-1" in told


def test_what_is_cancelled_is_not_done_whatever_else_is_said_of_it(agenda: Agenda) -> None:
    agenda.plan(NOON, "bell", name="one", size=1)
    agenda.plan(NOON, "bell", name="two", size=1)
    agenda.plan(NOON, "silent", name="one")
    agenda.cancel("bell", name="one")
    assert [(due.kind, due.about["name"]) for due in agenda.planned()] == [("bell", "two"), ("silent", "one")]


def test_a_checkpoint_keeps_what_is_planned(agenda: Agenda) -> None:
    agenda.plan(NOON, "bell", name="kept")
    kept = agenda.saved()
    agenda.plan(NOON, "bell", name="later")
    settle(agenda, NOON)
    agenda.restore(kept)
    agenda.plan(NOON, "bell", name="new")
    assert [text.split()[0] for text in settle(agenda, NOON)] == ["kept", "new"]


def test_each_thing_is_done_within_its_own_surroundings_and_has_a_name_of_its_own(agenda: Agenda) -> None:
    seen: list[str] = []

    @contextmanager
    def during(due: Due) -> Iterator[None]:
        seen.append(due.name)
        yield

    agenda.plan(NOON, "bell", name="b", size=2)
    agenda.plan(NOON, "bell", name="a", size=2)
    agenda.settle(NOON, during)
    assert seen == [f"bell/{NOON.isoformat()}/name={name},size=2" for name in "ba"]


def test_moto_finds_the_agenda_only_while_a_change_is_made(agenda: Agenda) -> None:
    assert agenda_at_hand() is None
    with agenda.at_hand():
        assert agenda_at_hand() is agenda
    assert agenda_at_hand() is None
