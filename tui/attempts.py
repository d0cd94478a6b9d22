"""What was written, compared with what was last checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.course import Exercise, WorldExercise

if TYPE_CHECKING:
    from labs.course.changes import Changes
    from labs.course.progress import Checked
    from tui.session import Session

__all__ = ["Compared", "compare", "handed_in"]


@dataclass(frozen=True, slots=True)
class Compared:
    """The last attempt, and what changed since; None where there is none whose text was kept."""

    last: Checked | None
    changes: Changes | None = None


def handed_in(session: Session, exercise: Exercise, text: str) -> str:
    """What is handed in, as lines to compare: of a world, what was done to it. Blocks."""
    if not isinstance(exercise, WorldExercise):
        return text
    if session.current is None or session.current.exercise is not exercise:
        return ""
    return "".join(f"{each.what}\n" for each in session.current.world.history()[1:])


def compare(session: Session, exercise: Exercise, text: str) -> Compared:
    """What changed since the last attempt. Blocks."""
    from labs.course.changes import changes_between

    last = session.workspace.progress.last(exercise)
    if last is None or last.text is None:
        return Compared(last)
    return Compared(last, changes_between(last.text, handed_in(session, exercise, text)))
