"""The tour: what it says on which screen, and the one key that leads on. It takes under two minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tui.actions import action
from tui.settings import Settings, own_key

__all__ = ["PALETTE", "STEPS", "Step", "Tour"]

PALETTE: Final = "palette"
"""The scope of the command palette, which is Textual's own."""


_KEY = re.compile("<([a-z.]+)>")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the tour says on the screen of a scope; the action with that id leads on.

    In the line the id of an action between < and > stands for its key.
    """

    scope: str
    line: str
    action: str

    def said(self, settings: Settings) -> str:
        """The line, with the learner's own keys."""
        return _KEY.sub(lambda found: own_key(settings, action(found[1])), self.line)

    @property
    def verb(self) -> str:
        return self.action.partition(".")[2]


STEPS: Final = (
    Step("map", "Units at the left; at the right what the marked one holds. Open its lesson.", "map.lesson"),
    Step(
        "lesson", "A lesson has short pages, each with a question at its end. Turn the page.", "lesson.next"
    ),
    Step("lesson", "The pages you saw count as read. Now try one of the exercises.", "lesson.practise"),
    Step(
        "exercise",
        "Answer here; it is saved as you type. <exercise.check> checks, <exercise.hint> hints; "
        "see the requests now.",
        "exercise.requests",
    ),
    Step("exercise", "What your sandbox is asked: allowed or denied, and why. Ask for help.", "app.help"),
    Step("help", "<app.help> says what every key does, for the part that you are in.", "help.close"),
    Step("exercise", "Commands, lessons and exercises have names. Look for one.", "app.commands"),
    Step(PALETTE, "Type part of a name; Enter opens it. Close the list for now.", f"{PALETTE}.escape"),
    Step(
        "exercise",
        "<app.jump> shows letters to jump by. That is all; <map.resume> on the map goes on with the course.",
        "exercise.close",
    ),
)


@dataclass(frozen=True, slots=True)
class Tour:
    """How far the tour is: the number of the next step, from 0."""

    at: int = 0

    def here(self, scope: str) -> int | None:
        """The number of the step that belongs on a screen: the next one there, else the last before."""
        there = [number for number, step in enumerate(STEPS) if step.scope == scope]
        coming = [number for number in there if number >= self.at]
        return coming[0] if coming else there[-1] if there else None

    def did(self, scope: str, verb: str) -> Tour | None:
        """The tour after something was done on a screen; None where that was its end."""
        number = self.here(scope)
        if number is None or STEPS[number].verb != verb:
            return self
        return Tour(number + 1) if number + 1 < len(STEPS) else None
