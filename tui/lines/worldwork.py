"""Exercises with a world: commands and programs are run in it from here, or from another terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.course import WorldExercise
from labs.errors import InputError
from tui.lines.exercise import ExerciseRoom
from tui.lines.texts import TextRoom
from tui.lines.words import Word
from tui.lines.world import Deeds

if TYPE_CHECKING:
    from labs.course import Exercise
    from tui.lines.desk import Desk

__all__ = ["ProgramRoom", "WorldWorkRoom"]


class ProgramRoom(TextRoom):
    """An exercise of the kind code: its world can be asked before the program is marked."""

    def __init__(self, desk: Desk, exercise: Exercise) -> None:
        super().__init__(desk, exercise)
        self.own = exercise

    def writing_words(self) -> tuple[Word, ...]:
        return (*super().writing_words(), *Deeds(self.desk, self.exercise).words())


class WorldWorkRoom(ExerciseRoom):
    """An exercise whose answer is the state of its world."""

    writing = "run COMMAND"
    exercise: WorldExercise

    def __init__(self, desk: Desk, exercise: WorldExercise) -> None:
        super().__init__(desk, exercise)
        self.own = exercise
        self.deeds = Deeds(desk, exercise)

    def writing_words(self) -> tuple[Word, ...]:
        return self.deeds.words()

    def show_answer(self) -> None:
        skylab = self.session.skylab
        self.talk.tell(
            f"You work in the sandbox itself, as {self.exercise.learner}. Type run and a command, as in:",
            "run aws sts get-caller-identity",
            "Or python, then a program and a lone dot. Then check.",
            f'Or type world, and then in another terminal: eval "$({skylab} env)"',
        )

    def check(self) -> None:
        self.desk.world(self.exercise)
        super().check()

    def changes(self) -> None:
        self.desk.world(self.exercise)
        super().changes()

    def reset(self) -> None:
        self.desk.world(self.exercise, afresh=True)
        self.talk.tell("The world is as it was at the start. What you did is kept in .skylab/trash.")

    def undo(self) -> None:
        """Take the last change of the world back."""
        world = self.desk.world(self.exercise)
        if len(world.history()) < 2:
            raise InputError("There is nothing to take back", "You have changed nothing in this world.")
        self.deeds.undo(world)

    def file(self) -> None:
        self.talk.tell(
            f"{self.session.workspace.path(self.exercise)}",
            "It is the journal of your changes; the sandbox writes it.",
        )
