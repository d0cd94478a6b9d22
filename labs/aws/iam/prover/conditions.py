"""The search for values of condition keys under which one policy allows and another does not.

Once caller, action and resource are settled, each statement that is still alive is a conjunction of
conditions on keys whose values are free. Values are chosen key by key; after each choice a condition is true,
false or open, and a branch is left as soon as what is open cannot make it a witness any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.rules import bits
from labs.aws.iam.prover.values import Option

__all__ = ["Context", "Problem", "solve"]

Context: TypeAlias = Mapping[str, Option]
"""The value chosen for each key that matters."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Which statements are alive, each as the mask of its conditions.

    The wanted request is allowed by `allows` without a match in `denies`, and not so by the others.
    `by_default` says that it needs no Allow at all: only a Deny can stop it.
    """

    allows: tuple[int, ...]
    denies: tuple[int, ...]
    other_allows: tuple[int, ...]
    other_denies: tuple[int, ...]
    by_default: bool = False


def solve(
    problem: Problem,
    key_of: Sequence[str],
    masks: Mapping[str, int],
    options: Callable[[str, int], Sequence[Option]],
    budget: Budget,
) -> Context | None:
    """The values of a witness; None when there is none.

    Args:
        problem: the statements.
        key_of: the key of each condition.
        masks: the conditions on each key.
        options: the values of a key worth trying for some conditions.
        budget: pays for each node.
    """
    live = 0
    for held in (problem.allows, problem.denies, problem.other_allows, problem.other_denies):
        for statement in held:
            live |= statement
    chosen: list[_Choice] = []
    known = true = 0
    while True:
        budget.spend()
        pending = _pending(problem, known, true)
        if pending == 0:
            return {choice.key: choice.option for choice in chosen}
        if pending is not None:
            keys = dict.fromkeys(key_of[place] for place in bits(pending))
            key = min(keys, key=lambda each: len(options(each, masks[each] & live)))
            mask = masks[key] & live
            chosen.append(_Choice(key, mask, options(key, mask), known, true))
        while chosen and not chosen[-1].advance():
            chosen.pop()
        if not chosen:
            return None
        known, true = chosen[-1].outcome


class _Choice:
    """A key on the way down: its value, the values left to try, and what was known before."""

    __slots__ = ("_known", "_left", "_mask", "_true", "key", "option")

    option: Option

    def __init__(self, key: str, mask: int, options: Sequence[Option], known: int, true: int) -> None:
        self.key = key
        self._mask = mask
        self._left = iter(options)
        self._known = known
        self._true = true

    def advance(self) -> bool:
        """Take the next value; False when there is none left."""
        for option in self._left:
            self.option = option
            return True
        return False

    @property
    def outcome(self) -> tuple[int, int]:
        """The conditions that are known with this value, and those that are true."""
        return self._known | self._mask, self._true | self.option.holds & self._mask


def _pending(problem: Problem, known: int, true: int) -> int | None:
    """The open conditions to decide next: none when a witness is certain, None when it is impossible."""
    allow = 0
    if not problem.by_default:
        found = _closest(problem.allows, known, true)
        if found is None:
            return None
        allow = found
    deny = 0
    for statement in problem.denies:
        missing = statement & ~true
        if not missing:
            return None
        if not missing & known:
            deny = deny or missing
    refused = _refusal(problem, known, true)
    if refused is None:
        return None
    return allow or refused or deny


def _closest(statements: Sequence[int], known: int, true: int) -> int | None:
    """What is open in the statement that is nearest to a match: nothing in one that matches.

    None when no statement can match any more.
    """
    best: int | None = None
    for statement in statements:
        missing = statement & ~true
        if not missing:
            return 0
        if not missing & known and (best is None or missing.bit_count() < best.bit_count()):
            best = missing
    return best


def _refusal(problem: Problem, known: int, true: int) -> int | None:
    """What is open before the other policy is known not to allow; None when it is known to allow."""
    deny = _closest(problem.other_denies, known, true)
    if deny == 0:
        return 0
    allow = 0
    if problem.by_default:
        return deny
    for statement in problem.other_allows:
        missing = statement & ~true
        if not missing:
            return deny
        if not missing & known:
            allow = allow or missing
    return allow
