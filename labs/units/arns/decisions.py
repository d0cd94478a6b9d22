"""Cases of IAM that this unit asks: one request, and the identity-based policies beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.aws.iam import Decision

__all__ = ["case_of", "decide", "policy_of"]


def policy_of(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def case_of(
    policies: Sequence[Mapping[str, Any]], principal: str, action: str, resource: str
) -> dict[str, Any]:
    """The case, as `skylab explain` reads it, of a request within the principal's own account."""
    request = {
        "principal": principal,
        "action": action,
        "resource": resource,
        "resourceAccount": principal.split(":")[4],
    }
    return {"request": request, "identityPolicies": list(policies)}


def decide(case: Mapping[str, Any]) -> Decision:
    """What IAM decides of a case."""
    from labs.aws.iam import case_from_json, evaluate

    return evaluate(*case_from_json(dict(case)))
