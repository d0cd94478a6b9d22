"""Is one policy wider than another? The answer is a verdict, and a request for each difference.

Source: IAM User Guide, "Policy evaluation logic"; the idea of comparing policies by proof is AWS's own
(IAM Access Analyzer User Guide, "Custom policy checks").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from labs.aws.iam.documents import Policy
from labs.aws.iam.evaluation import Decision, PolicySet, explain
from labs.aws.iam.prover.budget import Bound, Budget, Exhausted
from labs.aws.iam.prover.company import company
from labs.aws.iam.prover.rules import Kind
from labs.aws.iam.prover.search import Search
from labs.aws.iam.prover.witness import Direction, Witness
from labs.aws.iam.requests import Request
from labs.errors import InputError

__all__ = ["Comparison", "Verdict", "compare"]

Verdict: TypeAlias = Literal["equivalent", "wider", "narrower", "incomparable", "unknown"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a candidate policy allows, set against a reference.

    `wider` is a request that the candidate allows and the reference does not, `narrower` one the other way
    round; both were replayed through the evaluator. `bound` says why the verdict is unknown.
    """

    verdict: Verdict
    wider: Request | None
    narrower: Request | None
    bound: Bound | None
    kind: Kind
    reference: Policy = field(repr=False)
    candidate: Policy = field(repr=False)
    consenting: frozenset[str] = frozenset()
    """Which of the two requests needs a policy of the other side that consents."""
    steps: int = field(default=0, compare=False)

    @property
    def sentence(self) -> str:
        return ""


def compare(
    reference: Policy, candidate: Policy, kind: Kind = "identity", *, budget: Budget | None = None
) -> Comparison:
    budget = budget or Budget()
    search = Search(reference, candidate, kind, budget)
    bound = None
    try:
        search.run()
    except Exhausted as exhausted:
        bound = exhausted.bound
    wider, narrower = search.wider.best, search.narrower.best
    if wider and narrower:
        verdict = "incomparable"
    elif bound:
        verdict = "unknown"
    else:
        gaps = [*(search.wider.gaps if not wider else ()), *(search.narrower.gaps if not narrower else ())]
        if gaps:
            bound = Bound("values", 0, gaps[0])
            verdict = "unknown"
        else:
            verdict = "wider" if wider else "narrower" if narrower else "equivalent"
    return Comparison(verdict, wider and wider.request, narrower and narrower.request, bound, kind, reference, candidate,
      frozenset(n for n, w in (("wider", wider), ("narrower", narrower)) if w and w.consenting), budget.spent)
