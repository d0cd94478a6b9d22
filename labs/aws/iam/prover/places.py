"""The resources that two policies tell apart: for each shape of ARN, one for each set of statements.

The patterns of all Resource elements run through one automaton along the shape. What comes out is the set of
statements that the ARN matches, with a short ARN for it.

Policy variables come in by regions. Where a text with variables cannot match, whatever their values, its
variables do not matter; so each region of resources has its own keys to give values to, mostly none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from labs.aws.iam.patterns import Tokens
from labs.aws.iam.prover.automaton import ANY, ANY_IN_PART, Automaton, Pattern, Symbol
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.catalogue import Form
from labs.aws.iam.prover.keys import OWNER
from labs.aws.iam.prover.rules import Rules, bits
from labs.aws.iam.prover.shapes import Part, Shape, Vocabulary
from labs.aws.iam.prover.texts import Filling, condition_pattern, filled, resource_tokens, variables_of
from labs.aws.iam.prover.walks import Frontier, extend
from labs.aws.identifiers import is_account_id

__all__ = ["Element", "Place", "Places", "Region", "Symbols", "account_patterns", "elements"]

_ALL_BUCKETS: Final = "arn:aws:s3:::*"

Symbols: TypeAlias = tuple[Symbol, ...]
Region: TypeAlias = frozenset[str]
"""The keys in policy variables on which it depends what matches a resource."""
Depending: TypeAlias = tuple[tuple[int, Region], ...]
"""Statements, by their bits, with the keys on which it depends whether they match."""


@dataclass(frozen=True, slots=True)
class Place:
    """A resource, and the statements whose Resource element matches it.

    `owner` is the account in its ARN, which is empty where the ARN has none. `depending` has the statements
    whose match depends on policy variables, with the keys that these name: about them `matches` is right only
    where these keys have their values.
    """

    arn: str
    owner: str
    matches: int
    depending: Depending

    def region(self, held: int) -> Region:
        """The keys on which it depends which of some statements match."""
        return frozenset().union(*(named for bit, named in self.depending if bit & held))

    def may_match(self, held: int) -> int:
        """Those of some statements that match, with some values of the keys of their variables."""
        return held & (self.matches | sum(bit for bit, _ in self.depending))


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with variables: its tokens, the keys that they name, and what it matches with any values."""

    tokens: Tokens
    named: Region
    general: Symbols


@dataclass(frozen=True, slots=True)
class Element:
    """The Resource element of one statement: patterns without variables, and texts with them.

    A statement without one is about every resource, as if NotResource named none.
    """

    bit: int
    negated: bool
    plain: tuple[Symbols, ...]
    texts: tuple[_Text, ...]


def elements(rules: Rules) -> tuple[Element, ...]:
    """The Resource elements of all statements."""
    found: list[Element] = []
    for place, rule in enumerate(rules.rules):
        element = rule.statement.resource
        plain: list[Symbols] = []
        texts: list[_Text] = []
        for text in element.texts if element else ():
            tokens = resource_tokens(text, bool(element and element.variables))
            named, general = variables_of(tokens), filled(tokens, {}, loose=True) or ()
            if named:
                texts.append(_Text(tokens, named, general))
            else:
                plain.append(general)
        negated = element is None or element.negated
        found.append(Element(1 << place, negated, tuple(plain), tuple(texts)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where the patterns of an element end in the automaton; `loose` are those of texts with any values."""

    bit: int
    negated: bool
    plain: int
    exact: int
    loose: tuple[tuple[int, Region], ...]


class Places:
    """The places of forms, with values for some of the keys in policy variables.

    `beside` are patterns for what else of a resource matters, its account. `relevant` are the patterns that
    can match where these keys matter; None for all.
    """

    def __init__(
        self,
        every: Sequence[Element],
        beside: Sequence[Pattern],
        filling: Filling,
        words: Vocabulary,
        budget: Budget,
        relevant: frozenset[Symbols] | None = None,
    ) -> None:
        self._words = words
        self._budget = budget
        numbers: dict[Symbols, int] = {}
        drafts: list[tuple[Element, set[int], set[int], dict[int, Region]]] = []
        for element in every:
            plain = {
                numbers.setdefault(symbols, len(numbers))
                for symbols in element.plain
                if relevant is None or symbols in relevant
            }
            exact, loose = set(plain), dict[int, Region]()
            for text in element.texts:
                number = numbers.setdefault(text.general, len(numbers))
                loose[number] = loose.get(number, frozenset()) | text.named
                symbols = filled(text.tokens, filling) if text.named <= filling.keys() else None
                if symbols is not None:
                    exact.add(numbers.setdefault(symbols, len(numbers)))
            drafts.append((element, plain, exact, loose))
        budget.spend(len(numbers))
        self._symbols = tuple(numbers)
        self._machine = Automaton([*map(Pattern, numbers), *beside])
        ends = self._machine.bits
        self._ends = [
            _Ends(
                element.bit,
                element.negated,
                sum(ends[each] for each in plain),
                sum(ends[each] for each in exact),
                tuple((ends[each], named) for each, named in loose.items()),
            )
            for element, plain, exact, loose in drafts
        ]
        self._heads: dict[tuple[Part, ...], Frontier] = {}
        self._places: dict[str, tuple[Place, ...]] = {}
        self._judged: dict[int, tuple[int, Depending]] = {}

    def relevant(self) -> frozenset[Symbols]:
        """The patterns that match in places that depend on policy variables, of those that were looked up."""
        accepted = 0
        for state, (_, depend) in self._judged.items():
            accepted |= state if depend else 0
        ends = zip(self._machine.bits, self._symbols, strict=False)
        return frozenset(symbols for end, symbols in ends if accepted & end)

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
            known = self._places[target] = (Place(arn, _account_in(arn), *self._judge(state)),)
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
            yield Place(arn, _account_in(arn), *self._judge(accepted))

    def _walk(self, frontier: Frontier, parts: Sequence[Part]) -> Frontier:
        for part in parts:
            frontier = extend(self._machine, frontier, part, self._words, self._budget)
        return frontier

    def _judge(self, state: int) -> tuple[int, Depending]:
        """The statements that match in a state at the end of a text, and those that depend on variables."""
        known = self._judged.get(state)
        if known is None:
            matches = 0
            depend: list[tuple[int, Region]] = []
            for ends in self._ends:
                if (state & ends.exact != 0) is not ends.negated:
                    matches |= ends.bit
                named = [keys for end, keys in ends.loose if end & state]
                if named and not state & ends.plain:
                    depend.append((ends.bit, frozenset().union(*named)))
            known = self._judged[state] = (matches, tuple(depend))
        return known


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and is_account_id(parts[4]) else ""


def account_patterns(rules: Rules, owners: tuple[str, ...]) -> Iterator[Pattern]:
    """Patterns of ARNs that tell their accounts apart, where that matters."""
    for owner in owners:
        yield Pattern((*_UP_TO_ACCOUNT, owner, ":", ANY))
    for place in bits(rules.keys.get(OWNER, 0)):
        condition = rules.atoms[place]
        for text in condition.texts:
            if pattern := condition_pattern(condition, text, {}):
                account = (ANY_IN_PART if symbol == ANY else symbol for symbol in pattern.symbols)
                yield Pattern((*_UP_TO_ACCOUNT, *account, ":", ANY), pattern.fold)


_UP_TO_ACCOUNT: Final = ("arn:", ANY_IN_PART, ":", ANY_IN_PART, ":", ANY_IN_PART, ":")
