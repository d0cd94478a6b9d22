"""A process that judges: one JSON line in, one piece of work; one JSON line out, its report.

A batch has several. Whatever a piece of work does to the process that judges it, the others go on: the batch
starts another worker in its place.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import Any, Self, TextIO

from graders.bench import Bench
from graders.box import Limits
from graders.judging import judge
from labs.course import Course
from labs.errors import EnvironmentFailure

__all__ = ["LOADER", "Task", "course_of", "main"]

LOADER = "labs.course:load_course"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: what was handed in for an exercise by a student."""

    source: str
    student: str
    exercise: str
    digest: str
    text: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, obj: dict[str, Any]) -> Self:
        return cls(**obj)


def main() -> None:
    """Judge what comes in until nothing comes in any more."""
    settings = json.loads(sys.argv[1])
    answers = _private_output()
    course = course_of(settings["loader"])
    with Bench(allow_reduced=settings["allow_reduced"], limits=Limits(**settings["limits"])) as bench:
        for line in sys.stdin:
            answer = _answer(Task.from_json(json.loads(line)), course, bench)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def course_of(loader: str) -> Course:
    """The course that a function gives, named as `package.module:function`."""
    module, _, function = loader.partition(":")
    course: Course = getattr(importlib.import_module(module), function)()
    return course


def _answer(task: Task, course: Course, bench: Bench) -> dict[str, Any]:
    exercise = course.exercise(task.exercise)
    try:
        report = judge(exercise, task.text, exercise.variant(task.student), bench)
    except EnvironmentFailure as error:
        return {"failure": str(error)}
    return {"report": report.to_json()}


def _private_output() -> TextIO:
    """The standard output for answers only; what anything else prints goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
