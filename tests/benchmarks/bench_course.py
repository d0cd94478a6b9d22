"""What the benchmarks of grading judge: Skylab's own exercises and the toys of its tests, as one course."""

from __future__ import annotations

import sys
from pathlib import Path

from graders.worker import course_of
from labs.course import Course, Exercise, Variant, load_course

__all__ = ["LOADER", "SIX", "load", "solution"]

HERE = Path(__file__).parent
TOYS = HERE.parent / "graders" / "toy"
LOADER = f"{__name__}:load"

PURE = ("policies/read-a-statement", "policies/which-decision", "policies/bucket-or-object")
CODE = ("policies/find-the-sid", "instances/no-keys-on-board", "toy/bucket")
SIX = (*PURE, *CODE)
"""Three that are judged by thinking alone, and three whose programs run against worlds of their own."""

SOLUTIONS = {
    "toy/double": "def double(n):\n    return 2 * n\n",
    "toy/bucket": """import boto3

def make(name):
    boto3.client("s3").create_bucket(Bucket=name)
    return name

def put(name):
    boto3.client("s3").put_object(Bucket=name, Key="a", Body=b"x")
""",
}


def load() -> Course:
    """All units, and the toys."""
    if str(TOYS) not in sys.path:
        sys.path.append(str(TOYS))
    return Course((*load_course().units, *course_of("skylab_toy_course:load").units))


def solution(exercise: Exercise, variant: Variant) -> str:
    """What earns full marks."""
    return SOLUTIONS.get(exercise.id) or exercise.solution(variant)
