"""A decision drawn for a notebook, and a small policy evaluator to play with.

`decision_html` draws any `Decision`; `PolicyEvaluator` lets a learner change the policies of every type and
the request, and see at once how the decision falls. Both work with no network: the HTML brings its own style
and no script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

import ipywidgets

from labs.aws.iam import (
    Decision,
    ElementTrace,
    Outcome,
    Policy,
    PolicySet,
    PolicyTrace,
    Principal,
    Request,
    StageTrace,
    StatementTrace,
    explain,
    parse_policy,
)
from labs.aws.iam.grammar import PolicyType
from labs.aws.reference import is_multivalued
from labs.errors import InputError, SkylabError
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of policy that the evaluator takes: its tab, the name of its field, and how it is read."""

    tab: str
    field: str
    type: PolicyType | None
    absent: str


_KINDS: Mapping[str, _Kind] = {
    "identity": _Kind("identity", "policy", "identity", "Empty: the caller has no policy."),
    "resource": _Kind("resource", "resource policy", "resource", "Empty: the resource has no policy."),
    "boundary": _Kind("boundary", "boundary", "identity", "Empty: there is no permissions boundary."),
    "session": _Kind("session", "session policy", "session", "Empty: the session has no policy of its own."),
    "scp": _Kind("SCP", "SCP", "identity", "Empty: the account is in no organization."),
}
Document: TypeAlias = str | Mapping[str, Any]


class PolicyEvaluator(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """Policies and a request to edit; the decision below follows each change.

    Each type of policy has a tab, and a dot in its title where there is one. Documents are JSON text or
    mappings.

    Args:
        policy: the identity-based policy to start with.
        principal: who asks, an ARN.
        action: what for, such as `s3:GetObject`.
        resource: on what, an ARN.
        context: the request's condition keys, such as `{"aws:SourceIp": "203.0.113.7"}`.
        resource_policy: the resource's own policy.
        boundary: the caller's permissions boundary.
        session_policy: the policy of the caller's session.
        scp: the account's service control policy; those above it are taken to allow everything.
    """

    def __init__(
        self,
        policy: Document = "",
        *,
        principal: str = "arn:aws:iam::123456789012:user/alice",
        action: str = "s3:GetObject",
        resource: str = "arn:aws:s3:::training-data/data/a.csv",
        context: Mapping[str, str] | None = None,
        resource_policy: Document = "",
        boundary: Document = "",
        session_policy: Document = "",
        scp: Document = "",
    ) -> None:
        given = (policy, resource_policy, boundary, session_policy, scp)
        self.policies = {
            kind: _editor(_KINDS[kind], document) for kind, document in zip(_KINDS, given, strict=True)
        }
        self.tabs = ipywidgets.Tab(list(self.policies.values()), layout=wide())
        self.principal = ipywidgets.Text(principal, description="principal", layout=wide(), style=LABEL)
        self.action = ipywidgets.Text(action, description="action", layout=wide(), style=LABEL)
        self.resource = ipywidgets.Text(resource, description="resource", layout=wide(), style=LABEL)
        self.context = ipywidgets.Textarea(
            "\n".join(f"{key}={value}" for key, value in (context or {}).items()),
            description="context",
            placeholder="a condition key on each line, as in aws:SourceIp=203.0.113.7",
            rows=2,
            continuous_update=False,
            layout=wide(),
            style=LABEL,
        )
        self.decision = ipywidgets.HTML()
        request = (self.principal, self.action, self.resource, self.context)
        for field in (*self.policies.values(), *request):
            field.observe(self._refresh, names="value")
        super().__init__([self.tabs, *request, self.decision])
        self._refresh()

    @property
    def policy(self) -> Any:
        """The editor of the identity-based policy."""
        return self.policies["identity"]

    def _refresh(self, _change: object = None) -> None:
        for place, (kind, editor) in enumerate(self.policies.items()):
            self.tabs.set_title(place, f"{_KINDS[kind].tab}{' •' if editor.value.strip() else ''}")
        try:
            self.decision.value = decision_html(self.decide())
        except SkylabError as error:
            self.decision.value = styled("decision", fault(error))

    def decide(self) -> Decision:
        """The decision for what the fields hold now.

        Raises:
            PolicyError: a policy is not one that AWS would accept.
            ArnError: the principal is not one.
            InputError: a line of the context has no equals sign.
        """
        request = Request(
            principal=Principal.parse(self.principal.value.strip()),
            action=self.action.value.strip(),
            resource=self.resource.value.strip(),
            context=_keys(self.context.value),
        )
        read = {kind: _read(_KINDS[kind], editor.value) for kind, editor in self.policies.items()}
        identity, scp = read["identity"], read["scp"]
        return explain(
            request,
            PolicySet(
                identity=() if identity is None else (identity,),
                resource=read["resource"],
                boundary=read["boundary"],
                session=read["session"],
                scps=() if scp is None else ((scp,),),
            ),
        )


def _editor(kind: _Kind, document: Document) -> Any:
    """A field for a policy."""
    text = document if isinstance(document, str) else json.dumps(document, indent=2)
    # A decision follows when the field is left, not at every key: half a document is no document.
    return ipywidgets.Textarea(
        text,
        description=kind.field,
        placeholder=kind.absent,
        rows=min(20, max(8, text.count("\n") + 2)),
        continuous_update=False,
        layout=ipywidgets.Layout(width="100%"),
        style=LABEL,
    )


def _read(kind: _Kind, text: str) -> Policy | None:
    """The policy that a field holds; None where it is empty."""
    if not text.strip():
        return None
    return parse_policy(text, name=f"your {kind.field}", type=kind.type)


def _keys(text: str) -> dict[str, str | tuple[str, ...]]:
    """Condition keys from lines of the form KEY=VALUE; a key with several lines has several values."""
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not key or not equals:
            raise InputError(
                "A condition key has no value",
                f"The line is {line.strip()!r}.",
                "Write KEY=VALUE, as in aws:SourceIp=203.0.113.7.",
            )
        found.setdefault(key, []).append(value)
    return {
        key: tuple(values) if len(values) > 1 or is_multivalued(key) else values[0]
        for key, values in found.items()
    }
