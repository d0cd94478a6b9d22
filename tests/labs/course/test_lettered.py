"""Lettered questions: an order of one's own, names that tell nothing, and texts that follow the letters."""

from __future__ import annotations

import re

import pytest

from labs.course import Exercise, Lettered, load_course
from labs.course.kinds.answer import read_answers

EXERCISES: list[Exercise] = [each for unit in load_course().units for each in unit.exercises]
LETTERED = [each for each in EXERCISES if isinstance(each, Lettered)]
EACH = pytest.mark.parametrize("exercise", LETTERED, ids=lambda each: each.id)
ADVICE = "policies/sound-advice"


@EACH
def test_the_questions_stand_under_letters_in_each_of_their_files(exercise: Lettered) -> None:
    variant = exercise.variant("ada")
    letters = [field.name for field in exercise.fields(variant)]
    files = (
        exercise.starter(variant),
        exercise.solution(variant),
        *(w.text for w in exercise.wrong(variant)),
    )

    assert letters == list("abcdefghijkl"[: len(letters)])
    assert all(list(read_answers(text)) == letters for text in files)
    assert sorted(exercise.letters(variant)) == sorted(f.name for f in exercise.questions(variant))


@EACH
def test_the_starter_asks_each_question_above_an_empty_answer(exercise: Lettered) -> None:
    variant = exercise.variant("ada")
    starter = exercise.starter(variant)
    said = " ".join(starter.replace("\n#    ", " ").split())

    assert set(read_answers(starter).values()) == {""}
    assert all(" ".join(field.label.split()) in said for field in exercise.fields(variant))
    assert max(map(len, starter.splitlines())) <= 79


def test_students_have_the_questions_in_different_orders() -> None:
    exercise = LETTERED[0]
    orders = {tuple(exercise.letters(exercise.variant(f"student-{number}"))) for number in range(12)}

    assert len(orders) >= 10


def test_parts_of_a_prompt_come_in_the_order_of_their_letters() -> None:
    exercise = load_course().exercise(ADVICE)
    assert isinstance(exercise, Lettered)
    for number in range(5):
        variant = exercise.variant(f"student-{number}")
        prompt = exercise.prompt(variant)
        letter = exercise.letters(variant)["root"]

        assert re.findall(r"^\*\*([a-z])\.\*\* ", prompt, re.MULTILINE) == list("abcdef")
        assert f"**{letter}.** Not even the root user" in prompt
