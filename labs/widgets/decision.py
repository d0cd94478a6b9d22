"""A decision drawn for a notebook, and a small policy evaluator to play with.

`decision_html` draws any `Decision`; `PolicyEvaluator` lets a learner change the policy or the request and
see at once how the decision falls. Both work with no network: the HTML brings its own style and no script.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import ipywidgets

from labs.aws.iam import (
    Decision,
    ElementTrace,
    Outcome,
    PolicySet,
    PolicyTrace,
    Principal,
    Request,
    StageTrace,
    StatementTrace,
    explain,
    parse_policy,
)
from labs.errors import SkylabError
from labs.widgets.look import LABEL, codes, fault, styled, wide

__all__ = ["PolicyEvaluator", "decision_html"]

_HEADLINES = {
    Outcome.ALLOWED: ("✓", "Allowed", "yes"),
    Outcome.IMPLICITLY_DENIED: ("✗", "Denied: nothing allows it", "no"),
    Outcome.EXPLICITLY_DENIED: ("✗", "Explicitly denied", "no"),
}
_VERDICTS = {
    "denies": ("✗", "no"),
    "allows": ("✓", "yes"),
    "silent": ("–", "quiet"),
    "not reached": ("·", "quiet"),
    "absent": ("·", "quiet"),
}


def decision_html(decision: Decision) -> str:
    """The decision as one HTML fragment: headline, reason, then the stages with their statements.

    Every text from a policy or a request is escaped.
    """
    sign, word, tone = _HEADLINES[decision.outcome]
    stages = "".join(
        _stage(number, stage, decision.allowed) for number, stage in enumerate(decision.trace, start=1)
    )
    return styled(
        "decision",
        f'<div class="headline {tone}">{sign} {word}</div>'
        f'<div class="reason">{escape(decision.reason)}</div>{stages}',
    )


def _stage(number: int, stage: StageTrace, allowed: bool) -> str:
    sign, tone = _VERDICTS[stage.verdict]
    word = "none here" if stage.verdict == "absent" else stage.verdict
    name = escape(stage.stage.value)
    kind = " quiet" if stage.verdict in ("absent", "not reached") else ""
    if stage.verdict == ("allows" if allowed else "denies"):
        kind = " decides"
    statements = "".join(
        _statement(policy, statement) for policy in stage.policies for statement in policy.statements
    )
    verdict = f'<span class="{tone}">{sign} {word}</span>'
    return f'<div class="stage{kind}">{number}&ensp;{name}&ensp;{verdict}</div>{statements}'


def _statement(policy: PolicyTrace, statement: StatementTrace) -> str:
    title = f"{policy.name or 'policy'} · statement {statement.label} · {statement.effect}"
    verdict = "matched" if statement.matched else "did not match"
    rows = "".join(_row(element) for element in statement.elements)
    return (
        f'<div class="statement"><div>{escape(title)} <span class="quiet">{verdict}</span></div>'
        f"<table>{rows}</table></div>"
    )


def _row(element: ElementTrace) -> str:
    sign, tone = ("✓", "yes") if element.matched else ("✗", "no")
    return (
        f'<tr><td class="{tone}">{sign}&nbsp;{escape(element.label)}</td>'
        f"<td>{codes(element.expected)}</td><td>{'' if element.matched else escape(element.why)}</td></tr>"
    )


class PolicyEvaluator(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A policy and a request to edit; the decision below follows each change.

    Args:
        policy: the identity-based policy to start with, as JSON text or as a mapping.
        principal: who asks, an ARN.
        action: what for, such as `s3:GetObject`.
        resource: on what, an ARN.
        resource_policy: a resource-based policy beside it; the decision shows it, the fields do not.
    """

    def __init__(
        self,
        policy: str | Mapping[str, Any],
        *,
        principal: str = "arn:aws:iam::123456789012:user/alice",
        action: str = "s3:GetObject",
        resource: str = "arn:aws:s3:::training-data/data/a.csv",
        resource_policy: str | Mapping[str, Any] | None = None,
    ) -> None:
        self._resource_policy = resource_policy
        text = policy if isinstance(policy, str) else json.dumps(policy, indent=2)
        # A decision follows when the field is left, not at every key: half a document is no document.
        self.policy = ipywidgets.Textarea(
            text,
            description="policy",
            rows=min(20, text.count("\n") + 2),
            continuous_update=False,
            layout=wide(),
            style=LABEL,
        )
        self.principal = ipywidgets.Text(principal, description="principal", layout=wide(), style=LABEL)
        self.action = ipywidgets.Text(action, description="action", layout=wide(), style=LABEL)
        self.resource = ipywidgets.Text(resource, description="resource", layout=wide(), style=LABEL)
        self.decision = ipywidgets.HTML()
        for field in self._fields():
            field.observe(self._refresh, names="value")
        super().__init__([self.policy, self.principal, self.action, self.resource, self.decision])
        self._refresh()

    def _fields(self) -> Iterator[Any]:
        yield from (self.policy, self.principal, self.action, self.resource)

    def _refresh(self, _change: object = None) -> None:
        try:
            self.decision.value = decision_html(self.decide())
        except SkylabError as error:
            self.decision.value = styled("decision", fault(error))

    def decide(self) -> Decision:
        """The decision for what the fields hold now.

        Raises:
            PolicyError: the policy is not one that AWS would accept.
            ArnError: the principal is not one.
        """
        request = Request(
            principal=Principal.parse(self.principal.value.strip()),
            action=self.action.value.strip(),
            resource=self.resource.value.strip(),
        )
        beside = self._resource_policy
        return explain(
            request,
            PolicySet(
                identity=(parse_policy(self.policy.value, name="your policy"),),
                resource=None if beside is None else parse_policy(beside, name="resource policy"),
            ),
        )
