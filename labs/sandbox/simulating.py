"""Put a case to a sandbox: IAM in a running world decides it, asked by a signed request over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.errors import InputError
from labs.sandbox.values import Json

if TYPE_CHECKING:
    from labs.sandbox.world import World

__all__ = ["command_of", "simulate"]

_TOLD = frozenset({"request", "identityPolicies", "resourcePolicy", "boundary", "names", "id"})


def simulate(world: World, case: Mapping[str, Json]) -> str:
    """The decision of `iam:SimulateCustomPolicy` on a case: allowed, explicitDeny or implicitDeny.

    Args:
        case: what `skylab explain --jsonl` reads.

    Raises:
        InputError: the operation has no place for a part of the case; IAM's own explanation stays.
    """
    answer = world.client("iam").simulate_custom_policy(**_arguments(case))
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def command_of(case: Mapping[str, Json]) -> str:
    """The same request as one types it for the AWS CLI.

    Raises:
        InputError: the operation has no place for a part of the case.
    """
    return f"aws iam simulate-custom-policy --cli-input-json '{json.dumps(_arguments(case))}'"


def _arguments(case: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of SimulateCustomPolicy. Source: IAM API Reference, SimulateCustomPolicy."""
    request = case["request"]
    principal = str(request["principal"])
    is_user = principal.startswith("arn:aws:iam::") and ":user/" in principal
    elsewhere = principal.startswith("arn:") and not principal.startswith("arn:aws:")
    beyond = sorted(set(case) - _TOLD)
    if beyond or elsewhere or (case.get("resourcePolicy") and not is_user):
        what = ", ".join(beyond) or f"the caller {principal}"
        raise InputError("IAM's simulator has no place for a part of this case", f"It is {what}.")
    told: dict[str, Any] = {
        "PolicyInputList": [json.dumps(each) for each in case.get("identityPolicies", ())],
        "ActionNames": [request["action"]],
        "ResourceArns": [request["resource"]],
        "ContextEntries": [_entry(key, value) for key, value in request.get("context", {}).items()],
    }
    if case.get("resourcePolicy"):
        told["ResourcePolicy"] = json.dumps(case["resourcePolicy"])
    if is_user:  # the operation takes no other caller; without one it is a user of the world's own account
        told["CallerArn"] = principal
    if case.get("boundary"):
        told["PermissionsBoundaryPolicyInputList"] = [json.dumps(case["boundary"])]
    return told


def _entry(key: str, value: Any) -> dict[str, Any]:
    several = isinstance(value, list)
    texts = [
        str(each).lower() if isinstance(each, bool) else str(each) for each in (value if several else [value])
    ]
    return {
        "ContextKeyName": key,
        "ContextKeyValues": texts,
        "ContextKeyType": "stringList" if several else "string",
    }
