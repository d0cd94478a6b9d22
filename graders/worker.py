"""A process that judges: one JSON line in, a function and its arguments; one JSON line out, what it gave.

A batch has several. Whatever a piece of work does to the process that judges it, the others go on: the pool
starts another worker in its place.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Self, TextIO

from graders.bench import Bench
from graders.box import Limits
from graders.judging import judge
from labs.course import Course
from labs.course.copying import seeds_that_fit, traces_of
from labs.course.variants import seed_of
from labs.errors import CourseError, SkylabError

__all__ = ["LOADER", "Settings", "Task", "course_of", "judge_task", "main", "trace_task"]

LOADER = "labs.course:load_course"
FAMILIAR = 12
"""After so many pieces of work a process has loaded what it needs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all pieces of work of a batch are judged with.

    `loader` is where the course comes from, as `package.module:function`; `worlds` is in how many hidden
    worlds a program must do what is asked, where that is not left to the exercise; `secret` is what these are
    drawn from, so that every process which judges draws the same ones.
    """

    loader: str
    allow_reduced: bool
    limits: Limits
    worlds: int | None = None
    secret: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, obj: dict[str, Any]) -> Self:
        return cls(**{**obj, "limits": Limits(**obj["limits"])})


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: what a student handed in for an exercise, and the draw of its hidden worlds."""

    student: str
    exercise: str
    text: str
    draw: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, obj: dict[str, Any]) -> Self:
        return cls(**obj)


def judge_task(settings: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """Judge one piece of work in this process; the bench stays warm for the next one.

    Returns:
        `report`, or `failure` with the error that kept this machine from judging; and `skylab`, the version
        that judged.
    """
    work = Task.from_json(task)
    told: dict[str, Any] = {"skylab": version("skylab")}
    try:
        course, bench = _judges(json.dumps(settings))
        exercise = course.exercise(work.exercise)
        report = judge(exercise, work.text, exercise.variant(work.student), bench, draw=work.draw)
    except SkylabError as error:
        return {**told, "failure": {"kind": type(error).__name__, **error.as_json()}}
    return {**told, "report": report.to_json()}


def trace_task(loader: str, exercise: str, students: list[str], works: list[list[str]]) -> dict[str, Any]:
    """For each work of (student, text): the students of a class for whose variants it was made.

    Returns:
        `fits`, a list of students for each work; or `failure`, why the course cannot tell.
    """
    asked = course_of(loader).exercise(exercise)
    seeds = {seed_of(asked.id, student): student for student in students}
    try:
        traces = traces_of(asked, seeds)
        found = [seeds_that_fit(text, asked.variant(student), traces) for student, text in works]
    except CourseError:  # without a task and a solution there are no traces
        return {"fits": [[] for _ in works]}
    except Exception as error:
        return {"failure": f"{type(error).__name__}: {error}"}
    return {"fits": [[seeds[seed] for seed in each] for each in found]}


@cache
def _judges(settings: str) -> tuple[Course, Bench]:
    """The course and the bench of this process."""
    said = Settings.from_json(json.loads(settings))
    bench = Bench(
        allow_reduced=said.allow_reduced,
        limits=said.limits,
        worlds=said.worlds,
        many=True,
        secret=said.secret,
    )
    atexit.register(bench.close)
    return course_of(said.loader), bench


def course_of(loader: str) -> Course:
    """The course that a function gives, named as `package.module:function`."""
    course: Course = function_of(loader)()
    return course


def function_of(name: str) -> Callable[..., Any]:
    """A function by `package.module:function`."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def main() -> None:
    """Answer what comes in until nothing comes in any more, on the processor that is named, if one is."""
    if sys.argv[1:]:
        with suppress(OSError):  # it may have been taken away meanwhile
            os.sched_setaffinity(0, {int(sys.argv[1])})
    from labs.sandbox import quick_clients

    quick_clients.quicken()
    answers = _private_output()
    for number, line in enumerate(sys.stdin):
        name, *arguments = json.loads(line)
        # A call that raises is a mistake of ours: the process ends, and the pool tells of a lost worker.
        answers.write(json.dumps({"result": function_of(name)(*arguments)}) + "\n")
        answers.flush()
        if number == FAMILIAR:
            _settle_down()


def _settle_down() -> None:
    """What is loaded now stays: collecting garbage need not look at it again each time."""
    gc.collect()
    gc.freeze()


def _private_output() -> TextIO:
    """The standard output for answers only; what anything else prints goes to the standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main()
