"""Drills: endless questions that the engines answer, and wrong answers that tell of a belief."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from labs.aws.iam import case_from_json, evaluate
from labs.course import misconceptions
from labs.course.drills import DRILLS, Drill, Question, drill_of
from labs.errors import CourseError
from tui.commands.application import application

ENOUGH = 1_000
EACH = pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.skill)


@cache
def questions(skill: str) -> tuple[Question, ...]:
    drill = drill_of(skill)
    return tuple(drill.question(seed) for seed in range(1_150))


@EACH
def test_a_drill_has_a_thousand_questions(drill: Drill) -> None:
    asked = {(each.situation, each.prompt) for each in questions(drill.skill)}

    assert len(asked) >= ENOUGH


@EACH
def test_the_same_seed_gives_the_same_question(drill: Drill) -> None:
    assert [each.to_json() for each in questions(drill.skill)[:50]] == [
        drill.question(seed).to_json() for seed in range(50)
    ]


@EACH
def test_the_answer_is_right_and_every_distractor_is_wrong_by_a_belief_that_can_be_shown(
    drill: Drill,
) -> None:
    for question in questions(drill.skill):
        assert question.mark(question.answer).state == "pass", question
        assert question.explanation, question
        assert question.example is not None, question
        for slip in question.field.slips:
            assert slip.message, question
            assert slip.misconception in misconceptions(), question
            if isinstance(slip.given, str):
                marked = question.mark(slip.given)
                assert marked.state == "fail", question
                assert marked.misconception, question
                assert marked.counterexample is not None, question


@EACH
def test_a_drill_tells_of_the_beliefs_that_it_names(drill: Drill) -> None:
    told = {slip.misconception for each in questions(drill.skill) for slip in each.field.slips}

    assert told == drill.detects


@EACH
def test_a_question_can_be_had_on_each_belief(drill: Drill) -> None:
    for belief in drill.detects:
        for seed in range(5):
            question = drill.question(seed, belief)
            assert belief in {slip.misconception for slip in question.field.slips}


@EACH
def test_what_a_question_shows_is_so(drill: Drill) -> None:
    """One question of each form: its command runs, and its case is decided as the answer says."""
    for form in range(len(drill.forms)):
        question = drill.question(3, drill.forms[form].detects[0])
        example = question.example
        assert example is not None
        if example.case is not None:
            decision = evaluate(*case_from_json(dict(example.case)))
            said = {"allowed": True, "yes": True, "no": False}
            denied = question.answer.endswith(" denied")
            assert decision.allowed is said.get(question.answer, not denied), question
        else:
            status, printed = ran(example.command, example.given)
            assert status in (0, 1), (example.shell, printed)


def test_a_bill_that_is_shown_has_the_answer_as_its_total() -> None:
    for question in questions("costs")[:40]:
        assert question.example is not None
        _, printed = ran((*question.example.command, "--json"), question.example.given)
        total = float(json.loads(printed)["total"])
        assert abs(total - float(question.answer)) <= 0.005


def test_a_choice_may_be_given_by_its_number_or_its_beginning() -> None:
    question = drill_of("decisions").question(1)
    number = question.choices.index(question.answer) + 1

    assert question.mark(str(number)).state == "pass"
    assert question.mark(question.answer[:2].upper()).state == "pass"
    assert question.mark("9").state == "fail"


def test_a_prefix_may_be_given_with_its_slash_and_a_number_with_commas() -> None:
    by_hosts = next(each for each in questions("hosts") if "slash" in each.prompt)
    by_size = next(each for each in questions("hosts") if int_of(each) >= 1024)

    assert by_hosts.mark(f"/{by_hosts.answer}").state == "pass"
    assert by_size.mark(f"{int_of(by_size):,} addresses").state == "pass"


def test_what_a_program_is_asked_does_not_hold_the_answer() -> None:
    question = next(each for each in questions("costs"))

    assert question.answer not in json.dumps(question.to_json())


def test_a_drill_is_found_by_the_beginning_of_its_name() -> None:
    assert drill_of("dec").skill == "decisions"
    assert drill_of(" Hosts ").skill == "hosts"
    with pytest.raises(CourseError, match="No drill") as unknown:
        drill_of("hots")
    assert "hosts" in unknown.value.hint
    with pytest.raises(CourseError):
        drill_of("")


def int_of(question: Question) -> int:
    return int(question.answer) if question.answer.isdecimal() else 0


def ran(words: tuple[str, ...], given: str) -> tuple[int, str]:
    with CliRunner().isolation(input=given) as (printed, _, _):
        try:
            skylab().main(args=list(words), prog_name="skylab")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        return status, printed.getvalue().decode()


@cache
def skylab() -> Any:
    return get_command(application())
