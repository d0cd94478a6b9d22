"""A decision in one plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.aws.iam import wording
from labs.aws.iam.principals import PrincipalKind
from labs.aws.iam.traces import Outcome, PolicyTrace, Stage, StatementTrace

if TYPE_CHECKING:
    from labs.aws.iam.evaluation import Decision, Levels

__all__ = ["sentence"]


def sentence(decision: Decision) -> str:
    """What decided and, for an implicit deny, which statement came closest and what in it did not match."""
    if decision.outcome is Outcome.ALLOWED:
        return _allowed(decision)
    if decision.outcome is Outcome.EXPLICITLY_DENIED and decision.stage:
        return (
            f"{_place(decision)} ({_article(decision.stage)}) denies {_asked(decision)}, "
            "and nothing lifts an explicit deny."
        )
    return _not_allowed(decision)


def _allowed(decision: Decision) -> str:
    if decision.stage is None:
        return f"{decision.request.action} needs no permission, and no policy can deny it."
    if decision.policy is None:
        who = "A session of the account root user" if decision.policies.session else "The account root user"
        return f"{who} may do everything in its account, so {_asked(decision)} is allowed."
    return f"{_place(decision)} ({_article(decision.stage)}) allows {_asked(decision)}."


def _not_allowed(decision: Decision) -> str:
    stage = decision.stage
    if stage is None:
        return f"The account root user cannot assume a role, so {_asked(decision)} is denied."
    levels = decision.policies.concerning(decision.request).get(stage)
    need = _need(decision, stage, there=levels is not None)
    if levels is None:
        return f"{need}."
    return f"{need}; {_closest(_silent_level(decision, stage, levels))}."


def _need(decision: Decision, stage: Stage, *, there: bool) -> str:
    """Which type of policy should have allowed the request, and why it had to."""
    request, caller = decision.request, decision.request.principal
    if stage is Stage.RESOURCE:
        policy, absent = _resource_policy(decision)
        told = f"{policy} does not allow {_asked(decision)}" if there else absent
        if caller.kind is PrincipalKind.ANONYMOUS:
            return f"An anonymous request needs a resource-based policy that allows everyone, and {told}"
        if caller.kind in (PrincipalKind.SERVICE, PrincipalKind.PROVIDER):
            return f"{caller.arn} needs a resource-based policy that names it, and {told}"
        if request.crosses_accounts:
            return (
                f"The caller is in account {caller.account} and the resource in {request.owner}, "
                f"so both sides must allow it, and {told}"
            )
        what = "key" if request.service == "kms" else "role"
        return f"A {what}'s own policy must allow the caller or its account, and {told}"
    if stage is Stage.SESSION and not there:
        return f"Without a session policy a federated user may do nothing, {_asked(decision)} included"
    if stage is Stage.IDENTITY and not there:
        return f"{_caller(decision)} has no identity-based policy, so nothing allows {_asked(decision)}"
    if stage is Stage.IDENTITY:
        return f"No identity-based policy allows {_asked(decision)}"
    return f"{_the(stage, decision)} does not allow {_asked(decision)}, and it must: it sets the limit"


def _closest(policies: tuple[PolicyTrace, ...]) -> str:
    """The Allow statement that matches the most, and its first element that does not match."""
    candidates = [
        (policy, statement)
        for policy in policies
        for statement in policy.statements
        if statement.effect == "Allow" and not statement.matched
    ]
    if not candidates:
        return "nothing there allows anything" if policies else "no policy stands at that level"
    policy, statement = min(candidates, key=lambda each: _distance(each[1]))
    name = f"{policy.name} statement {statement.label}"
    failing = {each.element: each for each in reversed(statement.elements) if not each.matched}
    if action := failing.get("Action"):
        return f"the closest, {name}, is not about this action: {action.why}"
    first = next(each for each in statement.elements if not each.matched)
    passed = {each.element for each in statement.elements} - set(failing)
    matched = wording.listed(tuple(each for part, each in _PARTS.items() if part in passed), "and")
    if first.why.startswith("it names"):
        return f"{name} matches {matched} but {first.why.removeprefix('it ')}"
    return f"{name} matches {matched} but its {first.element.lower()} fails: {first.why}"


_PARTS = {"Principal": "the caller", "Action": "the action", "Resource": "the resource"}


def _distance(statement: StatementTrace) -> tuple[bool, int]:
    """How far a statement is from matching: another action is farther than anything else."""
    failing = [each.element for each in statement.elements if not each.matched]
    return "Action" in failing, len(failing)


def _silent_level(decision: Decision, stage: Stage, levels: Levels) -> tuple[PolicyTrace, ...]:
    """The policies to look for a near miss in: those of the first level that does not allow."""
    policies: tuple[PolicyTrace, ...] = ()
    for level in levels:
        policies = tuple(
            each.trace(
                decision.request,
                names_principals=stage.names_principals,
                bounded=decision.policies.boundary is not None,
            )
            for each in level
        )
        if not any(
            each.matched and each.effect == "Allow" for policy in policies for each in policy.statements
        ):
            break
    return policies


def _place(decision: Decision) -> str:
    return f"{decision.policy} statement {decision.statement}"


def _asked(decision: Decision) -> str:
    request = decision.request
    on = "" if request.resource == "*" else f" on {wording.clip(request.resource, 160)}"
    return f"{wording.clip(request.action)}{on}"


def _caller(decision: Decision) -> str:
    principal = decision.request.principal
    return (
        f"the role {principal.name}"
        if principal.kind is PrincipalKind.SESSION
        else wording.clip(principal.arn)
    )


def _article(stage: Stage) -> str:
    return f"{'an' if stage is Stage.IDENTITY else 'a'} {stage.value}"


def _the(stage: Stage, decision: Decision) -> str:
    if stage is Stage.SCP:
        levels = decision.policies.scps
        return "A level of service control policies" if len(levels) > 1 else "The service control policy"
    return f"The {stage.value}"


def _resource_policy(decision: Decision) -> tuple[str, str]:
    """What the resource's policy is called, and how to say that there is none."""
    service, resource = decision.request.service, decision.request.resource
    if service == "sts":
        return "the role's trust policy", "the role has no trust policy"
    if service == "kms":
        return "the key policy", "the key has no policy"
    if service == "s3" and resource.startswith("arn:"):
        return "the bucket policy", "the bucket has no policy"
    return "the resource-based policy", "the resource has no policy"
