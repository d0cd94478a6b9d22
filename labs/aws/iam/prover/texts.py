"""The texts of a policy as patterns for the automaton, once the policy variables in them have values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from labs.aws.iam.elements import ConditionElement, ResourceElement
from labs.aws.iam.patterns import (
    Tokens,
    Variable,
    Wild,
    after_fifth_colon,
    arn_parts,
    tokenize,
    within_parts,
)
from labs.aws.iam.prover.automaton import (
    ANY,
    ANY_IN_PART,
    ONE,
    ONE_IN_PART,
    Pattern,
    Symbol,
)

__all__ = [
    "READERS",
    "Filling",
    "condition_pattern",
    "condition_tokens",
    "filled",
    "resource_tokens",
    "variables_in",
    "variables_of",
]

Filling: TypeAlias = Mapping[str, str | None]
"""Values of the keys that policy variables name, in lower case; None where the request has no such key."""

READERS: Final = frozenset({"numeric", "date", "address", "binary"})
"""Families of operators that read a value before they compare it, so that no pattern stands for them."""


@lru_cache(maxsize=4096)
def resource_tokens(text: str, variables: bool) -> Tokens:
    """The tokens of a resource's text, with a `*` inside the first five parts kept within its part."""
    cut = after_fifth_colon(text)
    head = tuple(within_parts(tokenize(text[:cut], variables=False)))
    return head + tokenize(text[cut:], variables=variables)


def condition_tokens(element: ConditionElement, text: str) -> tuple[Tokens, ...]:
    """The tokens of a value in a condition: one run of them, or for an ARN operator six."""
    return _condition_tokens(element.spelling.operator.family, _wild(element), text, element.variables)


@lru_cache(maxsize=4096)
def _condition_tokens(family: str, wildcards: bool, text: str, variables: bool) -> tuple[Tokens, ...]:
    tokens = tokenize(text, variables=variables, wildcards=wildcards)
    if family != "arn":
        return (tokens,)
    parts = tuple(arn_parts(tokens))
    alone = len(tokens) == 1 and not isinstance(tokens[0], str)
    return parts if len(parts) == 6 else (tokens,) if alone else ()


def condition_pattern(
    element: ConditionElement, text: str, filling: Filling, *, loose: bool = False
) -> Pattern | None:
    """What a value in a condition matches; None when it is nothing, or not for a pattern to say.

    With `loose` a variable stands for any text.
    """
    family = element.spelling.operator.family
    if family == "bool":
        return Pattern((text.lower(),), fold=True) if text.lower() in ("true", "false") else None
    if family not in ("string", "arn"):
        return None
    symbols: list[Symbol] = []
    runs = condition_tokens(element, text)
    for place, tokens in enumerate(runs):
        inside = len(runs) == 6 and place < 5
        run = filled(tokens, filling, in_part=inside, loose=loose)
        if run is None or (inside and any(isinstance(each, str) and ":" in each for each in run)):
            return None
        symbols += [*run, ":"] if inside else run
    if not runs:
        return None
    return Pattern(tuple(symbols), fold=element.spelling.operator.name.endswith("IgnoreCase"))


def filled(
    tokens: Tokens, filling: Filling, *, in_part: bool = False, loose: bool = False
) -> tuple[Symbol, ...] | None:
    """The symbols of some tokens; None when a variable has neither value nor default.

    With `in_part` the wildcards stop at a colon; with `loose` a variable stands for any text.
    """
    symbols: list[Symbol] = []
    for token in tokens:
        if isinstance(token, Variable) and loose:
            symbols.append(ANY_IN_PART if in_part else ANY)
        elif isinstance(token, Variable):
            value = filling.get(token.key)
            value = token.default if value is None else value
            if value is None:
                return None
            symbols.append(value)
        elif isinstance(token, Wild):
            if token is Wild.ONE:
                symbols.append(ONE_IN_PART if in_part else ONE)
            else:
                symbols.append(ANY if token is Wild.ANY and not in_part else ANY_IN_PART)
        else:
            symbols.append(token)
    return tuple(symbols)


def variables_of(tokens: Tokens) -> frozenset[str]:
    """The keys that the variables among some tokens name."""
    return frozenset(token.key for token in tokens if isinstance(token, Variable))


def variables_in(element: ConditionElement | ResourceElement) -> frozenset[str]:
    """The keys that the variables in an element name."""
    if not element.variables:
        return frozenset()
    found: frozenset[str] = frozenset()
    for text in element.texts:
        if isinstance(element, ResourceElement):
            found |= variables_of(resource_tokens(text, True))
        else:
            found = found.union(*map(variables_of, condition_tokens(element, text)))
    return found


def _wild(element: ConditionElement) -> bool:
    return element.spelling.operator.family == "arn" or element.spelling.operator.name.endswith("Like")
