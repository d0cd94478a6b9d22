"""Requests that the sandbox answered, a line each; below one that did not go as it was written, why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tui.draw.layout import indented, row
from tui.draw.words import clipped, marked, short_principal, shown

if TYPE_CHECKING:
    from labs.sandbox import Event

__all__ = ["event_line"]

COLUMNS = (8, 22, 34, None)
DETAILS_FROM = 9


def event_line(event: Event) -> RenderableType:
    """The time, who called what, and what became of it; below, why it was denied, refused or changed."""
    operation = Text.assemble(shown(f"{event.service}:", "quiet"), shown(event.operation))
    who = shown(clipped(short_principal(event.principal), 22))
    line = row(Text(event.time[11:19], "quiet"), who, operation, _result(event), widths=COLUMNS)
    return Group(line, *(indented(each, DETAILS_FROM) for each in _details(event)))


def _result(event: Event) -> Text:
    if event.error is None:
        return marked("✓", "allowed", "allowed")
    return marked("✗", "denied", "denied") if event.refused else marked("!", "refused", "partly")


def _details(event: Event) -> Iterator[Text]:
    """What said no, and why: the checks of IAM, how to see a whole decision, and the rules beside IAM's."""
    for check in event.checks:
        if not check.allowed:
            yield shown(f"{check.action} on {check.resource}")
            yield shown(check.reason, "partly")
            yield shown(f"skylab explain --check {check.id}", "quiet")
    if event.error is not None and not event.refused:
        yield shown(f"{event.error}: {event.message or 'no message'}", "partly")
    for each in event.explanations:
        yield shown(f"{each.text} {each.hint}".rstrip())
        yield shown(f"{each.source}: {each.url}", "quiet")
