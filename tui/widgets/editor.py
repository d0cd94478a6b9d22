"""The editor of policies, answers and programs: highlighted, with marks at the lines that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual import on, work
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from tui.widgets.editor_themes import EDITOR_THEMES
from tui.widgets.marks import Fault, Mark, fault_in, findings_in, marks_for

if TYPE_CHECKING:
    from textual.timer import Timer

__all__ = ["Editor", "Fault", "fault_in"]

Span: TypeAlias = tuple[int, int, int, str]
"""A highlight: its row, its first byte, the byte after its last, and its name."""

LANGUAGES = {".json": "json", ".py": "python", ".toml": "toml"}
AT_ONCE = 6_000
"""Characters up to which a text is looked at with each key; a longer one when the keys rest."""
REST = 0.2
"""Seconds without a key after which a long text is looked at, and a policy for findings."""


class Editor(TextArea):
    """A text area for one file. JSON is highlighted by tree-sitter, Python and TOML by Pygments.

    A line that cannot be read carries ✗ in the gutter; where `policy` says what kind of policy the text is,
    a line with a finding carries ✗ or !. `sentence` is what the marks mean.
    """

    HELP_LINE = "The editor. What you type is saved as you go; Tab indents, Esc goes back to the map."
    COMPONENT_CLASSES = {"editor--fault", "editor--doubt"}

    class Marked(Message):
        """The marks are others now, or the cursor is at another one."""

    class Looked(Message):
        """A text was looked at in the background."""

        def __init__(self, text: str, marks: tuple[Mark, ...], spans: list[Span] | None) -> None:
            super().__init__()
            self.text = text
            self.marks = marks
            self.spans = spans

    def __init__(self, suffix: str, id: str | None = None, policy: str = "") -> None:
        self._suffix = suffix
        self._lexed = LANGUAGES.get(suffix, "")
        self._policy = policy
        self.thorough = False
        """Whether all findings of a policy are marked, not those of spelling alone."""
        self._resting: Timer | None = None
        self.marks: tuple[Mark, ...] = ()
        super().__init__(
            language="json" if suffix == ".json" else None,
            id=id,
            show_line_numbers=True,
            soft_wrap=False,
            tab_behavior="indent",
            highlight_cursor_line=False,
        )
        self.indent_width = 4 if suffix == ".py" else 2
        self.cursor_blink = False
        for theme in EDITOR_THEMES:
            self.register_theme(theme)

    @property
    def sentence(self) -> str:
        """What the mark at the cursor means, else the first; how many there are. Empty without any."""
        if not self.marks:
            return ""
        row = self.cursor_location[0] + 1
        mark = next((each for each in self.marks if each.line == row), self.marks[0])
        return str(mark) if len(self.marks) == 1 else f"{mark} ({len(self.marks)} marks)"

    def start_over(self, text: str) -> None:
        """Put another text in place of all there is, in a way that can be undone."""
        self.replace(text, (0, 0), self.document.end)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self.follow_theme)
        self.follow_theme()
        self.look()

    # Marks

    @on(TextArea.Changed)
    def look(self) -> None:
        """Look for faults: at once in a short text, else when the keys rest; then also for findings."""
        text = self.text
        is_long = len(text) > AT_ONCE
        if not is_long:
            self.mark(marks_for(text, self._suffix))
        if is_long or (self._policy and not self.marks):
            if self._resting is not None:
                self._resting.stop()
            self._resting = self.set_timer(REST, self.look_closely)

    def look_closely(self) -> None:
        """Look at the whole text in the background."""
        self._resting = None
        self.look_in_background(self.text)

    @work(thread=True, exclusive=True, group="look")
    def look_in_background(self, text: str) -> None:
        marks = marks_for(text, self._suffix)
        if self._policy and not marks:
            marks = findings_in(text, self._policy, thorough=self.thorough)
        by_pygments = len(text) > AT_ONCE and self._lexed not in ("", "json")
        self.post_message(self.Looked(text, marks, lexed(text, self._lexed) if by_pygments else None))

    @on(Looked)
    def looked(self, event: Looked) -> None:
        event.stop()
        if event.text != self.text:
            return
        self.mark(event.marks)
        if event.spans is not None:
            self.highlight(event.spans)
            self.refresh()

    @on(TextArea.SelectionChanged)
    def moved(self) -> None:
        if self.marks:
            self.post_message(self.Marked())

    def mark(self, marks: tuple[Mark, ...]) -> None:
        """Show other marks."""
        if marks != self.marks:
            self.marks = marks
            self.refresh()
            self.post_message(self.Marked())

    @property
    def gutter_width(self) -> int:
        """The line numbers' width, with two cells before them for a sign."""
        return super().gutter_width + 2

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        line = self.scroll_offset.y + y + 1
        marks = [each for each in self.marks if each.line == line]
        if not marks:
            return strip
        mark = next((each for each in marks if each.is_fault), marks[0])
        name = "editor--fault" if mark.is_fault else "editor--doubt"
        style = self.get_component_rich_style(name, partial=True) + Style(bold=True)
        ground = next((segment.style for segment in strip if segment.style), Style())
        return Strip.join([Strip([Segment(mark.sign, ground + style)], 1), strip.crop(1)])

    def follow_theme(self, _: object = None) -> None:
        """Take the editor's colours for the app's theme."""
        if self.app.theme.startswith("ansi-"):
            self.theme = "terminal"
        else:
            self.theme = "skylab-dark" if self.app.current_theme.dark else "skylab-light"

    def _build_highlight_map(self) -> None:
        if self._lexed in ("", "json"):
            super()._build_highlight_map()
        elif len(self.text) <= AT_ONCE:
            self.highlight(lexed(self.text, self._lexed))
        else:
            self._line_cache.clear()

    def highlight(self, spans: list[Span]) -> None:
        """Show other highlights."""
        self._line_cache.clear()
        self._highlights.clear()
        for row, start, end, name in spans:
            self._highlights[row].append((start, end, name))


def lexed(text: str, language: str) -> list[Span]:
    """The highlighted spans of a text."""
    from pygments.lexers import get_lexer_by_name

    spans: list[Span] = []
    row = column = 0
    for kind, value in get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(text):
        name = _highlight_name(str(kind))
        for number, part in enumerate(value.split("\n")):
            if number:
                row, column = row + 1, 0
            length = len(part.encode())
            if name and length:
                spans.append((row, column, column + length, name))
            column += length
    return spans


_NAMES = (
    ("Token.Keyword.Constant", "boolean"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Comment", "comment"),
    ("Token.Name.Function", "function"),
    ("Token.Name.Class", "function"),
    ("Token.Name", ""),
    ("Token.Punctuation", "punctuation.bracket"),
)


def _highlight_name(kind: str) -> str:
    """The name that the editor's themes know for a Pygments token."""
    return next((name for prefix, name in _NAMES if kind.startswith(prefix)), "")
