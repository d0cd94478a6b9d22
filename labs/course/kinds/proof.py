"""Proof: a learner's policy set against what the task asks for, over all requests that there are.

The cases of an exercise are examples; a policy may keep them all and still allow something that nobody
thought of. So what has passed them is compared with two policies: the most that a right answer may allow, and
the least that it must. Where both are the solution, there is one right answer, however it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy, PolicySet, Request
    from labs.aws.iam.prover import Comparison

__all__ = ["Found", "Proof", "prove"]

_STEPS: Final = 300_000
"""Half a second, about; what a learner writes takes a thousandth of it."""
_CAPS: Final = frozenset({"boundary", "session", "scps", "rcps", "endpoint", "management"})


@dataclass(frozen=True, slots=True)
class Found:
    """A request that shows a difference, the policies under which the learner's decides it, and how."""

    side: Literal["wider", "narrower"]
    request: Request
    policies: PolicySet
    decision: Decision


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it: the differences that were found, and why it is not known that there are no others."""

    wider: Found | None
    narrower: Found | None
    undecided: str = ""


def prove(
    candidate: Policy, least: Policy, most: Policy, *, identity: bool, beside: Mapping[str, Any]
) -> Proof:
    """Compare a policy with the least and the most that is asked for.

    Args:
        identity: whether they are identity-based policies.
        beside: other policies that apply, as keyword arguments of `PolicySet`. A difference that its caps
            level out is none; a resource's policy among them is about that one resource, and does not count.
    """
    from labs.aws.iam.prover import Budget, compare

    kind: Literal["identity", "resource"] = "identity" if identity else "resource"
    above = compare(most, candidate, kind, budget=Budget(steps=_STEPS))
    same = least.document == most.document
    below = above if same else compare(least, candidate, kind, budget=Budget(steps=_STEPS))
    wider = _found(above, "wider", most, beside)
    narrower = _found(below, "narrower", least, beside)
    bound = next(
        (each.bound for each, found in ((above, wider), (below, narrower)) if each.bound and not found), None
    )
    return Proof(wider, narrower, bound.sentence if bound else "")


def _found(
    comparison: Comparison, side: Literal["wider", "narrower"], reference: Policy, beside: Mapping[str, Any]
) -> Found | None:
    """The difference on one side, if the caps that apply do not level it out."""
    from labs.aws.iam import evaluate
    from labs.aws.iam.prover.company import company

    request = comparison.wider if side == "wider" else comparison.narrower
    if request is None:
        return None
    caps = {name: policy for name, policy in beside.items() if name in _CAPS}

    def around(policy: Policy) -> PolicySet:
        alone = company(policy, comparison.kind, request.principal, consenting=side in comparison.consenting)
        return replace(alone, **caps)

    policies = around(comparison.candidate)
    decision = evaluate(request, policies)
    if decision.allowed is evaluate(request, around(reference)).allowed:
        return None
    return Found(side, request, policies, decision)
