"""Answer and predict: typed fields in `answer.toml`, forgiving about form and exact about substance."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, ClassVar, Literal, TypeAlias

from labs.course.exercise import Exercise
from labs.course.marks import CounterExample, Criterion, Kind, failed, passed
from labs.course.variants import Variant
from labs.errors import SubmissionError

__all__ = ["AnswerExercise", "Field", "FieldType", "PredictExercise", "Slip", "mark_field", "read_answers"]

FieldType: TypeAlias = Literal["text", "choice", "number", "arn", "list", "cidr", "money"]
"""How an answer is read. Equal answers are: texts in any letter case, numbers with or without thousands
separators and unit, amounts to the cent (or to as many places as the answer has), blocks however written but
with the host bits that were typed, lists in any order, ARNs to the letter."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong answer that is understood: what was answered, the misconception behind it, a sentence on it.

    `given` is the answer itself, or a test of what was typed. `command` is a counter-example that can be run:
    the words after `skylab`; `stdin` is what it reads from standard input.
    """

    given: str | Callable[[str], bool]
    misconception: str
    message: str = ""
    command: tuple[str, ...] = ()
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question: its name in `answer.toml`, what is asked, and the answer.

    `why` is said when the answer is wrong and no slip explains it. What can be run to see the answer is
    `case`, in the form of `skylab explain --jsonl`, or `command`, the words after `skylab`, which reads
    `stdin`. A slip without a command of its own has the field's.
    """

    name: str
    label: str
    answer: str
    type: FieldType = "text"
    choices: tuple[str, ...] = ()
    points: int = 1
    why: str = ""
    slips: tuple[Slip, ...] = ()
    case: Mapping[str, Any] | None = None
    command: tuple[str, ...] = ()
    stdin: str = ""

    @property
    def example(self) -> CounterExample | None:
        """What can be run to see the answer; None where there is nothing."""
        if self.case is not None:
            return CounterExample("See how the decision falls.", self.case)
        return CounterExample.of_command(self.command, self.stdin)


class AnswerExercise(Exercise):
    """Questions with short, typed answers."""

    kind: ClassVar[Kind] = Kind.ANSWER
    filename: ClassVar[str] = "answer.toml"
    suffix: ClassVar[str] = ".toml"

    @abstractmethod
    def fields(self, variant: Variant) -> tuple[Field, ...]:
        """The questions of a variant with their answers."""

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        """A criterion for each field.

        Raises:
            SubmissionError: the text is no TOML, or holds something that is no answer.
        """
        given = read_answers(text)
        return tuple(self.mark_field(field, given.get(field.name, "")) for field in self.fields(variant))

    def mark_field(self, field: Field, given: str) -> Criterion:
        """The criterion of one field."""
        return mark_field(field, given)


class PredictExercise(AnswerExercise):
    """Commit to what will happen, then observe: each field's case or command is shown once it is marked."""

    kind: ClassVar[Kind] = Kind.PREDICT

    def mark_field(self, field: Field, given: str) -> Criterion:
        """The criterion of one field, with the case that shows the answer; an empty field reveals nothing."""
        criterion = AnswerExercise.mark_field(self, field, given)
        if field.example is None or not given.strip():
            return criterion
        return replace(criterion, counterexample=field.example)


def mark_field(field: Field, given: str) -> Criterion:
    """The criterion of one question for what was typed."""
    if not given.strip():
        return failed(field.label, field.points, "There is no answer yet.")
    if _normal(given, field) == _normal(field.answer, field):
        return passed(field.label, field.points)
    slip = next((each for each in field.slips if _slipped(each, given, field)), None)
    if slip is None:
        return failed(field.label, field.points, field.why)
    example = CounterExample.of_command(slip.command, slip.stdin) or field.example
    message = slip.message or field.why
    return failed(field.label, field.points, message, misconception=slip.misconception, example=example)


def read_answers(text: str) -> dict[str, str]:
    """The answers in an `answer.toml` by name.

    Raises:
        SubmissionError: the text is no TOML, or holds something that is no answer.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SubmissionError(
            "The answers cannot be read",
            f"answer.toml is not valid TOML: {fault}.",
            'Each line has the form name = "answer", with the answer in double quotes.',
        ) from None
    except RecursionError:
        raise SubmissionError("The answers cannot be read", "answer.toml is nested too deeply.") from None
    return {name: _text(name, value) for name, value in table.items()}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value))
    raise SubmissionError(
        "An answer cannot be read",
        f"{name} in answer.toml is neither a text, a number nor a list of them.",
        f'Write {name} = "your answer".',
    )


def _slipped(slip: Slip, given: str, field: Field) -> bool:
    if callable(slip.given):
        return slip.given(given.strip())
    return _normal(given, field) == _normal(slip.given, field)


def _normal(text: str, field: Field) -> str:
    """The text in a form in which equal answers are equal."""
    plain = " ".join(text.strip().strip("\"'`“”").split())
    match field.type:
        case "number":
            return _number(plain)
        case "money":
            return _money(plain, field.answer)
        case "cidr":
            return _cidr(plain)
        case "arn":
            return plain
        case "list":
            return ",".join(sorted(part for part in re.split(r"[\s,;]+", plain.casefold()) if part))
        case "choice":
            return _choice(plain.casefold(), field.choices)
    return plain.casefold()


MOST_DIGITS = 20
_UNIT = re.compile(r"(?<=\d)\s*(%|[a-zA-Z][a-zA-Z ./-]*)$")


def _number(text: str) -> str:
    digits = _UNIT.sub("", text.replace(",", "").replace("_", "")).lstrip("$")
    number = _decimal(digits)
    return text.casefold() if number is None else format(number.normalize(), "f")


def _decimal(text: str) -> Decimal | None:
    """The number that the text is; None for a text, and for a number so large that it answers nothing."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS else None


def _money(text: str, answer: str) -> str:
    """An amount, rounded half up to the places of the answer, two at least."""
    amount = _decimal(re.sub(r"(?i)usd|[$,_\s]", "", text))
    if amount is None:
        return text.casefold()
    places = max(2, -int(Decimal(answer).as_tuple().exponent))
    return format(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")


def _cidr(text: str) -> str:
    """A block of addresses in its shortest form. Host bits stay: 10.0.5.0/16 is another answer."""
    try:
        return str(ipaddress.ip_interface(text.replace(" ", "")))
    except ValueError:
        return text.casefold()


def _choice(text: str, choices: tuple[str, ...]) -> str:
    """The choice that a text begins; the text itself when it begins none, or several."""
    folded = [choice.casefold() for choice in choices]
    if text in folded:
        return text
    begun = [choice for choice in folded if choice.startswith(text)]
    return begun[0] if len(begun) == 1 and text else text
