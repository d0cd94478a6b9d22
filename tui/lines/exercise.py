"""An exercise in lines: the task, your answer, check, hints, and what comes next. A room for each kind."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labs.course import AnswerExercise, CodeExercise, Exercise, OrderExercise, WorldExercise
from labs.course.sealed import Sealed
from labs.errors import InputError
from tui.draw.words import counted
from tui.lines.course import UnitRoom, exercise_line, progress_of
from tui.lines.room import Room
from tui.lines.words import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graders import Report
    from labs.course import Hint
    from tui.lines.desk import Desk

__all__ = ["ExerciseRoom", "open_exercise"]


def open_exercise(desk: Desk, exercise: Exercise) -> ExerciseRoom:
    """The room for an exercise of its kind."""
    from tui.lines.answers import AnswersRoom
    from tui.lines.blocks import BlocksRoom
    from tui.lines.texts import TextRoom
    from tui.lines.worldwork import ProgramRoom, WorldWorkRoom

    match exercise:
        case WorldExercise():
            return WorldWorkRoom(desk, exercise)
        case AnswerExercise():
            return AnswersRoom(desk, exercise)
        case OrderExercise():
            return BlocksRoom(desk, exercise)
        case CodeExercise():
            return ProgramRoom(desk, exercise)
    return TextRoom(desk, exercise)


class ExerciseRoom(Room):
    """One exercise, from its task to its mark."""

    about = (
        "An exercise. Read the task, write your answer, check it as often as you like; "
        "nothing is lost by leaving."
    )
    writing = "write"
    """The word with which one writes, for the prompt."""

    def __init__(self, desk: Desk, exercise: Exercise) -> None:
        super().__init__(desk)
        self.exercise = exercise
        self.history: list[str] = []

    @property
    def prompt(self) -> str:
        return f"{self.exercise.name}: {self.writing}, check, hint, next or ?> "

    def enter(self) -> None:
        from tui.draw.prose import prose

        self.desk.reasons = {}
        self.talk.tell(exercise_line(self.session, self.exercise), "")
        self.talk.say(prose(self.session.prompt(self.exercise), plain=True))
        self.talk.tell("")
        self.show_answer()

    def show_answer(self) -> None:
        """Say what is written so far, and how to write."""
        raise NotImplementedError

    def words(self) -> tuple[Word, ...]:
        return (
            *self.writing_words(),
            Word("check", "", "Have your answer marked.", lambda _: self.check()),
            Word("hint", "", "One more hint; the last one is the solution.", lambda _: self.hint(), ("h",)),
            Word("hints", "", "All hints so far, once more.", self.hints),
            Word("solution", "", "A solution, once you have passed or seen all hints.", self.solution),
            Word("changes", "", "What you changed since your last check.", lambda _: self.changes()),
            Word("file", "", "Where your answer is, for an editor of your own.", lambda _: self.file()),
            Word("undo", "", "Take back your last change.", lambda _: self.undo()),
            Word("reset", "", "Start afresh; what you had is kept in .skylab/trash.", lambda _: self.reset()),
            Word("next", "", "The next exercise.", lambda _: self.next(), ("n",)),
        )

    def writing_words(self) -> tuple[Word, ...]:
        """The words with which one answers."""
        raise NotImplementedError

    # What is written

    @property
    def text(self) -> str:
        return self.session.text(self.exercise)

    def write(self, text: str) -> None:
        """Put another text in place of what is written; `undo` brings that back."""
        self.history.append(self.text)
        self.session.save(self.exercise, text)

    def undo(self) -> None:
        if not self.history:
            raise InputError("There is nothing to take back", "You have changed nothing since you came here.")
        self.session.save(self.exercise, self.history.pop())
        self.show_answer()

    def reset(self) -> None:
        self.history.append(self.text)
        self.session.reset(self.exercise)
        self.talk.tell("Started afresh. What you had is kept in .skylab/trash.")
        self.show_answer()

    def file(self) -> None:
        self.session.workspace.start(self.exercise)
        self.talk.tell(f"{self.session.workspace.path(self.exercise)}")

    # Marking

    def check(self) -> None:
        """Mark what is written, and say what comes next."""
        from tui.draw.report import report as drawn

        report = self.session.judge(self.exercise, self.text)
        self.talk.say(drawn(report))
        self.number_reasons(report)
        self.talk.tell(f"Next: {self.what_next(report)}")
        self.desk.status = 0 if report.state == "pass" else 1

    def number_reasons(self, report: Report) -> None:
        """Give each counter-example that can be run a number for `why`."""
        examples = [each.counterexample for each in report.criteria if each.counterexample is not None]
        runnable = [each for each in examples if each.runs]
        self.desk.reasons = {
            number: partial(self.desk.run_example, each) for number, each in enumerate(runnable, start=1)
        }
        for number, each in enumerate(runnable, start=1):
            way = each.line or each.sentence or "how the decision falls"
            self.talk.tell(f"why {number}: {way}")

    def what_next(self, report: Report) -> str:
        """What one does after a check, in a sentence."""
        unit = self.exercise.unit
        if report.state != "pass" and not isinstance(self.exercise, Sealed):
            why = ", or why" if self.desk.reasons else ""
            return f"change your answer and type check again; or type hint{why}."
        done = f"unit {unit.number} is complete, {progress_of(self.session, unit)}; "
        after = self.session.exercise_after(self.exercise)
        head = done if all(map(self.session.is_done, unit.exercises)) else ""
        if after is None:
            return f"{head}this was the last exercise of the course. Type map."
        if after.unit is not unit:
            return f"{head}type next for unit {after.unit.number}, {after.unit.title}."
        return f"{head}type next for the exercise {after.title}."

    def changes(self) -> None:
        """What is written, compared with the last attempt."""
        from tui.attempts import compare
        from tui.draw.changes import changes_drawn

        compared = compare(self.session, self.exercise, self.text)
        if compared.changes is None:
            raise InputError(
                "There is nothing to compare with", "It has not been checked yet.", "Type check."
            )
        self.talk.say(changes_drawn(compared.changes))

    def hint(self) -> None:
        """One hint more; after the last one, that one again."""
        if not (hints := self.session.next_hint(self.exercise)):
            raise InputError("There are no hints here", "This exercise has none.")
        left = self.session.hints_left(self.exercise)
        self.say_hints(hints[-1:], len(hints) + left)
        self.talk.tell(f"{left} more. Type hint for the next one." if left else "That was the last one.")

    def hints(self, _: str = "") -> None:
        """All hints that were shown so far."""
        shown = self.session.hints_shown(self.exercise)
        self.say_hints(shown, len(shown) + self.session.hints_left(self.exercise))
        if not shown:
            self.talk.tell("No hint was shown yet. Type hint.")

    def say_hints(self, hints: Sequence[Hint], total: int) -> None:
        from tui.draw.prose import prose

        for each in hints:
            self.talk.tell(f"Hint {each.level} of {total}: {each.title}.")
            self.talk.say(prose(each.text, plain=True))

    def solution(self, _: str = "") -> None:
        from tui.draw.prose import prose

        left = self.session.hints_left(self.exercise)
        if not self.session.solution_is_due(self.exercise):
            raise InputError(
                "The solution is not told yet",
                f"You have not passed, and there is more to come: {counted(left, 'hint')}.",
                "Type check or hint.",
            )
        solution = self.session.solution(self.exercise)
        if solution is None:
            raise InputError("There is no solution here", "This copy of the course comes without.")
        self.talk.say(prose(solution.text, plain=True))

    # Where to go

    def next(self) -> None:
        after = self.session.exercise_after(self.exercise)
        if after is None:
            self.talk.tell("This was the last exercise of the course.")
            self.desk.go_map()
        elif after.unit is self.exercise.unit:
            self.desk.turn_to(open_exercise(self.desk, after))
        else:
            self.desk.turn_to(UnitRoom(self.desk, after.unit))
