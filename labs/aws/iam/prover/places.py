"""The resources that two policies tell apart: for each shape of ARN, one for each set of statements.

The patterns of all Resource elements run through one automaton along the shape. What comes out is the set of
statements that the ARN matches, with a short ARN for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labs.aws.iam.prover.automaton import ANY, ANY_IN_PART, Automaton, Pattern, Symbol
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.catalogue import Form
from labs.aws.iam.prover.keys import OWNER
from labs.aws.iam.prover.rules import Rules, bits
from labs.aws.iam.prover.shapes import Part, Shape, Vocabulary
from labs.aws.iam.prover.texts import Filling, condition_pattern, filled, resource_tokens
from labs.aws.iam.prover.walks import Frontier, extend
from labs.aws.identifiers import is_account_id

__all__ = ["Place", "Places"]

_ALL_BUCKETS: Final = "arn:aws:s3:::*"


@dataclass(frozen=True, slots=True)
class Place:
    """A resource, and the statements whose Resource element matches it.

    `owner` is the account in its ARN, which is empty where the ARN has none.
    """

    arn: str
    owner: str
    matches: int


class Places:
    """The places of every form, for one way to fill the policy variables in Resource elements."""

    def __init__(
        self, rules: Rules, filling: Filling, words: Vocabulary, owners: tuple[str, ...], budget: Budget
    ) -> None:
        self._words = words
        self._budget = budget
        patterns: list[Pattern] = []
        numbers: dict[tuple[Symbol, ...], int] = {}
        self._elements: list[tuple[int, list[int], bool]] = []
        self._always = 0
        for place, rule in enumerate(rules.rules):
            element = rule.statement.resource
            if element is None:
                self._always |= 1 << place
                continue
            held = []
            for text in element.texts:
                symbols = filled(resource_tokens(text, element.variables), filling)
                if symbols is None:
                    continue
                if symbols not in numbers:
                    numbers[symbols] = len(patterns)
                    patterns.append(Pattern(symbols))
                held.append(numbers[symbols])
            self._elements.append((1 << place, held, element.negated))
        patterns += _account_patterns(rules, filling, owners)
        self._machine = Automaton(patterns)
        self._heads: dict[tuple[Part, ...], Frontier] = {}
        self._places: dict[str, tuple[Place, ...]] = {}
        self._matches: dict[int, int] = {}

    def only(self, arn: str) -> tuple[Place, ...]:
        """One resource, whatever its shape."""
        return self._whole(arn, arn)

    def of(self, form: Form, action: str) -> tuple[Place, ...]:
        """The places of a form, for an action that takes it."""
        if form.shape is None:
            return self._whole("*", _ALL_BUCKETS if action == "s3:ListAllMyBuckets" else "*")
        known = self._places.get(form.shape.form)
        if known is None:
            known = self._places[form.shape.form] = tuple(self._search(form.shape))
        return known

    def _whole(self, arn: str, target: str) -> tuple[Place, ...]:
        known = self._places.get(target)
        if known is None:
            state = self._machine.read(self._machine.start, target) & self._machine.accept
            known = self._places[target] = (Place(arn, _account_in(arn), self._matching(state)),)
        return known

    def _search(self, shape: Shape) -> Iterator[Place]:
        """The places of a shape.

        A pattern that is sure to match has no part in what follows, so heads of ARNs that differ only in such
        patterns share one walk along the tail.
        """
        head = self._heads.get(shape.head)
        if head is None:
            head = self._heads[shape.head] = self._walk({self._machine.start: ""}, shape.head)
        sure, accept = self._machine.sure, self._machine.accept
        tails: dict[int, Frontier] = {0: {0: shape.plain}}
        found: dict[int, str] = {}
        for state, start in head.items():
            alive = state & ~sure
            if alive not in tails:
                tails[alive] = self._walk({alive: ""}, shape.tail)
            for reached, rest in tails[alive].items():
                accepted = (reached & accept) | (state & sure)
                arn = start + rest
                if accepted not in found or len(arn) < len(found[accepted]):
                    found[accepted] = arn
        for accepted, arn in found.items():
            yield Place(arn, _account_in(arn), self._matching(accepted))

    def _walk(self, frontier: Frontier, parts: Sequence[Part]) -> Frontier:
        for part in parts:
            frontier = extend(self._machine, frontier, part, self._words, self._budget)
        return frontier

    def _matching(self, state: int) -> int:
        """The statements whose Resource element matches in a state at the end of a text."""
        known = self._matches.get(state)
        if known is None:
            known = self._always
            ends = self._machine.bits
            for bit, held, negated in self._elements:
                if any(state & ends[number] for number in held) is not negated:
                    known |= bit
            self._matches[state] = known
        return known


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and is_account_id(parts[4]) else ""


def _account_patterns(rules: Rules, filling: Filling, owners: tuple[str, ...]) -> Iterator[Pattern]:
    """Patterns of ARNs that tell their accounts apart, where that matters."""
    for owner in owners:
        yield Pattern((*_UP_TO_ACCOUNT, owner, ":", ANY))
    for place in bits(rules.keys.get(OWNER, 0)):
        condition = rules.atoms[place]
        for text in condition.texts:
            if pattern := condition_pattern(condition, text, filling):
                account = (ANY_IN_PART if symbol == ANY else symbol for symbol in pattern.symbols)
                yield Pattern((*_UP_TO_ACCOUNT, *account, ":", ANY), pattern.fold)


_UP_TO_ACCOUNT: Final = ("arn:", ANY_IN_PART, ":", ANY_IN_PART, ":", ANY_IN_PART, ":")
