"""The book of rules: all of them, by their ids, and by the operations that they look at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from labs.sandbox.strict import (
    buckets,
    deliveries,
    documents,
    elsewhere,
    filters,
    functions,
    gateways,
    identities,
    instances,
    interfaces,
    launches,
    networks,
    objects,
    peerings,
    quotas,
    requests,
    routes,
    spots,
    volumes,
)
from labs.sandbox.strict.rules import Rule

__all__ = ["RULES", "rule_named", "rules_for"]

_MODULES = (
    networks,
    gateways,
    routes,
    peerings,
    filters,
    launches,
    instances,
    spots,
    volumes,
    interfaces,
    quotas,
    requests,
    documents,
    identities,
    buckets,
    objects,
    deliveries,
    functions,
    elsewhere,
)
RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in module.RULES)
"""All rules, in the order in which a call meets them."""

_NAMED: Mapping[str, Rule] = {rule.id: rule for rule in RULES}


def rule_named(rule_id: str) -> Rule | None:
    """The rule with an id."""
    return _NAMED.get(rule_id)


@lru_cache(maxsize=4096)
def rules_for(service: str, operation: str) -> tuple[Rule, ...]:
    """The rules that look at an operation; first those that repair, because the others see the result."""
    names = {f"{service}:{operation}", f"{service}:*"}
    found = [rule for rule in RULES if _acts(rule) and names & set(rule.operations)]
    return tuple(sorted(found, key=lambda rule: rule.amend is None))


def _acts(rule: Rule) -> bool:
    return any(part is not None for part in (rule.check, rule.amend, rule.around))
