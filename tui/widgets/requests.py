"""The live requests: who asked for what on what, allowed or denied, and why; newest last."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.messages import Explained, Failed
from tui.widgets.line import NOTHING, Hanging, Line, Lines, Piece, foreign
from tui.widgets.rows import Rows
from tui.widgets.why import why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.timer import Timer

    from labs.sandbox import Check, Event
    from tui.app import SkylabApp
    from tui.session import Stage

__all__ = ["RequestsPanel", "request_row"]

KEPT = 300
"""Requests that the panel holds; the sandbox's own ledger holds more."""
SETTLE = 0.08
"""Seconds for which a row must stay marked before its decision is run again."""

WAITING = "The sandbox is warming; requests will show here."
EMPTY = "No request yet. What speaks AWS may ask: boto3, the aws command, a notebook. In another terminal:"


class RequestsPanel(Vertical):
    """The list of requests, and below it why the marked one was decided as it was."""

    HELP_LINE = (
        "The requests that the sandbox has answered. Up and Down mark one; why it fell so stands below."
    )
    BINDINGS = bindings("requests")

    class Open(Message):
        """The learner wants the whole decision of a request."""

        def __init__(self, explained: Explained) -> None:
            super().__init__()
            self.explained = explained

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.stage: Stage | None = None
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.following = True
        self.only_denied = False
        self.explained: Explained | None = None
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="requests-title", classes="pane-title")
        yield Static(Content(WAITING), id="requests-empty")
        yield Rows(id="requests-list")
        with VerticalScroll(id="request-why", can_focus=False):
            yield Static(id="request-why-text")

    def on_mount(self) -> None:
        self.draw()

    def attach(self, stage: Stage, events: Iterable[Event]) -> None:
        """Show the requests of a world, beginning with those already known."""
        self.stage = stage
        self.events.clear()
        self.events.extend(events)
        self.explained = None
        self.draw()

    def add(self, events: Iterable[Event]) -> None:
        """Show further requests."""
        self.events.extend(events)
        self.draw()

    def shown(self) -> list[Event]:
        """The events that the filter lets through."""
        return [each for each in self.events if not self.only_denied or denied_check(each) is not None]

    def draw(self) -> None:
        """Fill the list again; the marked request stays marked, or the newest when following."""
        rows = self.query_one("#requests-list", Rows)
        events = self.shown()
        marked = self.marked()
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(Option(request_row(each), id=str(each.sequence)) for each in events)
            if events:
                kept = [i for i, each in enumerate(events) if marked and each.sequence == marked.sequence]
                rows.highlighted = kept[0] if kept and not self.following else len(events) - 1
        rows.display = bool(events)
        self.query_one("#request-why").display = bool(events)
        empty = self.query_one("#requests-empty", Static)
        empty.display = not events
        empty.update(self.empty_text())
        self.show_title()
        self.settle()

    def empty_text(self) -> Content:
        """What stands in place of the list."""
        if self.stage is None:
            return Content(WAITING)
        if self.events:
            return Content("No request was denied. Press d to show all.")
        skylab = cast("SkylabApp", self.app).session.skylab
        return Content.assemble(EMPTY, "\n\n", (f'  eval "$({skylab} env)"', "$primary"))

    def show_title(self) -> None:
        title = f"Requests · {self.stage.label}" if self.stage else "Requests"
        state = ["only denied"] if self.only_denied else []
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

    def settle(self) -> None:
        """Explain the marked request once it has stayed marked for a moment."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self.explain_marked)

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
        _, word, _ = event_word(event)
        decided = why(explained.decision) if explained else iter(reasons(event))
        body = Lines(Line(Content.styled(f"Why {word}", "bold")), Line(NOTHING), *ruled(event), *decided)
        self.query_one("#request-why-text", Static).update(body)

    def action_open(self) -> None:
        if self.explained is not None:
            self.post_message(self.Open(self.explained))

    def action_follow(self) -> None:
        self.following = True
        self.draw()

    def action_denied(self) -> None:
        self.only_denied = not self.only_denied
        self.draw()


def denied_check(event: Event) -> Check | None:
    """The check that denied a request, when one did."""
    return next((each for each in event.checks if each.decision != "Allowed"), None)


def event_word(event: Event) -> tuple[str, str, str]:
    """What became of a request: a sign, a word, a colour."""
    if denied_check(event) is not None:
        return "✗", "denied", "$error"
    if event.error:
        return "!", "failed" if event.checks else "refused", "$warning"
    return "✓", "allowed", "$success"


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
    sign, word, colour = event_word(event)
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
