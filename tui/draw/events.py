"""Requests that the sandbox answered, a line each; below a denied one, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tui.draw.decision import verdict_of
from tui.draw.layout import indented, row
from tui.draw.words import clipped, marked, short_principal, shown

if TYPE_CHECKING:
    from labs.sandbox import Event

__all__ = ["event_line"]

COLUMNS = (8, 22, 32, None)
DETAILS_FROM = 9


def event_line(event: Event) -> RenderableType:
    """The time, who called what, and what became of it; below, the reason of each check that said no."""
    operation = Text.assemble(shown(f"{event.service}:", "quiet"), shown(event.operation))
    who = shown(clipped(short_principal(event.principal), COLUMNS[1] or 0))
    line = row(Text(event.time[11:19], "quiet"), who, operation, _result(event), widths=COLUMNS)
    reasons = [
        Text.assemble(shown(f"{check.action} on {check.resource}", "quiet"), " ", verdict_of(check.decision))
        + shown(f"\n{check.reason}  [{check.id}]", "partly")
        for check in event.checks
        if check.decision != "Allowed"
    ]
    if not reasons and event.error and event.message:
        reasons = [shown(event.message, "partly")]
    return Group(line, *(indented(each, DETAILS_FROM) for each in reasons))


def _result(event: Event) -> Text:
    if event.error is None:
        return marked("✓", "allowed", "allowed")
    denied = any(check.decision != "Allowed" for check in event.checks)
    word = marked("✗", "denied", "denied") if denied else marked("!", "refused", "partly")
    return Text.assemble(word, shown(f"  {event.error}", "quiet"))
