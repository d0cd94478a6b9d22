"""An answer as typed fields: choices as a list, the rest as lines to fill in; it is all one `answer.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.answer_text import values_of, with_value
from tui.widgets.line import Line, Lines, prose
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.course import Field

__all__ = ["Choice", "Fields", "values_of", "with_value"]


class Choice(Rows):
    """A few answers of which one is chosen; the chosen one carries ●."""

    HELP_LINE = "A choice. Up and Down mark an answer, Enter or Space takes it, Tab goes to the next field."

    def __init__(self, name: str, choices: tuple[str, ...], chosen: str) -> None:
        super().__init__(name=name, classes="choice")
        self.choices = choices
        self.chosen = chosen
        self.fill()

    def fill(self) -> None:
        marked = self.highlighted
        self.set_options(Option(self.row(each)) for each in self.choices)
        chosen = self.choices.index(self.chosen) if self.chosen in self.choices else 0
        self.highlighted = chosen if marked is None else marked

    def row(self, choice: str) -> Lines:
        sign, colour = ("●", "$primary") if choice == self.chosen else ("○", "$dim")
        return Lines(Line(Content.assemble("  ", (sign, colour), " ", choice)))

    def key_space(self) -> None:
        self.action_select()

    @on(OptionList.OptionSelected)
    def take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.chosen = self.choices[event.option_index]
        self.fill()
        self.post_message(Fields.Answered(str(self.name), self.chosen))


class Fields(Vertical):
    """The fields of an answer, each with its question."""

    class Answered(Message):
        """A field was filled in."""

        def __init__(self, name: str, value: str) -> None:
            super().__init__()
            self.name = name
            self.value = value

    class Changed(Message):
        """The text of the answer is another now."""

    def __init__(self, fields: tuple[Field, ...], text: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.fields = fields
        self.text = text
        self.history: list[str] = []
        self.entered = False

    def compose(self) -> ComposeResult:
        values = values_of(self.text)
        for field in self.fields:
            yield from self.field_widgets(field, values.get(field.name, ""))

    def field_widgets(self, field: Field, value: str) -> ComposeResult:
        """A question and where its answer goes."""
        with Vertical(classes="field-box"):
            yield Static(prose(field.label), classes="field-label")
            if field.choices:
                yield Choice(field.name, tuple(field.choices), value)
            else:
                yield Input(value, name=field.name, compact=True, classes="field", select_on_focus=False)

    def start_over(self, text: str) -> None:
        """Put another answer in place of all there is, in a way that can be undone."""
        self.history.append(self.text)
        self.load(text)

    def undo(self) -> None:
        """Take back the last change."""
        if self.history:
            self.load(self.history.pop())
            self.post_message(self.Changed())

    def load(self, text: str) -> None:
        """Show another text."""
        self.text = text
        values = values_of(text)
        with self.prevent(Input.Changed):
            for entry in self.query(Input):
                entry.value = values.get(str(entry.name), "")
        for choice in self.query(Choice):
            choice.chosen = values.get(str(choice.name), "")
            choice.fill()

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.change(str(event.input.name), event.value)

    @on(Answered)
    def answered(self, event: Answered) -> None:
        event.stop()
        self.change(event.name, event.value)

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def change(self, name: str, value: str) -> None:
        """Take a new value of a field into the text."""
        self.history.append(self.text)
        self.text = with_value(self.text, name, value)
        self.post_message(self.Changed())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # The question should be in view with its field; but the task comes first when the screen opens.
        if self.entered and isinstance(event.widget.parent, Widget):
            event.widget.parent.scroll_visible(animate=False)
        self.entered = True
