"""Six questions about plain Python, as any grader can ask them, and a course of Skylab's that does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labs.course import Call, CodeExercise, Course, Criterion, Exercise, Run, Unit, Variant
from labs.course.marks import failed, passed

__all__ = ["LOADER", "NAMES", "QUESTIONS", "Question", "load"]

HERE = Path(__file__).parent
LOADER = f"{__name__}:load"


@dataclass(frozen=True, slots=True)
class Question:
    """A function to write: its name, a right answer, and calls with what they should give."""

    name: str
    solution: str
    cases: tuple[tuple[tuple[Any, ...], Any], ...]

    @property
    def function(self) -> str:
        return self.name.replace("-", "_")

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """Each call as it is typed, and its value."""
        return [(f"{self.function}({', '.join(map(repr, given))})", value) for given, value in self.cases]

    @property
    def asserts(self) -> str:
        return "\n".join(f"assert {call} == {value!r}" for call, value in self.calls)


QUESTIONS = (
    Question("double", "def double(n):\n    return 2 * n\n", (((2,), 4), ((21,), 42))),
    Question("is-even", "def is_even(n):\n    return n % 2 == 0\n", (((2,), True), ((3,), False))),
    Question("turned", "def turned(text):\n    return text[::-1]\n", ((("abc",), "cba"), (("",), ""))),
    Question(
        "fibonacci",
        "def fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n",
        (((10,), 55), ((50,), 12586269025)),
    ),
    Question(
        "vowels",
        "def vowels(text):\n    return sum(letter in 'aeiou' for letter in text)\n",
        ((("education",), 5), (("xyz",), 0)),
    ),
    Question(
        "counted",
        "def counted(words):\n    return {word: words.count(word) for word in words}\n",
        (((["a", "b", "a"],), {"a": 2, "b": 1}), (([],), {})),
    ),
)
NAMES = tuple(f"questions/{question.name}" for question in QUESTIONS)


class Asked(CodeExercise):
    """One question; a point if all calls give what they should."""

    title, minutes, points = "A question", 1, 1

    @property
    def question(self) -> Question:
        return next(each for each in QUESTIONS if each.name == self.name)

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {}

    def prepare(self, world: Any, variant: Variant) -> None:
        """There is nothing to prepare."""

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        return tuple(Call(self.question.function, given) for given, _ in self.question.cases)

    def mark(self, world: Any, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        wanted = [value for _, value in self.question.cases]
        right = [result.value for result in run.results] == wanted
        return (passed("it is right", 1) if right else failed("it is right", 1, "It is not."),)


class Questions(Unit):
    def _load(self, name: str) -> Exercise:
        return Asked(self, name, HERE)


def load() -> Course:
    """The course of these questions."""
    names = tuple(question.name for question in QUESTIONS)
    return Course((Questions("questions", 0, "Questions", "For comparison.", (), HERE, names),))
