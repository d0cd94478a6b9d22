"""A list with a sign at the marked row, so that it reads without colour."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.strip import Strip
from textual.widgets import OptionList

__all__ = ["MARK", "Rows"]

MARK = "▸"


class Rows(OptionList):
    """An option list whose marked row carries ▸ in the margin, bright when the list has the focus.

    Rows leave their first two cells free for the sign.
    """

    COMPONENT_CLASSES = {"rows--mark", "rows--mark-blurred"}
    BINDINGS = [
        Binding("k", "cursor_up", "Up", show=False),
        Binding("j", "cursor_down", "Down", show=False),
    ]

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        line_number = self.scroll_offset.y + y
        if not 0 <= line_number < len(self._lines) or self.highlighted is None:
            return strip
        option_index, offset = self._lines[line_number]
        if option_index != self.highlighted or offset:
            return strip
        colour = self.get_component_rich_style("rows--mark" if self.has_focus else "rows--mark-blurred").color
        ground = next((segment.style for segment in strip if segment.style), Style())
        return Strip.join([Strip([Segment(MARK, ground + Style(color=colour, bold=True))], 1), strip.crop(1)])
