"""A comparison of two policies: the verdict, and each difference as a request with what decides it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from labs.aws.iam.prover import Comparison, Side
from labs.aws.iam.requests import Request
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import marked, shown

__all__ = ["proof"]

VERDICTS = {
    "equivalent": ("✓", "equivalent: they allow the same", "allowed"),
    "narrower": ("✓", "narrower: it allows less, and nothing more", "allowed"),
    "wider": ("✗", "wider: it allows more", "denied"),
    "incomparable": ("✗", "incomparable: it allows more, and less", "denied"),
    "unknown": ("?", "unknown: not decided within the bounds", "partly"),
}
HEADINGS: dict[Side, str] = {
    "wider": "Allowed by the candidate, not by the reference",
    "narrower": "Allowed by the reference, not by the candidate",
}
ASSUMED = {
    "identity": "assuming that the resource's own policy lets the caller's account decide",
    "resource": "assuming that the caller's own policies allow it",
}
COLUMNS = (10, None)


def proof(comparison: Comparison) -> RenderableType:
    """The whole comparison."""
    return page(*_blocks(comparison))


def _blocks(comparison: Comparison) -> Iterator[RenderableType]:
    verdict = marked(*VERDICTS[comparison.verdict])
    verdict.stylize("bold")
    yield verdict
    yield Text.assemble(
        shown(comparison.candidate.name, "accent"),
        (" against ", "quiet"),
        shown(comparison.reference.name, "accent"),
    )
    yield Text()
    yield shown(comparison.sentence)
    for side in HEADINGS:
        request = comparison.wider if side == "wider" else comparison.narrower
        if request is not None:
            yield rule()
            yield Text(HEADINGS[side], "title")
            yield from (indented(line, 2) for line in _request(request))
            if statement := comparison.allowing(side):
                policy = comparison.candidate if side == "wider" else comparison.reference
                by = shown(f"{policy.name} statement {statement}", "accent")
                yield indented(row(Text("allowed by", "quiet"), by, widths=COLUMNS), 2)
            if side in comparison.consenting:
                yield indented(Text(ASSUMED[comparison.kind], "quiet"), 2)
            yield Text()
            yield from (indented(line, 2) for line in _decisions(comparison, side))


def _request(request: Request) -> Iterator[RenderableType]:
    yield row(Text("action", "quiet"), shown(request.action, "accent"), widths=COLUMNS)
    yield row(Text("resource", "quiet"), shown(request.resource), widths=COLUMNS)
    if request.resource_account is not None:
        yield row(Text("owned by", "quiet"), shown(request.resource_account), widths=COLUMNS)
    yield row(Text("caller", "quiet"), shown(request.principal.arn), widths=COLUMNS)
    for place, (key, value) in enumerate(request.context.items()):
        label = Text("" if place else "with", "quiet")
        yield row(label, Text.assemble(shown(key), (" = ", "quiet"), shown(_value(value))), widths=COLUMNS)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(str, value))}]"
    return str(value) or '""'


def _decisions(comparison: Comparison, side: Side) -> Iterator[RenderableType]:
    """What each of the policies says to the request, the one that allows first."""
    policies = [comparison.candidate, comparison.reference]
    for policy in policies if side == "wider" else reversed(policies):
        decision = comparison.decision(side, policy)
        if decision is not None:
            sign = ("✓", "allowed", "allowed") if decision.allowed else ("✗", "denied", "denied")
            yield row(marked(*sign), shown(decision.reason), widths=COLUMNS)
