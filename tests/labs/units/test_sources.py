"""Numbers in prose: each is from a page that is named, is computed, or stands in an example on the same page.

Prose is a unit's lesson and walkthrough, the prompt and the hints of each exercise, and what is said of
misconceptions. `unit.toml` has four tables for it: `[sources]`, a statement and the page that it is from;
`[computed]`, a number as it stands in the prose and the arithmetic that gives it; `[supposed]`, a number that
is no fact but the premise of a question, and of what; `[siblings]`, the reckoning in the worked sibling of an
exercise, and premises of it that nothing follows from: they are made up. What a program cannot check is left
to readers: numbers in words, and whether the page says so.
"""

from __future__ import annotations

import ast
import operator
import re
import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

from labs.aws.billing import price_book
from labs.course import Exercise, Unit, load_course, misconceptions
from labs.course.exercise import sections

UNITS: Final = load_course().units
EACH: Final = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.id)
TEXTS: Final = ("lesson.md", "walkthrough.md")
SIBLING: Final = "A worked sibling"
FOR_TEACHERS: Final = "For the teacher"
"""The last section of a walkthrough speaks of minutes and polls."""
COUNTED: Final = {"0", "0.00", "1", "2", "3"}
"""Numbers that say how many things stand beside them, as words would."""
OPERATIONS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`[^`]*`|\{\{.*?\}\}|\]\([^)]*\)")
_ORDINAL = re.compile(
    r"^[\s>]*(?:\d+\.(?=\s)|#+.*)|\b(?:step|page|poll|unit|exercise) \d+", re.MULTILINE | re.IGNORECASE
)
_ID = re.compile(r"\(?\b[ACIESBL]\d{1,2}\b\)?|\b\d{12}\b|\bRFC \d+")
"""Names that have digits: of misconceptions, accounts and standards."""
_ITEM = re.compile(r"^[\s>]*(\d+)\. ", re.MULTILINE)
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}(?:/\d+)?|[\w:]*::[\w:/]*")
_NUMBER = re.compile(r"(?<![\w./:-])\d[\d,]*(?:\.\d+)?(?!\w|[:.]\d)")


def numbers_of(markdown: str) -> list[str]:
    """The numbers that the prose states: those in code, in addresses and behind a slash are names."""
    prose = _ID.sub(" ", _ORDINAL.sub(" ", _INLINE.sub(" ", _FENCE.sub(" ", markdown))))
    return [each.rstrip(",") for each in _NUMBER.findall(_ADDRESS.sub(" ", prose))]


def examples_of(markdown: str) -> set[str]:
    """The numbers in the examples of a page."""
    shown = "\n".join(_FENCE.findall(markdown) + re.findall(r"`[^`]*`", markdown))
    return figures(shown)


def figures(text: str) -> set[str]:
    """Every number in a text, wherever it stands."""
    return {each.rstrip(",") for each in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def value_of(arithmetic: str) -> Fraction:
    """What an arithmetic expression comes to."""

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number):
                return Fraction(str(number))
            case ast.BinOp(left=left, op=operation, right=right):
                return OPERATIONS[type(operation)](value(left), value(right))
        raise ValueError(f"{arithmetic} is more than arithmetic")

    return Fraction(value(ast.parse(arithmetic, mode="eval").body))


def table(unit: Unit, name: str) -> dict[str, str]:
    said: dict[str, Any] = tomllib.loads((unit.folder / "unit.toml").read_text("utf-8"))
    found: dict[str, str] = said.get(name, {})
    return found


def pages(unit: Unit) -> Iterator[tuple[str, str]]:
    """Every page of the lesson and the walkthrough as it is written, with where it stands."""
    for name in TEXTS:
        text = (unit.folder / name).read_text("utf-8")
        for title, body in sections(text):
            if title != FOR_TEACHERS:
                yield f"{name}, {title}", body


def tasks(unit: Unit) -> Iterator[tuple[str, str]]:
    """The prompt and each hint of every exercise as it is written, with where it stands."""
    for exercise in unit.exercises:
        yield f"{exercise.name}, prompt", (exercise.folder / "prompt.md").read_text("utf-8")
        for title, body in sections((exercise.folder / "hints.md").read_text("utf-8")):
            yield f"{exercise.name}, {title}", body


def items_of(exercise: Exercise) -> set[str]:
    """The numbers by which a prompt calls its questions or claims."""
    return set(_ITEM.findall((exercise.folder / "prompt.md").read_text("utf-8")))


def reckonings(unit: Unit) -> dict[str, list[str]]:
    """By exercise, the lines of its worked sibling: ARITHMETIC = RESULT, or a premise alone."""
    said: dict[str, Any] = tomllib.loads((unit.folder / "unit.toml").read_text("utf-8"))
    found: dict[str, list[str]] = said.get("siblings", {})
    return found


def known_in(unit: Unit) -> set[str]:
    """The numbers that the tables of a unit account for everywhere in it."""
    sourced = figures(" ".join(table(unit, "sources")))
    return COUNTED | sourced | table(unit, "computed").keys() | table(unit, "supposed").keys()


def unaccounted(body: str, known: set[str]) -> list[str]:
    return sorted(set(numbers_of(body)) - known - examples_of(body))


@EACH
def test_every_number_in_the_prose_has_a_source_is_computed_or_is_shown(unit: Unit) -> None:
    known = known_in(unit)
    unknown = {where: missing for where, body in pages(unit) if (missing := unaccounted(body, known))}

    assert unknown == {}


@EACH
def test_every_number_in_a_task_or_a_hint_has_a_source_is_computed_or_is_a_premise(unit: Unit) -> None:
    known, lines = known_in(unit), reckonings(unit)
    items = {exercise.name: items_of(exercise) for exercise in unit.exercises}
    unknown = {}
    for where, body in tasks(unit):
        name, _, title = where.partition(", ")
        sibling = plain_figures(" ".join(lines.get(name, []))) if title == SIBLING else set()
        missing = [each for each in unaccounted(body, known | items[name]) if plain(each) not in sibling]
        if missing:
            unknown[where] = missing

    assert unknown == {}


@EACH
def test_the_reckoning_of_a_worked_sibling_is_right_and_stands_in_it(unit: Unit) -> None:
    said = dict(tasks(unit))
    for name, lines in reckonings(unit).items():
        shown = plain_figures(said[f"{name}, {SIBLING}"])
        for line in lines:
            arithmetic, equals, result = line.rpartition(" = ")
            assert not equals or value_of(arithmetic) == Fraction(result), (name, line)
            assert result in shown, (name, line)


def test_every_number_in_a_misconception_is_from_its_unit_or_names_its_page() -> None:
    known = set[str]().union(*map(known_in, UNITS))
    unknown = {
        each.id: missing
        for each in misconceptions().values()
        if not each.source and (missing := unaccounted(f"{each.belief} {each.refutation}", known))
    }

    assert unknown == {}


def plain(number: str) -> str:
    """A number without separators of thousands."""
    return number.replace(",", "")


def plain_figures(text: str) -> set[str]:
    return set(map(plain, figures(text)))


@EACH
def test_what_is_said_to_be_computed_comes_to_that(unit: Unit) -> None:
    for number, arithmetic in table(unit, "computed").items():
        assert value_of(arithmetic) == Fraction(number.replace(",", "")), (number, arithmetic)


@EACH
def test_no_number_is_declared_that_the_prose_does_not_have(unit: Unit) -> None:
    stated = {number for _, body in (*pages(unit), *tasks(unit)) for number in numbers_of(body)}

    assert {*table(unit, "computed"), *table(unit, "supposed")} - stated == set()


@EACH
def test_no_price_stands_in_a_text_or_in_code(unit: Unit) -> None:
    """Prices of three digits and more, which nothing else would be."""
    book = price_book()
    prices = {f"{price.listed:f}" for price in book.prices}
    telling = {price for price in prices if len(price.replace(".", "").lstrip("0")) >= 3}
    files = [each for end in ("*.md", "*.py", "*.toml") for each in Path(str(unit.folder)).rglob(end)]
    found = {
        f"{file.name}: {number}"
        for file in files
        for number in re.findall(r"(?<![\w.])\d+\.\d+(?![\w.])", file.read_text("utf-8"))
        if number in telling
    }

    assert found == set()


@pytest.mark.parametrize(
    ("markdown", "numbers"),
    [
        ("A /24 leaves 251 of 256, in `10.0.0.0/24` and in 10.0.0.0/24.", ["251", "256"]),
        ("1. First, 65,536 of them in unit 8\n2. then 3.5 h", ["65,536", "3.5"]),
        ("```\n99 bottles\n```\nand us-east-1 on port 443.", ["443"]),
        ("Poll (C1): {{rate}} an hour, IPv4, S3, 2001:db8::1", []),
        ("> 4. By RFC 1918, account 123456789012 has 17.", ["17"]),
    ],
)
def test_numbers_are_told_from_names(markdown: str, numbers: list[str]) -> None:
    assert numbers_of(markdown) == numbers


def test_arithmetic_is_nothing_else() -> None:
    assert value_of("2 ** 8 - 5") == 251
    assert value_of("3 * 0.1") == Fraction(3, 10)
    with pytest.raises(ValueError, match="more than arithmetic"):
        value_of("len('a')")
