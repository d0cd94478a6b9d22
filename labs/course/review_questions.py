"""Where questions on a misconception come from: drills that tell of it, further variants of exercises."""

from __future__ import annotations

import random
from collections.abc import Iterator

from labs.course.catalogue import Course
from labs.course.drills import DRILLS, Drill, Question
from labs.course.exercise import Exercise
from labs.course.kinds.answer import AnswerExercise
from labs.errors import CourseError

__all__ = ["question_on", "sources_on"]

_FURTHER = 1_000
"""Reviews take variants from here on; those before it are the learner's own tasks."""


def question_on(course: Course, misconception: str, student: str, seed: int) -> Question:
    """A question whose wrong answers tell of a misconception: another one for each seed.

    Raises:
        CourseError: nothing in the course asks about it.
    """
    sources = sources_on(course, misconception)
    if not sources:
        raise CourseError(
            "There is no question on this", f"Nothing asks about {misconception} in one answer."
        )
    source = random.Random(f"{misconception} {seed}").choice(sources)
    if isinstance(source, Drill):
        return source.question(seed, misconception)
    return _of_exercise(source, misconception, student, seed)


def sources_on(course: Course, misconception: str) -> tuple[Drill | Exercise, ...]:
    """What can ask about a misconception, the drills first."""
    drills = [drill for drill in DRILLS if misconception in drill.detects]
    return (*drills, *_exercises(course, misconception))


def _exercises(course: Course, misconception: str) -> Iterator[AnswerExercise]:
    """Exercises with a field that tells of it. Their wrong answers are named after it, so few are loaded."""
    for unit in course.units:
        for name in unit.exercise_names:
            wrong = unit.folder / "exercises" / name.replace("-", "_") / "wrong"
            files = (file.name for file in wrong.iterdir()) if wrong.is_dir() else ()
            if any(each.startswith(f"{misconception}--") and each.endswith(".toml") for each in files):
                exercise = course.exercise(f"{unit.id}/{name}")
                if isinstance(exercise, AnswerExercise) and _fields(exercise, misconception, "", 0):
                    yield exercise


def _fields(exercise: AnswerExercise, misconception: str, student: str, number: int) -> list[int]:
    fields = exercise.fields(exercise.variant(student, number))
    return [
        place
        for place, field in enumerate(fields)
        if any(slip.misconception == misconception for slip in field.slips)
    ]


def _of_exercise(exercise: Exercise, misconception: str, student: str, seed: int) -> Question:
    """One field of a further variant; where that variant leaves no room for the mistake, of the next."""
    assert isinstance(exercise, AnswerExercise)
    number = _FURTHER + seed
    while not (places := _fields(exercise, misconception, student, number)):
        number += 1
    variant = exercise.variant(student, number)
    field = exercise.fields(variant)[places[seed % len(places)]]
    return Question(exercise.id, number, exercise.prompt(variant), field)
