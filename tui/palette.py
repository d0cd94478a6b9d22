"""The command palette: actions, lessons and exercises, found by part of their name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.actions import Action, in_scope

if TYPE_CHECKING:
    from tui.app import SkylabApp

__all__ = ["Command", "Commands"]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the palette: `area: verb`, a line of help, and what it does."""

    title: str
    help: str
    run: Callable[[], object]


class Commands(Provider):
    """Everything that can be done from where the learner is."""

    async def discover(self) -> Hits:
        for command in self.commands():
            yield DiscoveryHit(command.title, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self.commands():
            if score := matcher.match(command.title):
                yield Hit(score, matcher.highlight(command.title), command.run, help=command.help)

    def commands(self) -> Iterator[Command]:
        """The commands in the order in which they are listed."""
        app = cast("SkylabApp", self.app)
        scopes = (str(getattr(self.screen, "SCOPE", "")), *getattr(self.screen, "ALSO", ()))
        yield from (self.command(each, "screen") for scope in scopes for each in in_scope(scope))
        for unit in app.session.course.units:
            yield Command(f"lesson: {unit.title}", unit.summary, partial(app.go_to_lesson, unit))
            yield Command(f"present: {unit.title}", "The walkthrough for class", partial(app.present, unit))
            for exercise in unit.exercises:
                about = f"{unit.title} · {exercise.kind.value} · {exercise.minutes} min"
                yield Command(f"exercise: {exercise.title}", about, partial(app.go_to_exercise, exercise))
        for instrument in app.instruments():
            yield Command(
                f"instrument: {instrument.NAME}", instrument.SUMMARY, partial(app.open_instrument, instrument)
            )
        yield from (self.command(each, "app") for each in in_scope("app") if each.verb != "commands")
        yield Command("app: themes", "Choose among all the themes", app.action_change_theme)
        yield Command(
            "app: picture",
            "Save this screen as a picture (SVG)",
            partial(app.set_timer, 0.2, app.deliver_screenshot),
        )

    def command(self, action: Action, namespace: str) -> Command:
        return Command(
            action.title, action.tooltip, partial(self.screen.run_action, f"{namespace}.{action.verb}")
        )
