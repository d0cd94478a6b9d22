"""What the instruments look like: one style for all, in JupyterLab's light and dark themes.

HTML that a widget shows brings its style with it, so that it works in any page, with no network.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from typing import Any

import ipywidgets

from labs.errors import SkylabError

__all__ = ["LABEL", "codes", "fault", "styled", "table", "wide"]

LABEL = {"description_width": "8em"}
"""How wide the names of fields are."""


def wide() -> Any:
    """The layout of a field that is as wide as the instrument."""
    return ipywidgets.Layout(width="60em", max_width="100%")


@cache
def _style(name: str) -> str:
    folder = resources.files("labs.widgets")
    return "".join((folder / f"{each}.css").read_text("utf-8") for each in ("look", name))


def styled(name: str, body: str) -> str:
    """HTML in the style of the instrument with this name: `look.css`, and `NAME.css` after it."""
    return f'<style>{_style(name)}</style><div class="skylab {name}"><div>{body}</div></div>'


def fault(error: SkylabError) -> str:
    """What is wrong with what was typed: the title, the detail and the hint."""
    return (
        f'<div class="headline no">✗ {escape(error.title)}</div>'
        f"<div>{escape(error.detail)}</div><div>{escape(error.hint)}</div>"
    )


def codes(texts: tuple[str, ...]) -> str:
    """Texts as code, a line each."""
    return "<br>".join(f"<code>{escape(text)}</code>" for text in texts)


def table(rows: list[tuple[str, str]]) -> str:
    """Names and what they are, a row each; the second is HTML."""
    cells = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{html}</td></tr>' for name, html in rows)
    return f"<table>{cells}</table>"
