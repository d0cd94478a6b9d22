"""The live requests: who asked for what on what, allowed or denied, and why; newest last, filtered."""

from __future__ import annotations

import json
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.calm import RESTED
from tui.messages import Explained, Failed
from tui.widgets.line import NOTHING, Hanging, Line, Lines, Piece, foreign
from tui.widgets.rows import Rows
from tui.widgets.verdict import COLOURS, SIGNS, denied_check, passes, verdict_of
from tui.widgets.why import why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.timer import Timer

    from labs.sandbox import Check, Event
    from tui.app import SkylabApp
    from tui.session import Stage

__all__ = ["RequestsPanel", "request_row"]

KEPT = 150
"""Requests that the panel holds; the sandbox's own ledger holds more."""
DENIED = "denied"
SETTLE = 0.08
"""Seconds for which a row must stay marked before its decision is run again."""
DRAWN = 0.2
"""Seconds between two drawings of the list while requests come in."""
LATEST = 10.0
"""Seconds after which the list is drawn again in any case, though keys are pressed."""

WAITING = "The sandbox is warming; requests will show here."
EMPTY = "No request yet. What speaks AWS may ask: boto3, the aws command, a notebook. In another terminal:"


class RequestsPanel(Vertical):
    """The list of requests, and below it why the marked one was decided as it was."""

    HELP_LINE = (
        "The requests that the sandbox has answered. Up and Down mark one; why it fell so stands below."
    )
    BINDINGS = bindings("requests")

    class Open(Message):
        """The learner wants to see a request with its whole decision."""

        def __init__(self, event: Event, stage: Stage) -> None:
            super().__init__()
            self.event, self.stage = event, stage

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.stage: Stage | None = None
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.following = True
        self.words = ""
        """The filter; the requests that it lets through are shown."""
        self.explained: Explained | None = None
        self._settling: Timer | None = None
        self._drawing: Timer | None = None
        self._undrawn = False
        self._drawn = 0.0
        self._rows: dict[int, Option] = {}
        """The rows of the requests by their numbers: they are made once."""

    def compose(self) -> ComposeResult:
        yield Static(id="requests-title", classes="pane-title")
        yield FilterLine(placeholder="denied s3 alice -sts", compact=True, id="requests-filter")
        yield Static(Content(WAITING), id="requests-empty")
        yield Rows(id="requests-list")
        with VerticalScroll(id="request-why", can_focus=False):
            yield Static(id="request-why-text")

    def on_mount(self) -> None:
        self.query_one(FilterLine).display = False
        self.draw()

    def attach(self, stage: Stage, events: Iterable[Event]) -> None:
        """Show the requests of a world, beginning with those already known."""
        self.stage = stage
        self.events.clear()
        self.events.extend(events)
        self._rows = {}
        self.explained = None
        self.draw()

    def add(self, events: Iterable[Event]) -> None:
        """Show further requests: the first at once, and what comes right after it together.

        While keys are pressed these go first.
        """
        self.events.extend(events)
        if self._drawing is None and not self.keys_go_first():
            self.draw(DRAWN + SETTLE)
        else:
            self._undrawn = True
        if self._drawing is None:
            self._drawing = self.set_timer(DRAWN, self.drawn_lately)

    def drawn_lately(self) -> None:
        """Draw what has come in since the last drawing, if anything has."""
        self._drawing = None
        if self._undrawn:
            self._undrawn = False
            self.add(())

    def keys_go_first(self) -> bool:
        """Whether the list can wait, because a key was pressed just now and it was drawn not too long ago."""
        now = monotonic()
        return now - cast("SkylabApp", self.app).pressed < RESTED and now - self._drawn < LATEST

    def shown(self) -> list[Event]:
        """The events that the filter lets through."""
        return [each for each in self.events if passes(each, self.words)]

    def draw(self, settle: float = SETTLE) -> None:
        """Fill the list again; the marked request stays marked, or the newest when following.

        `settle` is after how many seconds without another drawing its decision is run again.
        """
        self._drawn = monotonic()
        rows = self.query_one("#requests-list", Rows)
        events = self.shown()
        marked = self.marked()
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(map(self.row, events))
            if events:
                kept = [i for i, each in enumerate(events) if marked and each.sequence == marked.sequence]
                rows.highlighted = kept[0] if kept and not self.following else len(events) - 1
        rows.display = bool(events)
        # How high the list is, and so how far it scrolls, is known once it is laid out.
        rows.call_after_refresh(rows.scroll_to_highlight)
        self.query_one("#request-why").display = bool(events)
        empty = self.query_one("#requests-empty", Static)
        empty.display = not events
        empty.update(self.empty_text())
        self.show_title()
        self.settle(settle)

    def row(self, event: Event) -> Option:
        """The row of a request."""
        if len(self._rows) > 2 * KEPT:
            self._rows = {}
        if event.sequence not in self._rows:
            self._rows[event.sequence] = Option(request_row(event), id=str(event.sequence))
        return self._rows[event.sequence]

    def empty_text(self) -> Content:
        """What stands in place of the list."""
        if self.stage is None:
            return Content(WAITING)
        if self.events:
            return Content.assemble("No request has ", foreign(self.words, "bold"), ". Backspace shows all.")
        skylab = cast("SkylabApp", self.app).session.skylab
        return Content.assemble(EMPTY, "\n\n", (f'  eval "$({skylab} env)"', "$primary"))

    def show_title(self) -> None:
        title = f"Requests · {self.stage.label}" if self.stage else "Requests"
        shown = self.shown()
        state = [f"{len(shown)} of {len(self.events)} · {self.words}"] if self.words else []
        state.append("following ●" if self.following else "f follows")
        line = Line(Content(title), Content.styled(" · ".join(state) if self.events else "", "$dim"))
        self.query_one("#requests-title", Static).update(Lines(line))

    def marked(self) -> Event | None:
        """The request that is marked in the list."""
        option = self.query_one("#requests-list", Rows).highlighted_option
        if option is None:
            return None
        return next((each for each in self.events if str(each.sequence) == option.id), None)

    @on(OptionList.OptionHighlighted, "#requests-list")
    def request_marked(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.following = event.option_index == len(self.shown()) - 1
        self.show_title()
        self.settle()

    @on(OptionList.OptionSelected, "#requests-list")
    def request_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_open()

    def settle(self, seconds: float = SETTLE) -> None:
        """Explain the marked request once it has stayed marked for a moment."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(seconds, self.explain_marked)

    def explain_marked(self) -> None:
        event = self.marked()
        if event is None or self.stage is None:
            return
        if self.explained is not None and self.explained.event_id == str(event.sequence):
            return
        check = denied_check(event) or (event.checks[0] if event.checks else None)
        self.show_why(event, None)
        if check is not None:
            self.run_again(self.stage, event, check)

    @work(thread=True, exclusive=True, exit_on_error=False, group="explain")
    def run_again(self, stage: Stage, event: Event, check: Check) -> None:
        """Fetch the check's case and decide it again with its trace."""
        from labs.aws.iam import case_from_json, explain

        try:
            request, policies = case_from_json(stage.world.case(check.id))
            decision = explain(request, policies)
        except Exception as error:
            self.post_message(Failed(error, "explaining a request"))
        else:
            self.post_message(Explained(decision, check.action, str(event.sequence)))

    @on(Failed)
    def not_explained(self, message: Failed) -> None:
        # The sandbox may have gone meanwhile; its own failure is told elsewhere.
        message.stop()

    @on(Explained)
    def explained_now(self, message: Explained) -> None:
        message.stop()
        event = self.marked()
        if event is not None and str(event.sequence) == message.event_id:
            self.explained = message
            self.show_why(event, message)

    def show_why(self, event: Event, explained: Explained | None) -> None:
        """Say why below the list: the reason at once, its statements when the decision has been run again."""
        decided = why(explained.decision) if explained else iter(reasons(event))
        head = Line(Content.styled(f"Why {verdict_of(event)}", "bold"))
        body = Lines(head, Line(NOTHING), *ruled(event), *decided)
        self.query_one("#request-why-text", Static).update(body)

    def action_open(self) -> None:
        event = self.marked()
        if event is not None and self.stage is not None:
            self.post_message(self.Open(event, self.stage))

    def copy_text(self) -> str:
        """The marked request as `skylab events` prints it."""
        event = self.marked()
        return json.dumps(event.to_json()) if event else ""

    def action_follow(self) -> None:
        self.following = True
        self.draw()

    # The filter

    def action_denied(self) -> None:
        self.choose("" if self.words == DENIED else DENIED)

    def action_everything(self) -> None:
        self.choose("")

    def action_filter(self) -> None:
        line = self.query_one(FilterLine)
        line.display = True
        line.value = self.words
        line.focus()

    def choose(self, words: str) -> None:
        """Show only the requests with these words in them."""
        self.words = words
        self.draw()

    @on(Input.Changed, "#requests-filter")
    def filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        self.choose(event.value)

    @on(Input.Submitted, "#requests-filter")
    def filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.leave_filter()

    def leave_filter(self) -> None:
        """Back to the list; the filter stays as it was typed, and stands in the title."""
        self.query_one(FilterLine).display = False
        self.query_one("#requests-list").focus()


class FilterLine(Input):
    """Where the words of the filter are typed."""

    HELP_LINE = (
        "Words that a request must have: its verdict, its call, who asked, an action, a resource, an error. "
        "A - before a word leaves out what has it. Enter goes to the list, Esc shows all requests again."
    )
    BINDINGS = bindings("filter")

    def on_mount(self) -> None:
        self.cursor_blink = False

    @property
    def panel(self) -> RequestsPanel:
        return next(each for each in self.ancestors if isinstance(each, RequestsPanel))

    def action_close(self) -> None:
        self.panel.choose("")
        self.panel.leave_filter()


def ruled(event: Event) -> Iterator[Piece]:
    """What AWS answered to a request that IAM allows, and each rule of AWS that had a say in it."""
    if event.error and not denied_check(event):
        yield Hanging(NOTHING, foreign(f"{event.error}: {event.message or ''}".rstrip(": ")), 0)
    for each in event.explanations:
        yield Hanging(NOTHING, foreign(f"{each.text} {each.hint}".rstrip()), 0)
        yield Hanging(NOTHING, foreign(each.source, "$dim"), 0)
        yield Line(NOTHING)


def reasons(event: Event) -> Iterator[Piece]:
    """What IAM said about a request, before the decision is run again."""
    check = denied_check(event) or (event.checks[0] if event.checks else None)
    told = check.reason if check else "This call needs no permission."
    if check or not event.error:
        yield Hanging(NOTHING, foreign(told), 0)


def request_row(event: Event) -> Lines:
    """Two lines: the verdict, the call, who and when; then what it was asked of."""
    word = verdict_of(event)
    sign, colour = SIGNS[word], COLOURS[word]
    check = denied_check(event) or (event.checks[0] if event.checks else None)
    call = Content.assemble(
        "  ", (f"{sign} {word:<8}", colour), foreign(f"{event.service}:{event.operation}")
    )
    when = Content.assemble(foreign(short_principal(event.principal)), (f"  {event.time[11:19]} ", "$dim"))
    about = short_resource(check.resource) if check else (event.error or "")
    if check and check.action.partition(":")[2] != event.operation:
        about = f"{about} · {check.action}"
    return Lines(
        Line(call, when), *([Line(Content.assemble(" " * 12, foreign(about, "$dim")))] if about else [])
    )


def short_principal(principal: str) -> str:
    """The end of a principal's ARN: `alice`, `root`, `app/i-0a1`."""
    resource = principal.split(":", 5)[-1]
    kind, _, name = resource.partition("/")
    return name if name and kind == "assumed-role" else resource.rpartition("/")[2]


def short_resource(resource: str) -> str:
    """An ARN without what every ARN of its service repeats."""
    parts = resource.split(":", 5)
    return parts[5] if len(parts) == 6 else resource
