"""A decision in one plain sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from labs.aws.iam import wording
from labs.aws.iam.documents import Policy, Statement
from labs.aws.iam.principals import PrincipalKind
from labs.aws.iam.traces import Element, Outcome, Stage

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
    return f"{need}; {_closest(decision, stage, levels)}."


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


class Miss(NamedTuple):
    """A statement that allows something else: how far it is from matching, and which of its elements fail.

    One that is about another action is farther than any other.
    """

    other_action: bool
    failing: list[Element]
    policy: Policy
    statement: Statement


def _closest(decision: Decision, stage: Stage, levels: Levels) -> str:
    """The Allow statement that matches the most, and its first element that does not match.

    Where every level has to allow, it is looked for in the first that does not.
    """
    level, misses = next(
        ((level, misses) for level in levels if (misses := _misses(decision, stage, level)) is not None),
        ((), []),
    )
    if not misses:
        return "nothing there allows anything" if level else "no policy stands at that level"
    nearest = min(misses, key=lambda each: (each.other_action, len(each.failing)))
    request, bounded = decision.request, decision.policies.boundary is not None
    name = f"{nearest.policy.name} statement {nearest.statement.label}"
    if nearest.other_action:
        action = next(each for each in nearest.failing if each.element == "Action")
        return f"the closest, {name}, is not about this action: {action.why(request, False, bounded)}"
    first = nearest.failing[0]
    why = first.why(request, False, bounded)
    failing = {each.element for each in nearest.failing}
    elements = nearest.statement.elements(names_principals=stage.names_principals)
    passed = dict.fromkeys(
        _PARTS[each.element] for each in elements if each.element not in failing | {"Condition"}
    )
    matched = wording.listed(tuple(passed), "and")
    if why.startswith("it names"):
        return f"{name} matches {matched} but {why.removeprefix('it ')}"
    return f"{name} matches {matched} but its {first.element.lower()} fails: {why}"


_PARTS: Final = {"Principal": "the caller", "Action": "the action", "Resource": "the resource"}


def _misses(decision: Decision, stage: Stage, level: tuple[Policy, ...]) -> list[Miss] | None:
    """The statements of a level that do not allow the request; None when one does."""
    request, bounded = decision.request, decision.policies.boundary is not None
    misses: list[Miss] = []
    for policy in level:
        for statement in policy.allows:
            elements = statement.elements(names_principals=stage.names_principals)
            failing = [each for each in elements if not each.holds(request, bounded)]
            if not failing:
                return None
            misses.append(Miss(statement.action in failing, failing, policy, statement))
    return misses


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
