"""A policy that keeps every example is compared with what is asked for, over all requests that there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labs.aws.iam import case_from_json, evaluate, parse_policy, prover
from labs.course import Criterion, Kind, PolicyExercise, Variant, load_course
from labs.course.kinds import policy as kind
from labs.course.kinds import proof

COURSE = load_course()
POLICIES = [each for unit in COURSE.units for each in unit.exercises if isinstance(each, PolicyExercise)]


def statement(action: Any, resource: Any, **condition: Any) -> dict[str, Any]:
    said = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **said}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def marked(name: str, *statements: dict[str, Any]) -> tuple[Variant, tuple[Criterion, ...]]:
    exercise = COURSE.exercise(name)
    variant = exercise.variant("ada")
    return variant, exercise.mark(document(*statements), variant)


def faults(criteria: tuple[Criterion, ...]) -> dict[str, Criterion]:
    return {each.name: each for each in criteria if each.state != "pass"}


@pytest.mark.parametrize("exercise", POLICIES, ids=lambda each: each.id)
def test_what_no_example_shows_is_found_and_its_request_decides_as_it_says(exercise: PolicyExercise) -> None:
    assert exercise.kind is Kind.POLICY
    variant = exercise.variant("ada")
    wide = json.loads(exercise.solution(variant))
    said = {"Principal": "*"} if exercise.policy_type != "identity" else {"Resource": "*"}
    action = "sts:TagSession" if exercise.policy_type == "trust" else "s3:PutObjectLegalHold"
    if exercise.policy_type == "resource":
        said["Resource"] = wide["Statement"][0]["Resource"]
    wide["Statement"].append({"Effect": "Allow", "Action": action, **said})

    (fault,) = faults(exercise.mark(json.dumps(wide), variant)).values()

    assert "the proof found it" in fault.message
    assert fault.counterexample is not None
    assert fault.counterexample.case is not None
    assert fault.counterexample.sentence.endswith("is allowed")
    assert evaluate(*case_from_json(fault.counterexample.case)).allowed


def test_what_is_asked_for_and_no_example_shows_may_not_be_denied() -> None:
    v = COURSE.exercise("just-this-prefix").variant("ada").values
    inside = f"arn:aws:s3:::{v['bucket']}/{v['prefix']}"
    _, criteria = marked(
        "just-this-prefix",
        statement("s3:GetObject", f"{inside}/*"),
        statement("s3:ListBucket", f"arn:aws:s3:::{v['bucket']}"),
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{inside}/secret/*"},
    )

    (fault,) = faults(criteria).values()

    assert fault.name == "reads what begins with the prefix"
    assert fault.message.startswith("This is denied, and should not be.")
    assert fault.counterexample is not None
    assert fault.counterexample.case is not None
    assert f"{v['prefix']}/secret/" in fault.counterexample.case["request"]["resource"]


@pytest.mark.parametrize("exercise", POLICIES, ids=lambda each: each.id)
def test_of_a_right_policy_the_proof_is_told(exercise: PolicyExercise) -> None:
    variant = exercise.variant("ada")
    criteria = exercise.mark(exercise.solution(variant), variant)

    assert not faults(criteria)
    assert [each.message for each in criteria if each.message] == [kind.PROVED]


def small_machines() -> list[tuple[str, list[dict[str, Any]]]]:
    v = COURSE.exercise("only-small-machines").variant("ada").values
    here, types = v["region"], [v["first"], v["second"]]
    asked = {"StringEquals": {"aws:RequestedRegion": here}}
    ends = ["ec2:StopInstances", "ec2:TerminateInstances"]
    look, launch = statement("ec2:Describe*", "*"), "ec2:RunInstances"
    typed = {"ec2:InstanceType": types}
    others = {"Effect": "Allow", "Action": launch, "NotResource": "arn:aws:ec2:*:*:instance/*"}
    by_region = {"StringEquals": {**asked["StringEquals"], **typed}}
    return [
        (
            "by the Region that is asked for",
            [
                statement(launch, "arn:aws:ec2:*:*:instance/*", **by_region),
                {**others, "Condition": asked},
                statement(ends, "*", **asked),
                look,
            ],
        ),
        (
            "with IfExists",
            [
                statement(launch, "*", StringEqualsIfExists=typed, **asked),
                statement(ends, f"arn:aws:ec2:{here}:*:instance/*"),
                look,
            ],
        ),
    ]


@pytest.mark.parametrize(
    "statements", [each for _, each in small_machines()], ids=[name for name, _ in small_machines()]
)
def test_there_is_more_than_one_right_policy_where_the_task_leaves_room(
    statements: list[dict[str, Any]],
) -> None:
    assert not faults(marked("only-small-machines", *statements)[1])


@pytest.mark.parametrize("exercise", POLICIES, ids=lambda each: each.id)
def test_between_the_least_and_the_most_that_is_right_lies_the_solution(exercise: PolicyExercise) -> None:
    as_: prover.Kind = "identity" if exercise.policy_type == "identity" else "resource"
    for number in range(5):
        variant = exercise.variant(f"student-{number}")
        texts = exercise.least(variant), exercise.solution(variant), exercise.most(variant)
        least, solution, most = (parse_policy(text, name="", type=exercise.policy_type) for text in texts)  # type: ignore[arg-type]

        assert prover.compare(solution, least, as_).not_wider
        assert prover.compare(most, solution, as_).not_wider
        assert not faults(exercise.mark(exercise.most(variant), variant))


def test_a_proof_that_comes_to_no_end_is_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "_STEPS", 0)
    exercise = COURSE.exercise("least-privilege-reader")
    variant = exercise.variant("ada")
    end = f"{variant.values['prefix']}/*"
    redundant = json.dumps([end, *(f"{end}{number}" for number in range(60))])
    text = exercise.solution(variant).replace(f'"{end}"', redundant)

    *_, last = exercise.mark(text, variant)

    assert last.state == "pass"
    assert last.message.startswith(kind.NOT_PROVED)
