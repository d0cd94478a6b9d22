"""What an instrument is asked: lines, choices and documents, each with its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual import events, on
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from tui.widgets.editor import Editor, fault_in
from tui.widgets.line import Line, Lines

__all__ = ["Entry", "Form", "Pick"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that is asked for; `value` is what it says at first.

    A "line" is one line of text, a "document" is JSON in an editor, a "choice" is one of `choices`.
    """

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "document", "choice"] = "line"
    choices: tuple[str, ...] = ()
    hint: str = ""


class Form(Vertical):
    """The entries of an instrument below one another."""

    class Changed(Message):
        """Something was typed or chosen."""

    def __init__(self, entries: Sequence[Entry], values: Mapping[str, str], id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries = tuple(entries)
        self._values = {each.name: values.get(each.name, each.value) for each in self.entries}

    def compose(self) -> ComposeResult:
        for entry in self.entries:
            value = self._values[entry.name]
            if entry.kind == "document":
                yield Static(classes="entry-title", id=f"title-{entry.name}")
                editor = Editor(".json", id=f"entry-{entry.name}")
                editor.load_text(value)
                editor.HELP_LINE = f"{entry.label}. {entry.hint}".rstrip()
                yield editor
                continue
            with Horizontal(classes="entry"):
                yield Static(Content.styled(entry.label, "$dim"), classes="entry-label")
                if entry.kind == "choice":
                    yield Pick(entry, value)
                else:
                    field = Input(
                        value,
                        placeholder=entry.hint,
                        compact=True,
                        classes="field",
                        id=f"entry-{entry.name}",
                        select_on_focus=False,
                    )
                    field.cursor_blink = False
                    # A value longer than the field is read from its beginning.
                    field.cursor_position = 0
                    yield field

    def on_mount(self) -> None:
        self.show_titles()

    @property
    def values(self) -> dict[str, str]:
        """What is asked now."""
        return dict(self._values)

    def load(self, values: Mapping[str, str]) -> None:
        """Ask something else; entries that are not named stay as they are."""
        with self.prevent(Input.Changed, TextArea.Changed):
            for entry in self.entries:
                if entry.name not in values:
                    continue
                self._values[entry.name] = value = values[entry.name]
                widget = self.query_one(f"#entry-{entry.name}")
                if isinstance(widget, Editor):
                    widget.load_text(value)
                elif isinstance(widget, Pick):
                    widget.chosen = value
                elif isinstance(widget, Input):
                    widget.value = value
        self.show_titles()
        self.post_message(self.Changed())

    @on(Input.Changed)
    def line_typed(self, event: Input.Changed) -> None:
        event.stop()
        self.take(event.input, event.value)

    @on(TextArea.Changed)
    def document_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.take(event.text_area, event.text_area.text)

    def take(self, widget: Widget, value: str) -> None:
        """Take over the value of an entry."""
        name = str(widget.id).removeprefix("entry-")
        if self._values.get(name) == value:
            return
        self._values[name] = value
        self.show_titles()
        self.post_message(self.Changed())

    def show_titles(self) -> None:
        """The line above each editor: what it is, and where it cannot be read."""
        for entry in self.entries:
            if entry.kind != "document":
                continue
            text = self._values[entry.name]
            fault = fault_in(text, ".json") if text.strip() else None
            said = Content.styled(str(fault), "$warning") if fault else Content.styled(entry.hint, "$dim")
            title = self.query_one(f"#title-{entry.name}", Static)
            title.update(Lines(Line(Content.styled(entry.label, "bold"), said)))


class Pick(Widget, can_focus=True):
    """One of a few words side by side; Left and Right, or a click, take another one."""

    HELP_LINE = "A choice. Left and Right take another one."
    ALLOW_SELECT = False

    chosen: reactive[str] = reactive("")

    def __init__(self, entry: Entry, chosen: str) -> None:
        super().__init__(id=f"entry-{entry.name}", classes="pick")
        self.choices = entry.choices
        self.set_reactive(Pick.chosen, chosen if chosen in entry.choices else entry.choices[0])

    def render(self) -> RenderResult:
        style = "bold $primary" if self.has_focus else "$primary"
        parts = [
            (f"● {each}   ", style) if each == self.chosen else (f"○ {each}   ", "$dim")
            for each in self.choices
        ]
        return Content.assemble(*parts)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def key_left(self) -> None:
        self.step(-1)

    def key_right(self) -> None:
        self.step(1)

    def key_space(self) -> None:
        self.step(1)

    def step(self, by: int) -> None:
        """Take the choice that stands so far on."""
        self.choose(self.choices[(self.choices.index(self.chosen) + by) % len(self.choices)])

    def choose(self, word: str) -> None:
        self.chosen = word
        form = next(each for each in self.ancestors if isinstance(each, Form))
        form.take(self, word)

    def on_click(self, event: events.Click) -> None:
        at = 0
        for each in self.choices:
            at += len(each) + 5
            if event.x - 1 < at:
                self.choose(each)
                return
