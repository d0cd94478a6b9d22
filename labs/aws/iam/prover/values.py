"""The values of a condition key that its conditions tell apart: one for each way they can turn out together.

A key is absent, or has one value, or several. Which of these can be, the key's type says. Texts come from the
automaton of all patterns that the key is compared with; numbers, dates and addresses from intervals.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.principals import Principal
from labs.aws.iam.prover.automaton import Automaton, Pattern
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.intervals import reads, stands_in
from labs.aws.iam.prover.keys import ALWAYS_THERE, KeyKind, ValueType, kind_of
from labs.aws.iam.prover.texts import READERS, Filling, condition_pattern
from labs.aws.iam.prover.walks import words_from
from labs.aws.iam.requests import ContextValue, Request

__all__ = ["Facet", "Option", "probe"]


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a key, None for its absence, and the conditions on the key that then hold, as a mask."""

    value: ContextValue | None
    holds: int


_NOBODY: Final = Principal.parse("accounts.google.com")
_MOST: Final = 256
_EXAMPLES: Final[Mapping[ValueType | None, tuple[str, ...]]] = {
    None: ("x", "y"),
    "text": ("x", "y"),
    "arn": ("arn:aws:s3:::x", "x"),
    "bool": ("true", "false"),
    "numeric": ("1",),
    "date": ("2030-01-01T00:00:00Z",),
    "address": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "10.0.0.1", "2001:db8::1"),
}


def probe(context: Mapping[str, ContextValue | None]) -> Request:
    """A request of which nothing is known but the values of some keys."""
    given = {key: value for key, value in context.items() if value is not None}
    return Request(_NOBODY, "x:x", "*", context=given)


class Facet:
    """One condition key, as some conditions see it.

    `atoms` pairs each condition with its bit; `filling` has the values that policy variables in them stand
    for.
    """

    def __init__(
        self, key: str, atoms: Sequence[tuple[int, ConditionElement]], filling: Filling, budget: Budget
    ) -> None:
        kind = kind_of(key)
        self._key = key
        self._gap: str | None = None
        self._overflows: set[int] = set()
        self._budget = budget
        self._always = key in ALWAYS_THERE
        self._one, self._several = kind.one, kind.several
        self._all = self._any = 0
        for bit, condition in atoms:
            if condition.spelling.operator.family == "null":
                continue
            if condition.spelling.quantifier == "ForAllValues":
                self._all |= bit
            elif condition.spelling.quantifier == "ForAnyValue":
                self._any |= bit
        if kind.one and not self._all | self._any:
            self._several = False

        def holds(value: ContextValue | None) -> int:
            budget.spend(len(atoms))
            request = probe({**filling, key: value})
            return sum(bit for bit, condition in atoms if condition.matches(request))

        self._absent = Option(None, holds(None))
        self._empty = Option((), holds(()))
        self._blank = Option(("",), holds(("",)))
        self._plain = holds(("x",)) & ~(self._all | self._any)
        found: dict[int, Option] = {}
        for value in self._values(kind, [condition for _, condition in atoms], filling):
            found.setdefault(mask := holds(value), Option(value, mask))
        self.singles = tuple(found.values())
        self._options: dict[int, tuple[Option, ...]] = {}

    def options(self, live: int) -> tuple[Option, ...]:
        """The values that the conditions in `live` tell apart, the most readable first."""
        known = self._options.get(live)
        if known is None:
            found: dict[int, Option] = {}
            for option in self._offers(live):
                found.setdefault(option.holds & live, option)
            known = self._options[live] = tuple(found.values())
        return known

    def _offers(self, live: int) -> Iterator[Option]:
        if not self._always:
            yield self._absent
        if self._one:
            yield from self.singles
        if self._several:
            yield from self._tuples(live)
            yield self._empty
        yield self._absent

    def gap(self, live: int) -> str | None:
        """Why values that tell the conditions in `live` apart may be missing, as half a sentence."""
        if live in self._overflows:
            return f"{self._key} can have too many values at once"
        return self._gap

    def _tuples(self, live: int) -> Iterator[Option]:
        """Lists of values, the shortest first, one for each way the quantified conditions turn out."""
        quantified = live & (self._all | self._any)
        elements: dict[int, str] = {}
        for option in self.singles:
            if isinstance(option.value, str):
                elements.setdefault(option.holds & quantified, option.value)
        waiting: deque[tuple[int, int, tuple[str, ...]]] = deque(
            (holds, holds, (value,)) for holds, value in elements.items()
        )
        seen = {(all_hold, any_holds) for all_hold, any_holds, _ in waiting}
        while waiting:
            all_hold, any_holds, values = waiting.popleft()
            self._budget.spend()
            if values == ("",):
                yield self._blank
            else:
                yield Option(values, all_hold & self._all | any_holds & self._any | self._plain)
            for holds, value in elements.items():
                following = (all_hold & holds, any_holds | holds)
                if following not in seen:
                    if len(seen) > _MOST:
                        self._overflows.add(live)
                        return
                    seen.add(following)
                    waiting.append((*following, (*values, value)))

    def _values(self, kind: KeyKind, conditions: list[ConditionElement], filling: Filling) -> Iterator[str]:
        """Texts that stand for all values that the key can have; those that mean the same may be many."""
        readers = {condition.spelling.operator.family for condition in conditions} & READERS
        patterns = [
            pattern
            for condition in conditions
            for text in condition.texts
            if (pattern := condition_pattern(condition, text, filling))
        ]
        typed = kind.type in ("bool", "numeric", "date", "address")
        wild = any(not isinstance(symbol, str) for pattern in patterns for symbol in pattern.symbols)
        if kind.type != "bool" and (len(readers) > 1 or (wild and (readers or typed))):
            self._gap = f"{self._key} is compared in ways that do not combine"
        examples = list(_EXAMPLES[kind.type])
        limits = [
            text
            for condition in conditions
            if condition.spelling.operator.family in READERS
            for text in condition.texts
        ]
        for reader in sorted(readers):
            examples += stands_in(reader, limits, whole=kind.type == "numeric", spare=bool(patterns))
        if typed:
            plain = ("".join(map(str, pattern.symbols)) for pattern in patterns)
            yield from (text for text in (*examples, *plain) if reads(kind.type, text))
            return
        yield from dict.fromkeys(examples)
        for pattern in patterns:
            if pattern.fold and all(isinstance(symbol, str) for symbol in pattern.symbols):
                yield "".join(map(str, pattern.symbols)).upper()
        yield from self._words(patterns)
        yield ""

    def _words(self, patterns: list[Pattern]) -> Iterator[str]:
        """One text for each way the patterns turn out together."""
        machine = Automaton(patterns)
        found: dict[int, str] = {}
        for state, text in words_from(machine, {machine.start: ""}, "", self._budget).items():
            found.setdefault(state & machine.accept, text)
        if len(found) > _MOST:
            self._gap = f"{self._key} is compared with too many patterns"
        yield from list(found.values())[:_MOST]
