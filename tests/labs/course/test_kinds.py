"""Marking is forgiving about form and exact about substance."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.course import AnswerExercise, CounterExample, PolicyExercise, Slip, Variant, load_course
from labs.course.exercise import sections
from labs.course.kinds.answer import Field
from labs.course.variants import fill, seed_of
from labs.errors import CourseError, SubmissionError

COURSE = load_course()


def answers() -> tuple[AnswerExercise, Variant]:
    exercise = COURSE.exercise("read-a-statement")
    assert isinstance(exercise, AnswerExercise)
    return exercise, exercise.variant("ada")


def policies() -> tuple[PolicyExercise, Variant]:
    exercise = COURSE.exercise("bucket-or-object")
    assert isinstance(exercise, PolicyExercise)
    return exercise, exercise.variant("ada")


@pytest.mark.parametrize(
    ("type", "answer", "given"),
    [
        ("text", "Explicit deny", "  explicit   DENY "),
        ("choice", "implicitly denied", "impl"),
        ("choice", "allowed", '"Allowed"'),
        ("number", "4091", "4,091"),
        ("number", "7.59", "$7.590"),
        ("number", "251", "251 addresses"),
        ("number", "55", "55 %"),
        ("money", "7.592", "$7.592"),
        ("money", "7.59", "7.592 USD"),
        ("money", "1087.18", "$1,087.18"),
        ("cidr", "10.0.0.0/16", " 10.0.0.0 / 16"),
        ("cidr", "2001:db8::/56", "2001:0DB8:0::/56"),
        ("list", "b, a", "a b"),
        ("arn", "arn:aws:s3:::b", " arn:aws:s3:::b "),
    ],
)
def test_equal_answers_are_equal_in_any_form(type: str, answer: str, given: str) -> None:
    field = Field("f", "f", answer, type, ("allowed", "implicitly denied", "explicitly denied"))  # type: ignore[arg-type]  # parametrized

    assert answers()[0].mark_field(field, given).state == "pass"


@pytest.mark.parametrize(
    ("type", "answer", "given"),
    [
        ("arn", "arn:aws:s3:::bucket", "arn:aws:s3:::Bucket"),
        ("number", "251", "254"),
        ("number", "1", "1e999999999"),
        ("number", "3", "3e2"),
        ("money", "7.592", "7.59"),
        ("money", "7.59", "7.6"),
        ("money", "7.59", "1e999999999"),
        ("cidr", "10.0.0.0/16", "10.0.5.0/16"),
        ("cidr", "10.0.0.0/16", "10.0.0.300/16"),
        ("choice", "allowed", "denied"),
        ("choice", "allowed", ""),
    ],
)
def test_other_answers_are_not(type: str, answer: str, given: str) -> None:
    field = Field("f", "f", answer, type, ("allowed", "denied"))  # type: ignore[arg-type]  # parametrized

    assert answers()[0].mark_field(field, given).state == "fail"


def test_a_slip_shows_its_own_command_and_else_the_field_s() -> None:
    bare, own = Slip("1", "B1"), Slip("2", "B1", command=("bill", "-"), stdin="{}")
    field = Field("f", "f", "3", "number", slips=(bare, own), command=("cidr", "10.0.0.0/8"))

    examples = [answers()[0].mark_field(field, given).counterexample for given in ("1", "2", "4")]

    assert [example and example.shell for example in examples] == [
        "skylab cidr 10.0.0.0/8",
        "echo '{}' | skylab bill -",
        None,
    ]


def test_what_a_command_reads_goes_with_it_into_a_report() -> None:
    example = CounterExample("See.", command=("bill", "-"), given='{"usage": []}')

    assert CounterExample.from_json(json.loads(json.dumps(example.to_json()))) == example


def test_of_a_long_document_that_a_command_reads_a_screen_shows_the_length() -> None:
    short = CounterExample("See.", command=("cidr", "judge", "-"), given="{}")
    long = CounterExample("See.", command=("reach", "--describe", "-"), given="x" * 3000)

    assert short.typed == short.shell
    assert long.typed == "skylab reach --describe -   (reads 3,000 characters of this exercise)"


@pytest.mark.parametrize("text", ["read = ", "[[[", "read = {a = 1}", "\x00", "read = [[1]]"])
def test_answers_that_cannot_be_read_are_an_error_that_says_why(text: str) -> None:
    exercise, variant = answers()

    with pytest.raises(SubmissionError) as raised:
        exercise.mark(text, variant)

    assert "answer.toml" in raised.value.detail


def test_an_empty_prediction_reveals_nothing() -> None:
    exercise = COURSE.exercise("which-decision")
    variant = exercise.variant("ada")

    empty = exercise.mark(exercise.starter(variant), variant)
    full = exercise.mark(exercise.solution(variant), variant)

    assert all(criterion.counterexample is None for criterion in empty)
    assert all(criterion.counterexample is not None for criterion in full)


def test_a_policy_that_aws_would_refuse_is_named_and_the_rules_wait() -> None:
    exercise, variant = policies()

    refused, *rules = exercise.mark('{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}', variant)

    assert refused.state == "fail"
    assert "Statement" in refused.message
    assert {rule.state for rule in rules} == {"skipped"}


def test_a_policy_that_aws_would_refuse_comes_with_the_lint_that_says_why() -> None:
    exercise, variant = policies()
    refused = exercise.solution(variant).replace("arn:aws:s3:", "arn:aws:*:", 1)

    example = exercise.mark(refused, variant)[0].counterexample

    assert example is not None
    assert example.command == ("lint", "--as", "user", "-")
    assert example.given == refused


def test_a_policy_that_allows_everything_gets_a_request_that_it_should_not_allow() -> None:
    exercise, variant = policies()
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

    *_, nothing_else = exercise.mark(json.dumps(everything), variant)

    assert nothing_else.state == "fail"
    assert nothing_else.counterexample is not None
    assert nothing_else.counterexample.case is not None


@given(st.text())
def test_no_text_breaks_the_marking_of_a_policy(text: str) -> None:
    exercise, variant = policies()

    assert exercise.mark(text, variant)


@given(st.text(), st.text(), st.integers(0, 9))
def test_a_seed_follows_from_the_names_and_the_number(exercise: str, student: str, number: int) -> None:
    seed = seed_of(exercise, student, number)

    assert seed == seed_of(exercise, student, number)
    assert 0 <= seed < 2**32
    assert seed != seed_of(exercise, student, number + 1)


def test_names_that_run_together_have_seeds_of_their_own() -> None:
    assert seed_of("ab", "c") != seed_of("a", "bc")


def test_a_placeholder_without_a_value_is_an_error_that_names_it() -> None:
    with pytest.raises(CourseError, match="nowhere"):
        fill("{{nowhere}}", {"here": 1})


def test_policy_variables_are_not_placeholders() -> None:
    assert fill("${aws:username} {{a}} {{b:json}}", {"a": 1, "b": ["x"]}).startswith("${aws:username} 1 [")


def test_a_heading_in_code_begins_no_section() -> None:
    assert list(sections("# One\n```\n# not two\n```\n# Two\nx")) == [
        ("One", "```\n# not two\n```"),
        ("Two", "x"),
    ]


@pytest.mark.parametrize("name", ["bucket-or-object", "policies/bucket-or-object", "bucket_or_object"])
def test_an_exercise_is_found_by_any_of_its_names(name: str) -> None:
    assert COURSE.exercise(name).id == "policies/bucket-or-object"


def test_a_misspelt_exercise_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(CourseError) as raised:
        COURSE.exercise("bucket-or-objct")

    assert "policies/bucket-or-object" in raised.value.hint


def test_reading_the_course_loads_neither_moto_nor_boto3() -> None:
    program = (
        "import sys; from labs.course import load_course\n"
        "[each.title for unit in load_course().units for each in unit.exercises]\n"
        "print(sorted({'moto', 'boto3', 'botocore', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
