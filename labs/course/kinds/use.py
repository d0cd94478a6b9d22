"""What was made use of: the rights that IAM was asked for and gave, and those beyond what a task needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.sandbox import Event

__all__ = ["Use", "beyond", "is_of", "used"]


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """An action on a resource, as IAM was asked for it."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def used(events: Iterable[Event], as_: str = "") -> frozenset[Use]:
    """The rights that these requests made use of; of one user or role where that is said."""
    return frozenset(
        Use(check.action, check.resource)
        for event in events
        if is_of(event.principal, as_)
        for check in event.checks
        if check.allowed
    )


def beyond(events: Iterable[Event], least: Mapping[str, Any], as_: str = "") -> tuple[Use, ...]:
    """The rights that were made use of and that a policy, the least that the task needs, does not give.

    Conditions of the policy hold as they do for a request that carries no keys.
    """
    from labs.aws.iam import PolicySet, Principal, Request, evaluate, parse_policy

    policies = PolicySet(identity=(parse_policy(least, name="what the task needs"),))
    whoever = Principal.parse("arn:aws:iam::123456789012:user/x")
    return tuple(
        each
        for each in sorted(used(events, as_))
        if not evaluate(Request(whoever, each.action, each.resource), policies).allowed
    )


def is_of(principal: str, name: str) -> bool:
    """Whether an ARN is of `user/NAME` or of a session of `role/NAME`; of whomever where no name is given."""
    kind, _, last = name.partition("/")
    if kind == "role":
        return f":assumed-role/{last}/" in principal
    return not name or principal.endswith((f":{name}", f"/{last}") if last else (f":{name}", f"/{name}"))
