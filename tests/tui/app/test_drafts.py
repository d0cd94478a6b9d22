"""Nothing that was typed is lost: not when the keys go on, not when the app is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tui.drafts import Drafts
from tui.instruments.evaluator import PolicyEvaluator
from tui.screens.base import KEEP_WITHIN
from tui.screens.practice import Practice

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]

KILLED = """
    import asyncio, os, signal, sys
    from pathlib import Path

    from textual.widgets import Input, TextArea

    from tui.app import SkylabApp
    from tui.instruments.evaluator import PolicyEvaluator
    from tui.screens.practice import Practice
    from tui.session import Session


    async def main():
        session = Session.open(Path(sys.argv[1]))
        app = SkylabApp(session)
        app.stage = lambda *args, **options: None  # no sandbox is needed to type
        async with app.run_test(size=(120, 36)) as pilot:
            exercise = session.course.exercise("just-this-prefix")
            app.open_exercise(exercise)
            await pilot.pause()
            await pilot.press(*"typed")
            app.push_screen(PolicyEvaluator())
            await pilot.pause()
            app.screen.query_one("#entry-identity", TextArea).focus()
            await pilot.press(*"policy")
            app.push_screen(Practice())
            await pilot.pause()
            await pilot.press(*"halfway")
            # Killed without a warning, and sooner than a second after the last key.
            app.screen.set_timer(0.9, lambda: os.kill(os.getpid(), signal.SIGKILL))
            await asyncio.sleep(60)


    asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_what_was_typed_anywhere_is_there_after_a_kill(tmp_path: Path) -> None:
    from tui.session import Session

    folder = tmp_path / "work"
    environment = {**os.environ, "TEXTUAL_ANIMATIONS": "none", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr

    session = Session.open(folder)
    exercise = session.course.exercise("just-this-prefix")
    assert session.text(exercise).startswith("typed{")
    assert session.draft(PolicyEvaluator.NAME)["identity"].startswith("policy{")
    assert session.draft("Practice")["answer"] == "halfway"


async def test_a_draft_is_kept_while_the_keys_go_on(opened: Opener, press: Press, session: Any) -> None:
    exercise = session.course.exercise("reader")
    kept: list[str] = []
    save = session.save

    def saving(exercise: Any, text: str) -> None:
        kept.append(text)
        save(exercise, text)

    session.save = saving
    async with opened() as pilot:
        await press(pilot, "right", "down", "down", "enter")
        typed = 0
        while not kept:  # a key every fiftieth of a second, without any rest
            await pilot.press("x")
            await pilot.pause(KEEP_WITHIN / 20)
            typed += 1
            assert typed < 500

    assert session.workspace.read(exercise).startswith("x")


async def test_an_answer_that_was_being_written_comes_back_with_its_question(
    opened: Opener, press: Press, session: Any
) -> None:
    session.first_question = lambda: 7
    async with opened() as pilot:
        await press(pilot, "r", *"arn:aws", "escape")
        session.first_question = lambda: 99
        await press(pilot, "r")
        practice = pilot.app.screen
        assert isinstance(practice, Practice)
        assert practice.asked is not None
        assert practice.asked.question.seed == 7
        assert practice.query_one("#practice-answer", Input).value == "arn:aws"

        await press(pilot, "enter")
    assert session.draft("Practice") == {}


async def test_what_was_asked_of_an_instrument_is_there_the_next_time(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened() as pilot:
        await press(pilot, "i", "enter", "x", "y", "escape", "enter")
        assert "xy" in pilot.app.screen.query(Input).first().value


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 3, "b": {"c": 4}}', "\ufffe\udcff"])
def test_drafts_that_cannot_be_read_are_none_and_can_be_written_anew(text: str, tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    drafts = Drafts(file)
    assert drafts.read("b") == {}

    drafts.keep("b", {"c": "é"})
    assert drafts.read("b") == {"c": "é"}
