"""Lines are put in order: any order that works is right, and what does not belong is told apart."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.course import Block, Inversion, OrderExercise, Unit, Variant
from labs.course.kinds.order import DIVIDER, blocks_of
from labs.errors import SubmissionError

ROLE, PROFILE, PUT, RUN = "create the role", "create the profile", "put the role in", "run the instance"
KEYS = "copy the keys"


class Launch(OrderExercise):
    """Role and profile in either order, then the one into the other, then the instance."""

    title, minutes, points = "Launch", 5, 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {}

    def blocks(self, variant: Variant) -> Sequence[Block]:
        return (
            Block(ROLE),
            Block(PROFILE, after=()),
            Block(PUT, after=(ROLE, PROFILE)),
            Block(RUN),
            Block(
                KEYS,
                why="The role brings its own keys.",
                misconception="E3",
                command=("bill", "-"),
                stdin="{}",
            ),
        )

    def inversions(self, variant: Variant) -> Sequence[Inversion]:
        return (Inversion(PUT, RUN, "E1", "An empty profile has no keys to give.", ("arn", "x")),)


UNIT = Unit("toy", 0, "Toy", "A toy.", (), Path(), ())
EXERCISE = Launch(UNIT, "launch", Path())
VARIANT = EXERCISE.variant("ada")


def marks(*lines: str) -> list[tuple[str, str, str | None]]:
    criteria = EXERCISE.mark("\n".join(lines), VARIANT)
    return [(each.state, each.message, each.misconception) for each in criteria]


@pytest.mark.parametrize("lines", [(ROLE, PROFILE, PUT, RUN), (PROFILE, ROLE, PUT, RUN, DIVIDER, KEYS)])
def test_every_order_that_works_is_right(lines: tuple[str, ...]) -> None:
    assert [state for state, *_ in marks(*lines)] == ["pass", "pass"]


def test_the_solution_is_right_and_worth_all_points() -> None:
    criteria = EXERCISE.mark(EXERCISE.solution(VARIANT), VARIANT)

    assert sum(each.points for each in criteria) == EXERCISE.points


@given(st.text(max_size=12))
def test_a_starter_has_all_blocks_and_is_never_right(student: str) -> None:
    variant = EXERCISE.variant(student)
    starter = EXERCISE.starter(variant)

    assert sorted(blocks_of(starter)[0]) == sorted((ROLE, PROFILE, PUT, RUN, KEYS))
    assert EXERCISE.mark(starter, variant)[0].state == "fail"


def test_a_block_that_does_not_belong_is_told_with_its_belief_and_the_order_waits() -> None:
    choice, order = marks(ROLE, PROFILE, PUT, RUN, KEYS)

    assert choice == ("fail", "The role brings its own keys.", "E3")
    assert order[0] == "skipped"


def test_a_block_that_does_not_belong_can_show_a_command_with_what_it_reads() -> None:
    choice, _ = EXERCISE.mark("\n".join((ROLE, PROFILE, PUT, RUN, KEYS)), VARIANT)

    assert choice.counterexample is not None
    assert choice.counterexample.shell == "echo '{}' | skylab bill -"


def test_a_block_that_is_missing_is_not_named() -> None:
    choice, _ = marks(ROLE, PROFILE, RUN)

    assert choice == ("fail", "One block is missing above the line.", None)


def test_a_wrong_order_that_is_understood_says_so_and_can_be_run() -> None:
    _, order = EXERCISE.mark("\n".join((ROLE, PROFILE, RUN, PUT)), VARIANT)

    assert (order.message, order.misconception) == ("An empty profile has no keys to give.", "E1")
    assert order.counterexample is not None
    assert order.counterexample.line == "skylab arn x"


def test_a_wrong_order_that_is_not_understood_names_what_comes_too_early() -> None:
    _, order = marks(PUT, ROLE, PROFILE, RUN)

    assert order == ("fail", f"“{PUT}” comes too early.", None)


def test_indentation_and_empty_lines_do_not_count() -> None:
    assert marks(f"  {ROLE}", "", PROFILE, f"\t{PUT} ", RUN)[1][0] == "pass"


@pytest.mark.parametrize("lines", [("something else",), (ROLE, ROLE), (ROLE, DIVIDER, ROLE)])
def test_a_line_of_ones_own_or_twice_cannot_be_read(lines: tuple[str, ...]) -> None:
    with pytest.raises(SubmissionError, match="A line is"):
        EXERCISE.mark("\n".join(lines), VARIANT)


@given(st.text())
def test_no_text_breaks_the_marking(text: str) -> None:
    try:
        criteria = EXERCISE.mark(text, VARIANT)
    except SubmissionError:
        return
    assert criteria[0].state == "fail"
