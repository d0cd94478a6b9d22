"""Ask IAM about a call: each check that it needs, against the policies that apply at this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from labs.aws.iam import Decision, Outcome, PrincipalKind, Request, Stage, evaluate
from labs.sandbox import circumstances, organization, policies
from labs.sandbox.clock import Timeline
from labs.sandbox.faults import Dialect, Fault, access_denied, missing_credentials
from labs.sandbox.network_path import Way, way_of
from labs.sandbox.operations import ContextValue, PlannedCheck, Scene, checks_for
from labs.sandbox.principals import Caller
from labs.sandbox.raw import RawRequest
from labs.sandbox.signature import Signed
from labs.sandbox.signature_time import STRAIGHT
from labs.sandbox.wire import Call

__all__ = ["Verdict", "authorize", "refusal"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check and what IAM says to it."""

    check: PlannedCheck
    decision: Decision
    caller: Caller

    @property
    def allowed(self) -> bool:
        return self.decision.allowed


def authorize(
    call: Call,
    caller: Caller,
    raw: RawRequest,
    account: str,
    now: datetime,
    signed: Signed | None = None,
    timeline: Timeline = STRAIGHT,
) -> tuple[Verdict, ...]:
    """The verdict on each check of a call; it may go ahead when all of them are allowed.

    Args:
        account: the account in which the call acts.
        now: the server's time, which conditions on time see.
        signed: what signs the request, which conditions on signatures see.
        timeline: how far the server's time is ahead of the clients'.
    """
    way = way_of(call, account, caller.instance, raw.client_address)
    given = circumstances.of_call(call, caller, raw, now, way, signed, timeline)
    held = policies.held_by(caller)
    return tuple(
        Verdict(check, _decide(check, call, caller, held, given, way), caller)
        for check in checks_for(Scene(call, caller, account, now, timeline))
    )


def _decide(
    check: PlannedCheck,
    call: Call,
    caller: Caller,
    held: policies.Held,
    given: Mapping[str, ContextValue],
    way: Way,
) -> Decision:
    owner = check.owner or caller.principal.account
    context = circumstances.of_check(check, given, owner)
    request = Request(caller.principal, check.action, check.resource, check.resource_account, context)
    # What a service does on the caller's behalf does not come through the caller's endpoint.
    endpoint = way.endpoint_policy if check.via is None else None
    return evaluate(request, policies.applicable(held, request, region=call.region, endpoint=endpoint))


# -- saying no -----------------------------------------------------------------------------------------------


def refusal(verdict: Verdict, dialect: Dialect, seal: Callable[[Verdict], str] | None = None) -> Fault:
    """AWS's answer to a call that one check stopped.

    Args:
        seal: makes the encoded message that EC2 adds to the refusal of an action on a resource.
    """
    request = verdict.decision.request
    stranger = request.principal.kind is PrincipalKind.ANONYMOUS
    if stranger and dialect.service != "s3":
        return missing_credentials(dialect)
    fault = access_denied(
        request.principal.arn,
        request.action,
        request.resource,
        _because(verdict),
        dialect,
        explained=not stranger and _among_friends(request),
    )
    if seal is None or dialect.service != "ec2" or request.resource == "*":
        return fault
    return replace(fault, message=f"{fault.message}. Encoded authorization failure message: {seal(verdict)}")


def _among_friends(request: Request) -> bool:
    """Whether caller and resource are of one account or of one organization: only then S3 tells reasons."""
    if not request.crosses_accounts:
        return True
    caller, owner = (organization.membership(each) for each in (request.principal.account, request.owner))
    return caller is not None and owner is not None and caller.id == owner.id


def _because(verdict: Verdict) -> str:
    """The end of the sentence, as AWS writes it for each type of policy.

    IAM User Guide, "Troubleshoot access denied error messages". An explicit deny in a policy that has an ARN
    names it.
    """
    decision = verdict.decision
    action, stage = decision.request.action, decision.stage or Stage.IDENTITY
    trust = stage is Stage.RESOURCE and action.lower().startswith("sts:")
    if trust and decision.policies.resource is None:
        return ""  # whoever may not assume a role does not learn whether there is one
    kind = "role trust policy" if trust else stage.value
    if decision.outcome is not Outcome.EXPLICITLY_DENIED:
        return f"because no {kind} allows the {action} action"
    article = "the" if trust else "an" if kind[0] in "aeiou" else "a"
    arn = policies.arn_behind(decision, verdict.caller)
    return f"with an explicit deny in {article} {kind}" + (f": {arn}" if arn else "")
