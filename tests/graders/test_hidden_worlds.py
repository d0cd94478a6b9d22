"""Hidden worlds: the same for the same work, wherever it is judged; another for other work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders import ClassResult
from graders.judging import _digest
from graders.rounds import DRAWS, _Piece
from graders.store import Key, Store
from graders.submissions import Submission, Work
from labs.course import Course

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


def test_changed_work_meets_worlds_that_nobody_has_seen(classroom: Any) -> None:
    classroom.hand_in("alice", bucket=TELLS)
    first = outputs(classroom.grade("bucket"))
    seen = {first["alice"]}
    for number in range(2):
        classroom.hand_in("alice", bucket=f"{TELLS}\n# {number}\n")
        seen |= {outputs(classroom.grade("bucket"))["alice"]}
    assert len(seen) == 3
    with Store(classroom.out / "results.sqlite") as store:
        assert store.sitting("alice", "toy/bucket", "other work") is None


def test_a_class_meets_each_hidden_world_of_its_sitting_often(toy: Course) -> None:
    draws = {piece_of(toy, f"student{number}").draw for number in range(100)}
    assert len(draws) == DRAWS
    assert piece_of(toy, "alice").draw == piece_of(toy, "alice").draw


def piece_of(toy: Course, student: str) -> _Piece:
    exercise = toy.exercise("bucket")
    submission = Submission(student, f"{student}.zip", Path(student))
    return _Piece(submission, exercise, exercise.variant(student), Key("work", {}), Work(RIGHT), sitting=3)


def test_work_that_is_judged_alone_has_hidden_worlds_of_its_own(toy: Course) -> None:
    exercise = toy.exercise("bucket")
    seen = {_digest(text, exercise.variant(student)) for text in ("a", "b") for student in ("alice", "bob")}
    assert len(seen) == 4


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
