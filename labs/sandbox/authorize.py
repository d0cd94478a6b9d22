"""Ask IAM about a call: each check that it needs, against the policies that apply at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from labs.aws.iam import Decision, Outcome, Principal, PrincipalKind, Request, Stage, evaluate
from labs.sandbox import policies, principals
from labs.sandbox.faults import Dialect, Fault, access_denied, missing_credentials
from labs.sandbox.operations import PlannedCheck, checks_for
from labs.sandbox.principals import Credential
from labs.sandbox.raw import RawRequest
from labs.sandbox.wire import Call

__all__ = ["Caller", "Verdict", "authorize", "refusal"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request, and the credential that was proved; None for anonymous callers."""

    principal: Principal
    credential: Credential | None = None

    @classmethod
    def anonymous(cls) -> Caller:
        return cls(Principal.anonymous())


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check and what IAM says to it."""

    check: PlannedCheck
    decision: Decision

    @property
    def allowed(self) -> bool:
        return self.decision.allowed


def authorize(
    call: Call, caller: Caller, raw: RawRequest, account: str, now: datetime
) -> tuple[Verdict, ...]:
    """The verdict on each check of a call; it may go ahead when all of them are allowed.

    Args:
        account: the account in which the call acts.
        now: the server's time, which conditions on time see.
    """
    given = dict(_circumstances(call, caller, raw, now))
    return tuple(
        Verdict(check, _decide(check, call, caller, given))
        for check in checks_for(call, caller.principal, account)
    )


def _decide(check: PlannedCheck, call: Call, caller: Caller, given: Mapping[str, str]) -> Decision:
    request = Request(
        caller.principal,
        check.action,
        check.resource,
        resource_account=check.resource_account,
        context={**given, **check.context},
    )
    session = caller.credential.session_policies if caller.credential else ()
    applicable = policies.applicable(
        caller.principal, check.action, check.resource, region=call.region, session_policies=session
    )
    return evaluate(request, applicable)


def _circumstances(call: Call, caller: Caller, raw: RawRequest, now: datetime) -> Iterator[tuple[str, str]]:
    """The global condition keys that do not follow from the principal or the resource alone."""
    utc = now.astimezone(UTC)
    yield "aws:CurrentTime", f"{utc:%Y-%m-%dT%H:%M:%SZ}"
    yield "aws:EpochTime", str(int(utc.timestamp()))
    yield "aws:SourceIp", raw.client_address
    # The endpoint stands for AWS's own, which is reached over TLS.
    yield "aws:SecureTransport", "true"
    yield "aws:RequestedRegion", call.region
    yield "aws:ViaAWSService", "false"
    if agent := raw.header("user-agent"):
        yield "aws:UserAgent", agent
    if referer := raw.header("referer"):
        yield "aws:Referer", referer
    if unique := principals.unique_id(caller.principal):
        yield "aws:userid", unique
    for name, value in principals.tags_of(caller.principal).items():
        yield f"aws:PrincipalTag/{name}", value
    credential = caller.credential
    if credential is not None and credential.temporary:
        yield "aws:MultiFactorAuthPresent", "false"
        if credential.issued is not None:
            yield "aws:TokenIssueTime", f"{credential.issued:%Y-%m-%dT%H:%M:%SZ}"


# -- saying no -----------------------------------------------------------------------------------------------


def refusal(verdict: Verdict, dialect: Dialect) -> Fault:
    """AWS's answer to a call that one check stopped."""
    request = verdict.decision.request
    stranger = request.principal.kind is PrincipalKind.ANONYMOUS
    if stranger and dialect.service != "s3":
        return missing_credentials(dialect)
    return access_denied(
        request.principal.arn,
        request.action,
        request.resource,
        _because(verdict.decision),
        dialect,
        explained=not (stranger or request.crosses_accounts),
    )


def _because(decision: Decision) -> str:
    action, stage = decision.request.action, decision.stage or Stage.IDENTITY
    kind = stage.value
    if stage is Stage.RESOURCE and action.lower().startswith("sts:"):
        kind = "role trust policy"
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        return f"with an explicit deny in {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    return f"because no {kind} allows the {action} action"
