"""One question of a drill: what is asked, the answer, and what a wrong one tells of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from labs.course.kinds.answer import Field, FieldType, Slip, mark_field
from labs.course.marks import CounterExample, Criterion

__all__ = ["Asked", "Drill", "Form", "Question", "asked"]

_FORMS: Final = {
    "text": "a word or a name; capitals do not matter",
    "number": "a number; commas, a leading slash and a unit do not matter",
    "arn": "an ARN, to the letter",
    "list": "a list, in any order",
    "cidr": "a block, such as 10.0.0.0/16",
    "money": "US dollars, to the cent",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form makes of its random numbers: the situation, and the question on it."""

    situation: str
    field: Field


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of question of a drill. `detects` are the misconceptions that its slips tell of."""

    ask: Callable[[random.Random], Asked]
    detects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, made by `Drill.question` from its seed: the same seed gives the same question."""

    skill: str
    seed: int
    situation: str
    field: Field

    @property
    def prompt(self) -> str:
        """What is asked, in one sentence."""
        return self.field.label

    @property
    def answer(self) -> str:
        """The answer as one would write it."""
        return self.field.answer

    @property
    def choices(self) -> tuple[str, ...]:
        """Of these one is right; nothing where the answer is free."""
        return self.field.choices

    @property
    def form(self) -> str:
        """In which form an answer is taken, as a phrase."""
        return f"one of: {', '.join(self.choices)}" if self.choices else _FORMS[self.field.type]

    @property
    def explanation(self) -> str:
        """Why the answer is what it is."""
        return self.field.why

    @property
    def example(self) -> CounterExample | None:
        """What can be run to see the answer."""
        return self.field.example

    def mark(self, given: str) -> Criterion:
        """How an answer fares, and the misconception behind it; a choice may be given by its number."""
        return mark_field(self.field, self._read(given.strip()))

    def _read(self, given: str) -> str:
        if self.choices and given.isdecimal() and 1 <= int(given[:3]) <= len(self.choices):
            return self.choices[int(given[:3]) - 1]
        return given.lstrip("/") if self.field.type == "number" else given

    def to_json(self) -> dict[str, Any]:
        """What a program is asked; not the answer."""
        return {
            "skill": self.skill,
            "seed": self.seed,
            "situation": self.situation,
            "question": self.prompt,
            "type": self.field.type,
            "choices": list(self.choices),
            "form": self.form,
        }


@dataclass(frozen=True, slots=True)
class Drill:
    """Endless questions on one skill."""

    skill: str
    title: str
    about: str
    forms: tuple[Form, ...]

    @property
    def detects(self) -> frozenset[str]:
        """Every misconception that its questions can tell of."""
        return frozenset(each for form in self.forms for each in form.detects)

    def question(self, seed: int, about: str | None = None) -> Question:
        """The question of a seed; `about` is a misconception that its form is to tell of.

        Raises:
            LookupError: no form tells of it.
        """
        rng = random.Random(f"{self.skill} {seed}")
        forms = [form for form in self.forms if about is None or about in form.detects]
        if not forms:
            raise LookupError(f"the drill {self.skill} does not tell of {about}")
        form = rng.choice(forms)
        made = form.ask(rng)
        while about is not None and about not in {slip.misconception for slip in made.field.slips}:
            made = form.ask(rng)  # some numbers leave no room for that mistake
        return Question(self.skill, seed, made.situation, made.field)


Wrong: TypeAlias = tuple[str | Callable[[str], bool], str, str]
"""A wrong answer, the misconception behind it, and what is said to it."""


def asked(
    situation: str,
    prompt: str,
    answer: object,
    *wrong: Wrong,
    why: str,
    type: FieldType = "text",
    choices: tuple[str, ...] = (),
    command: tuple[str, ...] = (),
    stdin: str = "",
    case: Any = None,
) -> Asked:
    """A question; wrong answers that happen to be right are left out."""
    right = str(answer)
    slips = tuple(_slips(right, wrong))
    kind: FieldType = "choice" if choices else type
    field = Field("answer", prompt, right, kind, choices, 1, why, slips, case, command, stdin)
    return Asked(situation, field)


def _slips(right: str, wrong: Iterable[Wrong]) -> Iterable[Slip]:
    for given, misconception, message in wrong:
        if callable(given) or given.casefold() != right.casefold():
            yield Slip(given, misconception, message)
