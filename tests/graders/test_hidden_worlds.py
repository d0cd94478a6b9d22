"""Hidden worlds: the same for the same work, wherever it is judged; another for other work."""

from __future__ import annotations

import itertools
import sqlite3
from typing import Any

import pytest

from graders import Bench, ClassResult
from graders.bench import HIDDEN
from labs.course import CodeExercise, Course

TELLS = """
def make(name):
    print(name)
    return name

def put(name):
    pass
"""

RIGHT = """
import boto3

def make(name):
    print(name)
    boto3.client("s3").create_bucket(Bucket=name)
    return name

def put(name):
    boto3.client("s3").put_object(Bucket=name, Key="a", Body=b"x")
"""


def outputs(result: ClassResult) -> dict[str, str]:
    return {each.student: each.exercises[0].output for each in result.submissions}


def secret_of(classroom: Any) -> str:
    with sqlite3.connect(classroom.out / "results.sqlite") as store:
        return str(store.execute("SELECT text FROM secret").fetchone()[0])


@pytest.fixture
def asked(classroom: Any) -> dict[str, str]:
    """Two students whose program says what its hidden world is asked for, graded by two workers."""
    classroom.hand_in("alice", bucket=TELLS)
    classroom.hand_in("bob", bucket=TELLS)
    return outputs(classroom.grade("bucket", workers=2))


def test_the_same_work_meets_the_same_hidden_world_in_every_process(
    classroom: Any, asked: dict[str, str]
) -> None:
    assert all(name.startswith("training-") for name in asked.values())
    assert outputs(classroom.grade("bucket", workers=1, regrade=True)) == asked
    assert classroom.fresh() == {("alice", "bucket"), ("bob", "bucket")}


def test_changed_work_meets_another_of_the_hidden_worlds(toy: Course) -> None:
    exercise = toy.exercise("bucket")
    assert isinstance(exercise, CodeExercise)
    variant, texts = exercise.variant("alice"), [f"{TELLS}\n# {number}\n" for number in range(60)]
    with Bench(secret="s") as bench:
        seeds = [bench.hidden_variant(exercise, variant, 0, text).seed for text in texts]
    assert len(set(seeds)) == HIDDEN
    assert sum(one == other for one, other in itertools.pairwise(seeds)) < 20


def test_another_class_has_other_hidden_worlds(classroom: Any, asked: dict[str, str]) -> None:
    first = secret_of(classroom)
    classroom.out = classroom.out.with_name("other")
    assert outputs(classroom.grade("bucket")).keys() == asked.keys()
    assert secret_of(classroom) != first


def test_the_secret_is_in_nothing_that_a_student_gets(classroom: Any, asked: dict[str, str]) -> None:
    secret = secret_of(classroom).encode()
    assert len(secret) == 64
    held = [path for path in classroom.out.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert {path.name.partition(".sqlite")[0] for path in held} <= {"results"}
    assert all(".sqlite" in path.name for path in held)


def test_whoever_grades_says_in_how_many_worlds(classroom: Any) -> None:
    classroom.hand_in("alice", bucket=RIGHT)
    one = classroom.grade("bucket").submissions[0].exercises[0]
    two = classroom.grade("bucket", worlds=2).submissions[0].exercises[0]
    assert classroom.fresh() == {("alice", "bucket")}, "in another number of worlds it is judged again"
    assert (one.state, two.state) == ("pass", "pass")
    assert one.output != two.output, "what is told of is the last world"
    classroom.grade("bucket", worlds=2)
    assert classroom.fresh() == set()
