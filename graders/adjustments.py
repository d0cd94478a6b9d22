"""Points that a person has set by hand: kept apart from the verdicts, with the reason, who it was and when.

`OUT/adjustments.jsonl` has a line for each time; nothing in it is ever changed, so it tells the whole story.
The last line about a student's exercise counts. A verdict that changes beneath an adjustment leaves it in
force, and the report says that it has changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Self

from labs.errors import SubmissionError

__all__ = ["FILE", "Adjustment", "Adjustments"]

FILE = "adjustments.jsonl"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The points that a student's exercise has by hand; `points` is None where the verdict's count again.

    `judged` and `state` are what the verdict was when the adjustment was made. `when` is a moment in UTC, as
    in "2026-01-31T12:00:00Z". The texts are a person's: escape them wherever they are shown.
    """

    student: str
    exercise: str
    points: Decimal | None
    why: str
    who: str
    when: str
    judged: Decimal
    state: str

    def is_over(self, judged: Decimal, state: str) -> bool:
        """Whether the verdict beneath is still the one that it was made over."""
        return (self.judged, self.state) == (judged, state)

    def to_json(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "exercise": self.exercise,
            "points": None if self.points is None else str(self.points),
            "why": self.why,
            "who": self.who,
            "when": self.when,
            "judged": str(self.judged),
            "state": self.state,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Self:
        """Read one line.

        Raises:
            KeyError, TypeError, InvalidOperation: it is none.
        """
        points = None if obj["points"] is None else Decimal(obj["points"])
        texts = {name: str(obj[name]) for name in ("student", "exercise", "why", "who", "when", "state")}
        return cls(points=points, judged=Decimal(obj["judged"]), **texts)


class Adjustments:
    """All adjustments of a folder of marks."""

    def __init__(self, out: Path) -> None:
        self.path = out / FILE

    def read(self) -> tuple[Adjustment, ...]:
        """Every adjustment that was ever made, the oldest first; a line that was never finished is none.

        Raises:
            SubmissionError: a line is damaged.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            detail = f"{self.path}: {error.strerror}."
            raise SubmissionError("The adjustments cannot be read", detail) from error
        whole = data.rpartition(b"\n")[0]
        return tuple(self._line(number, line) for number, line in enumerate(whole.split(b"\n"), 1) if line)

    def in_force(self) -> dict[tuple[str, str], Adjustment]:
        """The adjustments that count, by student and exercise."""
        last = {(each.student, each.exercise): each for each in self.read()}
        return {key: each for key, each in last.items() if each.points is not None}

    def add(self, adjustment: Adjustment) -> None:
        """Write one; when this returns, it is on the disk."""
        line = json.dumps(adjustment.to_json(), ensure_ascii=False).encode() + b"\n"
        with self.path.open("a+b") as file:
            file.seek(0)
            held = file.read()
            file.truncate(held.rfind(b"\n") + 1)  # a line that was never finished would swallow this one
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _line(self, number: int, line: bytes) -> Adjustment:
        try:
            return Adjustment.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, InvalidOperation) as broken:
            raise SubmissionError(
                "The adjustments cannot be read",
                f"{self.path}, line {number}: {broken}.",
                "Restore the file; marks that were changed by hand are in no other.",
            ) from broken
