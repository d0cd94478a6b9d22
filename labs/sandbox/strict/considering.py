"""A call meets the rules of its operation, after IAM has allowed it and before moto carries it out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from labs.sandbox.served.ask import Ask
from labs.sandbox.strict.book import rules_for
from labs.sandbox.strict.rules import Asked, Refused
from labs.sandbox.values import Explanation
from labs.sandbox.wire import Routed, with_fields

__all__ = ["Considered", "consider"]


@dataclass(frozen=True, slots=True)
class Considered:
    """A call that may go ahead: as moto is to see it, and what the rules have changed about it."""

    routed: Routed
    explanations: tuple[Explanation, ...] = ()


def consider(ask: Ask, routed: Routed) -> Considered:
    """Apply the rules of an operation, in order: those that repair, then those that refuse.

    Raises:
        Refused: AWS would not do it.
    """
    rules = rules_for(routed.call.service, routed.call.operation)
    if not rules:
        return Considered(routed)
    told: list[Explanation] = []
    given = {each.name: getattr(ask, each.name) for each in fields(Ask)}
    asked = Asked(**given, request=routed.request)
    for rule in rules:
        if not rule.on:
            continue
        if rule.amend is not None and (amendment := rule.amend(asked)) is not None:
            routed = with_fields(routed, amendment.fields)
            asked = replace(asked, call=routed.call, request=routed.request)
            if rule.sourced:
                told.append(rule.explain("repaired", amendment.text))
        if rule.check is not None and (refusal := rule.check(asked)) is not None:
            raise Refused(rule, refusal)
    return Considered(routed, tuple(told))
