"""What comes out of a box: a reply to each call, or the way in which the box broke."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from graders.box.frames import Json, Malformed

__all__ = ["Broken", "Fault", "Reply", "fault_from"]

HINTS = {
    "EOFError": "Nobody is there to answer input(); take what you need from the arguments.",
    "KeyboardInterrupt": "Return a value instead of ending the program.",
    "MemoryError": "The program asked for more memory than it is given here.",
    "ModuleNotFoundError": "Python's standard library and boto3 are there, nothing else.",
    "PermissionError": "The program may use its own folder and its sandbox, nothing else.",
    "RecursionError": "The function calls itself without an end.",
    "SystemExit": "Return a value instead of ending the program.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a call gave no value.

    `kind` is "raised", "refused" (it returned what has no plain form) or "absent" (no such function).
    The texts come from the learner's process: clean and escape them wherever they are shown.
    """

    kind: Literal["raised", "refused", "absent"]
    name: str = ""
    text: str = ""
    line: int | None = None
    function: str | None = None

    def sentence(self, filename: str) -> str:
        """What went wrong and where, in one or two sentences for the learner."""
        if self.kind == "absent":
            return f"{filename} has no function {self.text}(); define it under exactly this name."
        if self.kind == "refused":
            return f"The value cannot be compared: {self.text}."
        place = f"{filename}, line {self.line}" if self.line else filename
        where = f"{place}, in {self.function}()" if self.function else place
        what = f"{self.name}: {self.text}" if self.text else self.name
        hint = HINTS.get(self.name)
        return f"{where}: {what}" + (f"{'' if what.endswith('.') else '.'} {hint}" if hint else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one call gave: a value or a fault, and what was printed meanwhile."""

    value: Json
    fault: Fault | None
    output: str


class Broken(Exception):
    """A box that ended, or had to be ended, before it gave its answer.

    `state` is "timeout", "error" (it ended itself, crashed, used up its share) or "tampered" (it wrote where
    only the grader's messages pass).
    """

    def __init__(self, state: Literal["timeout", "error", "tampered"], message: str, output: str) -> None:
        super().__init__(state, message)
        self.state = state
        self.message = message
        self.output = output


def fault_from(obj: Any) -> Fault:
    """The fault that a box tells of.

    Raises:
        Malformed: it has not the form of one.
    """
    match obj:
        case {"kind": "refused" | "absent" as kind, "text": str(text)}:
            return Fault(kind, text=text)
        case {
            "kind": "raised",
            "name": str(name),
            "text": str(text),
            "line": int() | None as line,
            "function": str() | None as function,
        }:
            return Fault("raised", name, text, line, function)
    raise Malformed("no fault")
