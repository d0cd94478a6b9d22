"""A decision as the ladder that AWS climbs: the stages, and why each statement matched or did not."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from labs.aws.iam import Decision, ElementTrace, Outcome, PolicyTrace, Stage, StageTrace, StatementTrace
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import listed, marked, shown

__all__ = ["ladder", "outcome"]

OUTCOMES = {
    Outcome.ALLOWED: ("✓", "allowed", "allowed"),
    Outcome.IMPLICITLY_DENIED: ("✗", "denied: nothing allows it", "denied"),
    Outcome.EXPLICITLY_DENIED: ("✗", "explicitly denied", "denied"),
}
STAGES = {
    Stage.RCP: "Resource control policies",
    Stage.SCP: "Service control policies",
    Stage.ENDPOINT: "VPC endpoint policy",
    Stage.RESOURCE: "Resource-based policy",
    Stage.IDENTITY: "Identity-based policies",
    Stage.BOUNDARY: "Permissions boundary",
    Stage.SESSION: "Session policy",
}
VERDICTS = {
    "denies": ("✗", "denies", "denied"),
    "allows": ("✓", "allows", "allowed"),
    "silent": ("–", "silent", "partly"),
    "not reached": ("·", "not reached", "quiet"),
    "absent": ("·", "none here", "quiet"),
}
COLUMNS = (2, 25, 13, None)


def ladder(decision: Decision, *, every: bool = False) -> RenderableType:
    """An explained decision from the top; `every` statement of every policy, or those that matter."""
    request = decision.request
    return page(
        outcome(decision),
        Text.assemble(shown(request.action, "accent"), (" on ", "quiet"), shown(request.resource)),
        Text.assemble(("by ", "quiet"), shown(request.principal.arn)),
        Text(),
        shown(decision.reason),
        rule(),
        _first_question(decision),
        *(_rung(number, stage, decision, every) for number, stage in enumerate(decision.trace, start=2)),
    )


def outcome(decision: Decision) -> Text:
    """The decision as a sign and a word."""
    text = marked(*OUTCOMES[decision.outcome])
    text.stylize("bold")
    return text


def _first_question(decision: Decision) -> RenderableType:
    """Before anything else AWS looks for a Deny that matches, in every policy."""
    denials = [
        f"{STAGES[stage.stage]}: {policy.name} / {statement.label}"
        for stage in decision.trace
        for policy in stage.policies
        for statement in policy.statements
        if statement.matched and statement.effect == "Deny"
    ]
    answer = marked("✗", "yes", "denied") if denials else marked("✓", "no", "allowed")
    return row(
        Text("1", "quiet"), Text("Any explicit deny?"), answer, shown("\n".join(denials)), widths=COLUMNS
    )


def _rung(number: int, stage: StageTrace, decision: Decision, every: bool) -> RenderableType:
    passive = stage.verdict in ("absent", "not reached")
    heading = row(
        Text(str(number), "quiet"),
        Text(STAGES[stage.stage], "quiet" if passive else ""),
        marked(*VERDICTS[stage.verdict]),
        shown(_remark(stage, decision), "quiet"),
        widths=COLUMNS,
    )
    statements = [
        _statement(policy, statement)
        for policy in stage.policies
        for statement in policy.statements
        if every or (stage.stage is decision.stage and _matters(statement, stage))
    ]
    return Group(heading, *statements)


def _remark(stage: StageTrace, decision: Decision) -> str:
    """What is worth saying beside a stage: its note, or which statement allows, or would have."""
    allowing = ", ".join(
        f"{policy.name} / {statement.label}"
        for policy in stage.policies
        for statement in policy.statements
        if statement.matched and statement.effect == "Allow"
    )
    if stage.verdict == "not reached":
        return f"would allow: {allowing}" if allowing else "would allow nothing"
    by = "" if stage.stage is decision.stage or stage.verdict != "allows" else allowing
    return " ".join(filter(None, (by, stage.note)))


def _matters(statement: StatementTrace, stage: StageTrace) -> bool:
    """Whether a statement of the deciding stage decided or, where all stayed silent, came as close as any."""
    if stage.verdict == "denies":
        return statement.matched and statement.effect == "Deny"
    if statement.effect == "Deny":
        return False
    if stage.verdict == "allows":
        return statement.matched
    candidates = [each for policy in stage.policies for each in policy.statements if each.effect == "Allow"]
    return _misses(statement) == min(map(_misses, candidates))


def _misses(statement: StatementTrace) -> tuple[bool, int]:
    """How far a statement is from matching: one about another action is farther than any other."""
    failed = [element.element for element in statement.elements if not element.matched]
    return "Action" in failed, len(failed)


def _statement(policy: PolicyTrace, statement: StatementTrace) -> RenderableType:
    sid = f" “{statement.sid}”" if statement.sid else ""
    name = Text.assemble(
        shown(policy.name or "policy", "accent"),
        shown(f" · statement {statement.index}{sid} · {statement.effect}", "quiet"),
    )
    return indented(Group(name, *(line for element in statement.elements for line in _element(element))), 5)


def _element(element: ElementTrace) -> Iterator[RenderableType]:
    sign = Text("✓", "allowed") if element.matched else Text("✗", "denied")
    columns = (1, 18, None)
    yield row(sign, shown(element.label, "quiet"), shown(listed(element.expected)), widths=columns)
    if not element.matched:
        asked = listed(element.actual) or "the request has no such key"
        yield row("", Text("  asked", "quiet"), shown(asked), widths=columns)
        yield row("", "", shown(element.why, "partly"), widths=columns)
