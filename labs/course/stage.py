"""Open the world of an exercise: started from the variant's seed, prepared, and handed over."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from labs.course.exercise import Exercise
from labs.course.kinds.code import CodeExercise
from labs.course.kinds.world import WorldExercise
from labs.course.sealed import Sealed
from labs.course.variants import Variant
from labs.errors import CourseError

if TYPE_CHECKING:
    from labs.sandbox import Nursery, World

__all__ = ["label_of", "open_world"]


def label_of(variant: Variant) -> str:
    """What the journal of an exercise's world says that it is of."""
    return f"{variant.exercise.id}#{variant.seed}"


def open_world(
    exercise: Exercise,
    variant: Variant,
    *,
    journal: Path | None = None,
    nursery: Nursery | None = None,
) -> World:
    """A world as the exercise begins it; with a journal, as the learner left it.

    Args:
        journal: where the learner's changes are kept; those that it holds are made again first.
        nursery: where to take the world from; without one it starts in a process of its own.

    Raises:
        CourseError: the exercise has no world.
        SandboxError, JournalError: the world cannot start, or the journal cannot be replayed.
    """
    from labs.sandbox import World

    if not isinstance(exercise, CodeExercise | WorldExercise):
        raise CourseError("This exercise has no world", f"{exercise.id} is of the kind {exercise.kind}.")

    def prepare(world: World) -> None:
        exercise.prepare(world, variant)

    if nursery is None:
        world = World.start(seed=variant.seed, prepare=prepare)
    else:
        # Who grades shares the seed with the student, whose code must not be able to sign as the admin. A
        # sealed exercise is not graded here, and its world is made by requests that the admin has signed.
        secret = "" if isinstance(exercise, Sealed) else secrets.token_hex(16)
        world = nursery.world(seed=variant.seed, prepare=prepare, secret=secret)
    if journal is not None:
        try:
            world.open_journal(journal, label=label_of(variant))
        except BaseException:
            world.close()
            raise
    return world
