"""Is one policy wider than another? A verdict, and for each difference a request that shows it.

The idea of judging a policy by what another allows is AWS's own.
Source: IAM Access Analyzer User Guide, "Validate policies with custom policy checks"; IAM User Guide, "Policy
evaluation logic".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from labs.aws.iam.documents import Policy
from labs.aws.iam.evaluation import Decision, explain
from labs.aws.iam.prover.budget import Bound, Budget, Exhausted
from labs.aws.iam.prover.company import company
from labs.aws.iam.prover.rules import Kind
from labs.aws.iam.prover.search import Search
from labs.aws.iam.prover.witness import Direction, Witness
from labs.aws.iam.requests import Request
from labs.aws.iam.traces import Stage
from labs.errors import InputError

__all__ = ["Comparison", "Side", "Verdict", "compare"]

Verdict: TypeAlias = Literal["equivalent", "wider", "narrower", "incomparable", "unknown"]
Side: TypeAlias = Literal["wider", "narrower"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a candidate policy allows, set against a reference.

    `wider` is a request that the candidate allows and the reference does not, `narrower` one the other way
    round; both were replayed through the evaluator. `consenting` names those that take a policy of the other
    side that consents: the role's trust policy, the key's policy, the other account's. `bound` says why a
    verdict is unknown. `steps` is the work done.
    """

    verdict: Verdict
    wider: Request | None
    narrower: Request | None
    bound: Bound | None
    kind: Kind
    reference: Policy = field(repr=False)
    candidate: Policy = field(repr=False)
    consenting: frozenset[Side] = frozenset()
    steps: int = field(default=0, compare=False)

    @property
    def not_wider(self) -> bool:
        """Whether it is proved that the candidate allows nothing that the reference does not."""
        return self.verdict in ("equivalent", "narrower")

    @property
    def sentence(self) -> str:
        """The verdict in one or two plain sentences."""
        more = f"allows {_asked(self.wider)}, which the reference does not" if self.wider else ""
        less = f"allows {_asked(self.narrower)}, which the candidate does not" if self.narrower else ""
        match self.verdict:
            case "equivalent":
                return "Both policies allow the same requests."
            case "wider":
                return f"The candidate is wider: it {more}."
            case "narrower":
                return f"The candidate is narrower: it allows nothing more, and the reference {less}."
            case "incomparable":
                return f"Neither policy contains the other: the candidate {more}, and the reference {less}."
        found = f" What is certain: the candidate {more}." if more else ""
        found += f" What is certain: the reference {less}." if less else ""
        return f"Undecided. {self.bound.sentence if self.bound else ''}{found}"

    def decision(self, side: Side, policy: Policy) -> Decision | None:
        """How one of the two policies decides the request of one side; None where there is no request."""
        request = self.wider if side == "wider" else self.narrower
        if request is None:
            return None
        policies = company(policy, self.kind, request.principal, consenting=side in self.consenting)
        return explain(request, policies)

    def allowing(self, side: Side) -> str | None:
        """The first statement that allows the request of one side, by its Sid or number.

        None where there is no request, or where none is needed: an account's root user may do what no Deny
        stops.
        """
        policy = self.candidate if side == "wider" else self.reference
        decision = self.decision(side, policy)
        stage = Stage.IDENTITY if self.kind == "identity" else Stage.RESOURCE
        for trace in decision.trace if decision else ():
            for judged in trace.policies if trace.stage is stage else ():
                for statement in judged.statements:
                    if statement.matched and statement.effect == "Allow":
                        return statement.label
        return None


def compare(
    reference: Policy, candidate: Policy, kind: Kind = "identity", *, budget: Budget | None = None
) -> Comparison:
    """Compare what two policies allow, over all requests with real actions and ARNs of real shapes.

    Args:
        reference: what is wanted.
        candidate: what is judged.
        kind: whether both are identity-based or resource-based policies (a trust policy is resource-based).
        budget: how much work it may take; the default ends within five seconds.

    Raises:
        InputError: there is no such kind.
    """
    if kind not in get_args(Kind):
        raise InputError(
            "No such kind of policy",
            f"It is {str(kind)[:80]!r}.",
            'The kinds are "identity" and "resource"; a trust policy is a resource policy.',
        )
    budget = budget or Budget()
    bound: Bound | None = None
    search = Search(reference, candidate, kind, budget)
    try:
        search.run()
    except Exhausted as exhausted:
        bound = exhausted.bound
    wider, narrower = search.wider.best, search.narrower.best
    bound = bound or _gap(search.wider) or _gap(search.narrower)
    return Comparison(
        _verdict(wider, narrower, bound),
        wider.request if wider else None,
        narrower.request if narrower else None,
        None if wider and narrower else bound,
        kind,
        reference,
        candidate,
        frozenset(_consenting(wider, narrower)),
        budget.spent,
    )


def _verdict(wider: Witness | None, narrower: Witness | None, bound: Bound | None) -> Verdict:
    if wider and narrower:
        return "incomparable"
    if bound:
        return "unknown"
    return "wider" if wider else "narrower" if narrower else "equivalent"


def _gap(direction: Direction) -> Bound | None:
    """Why a direction without a witness may yet have one."""
    if direction.best is not None or not direction.gaps:
        return None
    return Bound("values", len(direction.gaps), "; ".join(direction.gaps))


def _consenting(wider: Witness | None, narrower: Witness | None) -> list[Side]:
    found: list[Side] = []
    if wider and wider.consenting:
        found.append("wider")
    if narrower and narrower.consenting:
        found.append("narrower")
    return found


def _asked(request: Request | None) -> str:
    if request is None:
        return ""
    on = "" if request.resource == "*" else f" on {request.resource}"
    return f"{request.action}{on}"
