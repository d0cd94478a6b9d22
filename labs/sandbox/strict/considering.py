"""A call meets the rules of its operation, after IAM has allowed it and before moto carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from labs.sandbox.carrier import Answer
from labs.sandbox.served.ask import Ask
from labs.sandbox.strict.book import rules_for
from labs.sandbox.strict.rules import Asked, Refused
from labs.sandbox.values import Explanation
from labs.sandbox.wire import Routed, with_fields

__all__ = ["Considered", "consider"]


@dataclass(frozen=True, slots=True)
class Considered:
    """A call that may go ahead: as it is to be carried out, and what the rules have changed about it."""

    ask: Ask
    explanations: tuple[Explanation, ...] = ()


def consider(ask: Ask, routed: Routed, send: Callable[[Routed], Answer]) -> Considered:
    """Apply the rules of an operation, in order: those that repair, then those that refuse.

    Args:
        send: hands a call to moto.

    Raises:
        Refused: AWS would not do it.
    """
    rules = [rule for rule in rules_for(routed.call.service, routed.call.operation) if rule.on]
    if not rules:
        return Considered(ask)
    told: list[Explanation] = []
    asked = Asked(ask.call, ask.caller, ask.account, ask.now, ask.state, ask.forward, routed.request)
    for rule in rules:
        if rule.amend is not None and (amendment := rule.amend(asked)) is not None:
            routed = with_fields(routed, amendment.fields)
            asked = replace(asked, call=routed.call, request=routed.request, forward=partial(send, routed))
            if amendment.text and rule.sourced:
                told.append(rule.explain("repaired", amendment.text))
        if rule.check is not None and (refusal := rule.check(asked)) is not None:
            raise Refused(rule, refusal)
    for rule in rules:
        if rule.around is not None:
            asked = replace(asked, forward=partial(rule.around, asked, asked.forward))
    return Considered(asked, tuple(told))
