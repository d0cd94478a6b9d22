"""Judge one submission of one exercise.

The world is judged, never the process: a program's answers are compared out here, and what it did is read
from the world and from the world's own record of its calls.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from graders.bench import Bench
from graders.report import Report, State, state_of
from labs.course import CodeExercise, Criterion, Exercise, Variant, WorldExercise
from labs.course.marks import settled, unjudged
from labs.course.sealed import NO_CHECKS, Sealed
from labs.errors import EnvironmentFailure, InputError

__all__ = ["failed_check", "judge", "missing", "unreadable"]


def judge(
    exercise: Exercise, text: str | None, variant: Variant, bench: Bench, *, draw: str | None = None
) -> Report:
    """The report on one piece of work; None is work that was not handed in.

    Whatever the work holds or does, there is a report. A mistake in the course's own check is reported as
    such, and is no fault of the student's.

    Args:
        draw: names the hidden worlds that a program meets, where other works meet the same ones; by default
            each work has worlds of its own.

    Raises:
        EnvironmentFailure: the machine failed: no world can be started, or no box.
    """
    started = time.monotonic()
    report = missing(exercise, variant) if text is None else _judge(exercise, text, variant, bench, draw)
    return report.took(round((time.monotonic() - started) * 1000))


def _judge(exercise: Exercise, text: str, variant: Variant, bench: Bench, draw: str | None) -> Report:
    try:
        match exercise:
            case Sealed():
                return _one(exercise, variant, "error", CHECKED, NO_CHECKS)
            case CodeExercise():
                return _judge_code(exercise, text, variant, bench, draw)
            case WorldExercise():
                return _judge_world(exercise, text, variant, bench)
            case _:
                return _report(variant, exercise.mark(text, variant))
    except InputError as error:
        return unreadable(exercise, variant, error)
    except EnvironmentFailure:
        raise
    except Exception as error:
        return failed_check(exercise, variant, f"{type(error).__name__}: {error}")


def _judge_code(
    exercise: CodeExercise, text: str, variant: Variant, bench: Bench, draw: str | None
) -> Report:
    """The report of the first hidden world in which it is not all right; else of the last."""
    bench.boxes.start()  # it warms beside the parent of the worlds
    worlds = bench.worlds_for(exercise)

    def enter(number: int) -> Report:
        hidden = bench.hidden_variant(exercise, number, draw or _digest(text, variant))
        return _judge_run(exercise, text, hidden, bench, again=draw is not None)

    notes: tuple[str, ...] = ()
    for number, report in enumerate(bench.in_each_world(enter, worlds)):
        if report.state != "pass":
            notes = (UNSEEN if worlds == 1 else f"{UNSEEN} It is the one numbered {number + 1} of {worlds}.",)
            break
    return replace(report, variant=variant, notes=(*report.notes, *notes))


def _digest(text: str, variant: Variant) -> str:
    """A draw of this work's own: what one program finds out about its worlds helps no other one."""
    said = f"{variant.student}/{variant.number}/{text}"
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _judge_run(exercise: CodeExercise, text: str, variant: Variant, bench: Bench, *, again: bool) -> Report:
    from graders.runs import Program, Unfinished, run_program

    with bench.hidden_world(exercise, variant, again=again) as world:
        program = Program(text, exercise.filename)
        try:
            ran = run_program(program, exercise.calls(variant), world, bench)
        except Unfinished as end:
            return _one(exercise, variant, end.state, RUNS, end.message, end.isolation, end.output)
        criteria = exercise.mark(world, ran.run, variant)
    # A call that could not be made is no fault of the function that it was to call.
    unmade = {result.error for result in ran.run.results if not result.made}
    judged = [unjudged(each, each.message) if _is_about(each, unmade) else each for each in criteria]
    return _report(variant, judged, isolation=ran.isolation, output=ran.output)


def _is_about(criterion: Criterion, unmade: Collection[str | None]) -> bool:
    return criterion.state == "fail" and criterion.message in unmade


def _judge_world(exercise: WorldExercise, text: str, variant: Variant, bench: Bench) -> Report:
    from graders.worlds import replay_work

    with bench.hidden_world(exercise, variant, seed=variant.seed) as world:
        notes = replay_work(exercise, text, variant, world)
        return _report(variant, exercise.mark(world, variant), notes=notes)


UNSEEN = "The program ran in a world of its own, with other names and numbers than in your task."
RUNS = "The program runs to its end"
READABLE = "The file can be read"
CHECKED = "The course's own check"


def missing(exercise: Exercise, variant: Variant) -> Report:
    """The report on work that was not handed in."""
    return Report(exercise, variant, "missing", Decimal(0), Decimal(exercise.points), ())


def unreadable(exercise: Exercise, variant: Variant, error: InputError) -> Report:
    """The report on work that is there and cannot be read."""
    message = " ".join(part for part in (f"{error.title}.", error.detail, error.hint) if part)
    return _one(exercise, variant, "error", READABLE, message)


def failed_check(exercise: Exercise, variant: Variant, reason: str) -> Report:
    """The report on work that the course failed to judge."""
    message = f"It failed, and that is no fault of yours; tell whoever runs the course. {reason}"
    return _one(exercise, variant, "error", CHECKED, message)


def _report(
    variant: Variant,
    criteria: Sequence[Criterion],
    *,
    isolation: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    output: str = "",
) -> Report:
    """The report on work that was judged by its criteria; those that build on others wait for these."""
    criteria = settled(criteria, variant.exercise.needs(variant))
    return Report(
        exercise=variant.exercise,
        variant=variant,
        state=state_of(criteria),
        points=sum((criterion.points for criterion in criteria), Decimal(0)),
        max=sum((criterion.max for criterion in criteria), Decimal(0)),
        criteria=criteria,
        isolation=isolation,
        notes=notes,
        output=output,
    )


def _one(
    exercise: Exercise,
    variant: Variant,
    state: State,
    name: str,
    message: str,
    isolation: tuple[str, ...] = (),
    output: str = "",
) -> Report:
    """The report on work that gave nothing to judge: without a complete answer there are no points."""
    most = Decimal(exercise.points)
    criterion = Criterion(name, "error", Decimal(0), most, message)
    return Report(exercise, variant, state, Decimal(0), most, (criterion,), isolation, output=output)
