"""AWS's evaluation logic: from a request and the policies that apply to it, to a decision.

`evaluate` looks at no more than it needs. `explain` looks at everything and keeps what it saw. Both ask the
same elements whether they match, and both leave the ruling to `_rule`.

Source: IAM User Guide, "Policy evaluation logic", "Policy evaluation for requests within a single account",
"Cross-account policy evaluation logic"; Organizations User Guide, "SCP evaluation" and "RCP evaluation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias

from labs.aws.iam.documents import Policy, Statement
from labs.aws.iam.elements import Grant
from labs.aws.iam.organizations import bound_by_rcps, bound_by_scps
from labs.aws.iam.principals import PrincipalKind
from labs.aws.iam.requests import Request
from labs.aws.iam.traces import Outcome, PolicyTrace, Stage, StageTrace, Verdict

__all__ = ["Decision", "PolicySet", "evaluate", "explain"]

Levels: TypeAlias = tuple[tuple[Policy, ...], ...]
"""Policies by level: each level must allow. All types but SCP and RCP have one level."""

FREE_ACTIONS: Final = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""What every signed caller may do, whatever the policies say (STS API Reference)."""

_TRUST_ACTIONS: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:tagsession",
        "sts:setsourceidentity",
    }
)
_OUTSIDERS: Final = frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.SERVICE, PrincipalKind.PROVIDER})
_OF_THE_CALLER: Final = frozenset({Stage.SCP, Stage.IDENTITY, Stage.BOUNDARY, Stage.SESSION})
_SPARED: Final = {
    **dict.fromkeys(_OUTSIDERS, _OF_THE_CALLER),
    PrincipalKind.ROOT: frozenset({Stage.IDENTITY, Stage.BOUNDARY}),
}
"""Which stages have no say about which kinds of caller."""


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies that apply to one request.

    `identity` holds those of the user and its groups, or of the role. `scps` and `rcps` hold a tuple per
    level, organisation root first. `endpoint` is the policy of the VPC endpoint that the request came
    through. `management` is the organisation's management account, which neither SCPs nor RCPs bind.
    `present` is all of them by stage, in order.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundary: Policy | None = None
    session: Policy | None = None
    scps: Levels = ()
    rcps: Levels = ()
    endpoint: Policy | None = None
    management: str | None = None
    present: Mapping[Stage, Levels] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        present: dict[Stage, Levels] = {}
        if self.rcps:
            present[Stage.RCP] = self.rcps
        if self.scps:
            present[Stage.SCP] = self.scps
        if self.endpoint is not None:
            present[Stage.ENDPOINT] = ((self.endpoint,),)
        if self.resource is not None:
            present[Stage.RESOURCE] = ((self.resource,),)
        if self.identity:
            present[Stage.IDENTITY] = (self.identity,)
        if self.boundary is not None:
            present[Stage.BOUNDARY] = ((self.boundary,),)
        if self.session is not None:
            present[Stage.SESSION] = ((self.session,),)
        object.__setattr__(self, "present", present)

    def concerning(self, request: Request) -> Mapping[Stage, Levels]:
        """The policies of each stage that have a say in this request, in the order of the stages."""
        spared = _SPARED.get(request.principal.kind, frozenset())
        if self.scps and not bound_by_scps(request, self.management):
            spared |= {Stage.SCP}
        if self.rcps and not bound_by_rcps(request, self.management):
            spared |= {Stage.RCP}
        if not spared:
            return self.present
        return {stage: levels for stage, levels in self.present.items() if stage not in spared}


class Found(NamedTuple):
    """The policy and statement that settle a question."""

    policy: str | None
    statement: str | None


_NOTHING: Final = Found(None, None)


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM answers, and what settled it.

    `stage`, `policy` and `statement` name what decided: for an implicit deny, the stage that should have
    allowed. `trace` is empty unless the decision comes from `explain`.
    """

    outcome: Outcome
    stage: Stage | None
    policy: str | None
    statement: str | None
    request: Request
    policies: PolicySet = field(repr=False)
    trace: tuple[StageTrace, ...] = field(default=(), repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the request goes ahead."""
        return self.outcome is Outcome.ALLOWED

    @property
    def reason(self) -> str:
        """One plain sentence: what decided and, for an implicit deny, what came closest."""
        from labs.aws.iam.reasons import sentence  # reasons explains decisions, so it needs this module first

        return sentence(self)


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Decide one request, without a trace."""
    outcome, stage, found = _rule(request, _Glance(request, policies))
    return Decision(outcome, stage, found.policy, found.statement, request, policies)


def explain(request: Request, policies: PolicySet) -> Decision:
    """Decide one request and show every stage, policy, statement and element on the way."""
    study = _Study(request, policies)
    outcome, stage, found = _rule(request, study)
    trace = study.stages(stage)
    return Decision(outcome, stage, found.policy, found.statement, request, policies, trace)


class _View(Protocol):
    """What a ruling asks about the policies."""

    def has(self, stage: Stage) -> bool:
        """Whether any policy of this stage has a say."""

    def denial(self) -> tuple[Stage, Found] | None:
        """The first explicit deny, in the order of the stages."""

    def allow(self, stage: Stage) -> Found | None:
        """The statement that allows the request at a stage; None unless every level of the stage has one."""

    def grant(self) -> tuple[Grant, Found]:
        """How closely the resource-based policy names the caller in a statement that allows, and which."""


def _rule(request: Request, view: _View) -> tuple[Outcome, Stage | None, Found]:
    """The ruling: the one place that knows which policies must allow what."""
    kind = request.principal.kind
    insider = kind not in _OUTSIDERS
    if insider and request.action_key in FREE_ACTIONS:
        return Outcome.ALLOWED, None, _NOTHING
    if (denial := view.denial()) is not None:
        return Outcome.EXPLICITLY_DENIED, *denial
    if kind is PrincipalKind.ROOT and request.action_key == "sts:assumerole":
        return Outcome.IMPLICITLY_DENIED, None, _NOTHING
    for stage in (Stage.SCP, Stage.ENDPOINT):
        if view.has(stage) and view.allow(stage) is None:
            return Outcome.IMPLICITLY_DENIED, stage, _NOTHING

    grant, found = view.grant()
    crosses = request.crosses_accounts
    if grant is Grant.NONE and (crosses or not insider or must_be_named(request)):
        return Outcome.IMPLICITLY_DENIED, Stage.RESOURCE, _NOTHING
    if not insider or (grant is Grant.CALLER and not crosses):
        return Outcome.ALLOWED, Stage.RESOURCE, found

    deciding = Stage.RESOURCE
    if grant is not Grant.ISSUER or crosses:
        deciding = Stage.IDENTITY
        allowing = _NOTHING if request.principal.has_root_permissions else view.allow(Stage.IDENTITY)
        if allowing is None:
            return Outcome.IMPLICITLY_DENIED, Stage.IDENTITY, _NOTHING
        found = allowing
    if view.has(Stage.BOUNDARY) and view.allow(Stage.BOUNDARY) is None:
        return Outcome.IMPLICITLY_DENIED, Stage.BOUNDARY, _NOTHING
    needs_session_policy = view.has(Stage.SESSION) or kind is PrincipalKind.FEDERATED
    if needs_session_policy and view.allow(Stage.SESSION) is None:
        return Outcome.IMPLICITLY_DENIED, Stage.SESSION, _NOTHING
    return Outcome.ALLOWED, deciding, found


def must_be_named(request: Request) -> bool:
    """Whether the resource's own policy must name the caller or its account, even within one account.

    So it is for the trust policies of roles and for the policies of KMS keys. A federated user, whom
    GetFederationToken may give tags, has no policy of its own.
    """
    if request.action_key in _TRUST_ACTIONS:
        return ":federated-user/" not in request.resource
    return ":key/" in request.resource and request.service == "kms"


class _Glance:
    """A view that looks at a statement only when the ruling asks for it."""

    __slots__ = ("bounded", "levels", "request")

    def __init__(self, request: Request, policies: PolicySet) -> None:
        self.request = request
        self.levels = policies.concerning(request)
        self.bounded = policies.boundary is not None

    def has(self, stage: Stage) -> bool:
        return stage in self.levels

    def denial(self) -> tuple[Stage, Found] | None:
        for stage, levels in self.levels.items():
            for level in levels:
                for policy in level:
                    if policy.denies and (found := self._first(stage, policy, policy.denies)):
                        return stage, found
        return None

    def allow(self, stage: Stage) -> Found | None:
        found = None
        for level in self.levels.get(stage, ()):
            for policy in level:
                if found := self._first(stage, policy, policy.allows):
                    break
            else:
                return None
        return found

    def grant(self) -> tuple[Grant, Found]:
        best, found = Grant.NONE, _NOTHING
        for level in self.levels.get(Stage.RESOURCE, ()):
            for policy in level:
                for statement in policy.allows:
                    grant = statement.grant(self.request)
                    if grant > best:
                        best, found = grant, Found(policy.name, statement.label)
        return best, found

    def _first(self, stage: Stage, policy: Policy, statements: tuple[Statement, ...]) -> Found | None:
        named = stage.names_principals
        for statement in statements:
            if statement.grant(self.request, self.bounded) if named else statement.applies(self.request):
                return Found(policy.name, statement.label)
        return None


_UNREACHED: Final[tuple[Verdict, str]] = ("not reached", "")
_ABSENT: Final = {stage: StageTrace(stage, "absent", ()) for stage in Stage}
_SILENCED: Final = {
    stage: StageTrace(
        stage, "absent", (), f"It does not bind this {'request' if stage is Stage.RCP else 'caller'}."
    )
    for stage in Stage
}


class _Study:
    """A view that looks at everything first, and rules on what it wrote down."""

    __slots__ = ("bounded", "levels", "present", "request", "traces")

    def __init__(self, request: Request, policies: PolicySet) -> None:
        self.request = request
        self.present = policies.present
        self.bounded = policies.boundary is not None
        self.levels = policies.concerning(request)
        self.traces: dict[Stage, tuple[tuple[PolicyTrace, ...], ...]] = {
            stage: tuple(
                tuple(
                    policy.trace(request, names_principals=stage.names_principals, bounded=self.bounded)
                    for policy in level
                )
                for level in levels
            )
            for stage, levels in self.levels.items()
        }

    def has(self, stage: Stage) -> bool:
        return stage in self.traces

    def denial(self) -> tuple[Stage, Found] | None:
        for stage, levels in self.traces.items():
            for level in levels:
                if found := _matched(level, "Deny"):
                    return stage, found
        return None

    def allow(self, stage: Stage) -> Found | None:
        found = None
        for level in self.traces.get(stage, ()):
            found = _matched(level, "Allow")
            if found is None:
                return None
        return found

    def grant(self) -> tuple[Grant, Found]:
        best, found = Grant.NONE, _NOTHING
        for level, traced in zip(
            self.levels.get(Stage.RESOURCE, ()), self.traces.get(Stage.RESOURCE, ()), strict=True
        ):
            for policy, policy_trace in zip(level, traced, strict=True):
                for statement, trace in zip(policy.statements, policy_trace.statements, strict=True):
                    if not trace.matched or trace.effect == "Deny" or statement.principal is None:
                        continue
                    grant = statement.principal.grant(self.request.principal, self.bounded)
                    if grant > best:
                        best, found = grant, Found(policy.name, statement.label)
        return best, found

    def stages(self, deciding: Stage | None) -> tuple[StageTrace, ...]:
        """Every stage in order, those after the deciding one marked as not reached."""
        traces: list[StageTrace] = []
        reached = deciding is not None
        for stage, absent in _ABSENT.items():
            if stage in self.present and stage not in self.traces:
                traces.append(_SILENCED[stage])
            elif stage in self.traces:
                policies = tuple(policy for level in self.traces[stage] for policy in level)
                verdict, note = self._verdict(stage) if reached else _UNREACHED
                traces.append(StageTrace(stage, verdict, policies, note))
            else:
                traces.append(absent)
            reached = reached and stage is not deciding
        return tuple(traces)

    def _verdict(self, stage: Stage) -> tuple[Verdict, str]:
        levels = self.traces.get(stage, ())
        if any(_matched(level, "Deny") for level in levels):
            return "denies", ""
        if stage is Stage.RCP:
            return "allows", "RCPFullAWSAccess is always attached, so an RCP can only deny."
        if stage is Stage.RESOURCE and self.grant()[0] is Grant.ACCOUNT:
            return "allows", "It names the account, which leaves the caller's own policies to decide."
        silent = [place for place, level in enumerate(levels, 1) if _matched(level, "Allow") is None]
        if not silent:
            return "allows", ""
        return "silent", f"Level {silent[0]} of {len(levels)} allows nothing here." if len(levels) > 1 else ""


def _matched(level: tuple[PolicyTrace, ...], effect: str) -> Found | None:
    for policy in level:
        for statement in policy.statements:
            if statement.matched and statement.effect == effect:
                return Found(policy.name, statement.label)
    return None
