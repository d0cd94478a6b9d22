"""A whole decision: the verdict, the reason, and the ladder with every step of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import bindings
from tui.draw.decision import ladder
from tui.screens.modal import Panel
from tui.widgets.line import foreign

if TYPE_CHECKING:
    from labs.aws.iam import Decision

__all__ = ["DecisionPanel"]


class DecisionPanel(Panel):
    """Why a request was allowed or denied, stage by stage."""

    SCOPE = "decision"
    HELP_LINE = (
        "One decision of IAM: the request and the reason at the top, then the stages in the order in which "
        "AWS asks them. The ladder stops where the decision falls."
    )
    BINDINGS = bindings("decision")

    def __init__(self, decision: Decision, title: str) -> None:
        super().__init__()
        self.decision = decision
        self.heading = title
        self.everything = False

    def title_text(self) -> VisualType:
        return Content.assemble(("Decision   ", "bold $primary"), foreign(self.heading, "$dim"))

    def panel_body(self) -> Iterable[Widget]:
        yield Static(ladder(self.decision), id="decision-ladder")

    def action_fold(self) -> None:
        self.everything = not self.everything
        self.query_one("#decision-ladder", Static).update(ladder(self.decision, every=self.everything))
