"""A small course for the graders' tests: programs, a world, an answer, and a check that fails."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labs.course import (
    AnswerExercise,
    Call,
    CodeExercise,
    Course,
    Criterion,
    Exercise,
    Field,
    Run,
    Slip,
    Unit,
    Variant,
    WorldExercise,
)
from labs.course.marks import failed, passed

HERE = Path(__file__).parent


class Double(CodeExercise):
    """`double(n)`, for 2 and then 21; half of the points for each."""

    title, minutes, points = "Double a number", 1, 2

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {}

    def prepare(self, world: Any, variant: Variant) -> None:
        pass

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        return Call("double", (2,)), Call("double", (21,))

    def mark(self, world: Any, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        return tuple(
            passed(f"doubles {number}", 1)
            if result.error is None and result.value == 2 * number
            else failed(f"doubles {number}", 1, result.error or "It is another number.")
            for number, result in zip((2, 21), run.results, strict=True)
        )


class Bucket(CodeExercise):
    """`make()` gives a bucket's name, `put(name)` writes to it as another user; judged by the world alone."""

    title, minutes, points, worlds = "Make a bucket", 1, 3, 1

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {"bucket": f"training-{rng.randrange(10**6):06}"}

    def prepare(self, world: Any, variant: Variant) -> None:
        iam = world.client("iam")
        iam.create_user(UserName="writer")
        iam.attach_user_policy(UserName="writer", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        name = variant.values["bucket"]
        return Call("make", (name,)), Call("put", ({"result": 0},), as_="user/writer")

    def mark(self, world: Any, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        name = variant.values["bucket"]
        held = [bucket["Name"] for bucket in world.client("s3").list_buckets()["Buckets"]]
        made = passed("the bucket is there", 1) if name in held else failed("the bucket is there", 1, "No.")
        puts = [event for event in run.events if event.operation == "PutObject" and not event.error]
        if any(event.principal.endswith(":user/writer") for event in puts):
            return made, passed("the writer writes", 2)
        return made, failed(
            "the writer writes", 2, run.results[1].error or "Nobody wrote.", misconception="S1"
        )


class Tidy(WorldExercise):
    """The learner deletes one bucket and leaves the other."""

    title, minutes, points = "Tidy up", 1, 2

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {"old": f"old-{rng.randrange(10**6):06}", "kept": f"kept-{rng.randrange(10**6):06}"}

    def prepare(self, world: Any, variant: Variant) -> None:
        for name in (variant.values["old"], variant.values["kept"]):
            world.client("s3").create_bucket(Bucket=name)
        iam = world.client("iam")
        iam.create_user(UserName="learner")
        statement = {
            "Effect": "Allow",
            "Action": ["s3:DeleteBucket", "s3:ListAllMyBuckets"],
            "Resource": [f"arn:aws:s3:::{variant.values['old']}", "*"],
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="learner", PolicyName="tidy", PolicyDocument=document)

    def mark(self, world: Any, variant: Variant) -> tuple[Criterion, ...]:
        held = {bucket["Name"] for bucket in world.client("s3").list_buckets()["Buckets"]}
        gone, kept = variant.values["old"] not in held, variant.values["kept"] in held
        return (
            passed("the old one is gone", 1) if gone else failed("the old one is gone", 1, "It is there."),
            passed("the other is there", 1) if kept else failed("the other is there", 1, "It is gone."),
        )


class Number(AnswerExercise):
    """One number, which depends on the student."""

    title, minutes, points = "Name the number", 1, 1

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {"number": rng.randrange(1000)}

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        number = str(variant.values["number"])
        return (
            Field("number", "the number", number, "number", slips=(Slip("-1", "C2", "Not below zero."),)),
        )


class Broken(Number):
    """An exercise whose own check fails."""

    title = "A check that fails"

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        raise ZeroDivisionError("in the check")


class Deadly(Number):
    """An exercise whose check ends the process that judges."""

    title = "A check that ends everything"

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        os._exit(1)


CLASSES: dict[str, type[Exercise]] = {
    "double": Double,
    "bucket": Bucket,
    "tidy": Tidy,
    "number": Number,
    "broken": Broken,
    "deadly": Deadly,
}


class ToyUnit(Unit):
    def _load(self, name: str) -> Exercise:
        return CLASSES[name](self, name, HERE / "exercises" / name)


def load() -> Course:
    """The toy course."""
    return Course((ToyUnit("toy", 0, "Toys", "For tests.", (), HERE, tuple(CLASSES)),))
