"""Policies and statements as values. `parse_policy` in grammar.py makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from labs.aws.iam.elements import (
    NAMES_NOBODY,
    ActionElement,
    ConditionElement,
    Grant,
    PrincipalElement,
    ResourceElement,
)
from labs.aws.iam.json_text import Json
from labs.aws.iam.requests import Request
from labs.aws.iam.traces import Element, ElementTrace, PolicyTrace, StatementTrace

__all__ = ["Effect", "Policy", "Statement"]

Effect: TypeAlias = Literal["Allow", "Deny"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, compiled; `index` counts from 1.

    A statement without a resource (as in a trust policy) is about the resource that the policy is attached
    to.
    """

    index: int
    sid: str | None
    effect: Effect
    principal: PrincipalElement | None
    action: ActionElement
    resource: ResourceElement | None
    conditions: tuple[ConditionElement, ...]
    _others: tuple[Element, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        resource = () if self.resource is None else (self.resource,)
        object.__setattr__(self, "_others", (self.action, *resource, *self.conditions))

    @property
    def label(self) -> str:
        """The Sid, or the number where there is none."""
        return self.sid or str(self.index)

    def applies(self, request: Request) -> bool:
        """Whether action, resource and every condition match, whoever calls."""
        if not self.action.matches(request):
            return False
        if self.resource is not None and not self.resource.matches(request):
            return False
        for condition in self.conditions:  # noqa: SIM110  the inner loop: all() takes twice as long
            if not condition.matches(request):
                return False
        return True

    def grant(self, request: Request, bounded: bool = False) -> Grant:
        """How closely the statement names the caller; NONE when it does not apply, or names nobody."""
        if self.principal is None or not self.applies(request):
            return Grant.NONE
        return self.principal.grant(request.principal, bounded)

    def elements(self, *, names_principals: bool) -> tuple[Element, ...]:
        """The elements in the order in which a reader meets them; without the principal where none counts."""
        return ((self.principal or NAMES_NOBODY), *self._others) if names_principals else self._others

    def trace(self, request: Request, *, names_principals: bool, bounded: bool = False) -> StatementTrace:
        """Every element against the request."""
        elements = []
        matched = True
        for each in self.elements(names_principals=names_principals):
            holds = each.holds(request, bounded)
            matched = matched and holds
            elements.append(ElementTrace(each, request, holds, bounded))
        return StatementTrace(self.index, self.sid, self.effect, matched, tuple(elements))


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document, ready to be evaluated.

    `name` is what explanations call it. `document` is the JSON that it was made from; leave it as it is.
    """

    name: str
    version: str
    statements: tuple[Statement, ...]
    document: Mapping[str, Json] = field(repr=False, compare=False)
    allows: tuple[Statement, ...] = field(init=False, repr=False, compare=False)
    denies: tuple[Statement, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, effect in (("allows", "Allow"), ("denies", "Deny")):
            chosen = tuple(each for each in self.statements if each.effect == effect)
            object.__setattr__(self, name, chosen)

    def trace(self, request: Request, *, names_principals: bool, bounded: bool = False) -> PolicyTrace:
        """Every statement against the request."""
        return PolicyTrace(
            self.name,
            tuple(
                each.trace(request, names_principals=names_principals, bounded=bounded)
                for each in self.statements
            ),
        )
