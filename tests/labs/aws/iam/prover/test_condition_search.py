"""The search for values of condition keys finds a witness exactly when there is one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam.prover.budget import Budget, Exhausted
from labs.aws.iam.prover.conditions import Problem, solve
from labs.aws.iam.prover.values import Option

laws = settings(max_examples=400, deadline=None, derandomize=True)

# Six conditions on three keys, two each; a key has up to four values.
KEY_OF = ("a", "a", "b", "b", "c", "c")
MASKS = {"a": 0b11, "b": 0b1100, "c": 0b110000}
statements = st.lists(st.integers(0, 63), max_size=3).map(tuple)
holds = st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)


def options_of(key: str, patterns: list[int]) -> tuple[Option, ...]:
    shift = 2 * "abc".index(key)
    return tuple(Option(f"{key}{each}", each << shift) for each in patterns)


def allows(allow: tuple[int, ...], deny: tuple[int, ...], by_default: bool, true: int) -> bool:
    matched = [statement for statement in allow if not statement & ~true]
    return (by_default or bool(matched)) and all(statement & ~true for statement in deny)


@laws
@given(statements, statements, statements, statements, st.booleans(), holds, holds, holds)
def test_it_agrees_with_trying_everything(
    allow: tuple[int, ...],
    deny: tuple[int, ...],
    other_allow: tuple[int, ...],
    other_deny: tuple[int, ...],
    by_default: bool,
    a: list[int],
    b: list[int],
    c: list[int],
) -> None:
    options = {key: options_of(key, patterns) for key, patterns in zip("abc", (a, b, c), strict=True)}
    problem = Problem(allow, deny, other_allow, other_deny, by_default)

    def differs(true: int) -> bool:
        return allows(allow, deny, by_default, true) and not allows(other_allow, other_deny, by_default, true)

    possible = any(differs(x.holds | y.holds | z.holds) for x, y, z in product(*options.values()))
    found = solve(problem, KEY_OF, MASKS, lambda key, live: options[key], Budget())

    assert (found is not None) is possible
    if found is not None:
        rest = [options[key] for key in options if key not in found]
        chosen = 0
        for option in found.values():
            chosen |= option.holds
        for others in product(*rest):
            true = chosen
            for option in others:
                true |= option.holds
            assert differs(true), "keys that were not chosen must not matter"


def test_the_first_value_of_each_key_is_preferred() -> None:
    options = {key: options_of(key, [0, 1, 2, 3]) for key in "abc"}
    found = solve(Problem((0,), (), (1,), ()), KEY_OF, MASKS, lambda key, live: options[key], Budget())

    assert found == {"a": Option("a0", 0)}


def test_a_search_that_takes_too_long_is_given_up() -> None:
    options = {key: options_of(key, [0, 1, 2, 3]) for key in "abc"}
    budget = Budget(steps=0)
    budget.spend(511)

    with pytest.raises(Exhausted, match="0 steps"):
        solve(
            Problem((0b010101,), (), (0b101010,), ()), KEY_OF, MASKS, lambda key, live: options[key], budget
        )
