"""The actions that two policies tell apart: of each service, by the statements that take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labs.aws.iam.elements import ActionElement
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.catalogue import COMMON, Service, all_services, matching, service
from labs.aws.iam.prover.rules import Rules

__all__ = ["ActionClasses", "Actions"]


@dataclass(frozen=True, slots=True)
class Actions:
    """Actions of a service that no statement tells apart; `held` are the statements that take them."""

    service: Service
    mask: int
    held: int

    @property
    def are_free(self) -> bool:
        """Whether they need no permission."""
        return bool(self.mask & self.service.free)


class ActionClasses:
    """All actions, or those in `only`: masks of actions by service."""

    def __init__(self, rules: Rules, only: Mapping[str, int] | None, budget: Budget) -> None:
        self._rules = rules
        self._only = only
        self._budget = budget
        self._known: dict[str, tuple[Actions, ...]] = {}

    def tiers(self) -> Iterator[tuple[bool, Sequence[str]]]:
        """The services that the policies name, marked as such; then the common ones, then all others."""
        if self._only is not None:
            yield True, tuple(self._only)
            return
        named: set[str] = set()
        open_ended = False
        for rule in self._rules.rules:
            element = rule.statement.action
            prefixes = {text.partition(":")[0].lower() for text in element.texts}
            open_ended = open_ended or element.negated or "*" in prefixes
            named |= prefixes
        places = {prefix: place for place, prefix in enumerate(COMMON)}
        yield True, sorted(named - {"*"}, key=lambda prefix: (places.get(prefix, len(places)), prefix))
        if open_ended:
            yield False, [prefix for prefix in COMMON if prefix not in named]
            yield False, [prefix for prefix in all_services() if prefix not in named and prefix not in COMMON]

    def of(self, prefix: str) -> tuple[Actions, ...]:
        """The classes of a service's actions, the best known first; none when AWS has no such service."""
        known = self._known.get(prefix)
        if known is None:
            with self._budget.aside():
                found = service(prefix)
            known = self._known[prefix] = () if found is None else tuple(self._split(found))
        return known

    def _split(self, found: Service) -> Iterator[Actions]:
        every = found.every if self._only is None else found.every & self._only[found.prefix]
        masks = (every & ~sum(found.alone), *(mask & every for mask in found.alone))
        classes = [(mask, 0) for mask in masks if mask]
        for place, rule in enumerate(self._rules.rules):
            taken = _taken(rule.statement.action, found)
            self._budget.spend(len(classes))
            split: list[tuple[int, int]] = []
            for actions, held in classes:
                if inside := actions & taken:
                    split.append((inside, held | 1 << place))
                if outside := actions & ~taken:
                    split.append((outside, held))
            classes = split
        classes.sort(key=lambda each: each[0] & -each[0])
        return (Actions(found, mask, held) for mask, held in classes)


def _taken(element: ActionElement, found: Service) -> int:
    """The actions of a service that an element takes."""
    mask = 0
    for text, matcher in zip(element.texts, element.matchers, strict=True):
        if text.partition(":")[0].lower() in (found.prefix, "*"):
            mask |= matching(matcher, found.prefix)
    return found.every & ~mask if element.negated else mask
