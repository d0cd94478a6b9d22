"""A request opened: who asked for what, what was answered, and the whole decision of every check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from labs.errors import SkylabError
from tui.actions import bindings
from tui.draw.layout import page, row
from tui.draw.words import counted, shown
from tui.messages import Failed
from tui.screens.modal import Panel
from tui.widgets.line import foreign
from tui.widgets.verdict import SIGNS, verdict_of

if TYPE_CHECKING:
    from labs.aws.iam import Decision
    from labs.sandbox import Event
    from tui.session import Stage

__all__ = ["RequestPanel"]

COLUMNS = (10, None)


class RequestPanel(Panel):
    """One request of the sandbox."""

    SCOPE = "decision"
    HELP_LINE = (
        "One request: who asked, what was answered, and each question that was put to IAM for it, with the "
        "stages in the order in which AWS asks them. A ladder stops where the decision falls."
    )
    BINDINGS = bindings("decision")

    class Decided(Message):
        """The checks of the request, decided again; where the sandbox knows no more, why not."""

        def __init__(self, decisions: tuple[Decision, ...], missing: str) -> None:
            super().__init__()
            self.decisions, self.missing = decisions, missing

    def __init__(self, event: Event, stage: Stage) -> None:
        super().__init__()
        self.event, self.stage = event, stage
        self.decisions: tuple[Decision, ...] = ()
        self.missing = "deciding again"
        self.everything = False

    def title_text(self) -> VisualType:
        call = foreign(f"{self.event.service}:{self.event.operation}", "$dim")
        return Content.assemble(("Request   ", "bold $primary"), call)

    def panel_body(self) -> Iterable[Widget]:
        yield Static(id="decision-ladder")

    def on_mount(self) -> None:
        super().on_mount()
        if self.event.checks:
            self.decide()
        else:
            self.missing = ""
        self.draw()

    @work(thread=True, exclusive=True, exit_on_error=False, group="explain")
    def decide(self) -> None:
        """Decide each check again, with its trace."""
        from labs.aws.iam import case_from_json, explain

        found: list[Decision] = []
        try:
            for check in self.event.checks:
                found.append(explain(*case_from_json(self.stage.world.case(check.id))))
        except SkylabError as error:
            self.post_message(self.Decided(tuple(found), f"{error.title}. {error.detail}"))
        except Exception as error:
            self.post_message(Failed(error, "explaining a request"))
        else:
            self.post_message(self.Decided(tuple(found), ""))

    @on(Decided)
    def decided(self, message: Decided) -> None:
        message.stop()
        self.decisions, self.missing = message.decisions, message.missing
        self.draw()

    def draw(self) -> None:
        from tui.draw.decision import ladder

        parts: list[RenderableType] = [page(*facts(self.event))]
        for each in self.decisions:
            parts += [Text(), ladder(each, every=self.everything)]
        if self.missing:
            parts += [Text(), page(shown(self.missing, "quiet"))]
        self.query_one("#decision-ladder", Static).update(Group(*parts))

    def action_fold(self) -> None:
        self.everything = not self.everything
        self.draw()


def facts(event: Event) -> Iterator[RenderableType]:
    """What is known of a request beside its decisions."""
    verdict = verdict_of(event)
    answer = Text.assemble((f"{SIGNS[verdict]} {verdict}", "title"), f"   HTTP {event.status}")
    if event.error:
        answer.append_text(shown(f"   {event.error}"))
    yield _fact("answer", answer)
    if event.message:
        yield _fact("", shown(event.message))
    yield _fact("by", shown(event.principal))
    where = f"{event.region}, from {event.source}"
    yield _fact("in", shown(f"{where}, on {event.on_instance}" if event.on_instance else where))
    yield _fact("at", shown(f"{event.time.replace('T', ' ').rstrip('Z')} UTC", "quiet"))
    for each in event.explanations:
        yield _fact(
            "rule",
            Text.assemble(shown(f"{each.text} {each.hint}".rstrip()), shown(f"  {each.source}", "quiet")),
        )
    yield _fact("IAM", Text(asked_of_iam(event), "quiet"))


def asked_of_iam(event: Event) -> str:
    """How many questions the call put to IAM."""
    if event.checks:
        return f"asked {counted(len(event.checks), 'question')}"
    return "was not asked" if event.error else "was not asked: this call needs no permission"


def _fact(name: str, text: RenderableType) -> RenderableType:
    return row(Text(name, "quiet"), text, widths=COLUMNS)
