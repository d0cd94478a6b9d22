"""Fields to fill in: each has a number and a name, and a line fills it in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labs.course import AnswerExercise
from tui.answer_text import values_of, with_value
from tui.lines.exercise import ExerciseRoom
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.course import Field
    from tui.lines.desk import Desk

__all__ = ["AnswersRoom"]

_ANSWER = re.compile(r"([\w-]+)[:.]?\s*(?:=|\s|$)\s*(.*)")


class AnswersRoom(ExerciseRoom):
    """An exercise of typed answers."""

    writing = "N ANSWER"
    exercise: AnswerExercise

    def __init__(self, desk: Desk, exercise: AnswerExercise) -> None:
        super().__init__(desk, exercise)
        self.fields = self.session.fields(exercise)

    def writing_words(self) -> tuple[Word, ...]:
        return (
            Word("answers", "", "Read the questions, with your answers.", lambda _: self.show_answer()),
            Word("ask", "", "Go through the questions one by one.", lambda _: self.ask()),
            Word(
                "N",
                "ANSWER",
                "Answer question N; a choice also by its number. As in: 1 allowed",
                self.no_deed,
            ),
        )

    def no_deed(self, _: str) -> None:
        """Numbers are no word; `take` takes them."""

    def show_answer(self) -> None:
        held = values_of(self.text)
        for number, field in enumerate(self.fields, start=1):
            self.talk.tell(*self.question(number, field, held.get(field.name, "")))
        self.talk.tell("Type a number and your answer, or ask; then check.")

    def question(self, number: int, field: Field, given: str) -> list[str]:
        """A question: what is asked, what may be answered, what is answered so far."""
        from labs.course.drills import Question
        from tui.draw.spoken import spoken

        said = [f"{number}. {spoken(field.label)}"]
        if field.choices:
            said += [f"   choice {place}: {choice}" for place, choice in enumerate(field.choices, start=1)]
        else:
            said.append(f"   Answer: {Question(self.exercise.id, 0, '', field).form}.")
        return [*said, f"   Yours: {given}" if given else "   Yours: nothing yet"]

    def is_answer(self, line: str) -> bool:
        """A question may be called as a word is: `b denied` answers question b, `b` alone goes back."""
        first, *rest = line.split()
        return bool(rest) and first in {field.name for field in self.fields}

    def take(self, line: str) -> bool:
        """`1 allowed`, `decision allowed`, `decision = allowed`; a number alone reads the question."""
        found = _ANSWER.fullmatch(line.strip())
        names = [field.name for field in self.fields]
        if found is None or not (found[1].isdecimal() or found[1] in names):
            return False
        if found[1] in names:
            place = names.index(found[1])
        else:
            place = number_in(found[1], len(self.fields), "question") - 1
        if found[2]:
            self.fill(place, found[2])
        else:
            given = values_of(self.text).get(names[place], "")
            self.talk.tell(*self.question(place + 1, self.fields[place], given))
        return True

    def fill(self, place: int, value: str) -> None:
        """Take an answer; a choice may be given by its number."""
        field = self.fields[place]
        if value not in field.choices and value.isdecimal() and field.choices:
            value = field.choices[number_in(value, len(field.choices), "choice") - 1]
        self.write(with_value(self.text, field.name, value))
        left = sum(not values_of(self.text).get(each.name, "").strip() for each in self.fields)
        more = f"{left} still empty." if left else "All are answered. Type check."
        self.talk.tell(f"{place + 1}. {field.name}: {value or 'nothing'}. {more}")

    def ask(self) -> None:
        """Each question in turn; Enter alone leaves the answer as it is, a lone dot ends."""
        self.talk.tell("Enter alone leaves an answer as it is; a dot alone ends this.")
        for place, field in enumerate(self.fields):
            self.talk.tell(*self.question(place + 1, field, values_of(self.text).get(field.name, "")))
            line = self.talk.ask(f"Answer {place + 1}> ")
            if line is None or line.strip() == ".":
                return
            if line.strip():
                self.fill(place, line.strip())
        self.talk.tell("These were all. Type check.")
