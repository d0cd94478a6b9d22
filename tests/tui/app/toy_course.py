"""A toy course of two units: one exercise of each kind but for answer, and a unit with none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from labs.course import (
    Ask,
    Call,
    CodeExercise,
    Course,
    Criterion,
    Exercise,
    Field,
    PolicyExercise,
    PredictExercise,
    Rule,
    Run,
    Slip,
    Unit,
    Variant,
    WorldExercise,
)

TOY = Path(__file__).parent / "toy"
ACCOUNT = "123456789012"
READER = f"arn:aws:iam::{ACCOUNT}:user/reader"
BUCKET = "training-7f"
READ_OBJECTS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        }
    ],
}


def case(action: str, resource: str) -> dict[str, Any]:
    """A case of `skylab explain` that the toy policy decides."""
    return {
        "request": {"principal": READER, "action": action, "resource": resource},
        "identityPolicies": [READ_OBJECTS],
        "names": {"identityPolicies": ["reader/inline/read"]},
    }


class Toy:
    """What all toy exercises have in common."""

    minutes: ClassVar[int] = 5
    points: ClassVar[int] = 2

    def values(self, rng: Random) -> Mapping[str, Any]:
        return {"bucket": BUCKET}


class WhichEffect(Toy, PredictExercise):
    title = "Which answer?"

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        choices = ("allowed", "denied: nothing allows it", "explicitly denied")
        slip = Slip("allowed", "S1", "A slash and a star name what is in the bucket.")
        asked = case("s3:ListBucket", f"arn:aws:s3:::{BUCKET}")
        return (
            Field(
                "decision",
                "What does AWS answer when alice lists the bucket?",
                choices[1],
                "choice",
                choices,
                slips=(slip,),
                case=asked,
            ),
            Field(
                "element",
                "Which element decides?",
                "Resource",
                slips=(Slip("Action", "S1", "Compare the two ARNs.", ("arn", f"arn:aws:s3:::{BUCKET}")),),
            ),
        )


class Reader(Toy, PolicyExercise):
    title = "Least privilege for a reader"
    minutes = 10
    points = 6

    def principal(self, variant: Variant) -> str:
        return READER

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        bucket = f"arn:aws:s3:::{BUCKET}"
        return (
            Rule("reads data/a.csv", 2, True, (Ask("s3:GetObject", f"{bucket}/data/a.csv"),)),
            Rule(
                "lists the bucket", 2, True, (Ask("s3:ListBucket", bucket),), "ListBucket acts on the bucket."
            ),
            Rule("nothing else", 2, False, (Ask("s3:GetObject", f"{bucket}/keys/root.pem"),), "Only data/."),
        )

    def diagnose(self, policy: Any, rule: Rule, ask: Ask, decision: Any) -> str | None:
        return "S1" if ask.action == "s3:ListBucket" else None


class WhyDenied(Toy, CodeExercise):
    title = "Why is it denied?"
    minutes = 15
    points = 8

    def prepare(self, world: Any, variant: Variant) -> None:
        raise AssertionError("the toy course has no real world")

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        return (Call("deciding_statement", ("alice",)),)

    def mark(self, world: Any, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        raise AssertionError("the toy course has no real world")


class FindTheDeny(Toy, WorldExercise):
    title = "Find the deny"
    minutes = 15
    points = 8

    def prepare(self, world: Any, variant: Variant) -> None:
        raise AssertionError("the toy course has no real world")

    def mark(self, world: Any, variant: Variant) -> tuple[Criterion, ...]:
        raise AssertionError("the toy course has no real world")


KINDS: dict[str, type[Exercise]] = {
    "which-effect": WhichEffect,
    "reader": Reader,
    "why-denied": WhyDenied,
    "find-the-deny": FindTheDeny,
}


class ToyUnit(Unit):
    def _load(self, name: str) -> Exercise:
        return KINDS[name](self, name, self.folder / "exercises" / name.replace("-", "_"))


def toy_course() -> Course:
    """Two units; the first has an exercise of each kind, but for answer, which looks like predict."""
    goals = ("Read a statement and say what it does", "Tell a bucket from the objects in it")
    return Course(
        (
            ToyUnit(
                "policies",
                4,
                "Policies",
                "Who may do what, and how AWS decides.",
                goals,
                TOY / "policies",
                tuple(KINDS),
            ),
            ToyUnit(
                "roles",
                5,
                "Roles and instances",
                "Credentials that nobody keeps.",
                goals[:1],
                TOY / "roles",
                (),
            ),
        )
    )
