"""What a check found: each criterion, the belief behind it, a request that shows it; and the hints so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Markdown, Static

from labs.course import misconception
from tui.widgets.line import NOTHING, Hanging, Line, Lines, Piece, foreign, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graders import Report
    from labs.aws.iam import Decision
    from labs.course import CounterExample, Criterion, Hint

__all__ = ["CounterExampleRow", "Results"]

SIGNS = {
    "pass": ("✓", "$success"),
    "partial": ("◐", "$warning"),
    "fail": ("✗", "$error"),
    "skipped": ("–", "$dim"),
    "error": ("!", "$error"),
}
STATES = {
    "pass": ("✓ all right", "$success"),
    "partial": ("◐ partly right", "$warning"),
    "fail": ("✗ not yet", "$error"),
    "error": ("! could not be read or run", "$error"),
    "timeout": ("! took too long", "$error"),
    "tampered": ("! broke out of its rules", "$error"),
    "missing": ("– nothing handed in", "$dim"),
}
INDENT = 4
MOST_PRINTED = 20
"""Lines of a program's output that the results show."""
DONE = "Done. Ctrl+N goes to the next exercise, F6 shows the solution."
UNCHECKED = "Not checked yet. Ctrl+S marks what you have written; Ctrl+T gives a hint."


class CounterExampleRow(Static, can_focus=True):
    """A case that shows what is wrong; Enter or a click folds its trace open below it, and shut again."""

    HELP_LINE = (
        "A counter-example: a request that is decided otherwise than the task asks, or a command that "
        "shows what is so. Enter runs it; the trace of a decision folds open below, and shut again."
    )
    BINDINGS = [Binding("enter", "run", "Run the counter-example, or fold its trace shut")]

    class Run(Message):
        """The learner wants to see the decision."""

        def __init__(self, row: CounterExampleRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, example: CounterExample) -> None:
        super().__init__(classes="counter-example")
        self.example = example
        self.trace: Static | None = None
        self.tooltip = example.line or "Run it and see how the decision falls"

    def render(self) -> Lines:
        word = "[fold]" if self.trace else "[run]"
        text = Content.assemble(foreign(self.example.sentence), (f"  {word}", "bold $primary"))
        return Lines(Hanging(Content("  ▸ " if self.has_focus else "    "), text, INDENT))

    async def unfold(self, decision: Decision) -> None:
        """Show how the decision falls, below the row."""
        from tui.draw.decision import ladder

        if self.trace is None and self.parent is not None:
            self.trace = Static(ladder(decision), classes="trace")
            await self.screen.query_one(Results).mount(self.trace, after=self)
            self.refresh(layout=True)
            self.call_after_refresh(self.scroll_visible, animate=False, top=True)

    async def action_run(self) -> None:
        if self.trace is None:
            self.post_message(self.Run(self))
            return
        trace, self.trace = self.trace, None
        await trace.remove()
        self.refresh(layout=True)

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        await self.action_run()


class Results(VerticalScroll):
    """The last report, then the hints shown so far."""

    HELP_LINE = "The results of the last check and your hints. Tab goes to a counter-example, Enter runs it."

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.report: Report | None = None
        self.hints: tuple[Hint, ...] = ()
        self.word = ""

    def compose(self) -> ComposeResult:
        yield Static(self.title(), classes="pane-title")
        if self.report is None and not self.hints:
            yield Static(Content.styled(self.word or UNCHECKED, "$dim"), classes="results-empty")
        if self.report is not None:
            if self.report.state == "pass":
                # First, so that it is in view however long the report is.
                yield Static(Content.styled(DONE, "$primary"), classes="done")
            yield from report_widgets(self.report)
            if remarked := list(remarks(self.report)):
                yield Static(Lines(*remarked), classes="remarks")
        for hint in self.hints:
            yield Static(
                Lines(Line(Content.assemble((f"Hint {hint.level}", "bold $primary"), f"  {hint.title}"))),
                classes="hint-title",
            )
            yield Markdown(hint.text, classes="hint")

    def title(self) -> Lines:
        if self.report is None:
            return Lines(Line(Content("Results"), Content.styled(self.word, "$dim")))
        word, colour = STATES[self.report.state]
        points = f"{self.report.points:f} of {self.report.max:f} points"
        return Lines(
            Line(
                Content.assemble("Results  ", (word, f"not bold {colour}")),
                Content.styled(self.word or points, "$dim"),
            )
        )

    async def show_report(self, report: Report | None, word: str = "") -> None:
        """Show a report, or with a word that one is being made."""
        self.report, self.word = report, word
        await self.recompose()
        self.scroll_home(animate=False)

    async def show_hints(self, hints: tuple[Hint, ...]) -> None:
        """Show the hints so far, the newest in view."""
        self.hints = hints
        await self.recompose()
        if hints:
            self.call_after_refresh(self.scroll_end, animate=False)

    def say(self, word: str) -> None:
        """Put a word in the title, as "checking"."""
        self.word = word
        for title in self.query(".pane-title").results(Static):
            title.update(self.title())

    def counter_examples(self) -> list[CounterExampleRow]:
        """The counter-examples that can be run, in their order."""
        return list(self.query(CounterExampleRow))


def report_widgets(report: Report) -> Iterator[Widget]:
    """The criteria, one block each; those that can be run are rows of their own."""
    for criterion in report.criteria:
        yield Static(Lines(*criterion_pieces(criterion)), classes="criterion")
        example = criterion.counterexample
        if example is not None and example.runs:
            yield CounterExampleRow(example)
        elif example is not None:
            yield Static(Lines(Hanging(NOTHING, foreign(example.sentence), INDENT)))


def remarks(report: Report) -> Iterator[Piece]:
    """What there is to say about the work as a whole, and what the program printed."""
    for note in report.notes:
        yield Hanging(NOTHING, foreign(note), 0)
    if report.output.strip():
        printed = report.output.rstrip().splitlines()
        yield Line(Content.styled("Your program printed", "bold"))
        for line in printed[:MOST_PRINTED]:
            yield Hanging(NOTHING, foreign(line, "$dim"), INDENT)
        if len(printed) > MOST_PRINTED:
            yield Hanging(
                NOTHING, Content.styled(f"… and {len(printed) - MOST_PRINTED} lines more", "$dim"), INDENT
            )


def criterion_pieces(criterion: Criterion) -> Iterable[Piece]:
    """A criterion's sign, name and points; the message; the belief behind it and what is so instead."""
    sign, colour = SIGNS[criterion.state]
    points = "" if criterion.state == "skipped" else f"{criterion.points:f}/{criterion.max:f}"
    label = Content.assemble("  ", (sign, colour))
    yield Hanging(label, prose(criterion.name), INDENT, Content.styled(points, "$dim"))
    if criterion.message:
        yield Hanging(NOTHING, prose(criterion.message, "$dim"), INDENT)
    if criterion.misconception:
        believed = misconception(criterion.misconception)
        yield Hanging(NOTHING, Content.assemble(("You may think: ", "$dim"), prose(believed.belief)), INDENT)
        yield Hanging(NOTHING, Content.assemble(("It is so: ", "$dim"), prose(believed.refutation)), INDENT)
