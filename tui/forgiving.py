"""An app that neither an exception ends, which becomes a panel, nor a key that comes too soon.

A screen that is broken by an exception is closed.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from textual import on
from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerFailed, WorkerState

from tui.messages import Failed
from tui.screens.base import Page
from tui.screens.failure import FailurePanel

__all__ = ["ForgivingApp"]

MOST_IN_A_ROW = 5
"""Screens that break one after the other, with nobody going on in between, at which the app ends."""


class ForgivingApp(App[int]):
    """What of the app has to do with failures."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[BaseException] = []
        self.given_up: WeakSet[Screen[Any]] = WeakSet()
        self.in_a_row = 0

    def home(self) -> Page:
        """A new first screen."""
        raise NotImplementedError

    def pages(self) -> list[Page]:
        """The screens that are open and in order, but for panels over them."""
        return [
            screen for screen in self.screen_stack if isinstance(screen, Page) and screen not in self.given_up
        ]

    async def run_action(
        self,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        # The keys of a screen are known before the screen is filled, and quick fingers are sooner than that:
        # what they ask of it is done as soon as it can be.
        if isinstance(default_namespace, Screen) and not default_namespace.is_mounted:
            return default_namespace.call_later(super().run_action, action, default_namespace, namespaces)
        return await super().run_action(action, default_namespace, namespaces)

    @on(Failed)
    def failed(self, message: Failed) -> None:
        self.show_failure(message.error, message.doing)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.worker_changed(event)

    def worker_changed(self, event: Worker.StateChanged) -> None:
        """Tell of background work that ended in an error which it did not expect."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.show_failure(event.worker.error, "in the background")

    def show_failure(
        self, error: BaseException, doing: str, place: Screen[Any] | None = None, *, broken: bool = False
    ) -> None:
        """Show an error as a panel over whatever is open; a place that is broken by it is closed.

        What has been typed is kept first; what else happens to a screen that is being closed is not told.
        """
        if place in self.given_up:
            return
        self.failures.append(error)
        for page in self.pages():
            with suppress(Exception):
                page.keep()
        if place is not None and (broken or while_drawing(error)):
            self.given_up.add(place)
            self.in_a_row += 1
            self.call_later(self.close_broken, place, error, doing)
        elif not isinstance(self.screen, FailurePanel):
            self.push_screen(FailurePanel(error, doing), self.gone_on)

    def gone_on(self, _: None) -> None:
        """The learner has closed the panel."""
        self.in_a_row = 0

    async def close_broken(self, broken: Screen[Any], error: BaseException, doing: str) -> None:
        """Close a screen that cannot be drawn or no longer answers, and say why."""
        while broken in self.screen_stack[1:]:  # the first of all cannot be taken away, but be covered
            await self.pop_screen()
        if not self.pages():
            await self.push_screen(self.home())
        if not isinstance(self.screen, FailurePanel):
            await self.push_screen(FailurePanel(error, doing), self.gone_on)

    async def _dispatch_message(self, message: Message) -> None:
        # Textual ends the app at an exception in a handler; a learner should be able to go on.
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not self.screen_stack:  # the app is ending, or has not begun
                raise
            self.show_failure(error, "in the app")

    def _handle_exception(self, error: Exception) -> None:
        # A part that fails to be made or drawn, or to handle a message, is dead from then on, and so is what
        # it stands on. There is no going on where nothing is open yet, where the panel that would tell of it
        # fails, or where screen after screen does.
        broken = screen_at_fault(error)
        if not self.pages() or isinstance(broken, FailurePanel) or self.in_a_row >= MOST_IN_A_ROW:
            super()._handle_exception(error)
        elif isinstance(error, WorkerFailed):
            self.show_failure(error.error, "in the background")
        else:
            self.show_failure(error, "on this screen", broken, broken=True)


def while_drawing(error: BaseException) -> bool:
    """Whether something failed to be laid out or drawn, as it will each time."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__") == "textual._compositor" for frame in frames)


def screen_at_fault(error: BaseException) -> Screen[Any] | None:
    """The screen whose part failed: where the error came from, else what is at work; None for the app."""
    frames = [frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__)]
    for part in (*reversed(frames), active_message_pump.get(None)):
        if isinstance(part, Widget) and part.is_attached:
            return part.screen
    return None
