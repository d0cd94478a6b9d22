"""Variants: one exercise in many guises, the same for the same student, and the texts that they fill."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labs.errors import CourseError

if TYPE_CHECKING:
    from labs.course.exercise import Exercise

__all__ = ["COURSE", "Variant", "fill", "seed_of"]

COURSE: Final = "skylab"
_PLACE = re.compile(r"\{\{\s*(\w+)\s*(:json)?\s*\}\}")


@dataclass(frozen=True, slots=True)
class Variant:
    """What one student sees of one exercise: `values` fill the texts, and all of it follows from the seed."""

    exercise: Exercise
    student: str
    number: int
    seed: int
    values: Mapping[str, Any]


def seed_of(exercise_id: str, student: str, number: int = 0) -> int:
    """The seed of a variant, a whole number below 2**32, from sha256(course, exercise, student, number)."""
    text = json.dumps([COURSE, exercise_id, student, number], ensure_ascii=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def fill(text: str, values: Mapping[str, Any], *, where: str = "the text") -> str:
    """The text with {{name}} replaced by the value, and {{name:json}} by the value as JSON.

    Raises:
        CourseError: the text names a value that the variant does not have.
    """

    def value(match: re.Match[str]) -> str:
        name, as_json = match[1], match[2]
        if name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise CourseError(
                "A placeholder has no value", f"{where} names {name!r}.", f"There are: {known}."
            )
        found = values[name]
        return json.dumps(found, indent=2) if as_json else str(found)

    return _PLACE.sub(value, text)
