"""Drawings that stay: SVG that a notebook keeps, so that it can be read where nothing runs.

A `Drawing` shows itself as an image with its words beside it for those who do not see it. It has colours of
its own on a light ground, which is readable in dark pages too. The same strokes, without that ground, are
drawn into the instruments, where the style of the page colours them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from labs.aws.billing.money import shown
from labs.aws.network.addresses import Cell, Part, Plan, rows

__all__ = ["Drawing", "Point", "bars", "blocks", "curve", "curve_strokes"]

WIDE = 720
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2731}.dim{fill:#5f6e7c}.bar{fill:#0a68b4}"
    ".ground{fill:#fbfcfd}.mark{fill:#e3edf6}.rule{stroke:#d3dbe3;fill:none}"
    ".curve{stroke:#0a68b4;stroke-width:2;fill:none}.end{text-anchor:end}"
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """An image: its strokes as SVG, its height in pixels (it is 720 wide), and the same in words."""

    strokes: str
    height: int
    words: str

    @property
    def svg(self) -> str:
        """The whole document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {self.height}" '
            f'width="{WIDE}" height="{self.height}" role="img"><title>{escape(self.words)}</title>'
            f'<style>{_STYLE}</style><rect class="ground" width="{WIDE}" height="{self.height}"/>'
            f"{self.strokes}</svg>"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # An image, and no inline SVG: pages that show notebooks strip or break SVG that stands in the text.
        image = b64encode(self.svg.encode()).decode()
        html = f'<img alt="{escape(self.words)}" width="{WIDE}" src="data:image/svg+xml;base64,{image}">'
        return {"text/html": html, "text/plain": self.words}


# Bars


def bars(pairs: Sequence[tuple[str, Decimal]], title: str) -> Drawing:
    """Amounts in dollars as bars, one below the other, the longest as wide as there is room."""
    most = max((amount for _, amount in pairs), default=Decimal(0))
    strokes = [_text(16, 28, title)]
    for number, (label, amount) in enumerate(pairs):
        y = 58 + 26 * number
        length = int(400 * amount / most) if most > 0 and amount > 0 else 0
        strokes += [
            _text(16, y, label),
            f'<rect class="bar" x="170" y="{y - 11}" width="{length}" height="13"/>',
            _text(WIDE - 16, y, f"${shown(amount):,}", "end"),
        ]
    said = "; ".join(f"{label} ${shown(amount):,}" for label, amount in pairs)
    return Drawing("".join(strokes), 60 + 26 * len(pairs), f"{title}: {said}")


# Curves

Point = tuple[int, Decimal]
"""Hours, and dollars."""


def curve(points: Sequence[Point], title: str) -> Drawing:
    """What something costs by the hours that it runs."""
    (first, least), (last, most) = points[0], points[-1]
    words = f"{title}: ${shown(least):,} at {first} hours, ${shown(most):,} at {last} hours"
    return Drawing(_text(16, 28, title) + curve_strokes(points, top=44), 244, words)


def curve_strokes(points: Sequence[Point], top: int = 0, at: int | None = None) -> str:
    """The strokes of a curve, 200 pixels high, with its axes; `at` marks the point at so many hours."""
    left, right, low, high = 70, WIDE - 24, top + 160, top + 12
    most = max(*(amount for _, amount in points), Decimal("0.01"))
    last = max(hours for hours, _ in points) or 1

    def place(hours: int, amount: Decimal) -> tuple[str, str]:
        return (
            f"{left + (right - left) * hours / last:.1f}",
            f"{low - (low - high) * float(amount / most):.1f}",
        )

    line = " ".join(",".join(place(*point)) for point in points)
    strokes = (
        f'<path class="rule" d="M{left},{high}V{low}H{right}"/><polyline class="curve" points="{line}"/>'
        + _text(left - 8, high + 5, f"${shown(most):,}", "dim end")
        + _text(left - 8, low + 5, "$0", "dim end")
        + _text(left, low + 20, "0 h", "dim")
        + _text(right, low + 20, f"{last} h", "dim end")
    )
    marked = next((point for point in points if point[0] == at), None)
    if marked is None:
        return strokes
    x, y = place(*marked)
    return f'{strokes}<circle class="bar" cx="{x}" cy="{y}" r="5"/>'


# Blocks


def blocks(plan: Plan, title: str) -> Drawing:
    """A plan's subnets and what is free, in order of address; width is size within a row."""
    columns = 88
    strokes, words = [_text(16, 28, title)], []
    drawn = rows(plan, columns, _least)
    scale = (WIDE - 32) / columns
    for number, row in enumerate(drawn):
        y = 52 + 58 * number
        strokes.append(_text(16, y, str(row.block), "dim"))
        for cell in row.cells:
            strokes.append(_cell(cell, 16 + scale * cell.x, y + 8, scale * cell.width))
            words.append(" ".join(_labels(cell.part)))
    return Drawing("".join(strokes), 60 + 58 * len(drawn), f"{title}: {'; '.join(words)}")


def _cell(cell: Cell, x: float, y: float, width: float) -> str:
    tone = "bar" if cell.part.subnets else "mark"
    name, block = _labels(cell.part)
    return (
        f'<rect class="mark" x="{x:.1f}" y="{y:.0f}" width="{width - 2:.1f}" height="36"/>'
        f'<rect class="{tone}" x="{x:.1f}" y="{y + 33:.0f}" width="{width - 2:.1f}" height="3"/>'
        + _text(x + 6, y + 14, name, "" if cell.part.subnets else "dim")
        + _text(x + 6, y + 28, block, "dim")
    )


def _labels(part: Part) -> tuple[str, str]:
    if part.subnets:
        return ", ".join(each.name for each in part.subnets), str(part.subnets[0].block)
    return ("room" if part.kind == "room" else "free"), f"{part.size:,}"


def _least(part: Part) -> int:
    return max(map(len, _labels(part))) + 3


def _text(x: float, y: float, text: str, tone: str = "") -> str:
    mark = f' class="{tone}"' if tone else ""
    return f'<text{mark} x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'
