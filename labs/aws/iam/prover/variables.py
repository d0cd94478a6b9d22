"""The values to try for the keys that policy variables name.

A variable ties a key to a text: `home/${aws:username}/*` is about other objects for every user. So the keys
in variables are given values first, and all patterns are compiled with them. The values are those that let
the text run together with, or apart from, each of the other texts that it is compared with; those that the
key's own conditions tell apart; and two that nothing mentions.

Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Final

from labs.aws.iam.patterns import Tokens, Variable, Wild
from labs.aws.iam.prover.automaton import Automaton, Pattern
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.intervals import reads
from labs.aws.iam.prover.keys import FROM_CALLER, OWNER, kind_of
from labs.aws.iam.prover.rules import Rules, bits
from labs.aws.iam.prover.texts import Filling, condition_pattern, condition_tokens, filled, resource_tokens
from labs.aws.iam.prover.values import Facet
from labs.aws.iam.prover.walks import Frontier, words_from

__all__ = ["Variables"]

_MOST_VALUES: Final = 24
_MOST_VALUATIONS: Final = 3_000
_MOST_STARTS: Final = 12


class Variables:
    """The keys that variables name, each with the values to try; `gap` says when some had to be left out."""

    def __init__(self, rules: Rules, accounts: tuple[str, ...], budget: Budget) -> None:
        self._rules = rules
        self._accounts = accounts
        self._budget = budget
        self.gap: str | None = None
        self.keys = frozenset().union(*(rule.variables for rule in rules.rules))
        self._valuations: dict[frozenset[str], tuple[Filling, ...]] = {}

    @cached_property
    def pools(self) -> Mapping[str, tuple[str | None, ...]]:
        """The values to try for each key; None is its absence."""
        found: dict[str, dict[str, None]] = {key: {} for key in self.keys}
        for space in self._spaces():
            values = dict.fromkeys(self._collect(space))
            for key in space.keys & self.keys:
                found[key] |= values
        return {key: self._pool(key, list(values)) for key, values in found.items()}

    def valuations(self, keys: frozenset[str]) -> tuple[Filling, ...]:
        """Every way to give values to some keys, without those that the caller decides."""
        free = frozenset(key for key in keys if key not in FROM_CALLER and (key == OWNER or kind_of(key).one))
        known = self._valuations.get(free)
        if known is None:
            names = sorted(free)
            combined = product(*(self.pools[name] for name in names))
            found = [
                dict(zip(names, values, strict=True)) for values in islice(combined, _MOST_VALUATIONS + 1)
            ]
            if len(found) > _MOST_VALUATIONS:
                self.gap = f"the policy variables {', '.join(names)} have too many values together"
            known = self._valuations[free] = tuple(found[:_MOST_VALUATIONS])
        return known

    def _pool(self, key: str, values: list[str]) -> tuple[str | None, ...]:
        if key == OWNER:
            return (*self._accounts, None)
        conditions = [(1 << place, self._rules.atoms[place]) for place in bits(self._rules.keys.get(key, 0))]
        own = Facet(key, conditions, {}, self._budget).singles if conditions else ()
        kind = kind_of(key)
        texts = dict.fromkeys(["x", *values, *(str(option.value) for option in own), "y"])
        chosen = [text for text in texts if reads(kind.type, text)]
        if len(chosen) > _MOST_VALUES:
            self.gap = f"the policy variable {key} has too many values"
        return (None, *chosen[:_MOST_VALUES])

    def _spaces(self) -> Iterator[_Space]:
        plain: list[Pattern] = []
        runs: list[Tokens] = []
        for rule in self._rules.rules:
            element = rule.statement.resource
            for text in element.texts if element else ():
                tokens = resource_tokens(text, bool(element and element.variables))
                symbols = filled(tokens, {})
                if _variables(tokens):
                    runs.append(tokens)
                elif symbols is not None:
                    plain.append(Pattern(symbols))
        yield _Space(None, plain, runs)
        for key, mask in self._rules.keys.items():
            plain, runs = [], []
            for place in bits(mask):
                condition = self._rules.atoms[place]
                for text in condition.texts:
                    tokens = _joined(condition_tokens(condition, text))
                    if condition.variables and _variables(tokens):
                        runs.append(tokens)
                    elif pattern := condition_pattern(condition, text, {}):
                        plain.append(pattern)
            yield _Space(key, plain, runs)

    def _collect(self, space: _Space) -> Iterator[str]:
        machine = Automaton(space.plain)
        for tokens in dict.fromkeys(space.runs):
            starts: Frontier = {machine.start: ""}
            for place, token in enumerate(tokens):
                if isinstance(token, Variable):
                    yield from self._values(machine, starts, tokens[place + 1 :])
                    if token.default is not None:
                        yield token.default
                starts = dict(islice(self._after(machine, starts, token).items(), _MOST_STARTS))

    def _values(self, machine: Automaton, starts: Frontier, rest: Tokens) -> Iterator[str]:
        """A value for each set of patterns that a text can still match once the variable is read."""
        following = rest[0] if rest and isinstance(rest[0], str) else ""
        seen: set[tuple[int, ...]] = set()
        for start in starts:
            for state, value in words_from(machine, {start: ""}, "", self._budget).items():
                after = machine.read(state, following)
                self._budget.spend(len(machine.runs) // 8 + 1)
                reached = after if rest else after & machine.accept
                alive = tuple(place for place, run in enumerate(machine.runs) if run & reached)
                if alive and alive not in seen:
                    seen.add(alive)
                    yield value

    def _after(self, machine: Automaton, starts: Frontier, token: str | Wild | Variable) -> Frontier:
        if isinstance(token, str):
            self._budget.spend(len(token) * len(starts))
            return {machine.read(state, token): "" for state in starts}
        if token is Wild.ONE:
            return {
                machine.step(state, character): ""
                for state in starts
                for character in machine.characters(state)
            }
        return {**starts, **words_from(machine, starts, "", self._budget)}


@dataclass(frozen=True, slots=True)
class _Space:
    """Texts that are compared with the same thing: with the resource, or with one key.

    `plain` are the patterns without variables, `runs` the texts with them.
    """

    key: str | None
    plain: list[Pattern]
    runs: list[Tokens]

    @property
    def keys(self) -> frozenset[str]:
        """The keys that meet here: those in variables, and the key that they are compared with."""
        named = frozenset(variable.key for tokens in self.runs for variable in _variables(tokens))
        return named | {self.key} if self.key and named else named


def _variables(tokens: Tokens) -> list[Variable]:
    return [token for token in tokens if isinstance(token, Variable)]


def _joined(runs: tuple[Tokens, ...]) -> Tokens:
    """The tokens of the six parts of an ARN with the colons between them."""
    found: list[str | Wild | Variable] = []
    for place, tokens in enumerate(runs):
        found += [":", *tokens] if place else tokens
    return tuple(found)
