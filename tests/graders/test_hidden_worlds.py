"""Hidden worlds: the same for the same work, wherever it is judged; another for other work."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from graders import Bench, ClassResult
from graders.bench import HIDDEN
from graders.store import Store
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


def test_the_same_work_meets_the_same_hidden_world_in_every_process(classroom: Any) -> None:
    classroom.hand_in("alice", bucket=TELLS)
    classroom.hand_in("bob", bucket=TELLS)
    asked = outputs(classroom.grade("bucket", workers=2))
    assert all(name.startswith("training-") for name in asked.values())
    assert outputs(classroom.grade("bucket", workers=1, regrade=True)) == asked
    assert classroom.fresh() == {("alice", "bucket"), ("bob", "bucket")}

    with Store(classroom.out / "results.sqlite") as store:
        secret = store.secret().encode()
    assert len(secret) == 64
    files = [path for path in classroom.out.rglob("*") if path.is_file()]
    telling = {path.name for path in files if secret in path.read_bytes()}
    assert telling <= {"results.sqlite", "results.sqlite-wal"}, "it is in nothing that a student gets"


def test_changed_work_meets_another_of_the_hidden_worlds(toy: Course) -> None:
    exercise = toy.exercise("bucket")
    assert isinstance(exercise, CodeExercise)
    variant, texts = exercise.variant("alice"), [f"{TELLS}\n# {number}\n" for number in range(60)]
    with Bench(secret="s") as bench:
        seeds = [bench.hidden_variant(exercise, variant, 0, text).seed for text in texts]
    assert len(set(seeds)) == HIDDEN
    assert sum(one == other for one, other in itertools.pairwise(seeds)) < 20


def test_each_class_has_its_own_secret_and_keeps_it(tmp_path: Path) -> None:
    secrets = []
    for name in ("one", "one", "other"):
        with Store(tmp_path / name) as store:
            secrets += [store.secret(), store.secret()]
    assert len(set(secrets[:4])) == 1
    assert len(set(secrets)) == 2


def test_whoever_grades_says_in_how_many_worlds(classroom: Any) -> None:
    classroom.hand_in("alice", bucket=RIGHT)
    two = classroom.grade("bucket", worlds=2).submissions[0].exercises[0]
    one = classroom.grade("bucket").submissions[0].exercises[0]
    assert classroom.fresh() == {("alice", "bucket")}, "in another number of worlds it is judged again"
    assert (one.state, two.state) == ("pass", "pass")
    assert one.output != two.output, "what is told of is the last world"
