"""Marks in the editor: what cannot be read, and a policy's findings, each at its line and in a sentence."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from tests.tui.app.waiting import until
from tui.json_lines import line_of
from tui.widgets.editor import AT_ONCE, Editor
from tui.widgets.marks import findings_in, marks_for

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]

OPEN_POLICY = ("right", "down", "down", "enter")
OPEN_CODE = (*OPEN_POLICY[:-1], "down", "enter")
DOUBTFUL = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObjct"], "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    ],
}

NAMES = st.text('ab.[]"{}:,é \\', min_size=1, max_size=4)


def lists_and_objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3)


VALUES = st.recursive(st.just(0), lists_and_objects, max_leaves=8)


def numbered(value: Any, counter: Iterator[int]) -> Any:
    """The value with another number at each leaf."""
    if isinstance(value, list):
        return [numbered(each, counter) for each in value]
    if isinstance(value, dict):
        return {name: numbered(each, counter) for name, each in value.items()}
    return next(counter)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """Each leaf with its path."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, f"{path}[{number}]")
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, f"{path}.{name}" if path else name)
    else:
        yield path, value


@given(VALUES)
def test_a_path_leads_to_the_line_of_its_value(shape: Any) -> None:
    value = numbered(shape, iter(range(1000, 2000)))
    text = json.dumps(value, indent=2, ensure_ascii=False)
    lines = text.splitlines()
    found = dict(leaves(value))
    if len(found) < len(list(leaves(value))):
        return  # two paths are written alike, as `a.b` and `a` › `b`

    for path, number in found.items():
        assert str(number) in lines[line_of(text, path) - 1]


def test_a_path_that_is_not_there_leads_to_what_is_nearest() -> None:
    text = json.dumps(DOUBTFUL, indent=2)

    assert line_of(text, "Statement[1].Condition.Bool") == line_of(text, "Statement[1]") == 12
    assert line_of(text, "no such") == 1
    assert line_of("", "a") == 1


def test_findings_stand_at_their_lines_and_only_those_of_spelling_say_what_to_write() -> None:
    text = json.dumps(DOUBTFUL, indent=2)
    spelling, thorough = (findings_in(text, "user", thorough=each) for each in (False, True))

    assert [str(each) for each in spelling] == [
        "✗ line 8: s3:GetObjct is no action of AWS. Did you mean s3:GetObject?"
    ]
    assert {(each.line, each.sign) for each in thorough} == {(7, "✗"), (8, "✗"), (14, "!")}
    assert not any("Add arn:" in each.sentence for each in thorough)


def test_a_deep_text_is_marked_and_no_crash() -> None:
    assert marks_for("(" * 10_000, ".py")
    assert marks_for("[" * 100_000, ".json")


async def test_marks_follow_what_is_typed_and_are_told_in_a_sentence(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(120, 60) as pilot:
        await press(pilot, *OPEN_POLICY)
        editor = pilot.app.screen.query_one(Editor)
        assert editor.marks == ()
        await pilot.press("x")
        await pilot.pause()
        assert "✗  1  x{" in screen(pilot)  # at once, not when the keys rest
        assert "policy.json   ✗ line 1: Expecting value" in screen(pilot)
        await press(pilot, "backspace")
        assert editor.marks == ()

        editor.load_text(json.dumps(DOUBTFUL, indent=2))
        await until(pilot, lambda: len(editor.marks) == 1)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: len(editor.marks) == 3)  # once it was tried, all that can be found
        await press(pilot)
        assert "✗  8" in screen(pilot)
        assert "(3 marks)" in screen(pilot)
        assert "s3:GetObjct is no action of AWS" in " ".join(screen(pilot).split())
        editor.move_cursor((13, 0))
        await press(pilot)
        assert "! 14" in screen(pilot)
        assert "! line 14: Allow with NotAction" in screen(pilot)


async def test_a_long_program_is_looked_at_in_the_background(
    opened: Opener, press: Press, screen: Screen
) -> None:
    program = "x = 'é'\n" * (AT_ONCE // 8 + 2) + "def f(:\n"
    async with opened(120, 36) as pilot:
        await press(pilot, *OPEN_CODE)
        editor = pilot.app.screen.query_one(Editor)
        editor.load_text(program)
        await until(pilot, lambda: len(editor.marks) == 1 and bool(editor._highlights[600]))

        assert editor.marks[0].line == program.count("\n")
