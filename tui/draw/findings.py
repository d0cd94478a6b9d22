"""What `skylab doctor` found: a line each, and what to do where something is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import page, row, rule
from tui.draw.words import marked, shown

if TYPE_CHECKING:
    from tui.commands.checkup import Finding

__all__ = ["findings_drawn"]

STATES = {
    "ok": ("✓", "ok", "allowed"),
    "note": ("–", "note", "partly"),
    "problem": ("✗", "problem", "denied"),
}
COLUMNS = (10, 22, None)


def findings_drawn(findings: Sequence[Finding]) -> RenderableType:
    """All the findings, in their order."""
    return page(*_blocks(findings))


def _blocks(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    yield Text("This machine", "accent")
    yield rule()
    for each in findings:
        yield row(marked(*STATES[each.state]), Text(each.name, "quiet"), shown(each.found), widths=COLUMNS)
        if each.remedy:
            yield row("", "", shown(each.remedy, "partly"), widths=COLUMNS)
