"""The values to try for the keys that policy variables name.

A variable ties a key to a text: `home/${aws:username}/*` is about other objects for every user. So the keys
in variables are given values first, and all patterns are compiled with them. The values are those that let
the text run together with, or apart from, each of the other texts that it is compared with; those that the
key's own conditions tell apart; and one or two that nothing mentions.

Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
from labs.aws.iam.prover.texts import (
    Filling,
    condition_pattern,
    condition_tokens,
    filled,
    resource_tokens,
    variables_of,
)
from labs.aws.iam.prover.values import Facet
from labs.aws.iam.prover.walks import Frontier, words_from

__all__ = ["Variables"]

_MOST_VALUES: Final = 32
_MOST_VALUATIONS: Final = 2_000
_MOST_STARTS: Final = 12
_MOST_INSTANCES: Final = 16


class Variables:
    """The keys that variables name, each with the values to try; `gap` says when values were left out."""

    def __init__(self, rules: Rules, accounts: tuple[str, ...], budget: Budget) -> None:
        self._rules = rules
        self._accounts = accounts
        self._budget = budget
        self.gap: str | None = None
        self._cut: set[str] = set()
        self.keys = frozenset().union(*(rule.variables for rule in rules.rules))
        self._valuations: dict[frozenset[str], tuple[Filling, ...]] = {}

    @cached_property
    def pools(self) -> Mapping[str, tuple[str | None, ...]]:
        """The values to try for each key; None is its absence."""
        found: dict[str, dict[str, None]] = {key: dict.fromkeys(self._own(key)) for key in sorted(self.keys)}
        spaces = [space for space in self._spaces() if space.runs]
        for space in spaces:
            self._collect(Automaton(space.plain), space.runs, found)
        first = {key: ("x", *values) for key, values in found.items()}
        for space in spaces:
            for tokens in space.runs:
                others = [each for each in space.runs if each != tokens]
                patterns = [pattern for each in others for pattern in _instances(each, first)]
                if patterns:
                    self._collect(Automaton(patterns), [tokens], found)
        meeting = frozenset().union(*(self._meeting(space) for space in spaces))
        return {key: self._pool(key, list(values), key in meeting) for key, values in found.items()}

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
            if len(found) > _MOST_VALUATIONS or free & self._cut:
                self.gap = f"the policy variables {', '.join(names)} have too many values"
            known = self._valuations[free] = tuple(found[:_MOST_VALUATIONS])
        return known

    def _own(self, key: str) -> list[str]:
        """The values that the key's own conditions tell apart."""
        conditions = [(1 << place, self._rules.atoms[place]) for place in bits(self._rules.keys.get(key, 0))]
        if not conditions:
            return []
        return [str(option.value) for option in Facet(key, conditions, {}, self._budget).singles]

    def _pool(self, key: str, values: list[str], meets: bool) -> tuple[str | None, ...]:
        """The values of a key, with one that nothing mentions: with two when it can meet another key."""
        if key == OWNER:
            return (*self._accounts, None)
        kind = kind_of(key)
        texts = dict.fromkeys(["x", *(["y"] if meets else []), *sorted(values, key=_oddity)])
        chosen = [text for text in texts if reads(kind.type, text)]
        if key in FROM_CALLER:
            chosen = [text for text in chosen if not _oddity(text)]
        if len(chosen) > _MOST_VALUES:
            self._cut.add(key)
        return (None, *chosen[:_MOST_VALUES])

    def _spaces(self) -> Iterator[_Space]:
        plain: list[Pattern] = []
        runs: list[Tokens] = []
        for rule in self._rules.rules:
            element = rule.statement.resource
            for text in element.texts if element else ():
                tokens = resource_tokens(text, bool(element and element.variables))
                symbols = filled(tokens, {})
                if variables_of(tokens):
                    runs.append(tokens)
                elif symbols is not None:
                    plain.append(Pattern(symbols))
        yield _Space(None, plain, list(dict.fromkeys(runs)))
        for key, mask in self._rules.keys.items():
            plain, runs = [], []
            for place in bits(mask):
                condition = self._rules.atoms[place]
                for text in condition.texts:
                    tokens = _joined(condition_tokens(condition, text))
                    if condition.variables and variables_of(tokens):
                        runs.append(tokens)
                    elif pattern := condition_pattern(condition, text, {}):
                        plain.append(pattern)
            yield _Space(key, plain, list(dict.fromkeys(runs)))

    def _meeting(self, space: _Space) -> frozenset[str]:
        """The keys that are compared with another key, directly or in texts that overlap."""
        found: frozenset[str] = frozenset()
        for place, tokens in enumerate(space.runs):
            here = variables_of(tokens)
            if space.key:
                found |= here | {space.key}
            elif len(here) > 1:
                found |= here
            machine = Automaton([Pattern(filled(tokens, {}, loose=True) or ())])
            for others in space.runs[place + 1 :]:
                there = variables_of(others)
                if here != there and self._overlap(machine, others):
                    found |= here | there
        return found

    def _overlap(self, machine: Automaton, tokens: Tokens) -> bool:
        """Whether a text can match the pattern of the machine and some tokens, whatever their variables."""
        starts: Frontier = {machine.start: ""}
        for token in tokens:
            starts = self._after(machine, starts, token)
        return any(state & machine.accept for state in starts)

    def _collect(self, machine: Automaton, runs: Iterable[Tokens], found: dict[str, dict[str, None]]) -> None:
        """Add the values of variables in some texts that matter to the patterns of the machine."""
        for tokens in runs:
            starts: Frontier = {machine.start: ""}
            for place, token in enumerate(tokens):
                if isinstance(token, Variable):
                    values = found[token.key]
                    values.update(dict.fromkeys(self._values(machine, starts, tokens[place + 1 :])))
                    if token.default is not None:
                        values[token.default] = None
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


def _oddity(text: str) -> int:
    """How many separators are in a value: those of names and tags hardly have any."""
    return text.count("/") + text.count(":")


def _instances(tokens: Tokens, values: Mapping[str, tuple[str, ...]]) -> Iterator[Pattern]:
    """The patterns of a text with values for its variables."""
    keys = sorted(variables_of(tokens))
    for chosen in islice(product(*(values[key] for key in keys)), _MOST_INSTANCES):
        if symbols := filled(tokens, dict(zip(keys, chosen, strict=True))):
            yield Pattern(symbols)


def _joined(runs: tuple[Tokens, ...]) -> Tokens:
    """The tokens of the six parts of an ARN with the colons between them."""
    found: list[str | Wild | Variable] = []
    for place, tokens in enumerate(runs):
        found += [":", *tokens] if place else tokens
    return tuple(found)
