"""The app's colours: one accent (sky), two meanings (allowed, denied), quiet greys; dark and light."""

from __future__ import annotations

from rich.color import parse_rgb_hex
from rich.terminal_theme import TerminalTheme
from rich.theme import Theme as RichTheme
from textual.theme import Theme

__all__ = [
    "ANSI_DARK",
    "ANSI_LIGHT",
    "DARK",
    "LIGHT",
    "VARIABLE_DEFAULTS",
    "drawing_styles",
]

VARIABLE_DEFAULTS = {"dim": "ansi_bright_black", "rule": "ansi_bright_black", "mark": "ansi_default"}
"""What `$dim`, `$rule` and `$mark` are in themes that are not ours."""


def _theme(name: str, dark: bool, **colour: str) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=colour["sky"],
        secondary=colour["sky"],
        accent=colour["sky"],
        warning=colour["amber"],
        error=colour["denied"],
        success=colour["allowed"],
        foreground=colour["ink"],
        background=colour["paper"],
        surface=colour["paper"],
        panel=colour["raised"],
        variables={
            "dim": colour["dim"],
            "rule": colour["rule"],
            "mark": colour["mark"],
            "block-cursor-background": colour["mark"],
            "block-cursor-foreground": colour["ink"],
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": colour["mark"] + "80",
            "block-cursor-blurred-foreground": colour["ink"],
            "block-hover-background": colour["mark"] + "60",
            "border": colour["sky"],
            "border-blurred": colour["rule"],
            "input-selection-background": colour["sky"] + "50",
            "scrollbar": colour["rule"],
            "scrollbar-hover": colour["dim"],
            "scrollbar-active": colour["sky"],
            "scrollbar-background": colour["paper"],
            "scrollbar-background-hover": colour["paper"],
            "scrollbar-background-active": colour["paper"],
            "scrollbar-corner-color": colour["paper"],
            "link-color": colour["sky"],
        },
    )


DARK = _theme(
    "skylab-dark",
    dark=True,
    paper="#10151b",
    raised="#171e26",
    mark="#1d2833",
    rule="#2b3742",
    dim="#8593a1",
    ink="#dbe2e9",
    sky="#79bfff",
    allowed="#86cf9f",
    denied="#f0907f",
    amber="#dcb873",
)

LIGHT = _theme(
    "skylab-light",
    dark=False,
    paper="#fbfcfd",
    raised="#f1f4f7",
    mark="#e3edf6",
    rule="#d3dbe3",
    dim="#5a6977",
    ink="#1d2731",
    sky="#0a68b4",
    allowed="#17764a",
    denied="#b3361f",
    amber="#8a5d00",
)


def _ansi(paper: str, ink: str, *colours: str) -> TerminalTheme:
    """The sixteen colours of a terminal; the bright ones follow the others."""
    shades: list[tuple[int, int, int]] = [parse_rgb_hex(each.removeprefix("#")) for each in colours]
    return TerminalTheme(
        parse_rgb_hex(paper.removeprefix("#")), parse_rgb_hex(ink.removeprefix("#")), shades[:8], shades[8:]
    )


ANSI_DARK = _ansi(
    *("#10151b", "#dbe2e9"),
    *("#2b3742", "#f0907f", "#86cf9f", "#dcb873", "#79bfff", "#c3b1f0", "#6fd3c1", "#dbe2e9"),
    *("#8593a1", "#f5b0a3", "#a8deba", "#e8cf9d", "#a6d4ff", "#e3b7dd", "#a5e6dc", "#f2f5f8"),
)
"""What a terminal's colours by name are in our dark theme: those of code, and of the zones of a plan."""
ANSI_LIGHT = _ansi(
    *("#fbfcfd", "#1d2731"),
    *("#1d2731", "#b3361f", "#17764a", "#8a5d00", "#0a68b4", "#6a3fb0", "#0b6e7d", "#44525f"),
    *("#5a6977", "#9c2d19", "#12623d", "#745000", "#08569a", "#94357f", "#075a67", "#1d2731"),
)
"""And in our light theme."""


def drawing_styles(theme: Theme) -> RichTheme:
    """What the style names of `tui.draw` mean in a theme of the app."""
    accent = rich_colour(theme.primary)
    return RichTheme(
        {
            "accent": f"bold {accent}",
            "allowed": rich_colour(theme.success or "green"),
            "denied": rich_colour(theme.error or "red"),
            "partly": rich_colour(theme.warning or "yellow"),
            "quiet": rich_colour(theme.variables.get("dim", "dim")),
            "title": "bold",
            # Rich's own is a colour on black, which is no ground of ours.
            "markdown.code": accent,
        }
    )


def rich_colour(name: str) -> str:
    """A colour of a theme in the words of rich: the terminal's own colours have no `ansi_` there."""
    return name.removeprefix("ansi_")
