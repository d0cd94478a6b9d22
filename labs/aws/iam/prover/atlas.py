"""What is worked out once for two policies, and asked again and again: callers, resources, values of keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Final, TypeAlias

from labs.aws.iam.principals import Principal
from labs.aws.iam.prover.automaton import Pattern
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.callers import Caller, callers, candidates
from labs.aws.iam.prover.keys import OWNER
from labs.aws.iam.prover.places import Element, Places, Region, Symbols, account_patterns, elements
from labs.aws.iam.prover.rules import Rules, bits
from labs.aws.iam.prover.texts import Filling, variables_in
from labs.aws.iam.prover.values import Facet, Option, probe
from labs.aws.iam.prover.variables import Variables
from labs.aws.iam.prover.vocabulary import vocabulary

__all__ = ["Atlas", "Items"]

_IN_VARIABLE: Final = re.compile(r"\$\{\s*([^\s,'{}]+)")

Items: TypeAlias = tuple[tuple[str, str | None], ...]


class Atlas:
    """Two policies, cut into classes along each dimension of a request."""

    def __init__(self, rules: Rules, budget: Budget, only: tuple[Principal, ...] | None = None) -> None:
        self.rules = rules
        self.words = vocabulary(rules, budget)
        self.variables = Variables(rules, self.words.numbers, budget)
        self.key_of = [condition.key for condition in rules.atoms]
        self.owner_matters = OWNER in rules.keys or OWNER in self.variables.keys
        self._budget = budget
        self._only = only
        self._named = [variables_in(condition) for condition in rules.atoms]
        self._facets: dict[tuple[str, Items], Facet] = {}
        self._places: dict[tuple[Items, frozenset[Symbols]], Places] = {}
        self._failing: dict[Hashable, int] = {}
        self._named_by: dict[int, frozenset[str]] = {}
        self._variable = sum(1 << n for n, rule in enumerate(rules.rules) if rule.condition_variables)

    @cached_property
    def callers(self) -> tuple[Caller, ...]:
        """The callers that the policies tell apart."""
        found: Iterable[Principal] | None = self._only
        if found is None:
            names = self.variables.pools.get("aws:username", ())
            found = candidates(self.rules, self.words, [name for name in names if name], self._budget)
        return callers(self.rules, found, self.words.numbers, self._budget)

    @cached_property
    def _owners(self) -> tuple[str, ...]:
        """The accounts of resources to tell apart."""
        matter = self.rules.kind == "resource" or self.owner_matters
        return self.words.numbers if matter or not all(each.anywhere for each in self.callers) else ()

    @cached_property
    def _spellings(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for rule in self.rules.rules:
            texts = rule.statement.resource.texts if rule.statement.resource else ()
            for text in (*texts, *(text for each in rule.statement.conditions for text in each.texts)):
                for name in _IN_VARIABLE.findall(text):
                    found.setdefault(name.lower(), name)
        return found

    def spelling(self, key: str) -> str:
        """A condition key as the policies write it."""
        return self.rules.spelled.get(key) or self._spellings.get(key, key)

    def keys_named(self, live: int) -> frozenset[str]:
        """The keys that variables in the conditions of some rules name."""
        live &= self._variable
        known = self._named_by.get(live)
        if known is None:
            known = frozenset().union(*(self.rules.rules[place].condition_variables for place in bits(live)))
            self._named_by[live] = known
        return known

    @cached_property
    def survey(self) -> Places:
        """All resources; right about those that do not depend on policy variables."""
        return Places(self._elements, self._beside, {}, self.words, self._budget)

    @cached_property
    def _elements(self) -> tuple[Element, ...]:
        return elements(self.rules)

    @cached_property
    def _beside(self) -> tuple[Pattern, ...]:
        """Patterns that tell the accounts of resources apart, where that matters."""
        return tuple(account_patterns(self.rules, self._owners))

    def places(self, region: Region, filling: Filling, relevant: frozenset[Symbols]) -> Places:
        """The resources of a region, with values for its keys, as far as some patterns tell them apart."""
        question = (tuple((key, filling.get(key)) for key in sorted(region)), relevant)
        known = self._places.get(question)
        if known is None:
            values = dict(question[0])
            known = Places(self._elements, self._beside, values, self.words, self._budget, relevant)
            self._places[question] = known
        return known

    def options(self, filling: Filling, gaps: dict[str, None]) -> Callable[[str, int], tuple[Option, ...]]:
        """A look-up of the values of a key that some conditions tell apart.

        Why some may be missing goes to `gaps`.
        """
        here: dict[str, Facet] = {}

        def look_up(key: str, live: int) -> tuple[Option, ...]:
            facet = here.get(key)
            if facet is None:
                facet = here[key] = self._facet(key, filling)
            found = facet.options(live)
            if gap := facet.gap(live):
                gaps.setdefault(gap)
            return found

        return look_up

    def _facet(self, key: str, filling: Filling) -> Facet:
        places = list(bits(self.rules.keys[key]))
        items = _items(frozenset().union(*(self._named[place] for place in places)), filling)
        known = self._facets.get((key, items))
        if known is None:
            atoms = [(1 << place, self.rules.atoms[place]) for place in places]
            known = self._facets[key, items] = Facet(key, atoms, dict(items), self._budget)
        return known

    def failing(self, live: int, known: Filling, sign: Hashable) -> int:
        """Those of some rules that cannot match once some keys have values.

        `sign` stands for those values, so that the same need not be worked out twice.
        """
        atoms = self.rules.atoms_of(live)
        failed = self._failing.get((sign, atoms))
        if failed is None:
            request = probe(known)
            failed = 0
            for place in bits(atoms):
                condition = self.rules.atoms[place]
                if condition.key in known:
                    self._budget.spend()
                    if not condition.matches(request):
                        failed |= 1 << place
            self._failing[sign, atoms] = failed
        if not failed:
            return 0
        return sum(1 << place for place in bits(live) if self.rules.rules[place].atoms & failed)

    def settled(self, known: Iterable[str]) -> int:
        """The conditions on some keys."""
        found = 0
        for key in known:
            found |= self.rules.keys.get(key, 0)
        return found


def _items(keys: frozenset[str], filling: Filling) -> Items:
    return tuple((key, filling[key]) for key in sorted(keys) if key in filling)
