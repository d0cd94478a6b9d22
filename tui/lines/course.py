"""The course map and a unit, in lines: what there is, how far one is, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.lines.room import Room
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.course import Exercise, Unit
    from tui.lines.desk import Desk
    from tui.session import Session

__all__ = ["MapRoom", "UnitRoom", "exercise_line", "next_room", "progress_of", "what_next"]

STATES = {"done": "done", "partial": "partly right", "started": "begun", "new": "to do"}


class MapRoom(Room):
    """All units."""

    about = "The course map: each unit, how far you are in it, and what is due for review."

    @property
    def prompt(self) -> str:
        return "Course map: next, open N or ?> "

    def enter(self) -> None:
        from tui.draw.words import counted

        session = self.session
        units = session.course.units
        done = sum(map(session.is_done, exercises_of(units)))
        lines = [
            f"Skylab, ground school for AWS. Learner: {session.student}.",
            f"{done} of {counted(len(exercises_of(units)), 'exercise')} done.",
        ]
        lines += [f"{unit.number}. {unit.title}: {progress_of(session, unit)}" for unit in units]
        if due := session.due(datetime.now(UTC)):
            lines.append(f"{counted(len(due), 'review')} due. Type review.")
        unit = session.current_unit()
        lines.append(f"Next: {what_next(session, unit)}")
        self.talk.tell(*lines)

    def words(self) -> tuple[Word, ...]:
        return (
            Word("next", "", "Go on where you left off.", lambda _: self.desk.go_on(), ("n",)),
            Word("open", "N", "Open unit N, or anything by its name.", self.open),
        )

    def open(self, text: str) -> None:
        self.desk.open_named(text)


class UnitRoom(Room):
    """One unit: its lesson and its exercises."""

    about = "A unit: its lesson, then its exercises. Each exercise has a number here, and a name everywhere."

    def __init__(self, desk: Desk, unit: Unit) -> None:
        super().__init__(desk)
        self.unit = unit

    @property
    def prompt(self) -> str:
        return f"Unit {self.unit.number}: next, lesson, open N or ?> "

    def enter(self) -> None:
        from tui.draw.words import counted

        unit, session = self.unit, self.session
        read = len(session.pages_read(unit))
        self.talk.tell(
            f"Unit {unit.number}, {unit.title}. {unit.summary}",
            f"Lesson: {counted(len(unit.pages), 'page')}, {read} read.",
            f"Exercises: {progress_of(session, unit)}",
            *(
                f"{number}. {exercise_line(session, exercise)}"
                for number, exercise in enumerate(unit.exercises, start=1)
            ),
            f"Next: {what_next(session, unit)}",
        )

    def words(self) -> tuple[Word, ...]:
        return (
            Word("next", "", "The first page or exercise that is not done.", lambda _: self.next(), ("n",)),
            Word("open", "N", "Open exercise N, or anything by its name.", self.open),
            Word("lesson", "[N]", "Read the lesson, at page N or where you left off.", self.lesson, ("l",)),
            Word("goals", "", "What one can do after this unit.", lambda _: self.goals()),
        )

    def next(self) -> None:
        room = next_room(self.desk, self.unit)
        if room is None:
            self.talk.tell(what_next(self.session, self.unit))
        else:
            self.desk.enter(room)

    def open(self, text: str) -> None:
        from tui.lines.exercise import open_exercise

        if text.strip().isdecimal():
            number = number_in(text, len(self.unit.exercises), "exercise")
            self.desk.enter(open_exercise(self.desk, self.unit.exercises[number - 1]))
        else:
            self.desk.open_named(text)

    def lesson(self, text: str) -> None:
        first, *rest = text.split() or [""]
        if first and not first.isdecimal():
            self.desk.open_lesson(text)
        else:
            self.desk.open_lesson(" ".join([self.unit.id, first, *rest]))

    def goals(self) -> None:
        self.talk.tell("After this unit you can:", *self.unit.goals)


def exercises_of(units: Sequence[Unit]) -> list[Exercise]:
    return [exercise for unit in units for exercise in unit.exercises]


def progress_of(session: Session, unit: Unit) -> str:
    """`7 of 20 done`, or that the unit is complete."""
    done = sum(map(session.is_done, unit.exercises))
    return f"all {done} done" if done == len(unit.exercises) else f"{done} of {len(unit.exercises)} done"


def exercise_line(session: Session, exercise: Exercise) -> str:
    """`to do: Which policy? exercise whose-policy, answer, 5 minutes, 3 points`."""
    from tui.draw.words import counted

    standing = session.standing(exercise)
    worth = counted(exercise.points, "point")
    if standing.attempts:
        worth = f"{standing.points:f} of {worth}"
    facts = f"{exercise.kind.value}, {counted(exercise.minutes, 'minute')}, {worth}"
    return f"{exercise.title}: {STATES[standing.state]}; {facts}; name {exercise.name}"


def next_room(desk: Desk, unit: Unit) -> Room | None:
    """Where a unit goes on: its first unread page, then what is not done, in it or after it."""
    from tui.lines.exercise import open_exercise
    from tui.lines.lesson import LessonRoom

    session = desk.session
    if unread(session, unit):
        return LessonRoom(desk, unit, session.next_page(unit))
    exercise = session.next_exercise(unit)
    if exercise is None:
        return None
    return open_exercise(desk, exercise) if exercise.unit is unit else UnitRoom(desk, exercise.unit)


def what_next(session: Session, unit: Unit) -> str:
    """Where `next` leads from a unit, in a sentence."""
    if unread(session, unit):
        number = session.next_page(unit)
        return f"{unit.title}, page {number + 1}, {unit.pages[number].title}. Type next."
    exercise = session.next_exercise(unit)
    if exercise is None:
        return "nothing is left to do from here on. Type map, review or drill."
    if exercise.unit is unit:
        return f"{unit.title}, exercise {exercise.title}. Type next."
    return f"unit {exercise.unit.number}, {exercise.unit.title}. Type next."


def unread(session: Session, unit: Unit) -> bool:
    """Whether a page of the lesson was not read, while no exercise of the unit is done."""
    begun = any(map(session.is_done, unit.exercises))
    return not begun and len(session.pages_read(unit)) < len(unit.pages)
