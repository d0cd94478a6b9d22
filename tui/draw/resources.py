"""What exists in a world, as a tree: services, kinds, and each thing with what matters about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import page, row
from tui.draw.words import clipped, counted, shown

if TYPE_CHECKING:
    from labs.sandbox import Resource

__all__ = ["resources_drawn"]

LONGEST_ID = 26
MOST = 12
"""Things of one kind that are listed; of the others only how many there are is told."""
COLUMNS = (4, LONGEST_ID + 1, None)


def resources_drawn(resources: Sequence[Resource]) -> RenderableType:
    """The whole tree."""
    if not resources:
        return page(Text("Nothing exists in this world yet.", "quiet"))
    ordered = sorted(resources, key=lambda each: (each.service, each.kind, each.id))
    return page(
        *(
            line
            for service, held in groupby(ordered, lambda each: each.service)
            for line in _service(service, list(held))
        )
    )


def _service(service: str, held: Sequence[Resource]) -> Iterator[RenderableType]:
    yield Text.assemble((service, "title"), (f"  {counted(len(held), 'resource')}", "quiet"))
    for kind, group in groupby(held, lambda each: each.kind):
        things = list(group)
        yield Text.assemble("  ", (kind, "accent"), (f"  {len(things)}", "quiet"))
        for each in things[:MOST]:
            yield row("", shown(clipped(each.id, LONGEST_ID)), shown(each.summary, "quiet"), widths=COLUMNS)
        if len(things) > MOST:
            yield row("", Text(f"and {len(things) - MOST} more", "quiet"), "", widths=COLUMNS)
    yield Text()
