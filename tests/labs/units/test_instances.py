"""Unit 5 computes its answers from the engines; marking withstands what learners return and leave behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labs.aws.iam import PolicyError, parse_policy
from labs.course import AnswerExercise, CallResult, CodeExercise, Run, Variant, load_course
from labs.sandbox import World
from labs.units.instances import live
from labs.units.instances import machines as ec2

UNIT = load_course().unit("instances")
ANSWERS = [each for each in UNIT.exercises if isinstance(each, AnswerExercise)]
SEEDS = range(20)


def variant_of(name: str, student: str = "ada") -> Variant:
    return load_course().exercise(f"instances/{name}").variant(student)


def run_of(*values: Any) -> Run:
    return Run(tuple(CallResult(value) for value in values), ())


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[World, Variant]]:
    """The world of the exercise that asks the metadata service, as it begins."""
    variant = variant_of("ask-for-yourself")
    exercise = variant.exercise
    assert isinstance(exercise, CodeExercise)
    with World.start(seed=5, prepare=lambda world: exercise.prepare(world, variant)) as world:
        yield world, variant


def test_there_are_twelve_exercises_and_more() -> None:
    assert len(UNIT.exercises) >= 12


@pytest.mark.parametrize("exercise", ANSWERS, ids=lambda exercise: exercise.id)
def test_an_answer_is_none_of_the_slips_and_one_of_the_choices(exercise: AnswerExercise) -> None:
    for number in SEEDS:
        for field in exercise.fields(exercise.variant(f"student-{number}")):
            given = [slip.given for slip in field.slips if isinstance(slip.given, str)]

            assert field.answer not in given, field.name
            assert not field.choices or {field.answer, *given} <= set(field.choices), field.name


@pytest.mark.parametrize("exercise", ANSWERS, ids=lambda exercise: exercise.id)
def test_each_slip_has_a_counter_example_that_runs(exercise: AnswerExercise) -> None:
    for number in SEEDS:
        for field in exercise.fields(exercise.variant(f"student-{number}")):
            assert all(slip.command or field.example for slip in field.slips), field.name


def test_a_session_has_no_path_and_a_role_has() -> None:
    assert ec2.role_arn("jobs/app") == "arn:aws:iam::123456789012:role/jobs/app"
    assert ec2.session_arn("jobs/app", "i-0a") == "arn:aws:sts::123456789012:assumed-role/app/i-0a"
    assert ec2.profile_arn("app", "111122223333") == "arn:aws:iam::111122223333:instance-profile/app"


def test_trust_policies_are_such_as_iam_takes() -> None:
    document = ec2.trust({"Service": ec2.EC2}, {"AWS": "arn:aws:iam::123456789012:user/dana"})

    assert len(parse_policy(json.dumps(document), type="trust").statements) == 2
    with pytest.raises(PolicyError):
        parse_policy(json.dumps(ec2.trust({"AWS": "____"})), type="trust")


def test_questions_are_answered_by_the_word_of_a_line() -> None:
    assert ec2.word({"after": "reboot", "instance_store": True}, "instance store") == "kept"
    assert ec2.word({"metadata": {}}) == "401"


class TestAskForYourself:
    """The exercise in which the metadata service is asked by hand."""

    def test_what_a_program_gets_there_is_a_session_of_the_role(self, asked: tuple[World, Variant]) -> None:
        world, variant = asked
        machine = live.instance_of(world, variant.values["name"])["InstanceId"]
        given = live.role_credentials(world, machine)

        assert live.caller(world, given) == ec2.session_arn(variant.values["role"], machine, world.account)

    def test_an_instance_without_a_profile_gets_no_credentials(self, asked: tuple[World, Variant]) -> None:
        world, variant = asked
        machine = live.instance_of(world, variant.values["other"])["InstanceId"]

        assert live.role_credentials(world, machine) == {}
        assert live.role_credentials(world, "i-00000000") == {}

    @pytest.mark.parametrize("given", [None, "x", [], {}, {"Type": "AWS-HMAC"}, {"Type": 1, "Token": []}])
    def test_credentials_that_are_none_earn_nothing(self, asked: tuple[World, Variant], given: Any) -> None:
        world, variant = asked
        machine = live.instance_of(world, variant.values["name"])
        told = (machine["InstanceId"], machine["InstanceId"], machine["InstanceType"], None, given)
        found = variant.exercise.mark(world, run_of(*told), variant)

        assert [each.state for each in found] == ["pass", "pass", "fail"]

    def test_the_other_instance_is_not_the_one_that_was_meant(self, asked: tuple[World, Variant]) -> None:
        world, variant = asked
        other = live.instance_of(world, variant.values["other"])["InstanceId"]
        found = variant.exercise.mark(world, run_of(other, other, None, None, {}), variant)

        assert [each.state for each in found] == ["fail", "skipped", "skipped"]


@pytest.mark.parametrize("given", [None, "AKIA", [], {}, {"AccessKeyId": 1}])
def test_a_session_that_is_none_is_said_to_be_none(asked: tuple[World, Variant], given: Any) -> None:
    variant = variant_of("a-narrower-session")
    found = variant.exercise.mark(asked[0], run_of(given), variant)

    assert [each.state for each in found] == ["fail", "skipped", "skipped"]
