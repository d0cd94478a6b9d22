"""A place in line mode: what it says when one comes in, and the words that it understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.lines.words import Word

if TYPE_CHECKING:
    from labs.course import Exercise
    from tui.lines.desk import Desk
    from tui.lines.talk import Talk
    from tui.session import Session

__all__ = ["Room"]


class Room:
    """One place. `about` says what it is for."""

    about: str
    own: Exercise | None = None
    """The exercise whose world is meant here; None where it is the sandbox, or whatever world is open."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def talk(self) -> Talk:
        return self.desk.talk

    @property
    def session(self) -> Session:
        return self.desk.session

    @property
    def prompt(self) -> str:
        """What stands before the line that is typed: where one is, and what one may type."""
        raise NotImplementedError

    def enter(self) -> None:
        """Say what is here."""
        raise NotImplementedError

    def leave(self) -> None:
        """Put away what the place has opened."""

    def words(self) -> tuple[Word, ...]:
        """The words of this place; those of every place come after them."""
        return ()

    def is_answer(self, line: str) -> bool:
        """Whether a line is an answer here, although it begins with a word."""
        return False

    def take(self, line: str) -> bool:
        """Take a line that begins with no word, or is an answer; whether it was understood."""
        return False

    def on_empty(self) -> None:
        """An empty line says again what may be typed."""
