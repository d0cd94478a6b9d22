"""An exception anywhere becomes a readable panel, and the learner goes on from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn

import pytest
from textual import work
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from labs.errors import WorkspaceError
from tests.tui.app.waiting import until
from tui.actions import bindings
from tui.app import SkylabApp
from tui.forgiving import MOST_IN_A_ROW
from tui.screens.base import Page
from tui.screens.failure import FailurePanel
from tui.screens.lesson import Lesson
from tui.screens.map import CourseMap
from tui.screens.modal import Panel

Opener = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Press = Callable[..., Awaitable[None]]
Screen = Callable[[Pilot[int]], str]


def fail(*_: object) -> NoReturn:
    raise ZeroDivisionError("on purpose")


class BrokenWidget(Static):
    """A widget that cannot be drawn."""

    def render(self) -> NoReturn:
        fail()


class Broken(Page):
    """A page that breaks in one place."""

    SCOPE = "shelf"
    HELP_LINE = "A page that breaks."
    BINDINGS = bindings("shelf")

    def body(self) -> ComposeResult:
        yield Static("before")

    def action_close(self) -> None:
        self.dismiss()


class BrokenCompose(Broken):
    def body(self) -> ComposeResult:
        yield Static("before")
        fail()


class BrokenMount(Broken):
    def on_mount(self) -> None:
        fail()


class BrokenResume(Broken):
    def on_screen_resume(self) -> None:
        fail()


class BrokenRender(Broken):
    def body(self) -> ComposeResult:
        yield BrokenWidget()


class BrokenChild(Broken):
    def body(self) -> ComposeResult:
        yield BrokenChildWidget()


class BrokenChildWidget(Static):
    def on_mount(self) -> None:
        fail()


class BrokenTimer(Broken):
    def on_mount(self) -> None:
        self.set_timer(0.01, fail)


class BrokenLater(Broken):
    def on_mount(self) -> None:
        self.call_later(fail)


class BrokenWorker(Broken):
    def on_mount(self) -> None:
        self.toil()

    @work(thread=True, exit_on_error=False)
    def toil(self) -> None:
        fail()


class BrokenPanel(Panel):
    """A panel whose body cannot be made."""

    SCOPE = "output"
    HELP_LINE = "A panel that breaks."

    def title_text(self) -> str:
        return "title"

    def panel_body(self) -> list[Widget]:
        fail()


PLACES = (
    BrokenCompose,
    BrokenMount,
    BrokenResume,
    BrokenRender,
    BrokenChild,
    BrokenTimer,
    BrokenLater,
    BrokenWorker,
    BrokenPanel,
)


async def test_an_exception_anywhere_is_told_and_the_course_goes_on(
    opened: Opener, press: Press, screen: Screen
) -> None:
    async with opened(failures=len(PLACES)) as pilot:
        app = pilot.app
        for place in PLACES:
            app.push_screen(place())
            await until(pilot, lambda: isinstance(app.screen, FailurePanel))
            await press(pilot)
            text = " ".join(screen(pilot).split())
            assert "ZeroDivisionError: on purpose" in text, place
            assert "What you have written is saved" in text, place

            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(app.screen, FailurePanel))
            if not isinstance(app.screen, CourseMap):
                await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, CourseMap))
        await press(pilot, "l")
        assert isinstance(app.screen, Lesson)
        assert "page 1 of 3" in screen(pilot)


async def test_screen_after_screen_that_breaks_ends_the_app_instead_of_going_round(opened: Opener) -> None:
    async def break_again_and_again() -> None:
        async with opened(failures=MOST_IN_A_ROW) as pilot:
            for _ in range(MOST_IN_A_ROW + 1):
                pilot.app.push_screen(BrokenRender())
                await pilot.pause(0.1)

    with pytest.raises(ZeroDivisionError):
        await break_again_and_again()


async def test_a_map_that_cannot_be_drawn_gives_way_to_a_new_one(
    opened: Opener, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(failures=1) as pilot:
        app: Any = pilot.app
        first = app.screen
        first.mount(BrokenWidget())
        await until(pilot, lambda: isinstance(app.screen, FailurePanel))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CourseMap))

        assert app.screen is not first
        assert first not in app.pages()


async def test_a_workspace_that_cannot_be_opened_ends_the_app_and_says_why() -> None:
    wrong = WorkspaceError("There is no workspace", "It was taken away.")

    def cannot_be_opened() -> NoReturn:
        raise wrong

    app = SkylabApp(cannot_be_opened)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.return_code is not None)

    assert app.unopened is wrong
    assert app.return_code == 1


async def test_what_was_typed_is_kept_before_a_broken_screen_is_closed(
    opened: Opener, press: Press, session: Any
) -> None:
    async with opened(failures=1) as pilot:
        app = pilot.app
        await press(pilot, "right", "down", "down", "enter")
        await pilot.press("x", "y")
        app.screen.mount(BrokenWidget())
        await until(pilot, lambda: isinstance(app.screen, FailurePanel))

        assert session.workspace.read(session.course.exercise("reader")).startswith("xy{")
