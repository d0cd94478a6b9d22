"""The bill explorer: a bill line by line, each with its rule, price and source; and what if."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from labs.errors import InputError, SandboxError
from tui.actions import bindings
from tui.instruments.evaluator import document, shell_quoted
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values
from tui.widgets.line import Line, Lines, foreign
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.aws.billing import Bill
    from labs.aws.billing import Line as BillLine
    from labs.sandbox import World

__all__ = ["BillExplorer"]

MONTH = """\
{
  "month": "730h",
  "account": {"created": "2024-01-01", "free_tier": "none"},
  "usage": [
    {"meter": "ec2.instance", "type": "t3.micro"},
    {"meter": "ipv4"},
    {"meter": "ebs.volume", "type": "gp3", "gib": 8},
    {"meter": "s3.storage", "bytes": 107374182400},
    {"meter": "transfer", "path": "internet-out", "gb": "20"}
  ]
}
"""


class BillExplorer(Instrument):
    """What it costs, line by line, and what a change would do to it."""

    SCOPE = "bill"
    ALSO = ("instrument",)
    NAME = "Bill explorer"
    READS_WORLD = True
    SUMMARY = "What usage costs: each line with its rule, price and source; and what if."
    HELP_LINE = (
        "The usage is what the sandbox has metered, or what you type. Mark a line of the bill to see its "
        "rule. A what-if changes one item: 1 type=t3.small, or -2 to leave the second item away."
    )
    BINDINGS = bindings("bill")
    ENTRIES = (
        Entry("source", "usage", "typed", "choice", ("typed", "sandbox")),
        Entry("what_if", "what if", "", hint="1 type=t3.small    or    -2"),
        Entry("usage", "Usage", MONTH, "document", hint="a meter an item"),
    )
    EXAMPLES = (
        {"source": "typed", "usage": MONTH, "what_if": "1 type=t3.small"},
        {"source": "typed", "usage": MONTH, "what_if": "-2"},
        {"source": "typed", "usage": MONTH.replace('"none"', '"legacy"'), "what_if": ""},
    )

    def __init__(self) -> None:
        super().__init__()
        self.marked: int | None = None

    def beside_the_form(self) -> ComposeResult:
        yield BillLines(id="bill-lines")

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.billing import bill, usage_from_json, what_if
        from tui.draw.bill import bill_drawn
        from tui.draw.comparison import comparison_drawn

        if values["source"] == "sandbox":
            if values["what_if"].strip():
                raise InputError(
                    "A what-if changes what is typed",
                    "The usage shown is the sandbox's own.",
                    "Choose the typed usage, or empty the what-if.",
                )
            return self.metered(world)
        written = document(values["usage"], "usage")
        if not isinstance(written, Mapping):
            raise InputError("There is no usage", "The editor holds no JSON object.", "Try F5.")
        usage, command = usage_from_json(written), f"echo {shell_quoted(written)} | skylab bill -"
        if values["what_if"].strip():
            compared = what_if(usage, change_from(values["what_if"], len(usage.items)))
            return Answer(comparison_drawn(compared), command, compared.after)
        result = bill(usage)
        return Answer(bill_drawn(result, selected=self.marked_in(result)), command, result)

    def metered(self, world: World | None) -> Answer:
        """The bill of the running sandbox up to now. Blocks.

        Raises:
            SandboxError: it does not answer yet.
        """
        from tui.draw.bill import bill_drawn

        if world is None:
            raise SandboxError("The sandbox is warming", "Its meters can be read in a moment.")
        result = world.bill().bill
        return Answer(bill_drawn(result, selected=self.marked_in(result)), "skylab bill", result)

    def marked_in(self, bill: Bill) -> int | None:
        """The marked line, if the bill has it."""
        return self.marked if self.marked is not None and self.marked < len(bill.lines) else None

    def show_answer(self, answer: Answer) -> None:
        from labs.aws.billing import Bill

        super().show_answer(answer)
        rows = self.query_one(BillLines)
        lines = answer.result.lines if isinstance(answer.result, Bill) else ()
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(Option(line_row(each)) for each in lines)
            if lines:
                rows.highlighted = min(self.marked or 0, len(lines) - 1)

    @on(OptionList.OptionHighlighted, "#bill-lines")
    def line_marked(self, event: OptionList.OptionHighlighted) -> None:
        from labs.aws.billing import Bill
        from tui.draw.bill import bill_drawn

        event.stop()
        self.marked = event.option_index
        result = self.shown.result if self.shown else None
        if isinstance(result, Bill) and not self.form.values["what_if"].strip():
            super().show_answer(Answer(bill_drawn(result, selected=self.marked)))

    def action_lines(self) -> None:
        self.show("question")
        self.query_one(BillLines).focus()

    def action_refresh(self) -> None:
        self.form.load({"source": "sandbox"})


class BillLines(Rows):
    """The lines of the bill."""

    HELP_LINE = "The lines of the bill. Up and Down mark one; the answer says why it costs what it costs."


def line_row(line: BillLine) -> Lines:
    """A line's subject and its cost."""
    from labs.aws.billing.money import shown as rounded

    return Lines(Line(foreign(f"  {line.subject}"), Content.styled(f"${rounded(line.cost)} ", "$dim")))


_LEAVE_OUT = re.compile(r"-\s*(\d+)")
_REPLACE = re.compile(r"(\d+)\s+(.+)")


def change_from(text: str, items: int) -> Callable[[Any], Any]:
    """The change of usage that a line asks for: `1 type=t3.small gib=20`, or `-2`.

    Raises:
        InputError: the line is written otherwise, or there is no such item.
    """
    from labs.aws.billing import replacing, without

    if found := _LEAVE_OUT.fullmatch(text.strip()):
        return without(place_of(found[1], items))
    found = _REPLACE.fullmatch(text.strip())
    pairs = [word.partition("=") for word in found[2].split()] if found else []
    if found is None or not all(equals for _, equals, _ in pairs):
        raise InputError(
            "This what-if cannot be read",
            f"It is {text.strip()!r}.",
            "Write the item's number and what changes: 1 type=t3.small. Or -1 to leave it away.",
        )
    facts = {key: value_of(value) for key, _, value in pairs}
    return changing(replacing, place_of(found[1], items), facts)


def changing(replacing: Callable[..., Any], place: int, facts: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The change, with an error of ours for a fact that the item does not have."""

    def change(usage: Any) -> Any:
        try:
            return replacing(place, **facts)(usage)
        except TypeError as error:
            raise InputError(
                "The item has no such fact", f"{error}.", "Use the names that the usage uses."
            ) from None

    return change


def place_of(number: str, items: int) -> int:
    """The place of an item that is counted from one."""
    place = int(number) - 1
    if not 0 <= place < items:
        raise InputError(
            "The usage has no such item", f"It has {items}, and {number} was asked for.", "Count from 1."
        )
    return place


def value_of(text: str) -> Any:
    """A fact as the usage would hold it: a number, or a word."""
    try:
        return json.loads(text)
    except ValueError:
        return text
