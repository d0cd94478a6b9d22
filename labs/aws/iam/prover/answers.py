"""A comparison as JSON: the form that `skylab prove` writes."""

from __future__ import annotations

from typing import Final

from labs.aws.iam.cases import case_to_json
from labs.aws.iam.evaluation import PolicySet
from labs.aws.iam.json_text import Json
from labs.aws.iam.prover.company import company
from labs.aws.iam.prover.comparison import Comparison, Side
from labs.aws.iam.requests import Request

__all__ = ["comparison_to_json"]

_SIDES: Final[tuple[Side, ...]] = ("wider", "narrower")


def comparison_to_json(comparison: Comparison) -> dict[str, Json]:
    """The answer: `verdict`, `wider` and `narrower` as requests, `sentence`, and `bound` when it is unknown.

    A request that takes a consenting policy of the other side has that policy under `assuming`, in the form
    that `skylab explain` takes, so that it can be replayed there.
    """
    answer: dict[str, Json] = {
        "verdict": comparison.verdict,
        "wider": _request(comparison.wider),
        "narrower": _request(comparison.narrower),
        "sentence": comparison.sentence,
    }
    if comparison.bound is not None:
        answer["bound"] = {
            "name": comparison.bound.name,
            "limit": comparison.bound.limit,
            "where": comparison.bound.where,
        }
    if comparison.consenting:
        answer["assuming"] = {
            side: _assumed(comparison, side) for side in _SIDES if side in comparison.consenting
        }
    return answer


def _request(request: Request | None) -> Json:
    return None if request is None else case_to_json(request, PolicySet())["request"]


def _assumed(comparison: Comparison, side: Side) -> dict[str, Json]:
    request = comparison.wider if side == "wider" else comparison.narrower
    if request is None:
        return {}
    policies = company(comparison.candidate, comparison.kind, request.principal, consenting=True)
    if comparison.kind == "identity" and policies.resource:
        return {"resourcePolicy": dict(policies.resource.document)}
    return {"identityPolicies": [dict(policy.document) for policy in policies.identity]}
