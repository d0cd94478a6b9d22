"""Screens on which a counter-example can be run: its decision with the trace, or what its command prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work

from tui.messages import Explained, Failed, Printed
from tui.running import run_example
from tui.screens.base import Page
from tui.screens.output import OutputPanel

if TYPE_CHECKING:
    from labs.course import CounterExample

__all__ = ["ExamplePage"]


class ExamplePage(Page):
    """A page that runs counter-examples."""

    @work(thread=True, exclusive=True, exit_on_error=False, group="example")
    def run_example(self, example: CounterExample) -> None:
        """Decide the counter-example again, with its trace, or run its command."""
        try:
            self.post_message(self.outcome(example))
        except Exception as error:
            self.post_message(Failed(error, "running the counter-example"))

    def outcome(self, example: CounterExample) -> Explained | Printed:
        """What comes of a counter-example. Blocks."""
        if example.case is not None:
            return Explained(self.skylab.session.explain(example.case), example.sentence)
        return Printed(example.line, run_example(example))

    @on(Printed)
    def printed(self, message: Printed) -> None:
        message.stop()
        self.skylab.push_screen(OutputPanel(message.line, message.text))

    @on(Explained)
    async def explained(self, message: Explained) -> None:
        message.stop()
        await self.show_decision(message)

    async def show_decision(self, message: Explained) -> None:
        """Show how a decision falls."""
        self.skylab.show_decision(message)
