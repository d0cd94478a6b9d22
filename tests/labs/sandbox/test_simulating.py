"""A case gets the same decision from a running sandbox as from the evaluator."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from labs.aws.iam import case_from_json, evaluate
from labs.course import PolicyExercise, load_course
from labs.errors import InputError
from labs.sandbox import World
from labs.sandbox.simulating import command_of, simulate

COURSE = load_course()
POLICIES = [each for unit in COURSE.units for each in unit.exercises if isinstance(each, PolicyExercise)]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World.start() as world:
        yield world


@pytest.mark.parametrize(
    "exercise", [each for each in POLICIES if each.policy_type == "identity"], ids=lambda each: each.id
)
def test_a_counter_example_falls_in_the_sandbox_as_it_says(exercise: PolicyExercise, world: World) -> None:
    variant = exercise.variant("ada")
    works = [wrong.text for wrong in exercise.wrong(variant)]
    wide = json.loads(exercise.solution(variant))
    wide["Statement"].append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"})
    criteria = [each for text in (*works, json.dumps(wide)) for each in exercise.mark(text, variant)]
    cases = [
        each.counterexample.case for each in criteria if each.counterexample and each.counterexample.case
    ]
    assert cases
    for case in cases:
        who = case["request"]["principal"]
        # The world is of the partition aws, and beside a resource's policy its simulator takes users alone.
        if not who.startswith("arn:aws:") or ("resourcePolicy" in case and ":user/" not in who):
            with pytest.raises(InputError, match="no place"):
                simulate(world, case)
            continue
        assert (simulate(world, case) == "allowed") is evaluate(*case_from_json(dict(case))).allowed
        assert command_of(case).startswith("aws iam simulate-custom-policy --cli-input-json '{")


def test_what_the_simulator_has_no_place_for_is_said(world: World) -> None:
    request = {"principal": "ec2.amazonaws.com", "action": "sts:AssumeRole", "resource": "*"}
    with pytest.raises(InputError, match="no place"):
        simulate(world, {"request": request, "resourcePolicy": {"Statement": []}})
    with pytest.raises(InputError, match="scps"):
        simulate(world, {"request": request, "scps": []})
