"""Whose variant an answer was made for."""

from __future__ import annotations

import json

import pytest

from labs.course import Exercise, Variant, load_course
from labs.course.copying import seeds_it_fits, seeds_that_fit, traces_of

CLASS = [f"student-{number}" for number in range(12)]
TRACED = (
    "arns/who-was-it",  # names and accounts
    "arns/assemble-it",  # blocks to be put in order
    "cidr/what-aws-keeps",  # addresses
    "policies/least-privilege-reader",  # a policy, by its bucket
    "billing/read-the-bill",  # amounts
)


def exercise_of(name: str) -> Exercise:
    return load_course().exercise(name)


def class_of(name: str) -> list[Variant]:
    return [exercise_of(name).variant(student) for student in CLASS]


@pytest.mark.parametrize("name", TRACED)
def test_a_neighbours_answer_is_traced_to_the_neighbours_seed(name: str) -> None:
    own, neighbour, *others = class_of(name)
    traces = traces_of(own.exercise, [each.seed for each in (own, neighbour, *others)])

    assert seeds_that_fit(own.exercise.solution(neighbour), own, traces) == (neighbour.seed,)


@pytest.mark.parametrize("name", [*TRACED, "cidr/read-a-block", "policies/which-decision"])
def test_ones_own_work_is_nobody_elses_however_wrong_it_is(name: str) -> None:
    variants = class_of(name)
    exercise = exercise_of(name)
    traces = traces_of(exercise, [each.seed for each in variants])

    for own in variants:
        texts = [exercise.solution(own), exercise.starter(own), *(each.text for each in exercise.wrong(own))]
        assert [seeds_that_fit(text, own, traces) for text in texts] == [()] * len(texts)


def test_a_neighbours_wrong_answer_is_traced_as_well() -> None:
    own, neighbour, *_ = class_of("arns/who-was-it")
    wrong = own.exercise.wrong(neighbour)[0].text

    assert seeds_it_fits(own.exercise, wrong, own, [neighbour.seed]) == (neighbour.seed,)


def test_a_neighbours_answer_with_a_mistake_added_is_traced_as_well() -> None:
    own, neighbour, *_ = class_of("arns/take-it-apart")
    lines = own.exercise.solution(neighbour).splitlines()
    spoilt = "\n".join(['partition = "nonsense"', *lines[1:]])

    assert seeds_it_fits(own.exercise, spoilt, own, [neighbour.seed]) == (neighbour.seed,)


def test_choices_that_two_students_share_by_chance_are_no_evidence() -> None:
    own, *others = class_of("policies/which-decision")

    fits = [seeds_it_fits(own.exercise, own.exercise.solution(each), own, [each.seed]) for each in others]

    assert fits == [()] * len(others)


def test_several_short_amounts_are_evidence_when_all_of_them_are_anothers() -> None:
    own, *others = class_of("billing/seconds-and-hours")
    traces = traces_of(own.exercise, [each.seed for each in others])
    found = [seeds_that_fit(own.exercise.solution(each), own, traces) for each in others]

    assert sum(bool(each) for each in found) > len(others) / 2


def test_a_program_is_traced_by_what_it_names() -> None:
    own, neighbour, *_ = class_of("policies/find-the-sid")
    bucket = next(
        word
        for word in sorted(traces_of(own.exercise, [neighbour.seed]).words[neighbour.seed])
        if len(word) >= 8 and word not in own.exercise.prompt(own)
    )

    assert seeds_it_fits(own.exercise, f"BUCKET = {bucket!r}\n", own, [neighbour.seed]) == (neighbour.seed,)
    assert seeds_it_fits(own.exercise, own.exercise.solution(own), own, [neighbour.seed]) == ()


def test_a_journal_says_itself_whose_world_it_is_of() -> None:
    own, neighbour, *_ = class_of("cidr/no-way-out")
    journal = json.dumps({"label": f"cidr/no-way-out#{neighbour.seed}"}) + "\n"
    ones_own = json.dumps({"label": f"cidr/no-way-out#{own.seed}"}) + "\n"
    seeds = [own.seed, neighbour.seed]

    assert seeds_it_fits(own.exercise, journal, own, seeds) == (neighbour.seed,)
    assert seeds_it_fits(own.exercise, ones_own, own, seeds) == ()


@pytest.mark.parametrize("journal", ["", "{", "[]\n", '"label"\n', "null\n", "[" * 100_000])
def test_a_journal_that_cannot_be_read_fits_nobody(journal: str) -> None:
    own, neighbour, *_ = class_of("cidr/no-way-out")

    assert seeds_it_fits(own.exercise, journal, own, [neighbour.seed]) == ()


@pytest.mark.parametrize("answer", ["", "no = TOML = at all", "left = [[1]]\n", "{"])
def test_what_is_no_answer_fits_nobody(answer: str) -> None:
    own, neighbour, *_ = class_of("arns/who-was-it")

    assert seeds_it_fits(own.exercise, answer, own, [neighbour.seed]) == ()
