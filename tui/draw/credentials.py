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


def chain_drawn(
    found: Collection[CredentialSource], visit: Sequence[Exchange] = (), asked: int | None = None
) -> RenderableType:
    """The sources in boto3's order, which one is used, and what the metadata service is asked for it.

    `asked` is how many of its requests have been made, for a visit that is gone through step by step; all
    of them when it is None.
    """
    made = len(visit) if asked is None else asked
    return page(*_chain(found), *(_visit(visit, made) if visit else ()))


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


def _visit(visit: Sequence[Exchange], made: int) -> Iterator[RenderableType]:
    yield Text()
    yield _came_of(visit, made)
    yield rule()
    for number, each in enumerate(visit, start=1):
        request, answered = each.request, each.reply
        header = f"ttl {request.ttl or 'none'}" if request.method == "PUT" else f"token {request.token}"
        sign, style = ("✓", "allowed") if answered.status == 200 else ("✗", "denied")
        line = Text.assemble((request.method, "title"), shown(f" {request.path}"), (f"   {header}", "quiet"))
        if number > made:
            # What its header holds depends on the answers before it, which are not there yet.
            line = shown(f"{request.method} {request.path}", "quiet")
        yield row(Text(str(number), "quiet"), line, widths=(2, None))
        if number > made:
            yield row("", Text("· not asked yet", "quiet"), widths=(2, None))
            continue
        said = Text.assemble(marked(sign, answered.word, style), shown(f"   {answered.says}", "quiet"))
        yield row("", said, widths=(2, None))


def _came_of(visit: Sequence[Exchange], made: int) -> Text:
    """Whether the program has what it came for; before the last request, how far it is."""
    if made < len(visit):
        return Text(f"· {made} of {len(visit)} requests made", "quiet")
    if visit[-1].reply.status == 200:
        return marked("✓", "the program has the role's credentials", "allowed")
    return marked("✗", "the program has no credentials", "denied")
