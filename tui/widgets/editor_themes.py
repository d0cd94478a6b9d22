"""The colours of code in an editor: in our two themes, and in those of the terminal."""

from __future__ import annotations

from rich.style import Style
from textual.widgets.text_area import TextAreaTheme

__all__ = ["EDITOR_THEMES"]


def _editor(
    name: str, key: str, string: str, number: str, keyword: str, dim: str, error: str
) -> TextAreaTheme:
    return TextAreaTheme(
        name,
        syntax_styles={
            "json.label": Style(color=key),
            "property": Style(color=key),
            "string": Style(color=string),
            "number": Style(color=number),
            "boolean": Style(color=number),
            "json.null": Style(color=number),
            "keyword": Style(color=keyword),
            "function": Style(color=key),
            "comment": Style(color=dim, italic=True),
            "punctuation.bracket": Style(color=dim),
            "punctuation.delimiter": Style(color=dim),
            "json.error": Style(color=error, underline=True),
        },
    )


EDITOR_THEMES = (
    _editor("skylab-dark", "#9fd0ff", "#b5d6b2", "#e0c48a", "#c3b1f0", "#7c8996", "#f0907f"),
    _editor("skylab-light", "#0a5ea3", "#2d6b3f", "#8a5d00", "#6a3fb0", "#5a6977", "#b3361f"),
    _editor("terminal", "blue", "green", "yellow", "magenta", "bright_black", "red"),
)
