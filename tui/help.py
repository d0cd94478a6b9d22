"""What F1 says: about the screen, about the part that has the focus with the keys it takes, about the app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Markdown, OptionList, Select, Static, TextArea

from tui.actions import ACTIONS, Action, in_scope, keys_of, shown_key

__all__ = ["HelpRow", "HelpSection", "help_for", "scope_section"]


@dataclass(frozen=True, slots=True)
class HelpRow:
    """Some keys and what they do."""

    keys: str
    line: str


@dataclass(frozen=True, slots=True)
class HelpSection:
    """A part of the help: what something is, and its keys."""

    title: str
    line: str
    rows: tuple[HelpRow, ...]


STOCK_LINES: dict[type[Widget], str] = {
    TextArea: "The editor. What you type is saved as you go.",
    Select: "A field with a choice of answers: Enter opens it, Up and Down mark one, Enter takes it.",
    Input: "A field for an answer: type it; Tab goes to the next field.",
    OptionList: "A list: Up and Down mark a row, Enter chooses it.",
    Markdown: "A page of text: the arrow keys scroll it.",
    Static: "Text: the arrow keys scroll it.",
}
"""Help for Textual's own widgets; ours say it themselves in `HELP_LINE`."""


def help_for(screen: Screen[object]) -> tuple[HelpSection, ...]:
    """The help of a screen as it is now."""
    scope, also = getattr(screen, "SCOPE", "app"), getattr(screen, "ALSO", ())
    own = scope_section(scope, str(getattr(screen, "HELP_LINE", "")))
    shared = [row for each in also for row in scope_section(each, "").rows]
    # An instrument's page is its own, under its name, also where it has no keys beside the shared ones.
    title = str(getattr(screen, "NAME", own.title))
    sections = [HelpSection(title, own.line, (*own.rows, *shared))]
    if screen.focused is not None:
        sections.append(widget_section(screen.focused))
    sections.append(scope_section("app", "Everywhere in Skylab."))
    return tuple(sections)


def scope_section(scope: str, line: str) -> HelpSection:
    """A scope's actions, each with its keys and its help line."""
    return HelpSection(
        {"app": "Everywhere", "map": "Course map"}.get(scope, scope.capitalize()),
        line,
        tuple(HelpRow(keys_of(each), each.help) for each in in_scope(scope)),
    )


def widget_section(widget: Widget) -> HelpSection:
    """The focused part: what it is, and the bindings that it and the panels around it hold."""
    rows: list[HelpRow] = []
    for node in [widget, *(each for each in widget.ancestors if isinstance(each, Widget))]:
        if isinstance(node, Screen):
            break
        rows += binding_rows(binding for _, binding in node._bindings)
    return HelpSection("Here", widget_line(widget), tuple(rows))


def widget_line(widget: Widget) -> str:
    """What a widget is for: its own words, else those for the kind of widget it is."""
    for node in [widget, *widget.ancestors]:
        if line := getattr(node, "HELP_LINE", ""):
            return str(line)
        if node is widget:
            for kind, line in STOCK_LINES.items():
                if isinstance(widget, kind):
                    return line
    return ""


def binding_rows(bindings: Iterable[Binding]) -> list[HelpRow]:
    """Bindings by what they do, the keys of each joined; a registered action gives its own help line."""
    registered: dict[str, Action] = {each.id: each for each in ACTIONS}
    keys: dict[str, list[str]] = {}
    for binding in bindings:
        line = registered[binding.id].help if binding.id in registered else binding.description
        if line:
            keys.setdefault(line, []).append(shown_key(binding.key))
    return [HelpRow(" ".join(dict.fromkeys(each)), line) for line, each in keys.items()]
