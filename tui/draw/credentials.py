"""Where a program finds its credentials: the chain of sources, and a visit to the metadata service."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from labs.aws.ec2.credential_sources import CredentialSource, winning
from labs.aws.ec2.metadata_visit import Exchange
from tui.draw.layout import page, row, rule
from tui.draw.words import marked, shown

__all__ = ["chain_drawn"]

COLUMNS = (2, 19, None)


def chain_drawn(found: Collection[CredentialSource], visit: Sequence[Exchange] = ()) -> RenderableType:
    """The sources in boto3's order, which one is used, and what the metadata service is asked for it."""
    return page(*_chain(found), *(_visit(visit) if visit else ()))


def _chain(found: Collection[CredentialSource]) -> Iterator[RenderableType]:
    used = winning(found)
    if used is None:
        yield marked("✗", "Unable to locate credentials", "denied")
    else:
        yield Text.assemble(("boto3 uses  ", "quiet"), (str(used), "accent"))
    yield rule()
    decided = False
    for number, source in enumerate(CredentialSource, start=1):
        here = source in found
        if decided:
            said = marked("✗", "there, not looked at", "denied") if here else Text("· not looked at", "quiet")
        else:
            said = marked("✓", "used", "allowed") if here else Text("– nothing there", "quiet")
        style = "accent" if source is used else "quiet" if decided else ""
        yield row(Text(str(number), "quiet"), Text(str(source), style), said, widths=COLUMNS)
        if source is used:
            yield row("", "", shown(source.says, "quiet"), widths=COLUMNS)
        decided = decided or source is used


def _visit(visit: Sequence[Exchange]) -> Iterator[RenderableType]:
    good = visit[-1].reply.status == 200
    yield Text()
    yield (
        marked("✓", "the program has the role's credentials", "allowed")
        if good
        else marked("✗", "the program has no credentials", "denied")
    )
    yield rule()
    for number, each in enumerate(visit, start=1):
        request, answered = each.request, each.reply
        header = f"ttl {request.ttl or 'none'}" if request.method == "PUT" else f"token {request.token}"
        sign, style = ("✓", "allowed") if answered.status == 200 else ("✗", "denied")
        line = Text.assemble((request.method, "title"), shown(f" {request.path}"), (f"   {header}", "quiet"))
        yield row(Text(str(number), "quiet"), line, widths=(2, None))
        said = Text.assemble(marked(sign, answered.word, style), shown(f"   {answered.says}", "quiet"))
        yield row("", said, widths=(2, None))
