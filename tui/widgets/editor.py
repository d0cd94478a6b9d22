"""The editor of policies, answers and programs: highlighted, with the first fault named."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import dataclass

from textual.widgets import TextArea

from tui.theme import EDITOR_THEMES

__all__ = ["Editor", "Fault", "fault_in"]

LANGUAGES = {".json": "json", ".py": "python", ".toml": "toml"}
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a text cannot be read (line from 1, nought when unknown) and why."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


def fault_in(text: str, suffix: str) -> Fault | None:
    """The first fault of a JSON, Python or TOML text; None when it can be read."""
    try:
        if suffix == ".json":
            json.loads(text)
        elif suffix == ".py":
            ast.parse(text)
        elif suffix == ".toml":
            tomllib.loads(text)
    except json.JSONDecodeError as error:
        return Fault(error.lineno, error.msg)
    except SyntaxError as error:
        return Fault(error.lineno or 0, error.msg)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        return Fault(int(place[1]) if place else 0, _TOML_PLACE.sub("", str(error)))
    except (ValueError, RecursionError) as error:
        return Fault(0, str(error))
    return None


class Editor(TextArea):
    """A text area for one file. JSON is highlighted by tree-sitter, Python and TOML by Pygments."""

    HELP_LINE = "The editor. What you type is saved as you go; Tab indents, Esc goes back to the map."

    def __init__(self, suffix: str, id: str | None = None) -> None:
        self._lexed = LANGUAGES.get(suffix, "")
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

    def start_over(self, text: str) -> None:
        """Put another text in place of all there is, in a way that can be undone."""
        self.replace(text, (0, 0), self.document.end)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self.follow_theme)
        self.follow_theme()

    def follow_theme(self, _: object = None) -> None:
        """Take the editor's colours for the app's theme."""
        self.theme = "skylab-dark" if self.app.current_theme.dark else "skylab-light"

    def _build_highlight_map(self) -> None:
        if self._lexed in ("", "json"):
            super()._build_highlight_map()
            return
        self._line_cache.clear()
        self._highlights.clear()
        for row, start, end, name in lexed(self.text, self._lexed):
            self._highlights[row].append((start, end, name))


def lexed(text: str, language: str) -> list[tuple[int, int, int, str]]:
    """The highlighted spans of a text: row, first byte, byte after the last, and the highlight's name."""
    from pygments.lexers import get_lexer_by_name

    spans: list[tuple[int, int, int, str]] = []
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
