"""Jump mode, the tour, the diff to the last attempt, what is due, the solution."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.command import CommandPalette
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from tests.tui.app.waiting import until
from tui.actions import action
from tui.screens.diff import DiffPanel, SolutionPanel
from tui.screens.exercise import ExerciseScreen
from tui.screens.jump import Jump, in_view, letters, place_of, targets_of
from tui.screens.map import CourseMap, Entries, Units
from tui.screens.practice import Practice
from tui.settings import Settings
from tui.tour import STEPS, Tour
from tui.widgets.results import Results
from tui.widgets.tour_line import TourLine

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

OPEN_POLICY = ("right", "down", "down", "enter")
OPEN_WORLD = (*OPEN_POLICY[:-1], "down", "down", "enter")


# Jump mode


async def test_a_letter_goes_to_its_place_and_escape_stays(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        home = pilot.app.screen
        assert isinstance(home.focused, Units)
        await press(pilot, "ctrl+g")
        assert isinstance(pilot.app.screen, Jump)
        assert "[a]▸" in screen(pilot)
        assert "[s]▸ ○  Lesson" in screen(pilot)
        await press(pilot, "s")
        assert pilot.app.screen is home
        assert isinstance(home.focused, Entries)

        await press(pilot, "ctrl+g", "escape")
        assert isinstance(home.focused, Entries)
        await press(pilot, "ctrl+g", "ctrl+g")
        assert pilot.app.screen is home
        await press(pilot, "ctrl+g", "0", "m", "a")  # what is no letter of a place changes nothing
        assert isinstance(home.focused, Units)


async def test_on_every_screen_the_letters_stand_on_blank_cells_at_what_is_in_view(
    opened: Opener, press: Press
) -> None:
    ways: tuple[tuple[str, ...], ...] = (
        (),
        ("l",),
        ("right", "down", "enter"),
        (*OPEN_POLICY, "ctrl+s"),
        *(("i", *("down",) * number, "enter") for number in (1, 2, 5)),
        ("w",),
        ("r",),
        ("f1",),
    )
    async with opened() as pilot:
        for number, way in enumerate(ways):
            await pilot.resize_terminal(*((80, 24), (120, 36))[number % 2])
            await press(pilot, *way)
            here = pilot.app.screen
            strips = here._compositor.render_strips()
            targets = targets_of(here)
            in_sight = {each for each in here.focus_chain if in_view(here, each)}
            assert {each.widget for each in targets} == in_sight, way
            for target in targets:
                x, y = target.offset
                assert not strips[y].crop(x, x + len(target.shown)).text.strip(), (way, target)
            while not isinstance(pilot.app.screen, CourseMap):
                await press(pilot, "escape")
            pilot.app.screen.query_one(Units).focus()
            pilot.app.screen.query_one(Entries).highlighted = 0


async def test_what_is_scrolled_away_has_no_letter(opened: Opener, press: Press) -> None:
    async with opened(80, 12) as pilot:
        await press(pilot, *OPEN_POLICY, "ctrl+s")
        here = pilot.app.screen
        rows = here.query("CounterExampleRow")
        hidden = [each for each in rows if not in_view(here, each)]
        assert hidden, "at this size one of them lies below"

        assert not {each.widget for each in targets_of(here)} & set(hidden)


@given(st.integers(0, 200))
def test_no_label_is_the_beginning_of_another(count: int) -> None:
    labels = letters(count)

    assert len(set(labels)) == count
    assert not any(one != other and other.startswith(one) for one in labels for other in labels)


@given(st.sets(st.tuples(st.integers(0, 15), st.integers(0, 5)), max_size=80), st.integers(2, 12))
def test_a_label_covers_text_only_where_nothing_near_is_blank(ink: set[tuple[int, int]], width: int) -> None:
    whole, region = Region(0, 0, 16, 6), Region(3, 1, width, 4)

    def is_free(spot: Region) -> bool:
        return whole.contains_region(spot) and not any((x, spot.y) in ink for x in range(spot.x, spot.right))

    spot = place_of(region, 3, is_free)
    inside = (
        Region(x, y, 3, 1) for y in range(region.y, region.bottom) for x in range(region.x, region.right - 2)
    )
    assert is_free(spot) or not any(map(is_free, inside))


# The tour


async def test_the_tour_leads_through_the_screens_by_one_key_each_and_is_offered_once(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened(80, 24) as pilot:
        assert "New here?" in screen(pilot)
        await press(pilot, "ctrl+l")
        for number, step in enumerate(STEPS, start=1):
            text = screen(pilot)
            assert f"Tour {number}/{len(STEPS)}" in text
            assert step.said(Settings()).split()[-1] in text, "its end is in view"
            assert "<" not in text
            if step.action == "palette.escape":
                assert isinstance(pilot.app.screen, CommandPalette)
                await press(pilot, "escape")
            else:
                await press(pilot, action(step.action).keys[-1])
        assert isinstance(pilot.app.screen, CourseMap)
        assert not pilot.app.screen.query(TourLine)
        assert "New here?" not in screen(pilot)
    assert session.workspace.progress.has_seen("tour")


async def test_the_tour_can_be_left_and_strayed_from_at_any_moment(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(80, 24) as pilot:
        await press(pilot, "ctrl+l", "l", "escape")
        assert "Tour 1/9" in screen(pilot)  # back on the map it says again how to go on
        before = screen(pilot).splitlines()[:-2]
        await press(pilot, "ctrl+g")  # the letters stand where things are, the tour's line with them
        assert [line[3:] for line in screen(pilot).splitlines()[:3]] == [line[3:] for line in before[:3]]
        assert "Tour 1/9" in screen(pilot)
        await press(pilot, "escape", "i")
        assert "The tour waits" in screen(pilot)
        await press(pilot, "ctrl+l")
        assert "Tour" not in screen(pilot)

        await press(pilot, "ctrl+l")  # from anywhere, on the map
        assert isinstance(pilot.app.screen, CourseMap)
        assert "Tour 1/9" in screen(pilot)


def test_the_tour_takes_less_than_two_minutes_to_read_and_do() -> None:
    words = sum(len(step.said(Settings()).split()) for step in STEPS)

    # A slow reader takes a second for three words; finding and pressing a key takes three seconds.
    assert words / 3 + 3 * len(STEPS) < 120
    assert all(step.said(Settings()).count(". ") < 2 for step in STEPS), "a sentence or two"


async def test_the_tour_and_the_map_name_the_keys_that_the_learner_has_set(
    opened: Opener, press: Press, screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[keys]\n'exercise.check' = 'f10'\n'map.resume' = 'g'\n'app.tour' = 'f11'\n")
    monkeypatch.setenv("SKYLAB_SETTINGS", str(file))
    async with opened() as pilot:
        await until(pilot, lambda: "Go on with              g" in screen(pilot))
        assert "New here?             F11" in screen(pilot)
        await press(pilot, "f11", "g")
        assert "F10 checks" in screen(pilot)
        assert "F11 leave" in screen(pilot)


def test_the_tour_ends_after_its_last_step_alone() -> None:
    tour: Tour | None = Tour()
    for step in STEPS:
        assert tour is not None
        assert tour.did(step.scope, "something else") == tour
        tour = tour.did(step.scope, step.verb)
    assert tour is None


# The diff, the solution


async def test_the_diff_says_what_changed_since_the_last_check(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, *OPEN_POLICY, "f5")
        assert isinstance(pilot.app.screen, DiffPanel)
        assert "You have not checked this yet" in screen(pilot)

        await press(pilot, "escape", "ctrl+s", "f5")
        assert "since attempt 1, 2 of 6 points" in screen(pilot)
        assert "Nothing has changed." in screen(pilot)

        await press(pilot, "escape")
        editor = pilot.app.screen.query_one(TextArea)
        editor.load_text(editor.text.replace("training-7f/*", "training-7f"))
        await press(pilot, "f5")
        text = screen(pilot)
        assert "1 line added (+), 1 line removed (−)." in text
        assert "Line 7 was changed" in text
        assert '7 −       "Resource": "arn:aws:s3:::training-7f/*"' in text
        assert '7 +       "Resource": "arn:aws:s3:::training-7f"' in text


async def test_of_a_world_the_diff_tells_what_was_done_in_it(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    exercise = session.course.exercise("find-the-deny")
    async with opened(120, 36) as pilot:
        await press(pilot, *OPEN_WORLD)
        session.workspace.progress.record(Marked(exercise), text="s3:CreateBucket training-7f\n")
        await press(pilot, "f5")

        assert "Changes   the sandbox since attempt 1" in screen(pilot)
        assert "2 + s3:PutObject training-7f/data/a.csv" in screen(pilot)


async def test_an_attempt_whose_text_was_not_kept_is_said_plainly(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    session.workspace.progress.record(Marked(session.course.exercise("reader")))
    async with opened(120, 36) as pilot:
        await press(pilot, *OPEN_POLICY, "f5")

        assert "was not kept" in screen(pilot)


class Marked:
    """An attempt that failed."""

    state = "fail"
    misconceptions: tuple[str, ...] = ()

    def __init__(self, exercise: Any) -> None:
        self.exercise = exercise
        self.points = exercise.points * 0
        self.max = exercise.points


async def test_the_solution_shows_after_a_pass_or_the_last_hint_and_not_before(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened(120, 36) as pilot:
        await press(pilot, *OPEN_POLICY, "f6")
        assert isinstance(pilot.app.screen, ExerciseScreen)

        await press(pilot, *("ctrl+t",) * 4, "f6")
        assert isinstance(pilot.app.screen, SolutionPanel)
        await press(pilot, "escape", "escape", "up", "enter", "f6")
        assert isinstance(pilot.app.screen, ExerciseScreen)
        right = {"decision": "denied: nothing allows it", "element": "Resource"}
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in right.items())
        pilot.app.screen.answer.start_over(text)
        await press(pilot, "ctrl+s", "f6")
        assert isinstance(pilot.app.screen, SolutionPanel)


async def test_a_result_folds_open_to_its_trace_and_shut_again(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 60) as pilot:
        await press(pilot, *OPEN_POLICY, "ctrl+s")
        here = pilot.app.screen
        row = here.query_one(Results).counter_examples()[0]
        row.focus()
        await press(pilot, "enter")
        assert pilot.app.screen is here
        text = screen(pilot)
        assert "✗ denied: nothing allows it" in text
        assert "1  Any explicit deny?" in text
        assert "[fold]" in text

        await press(pilot, "enter")
        assert "Any explicit deny?" not in screen(pilot)
        assert "[fold]" not in screen(pilot)


# What is due, and where to go on


async def test_the_map_tells_what_is_due_by_topic_and_r_asks_it(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    for name in ("I2", "C1", "B1", "A1"):
        session.workspace.progress.reviewed(name, False, long_ago)
    async with opened(120, 36) as pilot:
        notes = pilot.app.screen.query_one("#notes", Static)
        await until(pilot, lambda: "Due today" in screen(pilot))
        said = " ".join(line[:46].strip() for line in screen(pilot).splitlines()[notes.region.y :])
        assert "4 reviews · " in said
        assert "explicit deny" in said
        assert "and 1 more" in said
        assert "Go on with" in said
        assert "4 › Which answer?" in said

        await press(pilot, "r")
        assert isinstance(pilot.app.screen, Practice)
        assert pilot.app.screen.chosen == "due"


# Colours


async def test_the_colours_of_the_terminal_do_for_every_screen_and_f8_stays_with_them(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 36) as pilot:
        pilot.app.theme = "ansi-dark"
        for way in (
            ("l",),
            (*OPEN_POLICY, "ctrl+s", "ctrl+o"),
            ("i", "down", "enter"),
            ("w", "f5"),
            ("r", "enter"),
        ):
            await press(pilot, *way, "ctrl+g", "escape", "f8")
            assert pilot.app.theme.startswith("ansi-")
            assert all(each.theme == "terminal" for each in pilot.app.screen.query(TextArea))
            while not isinstance(pilot.app.screen, CourseMap):
                await press(pilot, "escape")
        assert "▸" in screen(pilot)


async def test_without_colour_focus_marks_and_letters_are_signs(
    opened: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(120, 36) as pilot:
        assert pilot.app.no_color
        assert "▸  4  Policies" in screen(pilot)
        await press(pilot, *OPEN_POLICY)
        await pilot.press("x")
        await press(pilot, "ctrl+g")
        assert "✗  1" in screen(pilot)
        assert "[a]" in screen(pilot)
