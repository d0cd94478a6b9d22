"""Two policies as one list of rules: a bit for each distinct statement, and for each distinct condition.

A statement that both policies have is one rule, which is what makes policies that differ in little quick to
compare.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from labs.aws.iam.documents import Policy, Statement
from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.prover.texts import variables_in

__all__ = ["Kind", "Rule", "Rules", "Side", "bits"]

Kind: TypeAlias = Literal["identity", "resource"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement of either policy, or of both; `atoms` has a bit for each of its conditions."""

    statement: Statement
    atoms: int
    resource_variables: frozenset[str]
    condition_variables: frozenset[str]

    @property
    def variables(self) -> frozenset[str]:
        """The keys that its policy variables name."""
        return self.resource_variables | self.condition_variables


@dataclass(frozen=True, slots=True)
class Side:
    """The rules of one policy: which allow, and which deny."""

    allows: int
    denies: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules and conditions of both policies.

    `atoms` holds every distinct condition, and `keys` the bits of those on each key.
    """

    kind: Kind
    rules: tuple[Rule, ...]
    atoms: tuple[ConditionElement, ...]
    keys: Mapping[str, int]
    spelled: Mapping[str, str]
    reference: Side
    candidate: Side

    @classmethod
    def of(cls, reference: Policy, candidate: Policy, kind: Kind) -> Rules:
        """The rules of two policies."""
        rules: dict[Hashable, tuple[int, Rule]] = {}
        atoms: dict[Hashable, tuple[int, ConditionElement]] = {}

        def side(policy: Policy) -> Side:
            masks = {"Allow": 0, "Deny": 0}
            for statement in policy.statements:
                held = 0
                for condition in statement.conditions:
                    place, _ = atoms.setdefault(_same_condition(condition), (len(atoms), condition))
                    held |= 1 << place
                place, _ = rules.setdefault(
                    _same_statement(statement, kind, held), (len(rules), _rule(statement, held))
                )
                masks[statement.effect] |= 1 << place
            return Side(masks["Allow"], masks["Deny"])

        sides = side(reference), side(candidate)
        conditions = tuple(condition for _, condition in atoms.values())
        keys: dict[str, int] = {}
        for place, condition in enumerate(conditions):
            keys[condition.key] = keys.get(condition.key, 0) | 1 << place
        spelled = {condition.key: condition.key_written for condition in reversed(conditions)}
        return cls(kind, tuple(rule for _, rule in rules.values()), conditions, keys, spelled, *sides)

    def atoms_of(self, rules: int) -> int:
        """The conditions of some rules."""
        found = 0
        for place in bits(rules):
            found |= self.rules[place].atoms
        return found


def bits(mask: int) -> Iterable[int]:
    """The places of the bits in a mask, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _rule(statement: Statement, atoms: int) -> Rule:
    resource = statement.resource
    return Rule(
        statement,
        atoms,
        frozenset() if resource is None else variables_in(resource),
        frozenset().union(*(variables_in(condition) for condition in statement.conditions)),
    )


def _same_condition(condition: ConditionElement) -> Hashable:
    spelling = condition.spelling
    return (
        spelling.operator.name,
        spelling.quantifier,
        spelling.if_exists,
        condition.key,
        frozenset(condition.texts),
        condition.variables,
    )


def _same_statement(statement: Statement, kind: Kind, atoms: int) -> Hashable:
    action, resource, principal = statement.action, statement.resource, statement.principal
    return (
        statement.effect,
        frozenset(text.lower() for text in action.texts),
        action.negated,
        resource and (frozenset(resource.texts), resource.negated, resource.variables),
        atoms,
        kind == "resource" and principal and (frozenset(principal.entries), principal.negated),
    )
