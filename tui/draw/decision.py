"""A decision as the ladder that AWS climbs: the stages, and why each statement matched or did not."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from labs.aws.iam import Decision, ElementTrace, Outcome, PolicyTrace, Stage, StageTrace, StatementTrace
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import listed, marked, shown

__all__ = ["falls_at", "ladder", "outcome"]

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


def ladder(decision: Decision, *, every: bool = False, lit: int | None = None) -> RenderableType:
    """An explained decision from the top; `every` statement of every policy, or those that matter.

    `lit` is how many rungs are lit, for a ladder that is climbed step by step: what lies above them is not
    told yet, and neither is the decision before the rung where it falls.
    """
    request = decision.request
    rungs = [_first_question(decision)]
    rungs += [_rung(number, stage, decision, every) for number, stage in enumerate(decision.trace, start=2)]
    if lit is not None:
        names = ["Any explicit deny?", *(STAGES[stage.stage] for stage in decision.trace)]
        rungs[lit:] = [_unlit(number, name) for number, name in enumerate(names, start=1)][lit:]
    told = lit is None or lit >= falls_at(decision)
    return page(
        outcome(decision) if told else Text("· undecided so far", "quiet"),
        Text.assemble(shown(request.action, "accent"), (" on ", "quiet"), shown(request.resource)),
        Text.assemble(("by ", "quiet"), shown(request.principal.arn)),
        Text(),
        shown(decision.reason) if told else Text("AWS asks the next stage.", "quiet"),
        rule(),
        *rungs,
    )


def falls_at(decision: Decision) -> int:
    """The number of the rung where the decision falls; an explicit deny is found on the first."""
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        return 1
    stages = [stage.stage for stage in decision.trace]
    return 2 + stages.index(decision.stage) if decision.stage in stages else 1 + len(stages)


def _unlit(number: int, name: str) -> RenderableType:
    return row(Text(str(number), "quiet"), Text(name, "quiet"), Text("·", "quiet"), "", widths=COLUMNS)


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
    heading = row(
        Text(str(number), "quiet"),
        Text(STAGES[stage.stage], "quiet" if _passive(stage, decision) else ""),
        marked(*_verdict(stage, decision)),
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


def _fell_here(stage: StageTrace, decision: Decision) -> bool:
    """Whether this is the stage that had to allow, and did not."""
    return decision.outcome is Outcome.IMPLICITLY_DENIED and stage.stage is decision.stage


def _passive(stage: StageTrace, decision: Decision) -> bool:
    return stage.verdict in ("absent", "not reached") and not _fell_here(stage, decision)


def _verdict(stage: StageTrace, decision: Decision) -> tuple[str, str, str]:
    sign, word, style = VERDICTS[stage.verdict]
    if _fell_here(stage, decision):
        return "✗", word, "denied"
    if stage.verdict == "not reached" and decision.allowed:
        return sign, "not needed", style
    if stage.verdict == "absent" and stage.note:
        return sign, "no say", style
    return sign, word, style


def _remark(stage: StageTrace, decision: Decision) -> str:
    """What is worth saying beside a stage: its note, or which statement allows, or would have."""
    if _fell_here(stage, decision):
        return stage.note or "It had to allow this."
    allowing = ", ".join(
        f"{policy.name} / {statement.label}"
        for policy in stage.policies
        for statement in policy.statements
        if statement.matched and statement.effect == "Allow"
    )
    if stage.verdict == "not reached" and decision.allowed:
        return "" if allowing else "Its silence does not limit whom the resource's own policy names."
    if stage.verdict == "not reached":
        return f"would allow: {allowing}" if allowing else "would not allow it either"
    by = "" if stage.stage is decision.stage or stage.verdict != "allows" else allowing
    return " ".join(filter(None, (by, stage.note)))


def _matters(statement: StatementTrace, stage: StageTrace) -> bool:
    """Whether a statement of the deciding stage decided or, where all stayed silent, came as close as any."""
    if stage.verdict == "denies":
        return statement.matched and statement.effect == "Deny"
    if statement.effect == "Deny":
        return False
    if stage.verdict == "allows" or statement.matched:
        return statement.matched and stage.verdict == "allows"
    candidates = [
        each
        for policy in stage.policies
        for each in policy.statements
        if each.effect == "Allow" and not each.matched
    ]
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
    if element.element == "Condition":
        yield from _condition(element, sign)
        return
    columns = (1, 18, None)
    yield row(sign, shown(element.label, "quiet"), shown(listed(element.expected)), widths=columns)
    if not element.matched:
        asked = listed(element.actual) or "the request has no such key"
        yield row("", Text("  asked", "quiet"), shown(asked), widths=columns)
        if added := _added(element.why):
            yield row("", "", shown(added, "partly"), widths=columns)


def _condition(element: ElementTrace, sign: Text) -> Iterator[RenderableType]:
    """Operator and key take a line; the reason is told where the condition failed, or holds for want of a
    value."""
    text = Text.assemble(shown(element.label, "quiet"), "  ", shown(listed(element.expected)))
    yield row(sign, text, widths=(1, None))
    if not element.matched or not element.actual:
        yield row("", "", shown(element.why, "partly"), widths=(1, 18, None))


def _added(why: str) -> str:
    """What a reason says beyond the two lines above it, which hold what is named and what was asked."""
    if not why.startswith("it names "):
        return why
    return why[why.index(" (") + 2 : -1] if why.endswith(")") and " (" in why else ""
