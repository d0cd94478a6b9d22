"""The code of a Lambda function would run outside of every box, so it does not run where work is judged."""

from __future__ import annotations

from pathlib import Path

from graders.bench import Bench
from labs.course import CodeExercise, Course
from tests.labs.sandbox.functions.making import call, make


def test_a_hidden_world_does_not_run_the_code_of_functions(bench: Bench, toy: Course, tmp_path: Path) -> None:
    exercise = toy.exercise("double")
    assert isinstance(exercise, CodeExercise)
    mark = tmp_path / "mark"
    source = f"open({str(mark)!r}, 'w').close()\ndef handler(event, context): return 1"
    with bench.hidden_world(exercise, exercise.variant("alice")) as world:
        make(world.client, source)
        answer, fault = call(world.client)
        world.client("lambda").invoke(FunctionName="f", InvocationType="Event")
        world.advance(minutes=5)
    assert (fault, answer["errorMessage"]) == ("Unhandled", "Functions do not run in this world.")
    assert not mark.exists()
