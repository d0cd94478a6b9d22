"""The findings that explain a decision: why a statement that was meant to match did not, or matched too much.

Also what may be wrong with the question: an action that AWS does not have, a resource that it is not about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from labs.aws.iam.evaluation import Decision
from labs.aws.iam.lint.actions import nearest_action
from labs.aws.iam.lint.documents import lint
from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.forms import example, fits
from labs.aws.iam.lint.resources import clip
from labs.aws.iam.requests import Request
from labs.aws.iam.traces import Outcome, Stage
from labs.aws.reference import service

__all__ = ["explaining"]

_KINDS: Final = {Stage.ENDPOINT: "endpoint", Stage.RCP: "rcp", Stage.SCP: "scp"}
_ABOUT_ACTIONS: Final = frozenset({"unknown-action", "action-needs-star", "action-resource-mismatch"})
_ABOUT_MATCHING: Final = frozenset(
    {
        "bad-arn",
        "variable-old-version",
        "variable-too-early",
        "variable-no-effect",
        "unknown-key",
        "key-not-of-action",
        "condition-never",
        "operator-type",
        "value-unreadable",
        "wildcard-without-like",
        "set-operator-missing",
        "set-operator-single",
        "principal-wildcard",
        "principal-not-one",
        "trust-action",
        "endpoint-principal",
    }
)
_ABOUT_WIDTH: Final = frozenset(
    {
        "full-access",
        "pass-role-wide",
        "not-action-allow",
        "not-resource-allow",
        "not-principal-allow",
        "principal-everyone",
        "for-all-values-open",
        "not-principal-incomplete",
    }
)


def explaining(decision: Decision) -> tuple[Finding, ...]:
    """The findings about the question, and about the statements that decided or should have.

    Paths of findings about the question start with `request`.
    """
    return (*_of_request(decision.request), *_of_policies(decision))


def _of_request(request: Request) -> Iterator[Finding]:
    prefix, _, name = request.action_key.partition(":")
    known = service(prefix)
    if known is None:
        return
    action = known.actions.get(name)
    if action is None:
        near = nearest_action(request.action)
        yield Finding(
            "unknown-action",
            "request.action",
            f"AWS has no action {clip(request.action)}.",
            f"Did you mean {near}?" if near else f"Look at the actions of {prefix}.",
        )
    elif request.resource != "*" and not any(
        fits(request.target.replace("*", "x"), kind.form, variables=False) for kind in action.types
    ):
        forms = [example(kind.form, like=request.resource) for kind in action.types]
        yield Finding(
            "action-resource-mismatch" if forms else "action-needs-star",
            "request.resource",
            f"No request for {action.name} is about {clip(request.resource)}.",
            f"It is about {min(forms, key=len)}." if forms else 'It names no resource: ask with "*".',
        )


def _of_policies(decision: Decision) -> Iterator[Finding]:
    stage = decision.stage
    if stage is None:
        return
    for level in decision.policies.concerning(decision.request).get(stage, ()):
        for policy in level:
            effect = "Deny" if decision.outcome is Outcome.EXPLICITLY_DENIED else "Allow"
            statements = {each.index: each for each in policy.statements if each.effect == effect}
            for finding in lint(policy.document, _KINDS.get(stage)):
                statement = statements.get(finding.statement or 0)
                if statement is None:
                    continue
                if decision.outcome is not Outcome.IMPLICITLY_DENIED:
                    decided = (policy.name, statement.label) == (decision.policy, decision.statement)
                    relevant = decided and finding.code in _ABOUT_WIDTH
                elif finding.code in _ABOUT_ACTIONS:
                    asked = decision.request.action_key
                    relevant = finding.repair.lower() == f"did you mean {asked}?" or (
                        finding.sentence.lower().startswith(f"{asked} acts")
                    )
                else:
                    meant = statement.action.matches(decision.request)
                    relevant = meant and finding.code in _ABOUT_MATCHING
                if relevant:
                    yield finding
