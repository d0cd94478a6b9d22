"""The names under which the work of an exercise may be handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from labs.course import Exercise

__all__ = ["flat_names", "place_of", "tops_of"]

SEPARATOR = "--"


def place_of(exercise: Exercise) -> str:
    """The path of its file in a workspace."""
    return f"{exercise.id}/{exercise.filename}"


def tops_of(exercises: Iterable[Exercise]) -> frozenset[str]:
    """The folders that their files lie in."""
    return frozenset(exercise.unit.id for exercise in exercises)


def flat_names(exercises: Iterable[Exercise]) -> Mapping[str, Exercise]:
    """File names that stand for an exercise: NAME.json, where one unit only has it, and UNIT--NAME.json."""
    exercises = tuple(exercises)
    times = Counter(exercise.name for exercise in exercises)
    names: dict[str, Exercise] = {}
    for exercise in exercises:
        ending = PurePosixPath(exercise.filename).suffix
        names[f"{exercise.unit.id}{SEPARATOR}{exercise.name}{ending}"] = exercise
        if times[exercise.name] == 1:
            names[f"{exercise.name}{ending}"] = exercise
    return names
