"""Two bills beside each other: what a change of the usage does to the total, and to each line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.text import Text

from labs.aws.billing import Comparison, Difference
from labs.aws.billing.money import shown as rounded
from tui.draw.layout import page, row, rule
from tui.draw.words import shown

__all__ = ["comparison_drawn"]

COLUMNS = (None, 12, 12, 12)


def comparison_drawn(comparison: Comparison) -> RenderableType:
    """The totals, then each line that differs, the largest difference first."""
    return page(*_blocks(comparison))


def _blocks(comparison: Comparison) -> Iterator[RenderableType]:
    before, after = comparison.before.total, comparison.after.total
    yield Text.assemble(
        ("What if   ", "quiet"),
        (f"${rounded(before):,}", "title"),
        (" → ", "quiet"),
        (f"${rounded(after):,}", "title"),
        "   ",
        _signed(comparison.delta),
    )
    yield rule()
    if not comparison.differences:
        yield Text("Nothing on the bill changes.", "quiet")
        return
    heads = [Text(each, "quiet", justify="right") for each in ("before", "after", "difference")]
    yield row(Text("line", "quiet"), *heads, widths=COLUMNS)
    for each in comparison.differences:
        yield _difference(each)
    said = [line.sentence for each in comparison.differences[:3] for line in each.after]
    if said:
        yield rule()
    for sentence in said:
        yield shown(sentence, "quiet")


def _difference(difference: Difference) -> RenderableType:
    cells = [
        Text(_amount(sum((line.cost for line in side), Decimal(0))) if side else "–", justify="right")
        for side in (difference.before, difference.after)
    ]
    delta = _signed(difference.delta)
    delta.justify = "right"
    return row(shown(difference.line.subject), *cells, delta, widths=COLUMNS)


def _amount(cost: Decimal) -> str:
    return f"${rounded(cost):,}"


def _signed(delta: Decimal) -> Text:
    """A difference with its sign; dearer and cheaper are told by the sign as well as by the colour."""
    if delta == 0:
        return Text("the same", "quiet")
    return Text(f"{'+' if delta > 0 else '−'}${rounded(abs(delta)):,}", "denied" if delta > 0 else "allowed")
