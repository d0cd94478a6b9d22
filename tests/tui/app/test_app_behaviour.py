"""What a learner does in the app, with keys and with the mouse, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from graders.report import Report, State
from labs.course import Criterion, load_course
from labs.errors import SandboxError
from tests.tui.app.conftest import settle
from tests.tui.app.waiting import until
from tui.messages import SandboxState
from tui.screens.exercise import ExerciseScreen
from tui.screens.failure import FailurePanel
from tui.screens.help import HelpPanel
from tui.screens.lesson import Lesson
from tui.screens.map import CourseMap, Entries
from tui.screens.shelf import Shelf
from tui.widgets.bars import KeyHint
from tui.widgets.fields import Choice
from tui.widgets.results import CounterExampleRow

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

OPEN_POLICY = ("right", "down", "down", "enter")
OPEN_CODE = (*OPEN_POLICY[:-1], "down", "enter")
OPEN_WORLD = (*OPEN_POLICY[:-1], "down", "down", "enter")
SOLUTION = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::training-7f/data/*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::training-7f"},
    ],
}


def report_on(session: Any, name: str, state: State, *criteria: Criterion, output: str = "") -> Report:
    exercise = session.course.exercise(name)
    points = sum((each.points for each in criteria), Decimal(0))
    most = sum((each.max for each in criteria), Decimal(0))
    return Report(exercise, session.variant(exercise), state, points, most, criteria, output=output)


def editing(pilot: Pilot[int]) -> ExerciseScreen:
    """The exercise that is open."""
    assert isinstance(pilot.app.screen, ExerciseScreen)
    return pilot.app.screen


async def test_enter_opens_the_marked_exercise_and_escape_goes_back(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        assert isinstance(pilot.app.screen, ExerciseScreen)
        assert pilot.app.screen.exercise.name == "reader"

        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, CourseMap)


async def test_a_click_opens_an_exercise(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened() as pilot:
        await pilot.click(Entries, offset=(10, 2))
        await press(pilot)

        assert isinstance(pilot.app.screen, ExerciseScreen)


async def test_a_click_on_a_key_in_the_footer_does_what_the_key_does(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        hint = next(each for each in pilot.app.screen.query(KeyHint) if each.action.id == "map.instruments")
        await pilot.click(hint)
        await press(pilot)

        assert isinstance(pilot.app.screen, Shelf)


async def test_keys_that_follow_at_once_go_to_what_the_unit_holds_that_is_marked_then(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot)
        await pilot.press("down", "right")
        await press(pilot)
        entries, unit = pilot.app.screen.query_one(Entries), session.course.units[1]

        assert entries.has_focus
        ids = [str(entries.get_option_at_index(place).id) for place in range(entries.option_count)]
        assert ids == ["lesson", *(exercise.id for exercise in unit.exercises)]


async def test_a_solved_exercise_is_marked_in_full_and_done_on_the_map(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        pilot.app.screen.query_one(TextArea).load_text(json.dumps(SOLUTION))
        await press(pilot, "ctrl+s")
        assert "✓ all right" in screen(pilot)
        assert "6 of 6 points" in screen(pilot)

        await press(pilot, "escape")
        assert "✓  Least privilege for a reader     6/6" in screen(pilot)
    assert session.standing(session.course.exercise("reader")).state == "done"


async def test_a_wrong_answer_names_the_belief_and_a_counter_example_that_runs(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "ctrl+s")
        assert "You may think: s3:* on bucket/* lists the bucket." in screen(pilot)

        await press(pilot, "ctrl+o")
        assert "✗ denied: nothing allows it" in screen(pilot)
        await press(pilot, "escape", "ctrl+o")
        assert "✓ allowed" in screen(pilot)  # the second counter-example: keys/root.pem


async def test_a_click_runs_a_counter_example(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened(160, 48) as pilot:
        await press(pilot, *OPEN_POLICY, "ctrl+s")
        await pilot.click(CounterExampleRow)
        await press(pilot)

        assert "✗ denied: nothing allows it" in screen(pilot)


async def test_a_counter_example_that_is_a_command_shows_what_it_prints(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(160, 48) as pilot:
        await press(pilot, "right", "down", "enter", "down", "down", "tab")
        await pilot.press(*"Action")
        await press(pilot, "ctrl+s")
        assert "Compare the two ARNs." in screen(pilot)

        await press(pilot, "ctrl+o")
        assert "$ skylab arn arn:aws:s3:::training-7f" in screen(pilot)
        assert "the bucket training-7f" in screen(pilot)


async def test_what_is_typed_is_saved_without_being_asked(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        await pilot.press("x", "y")
        await pilot.pause(0.6)

    assert session.workspace.read(session.course.exercise("reader")).startswith("xy{")


async def test_what_is_typed_is_saved_on_leaving_at_once(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        await pilot.press("x", "escape")
        await pilot.pause()

    assert session.workspace.read(session.course.exercise("reader")).startswith("x{")


async def test_what_is_typed_survives_the_end_of_the_app(opened: Opener, press: Press, session: Any) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        await pilot.press("x", "ctrl+q")

    assert session.workspace.read(session.course.exercise("reader")).startswith("x{")


async def test_the_line_above_the_editor_says_where_a_text_cannot_be_read(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "x")

        assert "line 1: Expecting value" in screen(pilot)


async def test_undo_takes_back_what_was_typed(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        await pilot.press("x")
        await press(pilot, "ctrl+z")

        assert pilot.app.screen.query_one(TextArea).text.startswith("{")


async def test_reset_puts_the_starter_back_keeps_the_old_file_and_can_be_undone(
    opened: Opener, press: Press, session: Any
) -> None:
    exercise = session.course.exercise("reader")
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        pilot.app.screen.query_one(TextArea).load_text("mine")
        await press(pilot, "ctrl+r")
        assert pilot.app.screen.query_one(TextArea).text == exercise.starter(session.variant(exercise))
        kept = list((session.workspace.folder / ".skylab" / "trash").rglob("policy.json"))
        assert [each.read_text() for each in kept] == ["mine"]

        await press(pilot, "ctrl+z")
        assert pilot.app.screen.query_one(TextArea).text == "mine"


async def test_hints_come_one_at_a_time_and_are_remembered(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        assert "hint (4 left)" in screen(pilot)
        await press(pilot, "ctrl+t")
        assert "Hint 1  The idea" in screen(pilot)
        assert "Hint 2" not in screen(pilot)
        await press(pilot, "ctrl+t", "ctrl+t", "ctrl+t", "ctrl+t")
        assert "hints shown" in screen(pilot)

        await press(pilot, "escape", "enter", "f3")
        assert "Hint 4  The solution" in screen(pilot)
    assert session.standing(session.course.exercise("reader")).hints == 4


async def test_fields_fill_in_the_answer_file_and_undo(
    opened: Opener, press: Press, session: Any, screen: Screen
) -> None:
    exercise = session.course.exercise("which-effect")
    async with opened(160, 48) as pilot:
        await press(pilot, "right", "down", "enter", "down", "enter", "tab")
        await pilot.press(*"Resource")
        await press(pilot, "ctrl+s")
        written = session.workspace.read(exercise)
        assert 'decision = "denied: nothing allows it"' in written
        assert 'element = "Resource"' in written
        assert "# Which element decides?" in written
        assert "✓ all right" in screen(pilot)

        await press(pilot, "ctrl+z")
        assert 'element = "Resourc"' in editing(pilot).text


async def test_a_choice_can_be_made_with_the_mouse(opened: Opener, press: Press, session: Any) -> None:
    async with opened(160, 48) as pilot:
        await press(pilot, "right", "down", "enter")
        await pilot.click(Choice, offset=(6, 2))
        await press(pilot)

        assert pilot.app.screen.query_one(Choice).chosen == "explicitly denied"


async def test_every_page_that_was_shown_counts_as_read(
    opened: Opener, press: Press, session: Any, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, "l", "right", "escape")
        assert "2 of 3 pages read" in screen(pilot)

        await press(pilot, "l")
        assert "page 3 of 3" in screen(pilot)  # the first that was not read


async def test_after_the_last_page_come_the_exercises(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "l", "right", "right", "right")

        assert isinstance(pilot.app.screen, ExerciseScreen)


@pytest.mark.parametrize("size", [(80, 24), (80, 34)], ids=str)
async def test_a_unit_with_many_exercises_can_be_seen_to_its_end(
    opened: Opener, press: Press, screen: Screen, session: Any, size: tuple[int, int]
) -> None:
    session.course = load_course()
    async with opened(*size) as pilot:
        for unit in session.course.units:
            await press(pilot, "right", "end")
            page, last = pilot.app.screen, unit.exercises[-1]
            assert isinstance(page, CourseMap)
            assert f"▸ ○  {last.title[:20]}" in screen(pilot)
            assert page.exercise_detail(last.id)[0] in screen(pilot)
            await press(pilot, "left", "down")


async def test_the_contents_go_to_a_page(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened() as pilot:
        await press(pilot, "l", "t", "down", "enter")

        assert "page 2 of 3" in screen(pilot)


async def test_a_marked_request_says_which_element_failed(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(160, 48) as pilot:
        await press(pilot, *OPEN_POLICY, "f4", "up", "up")
        text = screen(pilot)

        assert "Why denied" in text
        assert "✗ Resource   arn:aws:s3:::training-7f/*" in text
        assert "asked      arn:aws:s3:::training-7f" in text


async def test_only_denied_requests_can_be_shown(opened: Opener, press: Press, screen: Screen) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "f4", "d")

        assert "✗ denied  s3:ListObjectsV2" in screen(pilot)
        assert "✓ allowed" not in screen(pilot)


async def test_enter_on_a_request_shows_its_whole_decision(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "f4", "up", "up", "enter")

        assert "Request   s3:ListObjectsV2" in screen(pilot)


async def test_new_requests_show_by_themselves(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    known = session.events
    session.events = known[:1]
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "f4")
        assert "ec2:DescribeInstances" not in screen(pilot)
        session.worlds[-1].ledger = known
        await until(pilot, lambda: "ec2:DescribeInstances" in screen(pilot))


async def test_an_exercise_with_a_world_of_its_own_gets_it_and_the_last_one_ends(
    opened: Opener, press: Press, session: Any, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_WORLD, "f4")

        assert "Requests · find-the-deny" in screen(pilot)
        assert [world.closed for world in session.worlds] == [True, False]
        assert session.workspace.sandbox_file.exists()
    assert [world.closed for world in session.worlds] == [True, True]
    assert not session.workspace.sandbox_file.exists()


async def test_resetting_a_world_opens_a_fresh_one_and_keeps_the_journal(
    opened: Opener, press: Press, session: Any
) -> None:
    journal = session.workspace.world_journal(session.course.exercise("find-the-deny"))
    async with opened() as pilot:
        await press(pilot, *OPEN_WORLD)
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_text("what was done")
        await press(pilot, "ctrl+r")

        assert len(session.worlds) == 3
        assert not journal.exists()
        assert [
            each.read_text() for each in (session.workspace.folder / ".skylab" / "trash").rglob("*.jsonl")
        ] == ["what was done"]


async def test_a_program_is_marked_in_the_background_and_what_it_printed_is_shown(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    failed = Criterion("finds it", "fail", Decimal(0), Decimal(8), "It returned None.")
    verdict = report_on(session, "why-denied", "fail", failed, output="[red]hello[/red]\n")
    session.verdicts = {"why-denied": verdict}
    async with opened() as pilot:
        await press(pilot, *OPEN_CODE, "ctrl+s")
        text = screen(pilot)

        assert "✗ finds it" in text
        assert "[red]hello[/red]" in text  # shown as it is, not as markup


async def test_an_error_while_marking_is_a_panel_and_work_goes_on(
    opened: Opener, press: Press, screen: Screen, session: Any
) -> None:
    error = SandboxError("The world did not start", "Its process ended.", "Try again.")
    session.verdicts = {"why-denied": error}
    async with opened(failures=1) as pilot:
        await press(pilot, *OPEN_CODE, "ctrl+s")
        assert isinstance(pilot.app.screen, FailurePanel)
        assert "✗ The world did not start" in screen(pilot)
        assert "Try again." in screen(pilot)
        await press(pilot, "d")
        assert "Traceback" in screen(pilot)

        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ExerciseScreen)


async def test_an_error_in_a_screen_is_a_panel_and_the_screen_lives_on(
    opened: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: CourseMap) -> None:
        raise ZeroDivisionError("on purpose")

    async with opened(failures=1) as pilot:
        monkeypatch.setattr(CourseMap, "action_resume", broken)
        await press(pilot, "c")
        assert "ZeroDivisionError: on purpose" in screen(pilot)

        await press(pilot, "escape", "l")
        assert isinstance(pilot.app.screen, Lesson)


async def test_a_sandbox_that_does_not_start_is_told_and_the_course_goes_on(
    opened: Opener, press: Press, screen: Screen, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(exercise: object) -> None:
        raise SandboxError("The sandbox did not start", "No port is free.", "Close another program.")

    monkeypatch.setattr(session, "_new_world", broken)
    async with opened(failures=1) as pilot:
        assert "The sandbox did not start" in screen(pilot)
        await press(pilot, "escape")
        assert "sandbox stopped" in screen(pilot)

        await press(pilot, "l")
        assert isinstance(pilot.app.screen, Lesson)


async def test_an_exercise_that_is_opened_while_the_sandbox_warms_starts_no_second_one(
    opened: Opener, screen: Screen, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_start, start = Event(), session._new_world

    def slow(exercise: object) -> object:
        assert may_start.wait(60)
        return start(exercise)

    monkeypatch.setattr(session, "_new_world", slow)
    async with opened(settled=False) as pilot:
        await pilot.press(*OPEN_POLICY)
        assert "sandbox warming" in screen(pilot)
        may_start.set()
        await settle(pilot)

        assert [world.closed for world in session.worlds] == [False]
        assert pilot.app.status == "sandbox ready"  # type: ignore[attr-defined]


async def test_the_end_of_a_sandbox_that_was_replaced_is_no_news(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        before = pilot.app.current_stage  # type: ignore[attr-defined]
        await press(pilot, *OPEN_WORLD)
        pilot.app.post_message(SandboxState("stopped", before))
        await press(pilot, "escape")

        assert "sandbox ready" in screen(pilot)


async def test_the_palette_opens_an_exercise_by_part_of_its_name(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, "ctrl+p")
        await pilot.press(*"least")
        await pilot.pause(0.5)
        await press(pilot, "enter")

        assert isinstance(pilot.app.screen, ExerciseScreen)
        assert pilot.app.screen.exercise.name == "reader"


async def test_f1_tells_the_keys_of_the_focused_part(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "f4", "f1")
        panel = pilot.app.screen
        assert isinstance(panel, HelpPanel)
        here = {row.line for row in panel.sections[1].rows}

        assert "Shows only denied requests, or all again." in here
        assert any(row.keys.startswith("↑") for row in panel.sections[1].rows)


@pytest.mark.parametrize(
    "keys", [(), ("l",), OPEN_POLICY, (*OPEN_POLICY, "f3"), (*OPEN_POLICY, "f4")], ids=str
)
async def test_every_part_that_can_have_the_focus_has_a_help_line(
    opened: Opener, press: Press, keys: tuple[str, ...]
) -> None:
    async with opened() as pilot:
        await press(pilot, *keys, "f1")
        panel = pilot.app.screen
        assert isinstance(panel, HelpPanel)

        assert all(section.line for section in panel.sections)


async def test_light_and_dark_change_at_once(opened: Opener, press: Press) -> None:
    async with opened() as pilot:
        assert pilot.app.current_theme.dark
        await press(pilot, "f8")

        assert not pilot.app.current_theme.dark


async def test_a_resize_turns_panes_into_columns_and_back(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY)
        assert "F2 task" in screen(pilot)
        await pilot.resize_terminal(160, 48)
        await press(pilot)
        assert "F2 task" not in screen(pilot)
        assert "Requests · sandbox" in screen(pilot)
        await pilot.resize_terminal(80, 24)
        await press(pilot)

        assert "F2 task" in screen(pilot)


async def test_without_colour_the_verdicts_are_still_words_and_signs(
    opened: Opener, press: Press, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as pilot:
        await press(pilot, *OPEN_POLICY, "f4")

        assert pilot.app.no_color
        assert "✓ allowed" in screen(pilot)
        assert "✗ denied" in screen(pilot)
