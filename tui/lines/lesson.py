"""A lesson in lines: a page at a time, and what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.lines.room import Room
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.course import Unit
    from tui.lines.desk import Desk

__all__ = ["LessonRoom"]


class LessonRoom(Room):
    """The pages of a unit's lesson."""

    about = "A lesson, a page at a time. Each page ends with a question; answer it for yourself, then go on."

    def __init__(self, desk: Desk, unit: Unit, number: int) -> None:
        super().__init__(desk)
        self.unit = unit
        self.number = number

    @property
    def prompt(self) -> str:
        return f"Page {self.number + 1} of {len(self.unit.pages)}: next, back, exercise or ?> "

    def enter(self) -> None:
        from tui.draw.prose import lesson_page

        page = self.unit.pages[self.number]
        self.talk.say(lesson_page(self.unit, self.number + 1, plain=True))
        self.session.read_page(self.unit, page)
        self.talk.tell(f"Next: {self.what_next()}")

    def what_next(self) -> str:
        """Where `next` leads, in a sentence."""
        if self.number + 1 < len(self.unit.pages):
            return f"page {self.number + 2}, {self.unit.pages[self.number + 1].title}. Type next."
        exercise = self.session.next_exercise(self.unit)
        if exercise is None:
            return "this was the last page, and every exercise is done. Type map."
        return f"this was the last page. Type next for the exercise {exercise.title}."

    def words(self) -> tuple[Word, ...]:
        return (
            Word(
                "next", "", "The next page; after the last one, an exercise.", lambda _: self.next(), ("n",)
            ),
            Word("back", "", "The page before; from the first one, where you were.", self.previous, ("b",)),
            Word("open", "N", "Page N, or anything by its name.", self.open),
            Word("contents", "", "The titles of the pages.", lambda _: self.contents()),
            Word("exercise", "", "The unit's first exercise that is not done.", lambda _: self.practise()),
        )

    def turn_to(self, number: int) -> None:
        self.number = number
        self.enter()

    def next(self) -> None:
        if self.number + 1 < len(self.unit.pages):
            self.turn_to(self.number + 1)
        else:
            self.practise()

    def previous(self, _: str = "") -> None:
        if self.number:
            self.turn_to(self.number - 1)
        else:
            self.desk.back()

    def open(self, text: str) -> None:
        if text.strip().isdecimal():
            self.turn_to(number_in(text, len(self.unit.pages), "page") - 1)
        else:
            self.desk.open_named(text)

    def contents(self) -> None:
        read = self.session.pages_read(self.unit)
        self.talk.tell(
            *(
                f"{number}. {page.title}{', read' if page.id in read else ''}"
                for number, page in enumerate(self.unit.pages, start=1)
            )
        )

    def practise(self) -> None:
        from tui.lines.exercise import open_exercise

        exercise = self.session.next_exercise(self.unit)
        if exercise is None:
            self.talk.tell("Every exercise from here on is done. Type map.")
        else:
            self.desk.turn_to(open_exercise(self.desk, exercise))
