"""What is marked in an editor: the line that cannot be read, or those that a policy's findings are about."""

from __future__ import annotations

import ast
import json
import re
import tomllib
import warnings
from dataclasses import dataclass

__all__ = ["Fault", "Mark", "fault_in", "findings_in", "marks_for"]

_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text cannot be read (line from 1, nought when unknown) and why."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a line, from 1, and the sentence that it stands for."""

    line: int
    sign: str
    sentence: str

    @property
    def is_fault(self) -> bool:
        return self.sign == FAULT

    def __str__(self) -> str:
        return (
            f"{self.sign} line {self.line}: {self.sentence}" if self.line else f"{self.sign} {self.sentence}"
        )


FAULT = "✗"
DOUBT = "!"
SPELLING = frozenset(
    (
        *("syntax", "no-statement", "duplicate-sid", "too-large", "characters"),
        *("unknown-service", "unknown-action", "unknown-key", "bad-arn", "value-unreadable"),
    )
)
"""Findings about how a policy is written, whatever it is to allow."""


def fault_in(text: str, suffix: str) -> Fault | None:
    """The first fault of a JSON, Python or TOML text; None when it can be read."""
    try:
        if suffix == ".json":
            json.loads(text)
        elif suffix == ".py":
            with warnings.catch_warnings(action="ignore"):
                ast.parse(text)
        elif suffix == ".toml":
            tomllib.loads(text)
    except json.JSONDecodeError as error:
        return Fault(error.lineno, error.msg)
    except SyntaxError as error:
        return Fault(error.lineno or 0, error.msg)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        return Fault(int(place[1]) if place else 0, _TOML_PLACE.sub("", str(error)))
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(0, str(error) or "it is nested too deeply")
    return None


def marks_for(text: str, suffix: str) -> tuple[Mark, ...]:
    """The mark of the first fault; none where the text can be read, or where nothing is written yet."""
    fault = fault_in(text, suffix) if text.strip() else None
    return () if fault is None else (Mark(fault.line, FAULT, fault.message),)


def findings_in(text: str, kind: str, *, thorough: bool) -> tuple[Mark, ...]:
    """Marks for the findings of a policy of that kind, as `skylab lint --as` names them. Blocks at first.

    Those of spelling come with their repair. The others may be what an exercise asks about: they are found
    when one looks thoroughly, and say what is so, not what to write.
    """
    from labs.aws.iam.lint import Severity, lint
    from tui.json_lines import line_of

    return tuple(
        Mark(
            line_of(text, each.path),
            FAULT if each.severity is Severity.ERROR else DOUBT,
            f"{each.sentence} {each.repair}".strip() if each.code in SPELLING else each.sentence,
        )
        for each in lint(text, kind)
        if thorough or each.code in SPELLING
    )
