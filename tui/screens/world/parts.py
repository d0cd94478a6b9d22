"""The parts of the world beside its requests: what exists in it, its network and its bill.

A part says how it is read, which happens in a worker thread, and shows what was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Group, RenderableType
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

if TYPE_CHECKING:
    from labs.aws.network.paths import Network
    from labs.sandbox import World
    from tui.screens.world.spending import Costs, Ledger
    from tui.session import Session

__all__ = ["BillPart", "NetworkPart", "Part"]

TALL_CHART = 40
"""Rows of the screen from which the chart of the bill is the higher one."""


class Part(Vertical):
    """One part of the world."""

    NAME: ClassVar[str]
    COMMAND: ClassVar[str] = ""
    """The command that prints the same."""

    def read(self, session: Session, world: World) -> Any:
        """The part as it is now. Blocks, and touches no widget.

        Raises:
            SandboxError: the sandbox has gone.
        """
        raise NotImplementedError

    def take(self, value: Any) -> None:
        """Show what was read."""
        raise NotImplementedError

    def wait(self, text: str) -> None:
        """Say that nothing was read yet; a part that shows something keeps it."""
        raise NotImplementedError

    def forget(self) -> None:
        """The world is another one now."""

    def target(self) -> Widget:
        """What takes the focus with the part."""
        raise NotImplementedError

    def copy_text(self) -> str:
        """What is worth copying; empty where nothing is."""
        return ""


class DrawnPart(Part):
    """A part that is a drawing and scrolls."""

    def compose(self) -> ComposeResult:
        with WorldText():
            yield Static(classes="world-drawing")

    def take(self, value: Any) -> None:
        self.query_one(Static).update(self.drawing(value))

    def drawing(self, value: Any) -> RenderableType:
        """What was read, drawn."""
        raise NotImplementedError

    def wait(self, text: str) -> None:
        self.query_one(Static).update(Content.styled(f"  {text}", "$dim"))

    def target(self) -> Widget:
        return self.query_one(WorldText)


class WorldText(VerticalScroll):
    """A part of the world as text."""

    HELP_LINE = "A part of the sandbox. Up and Down scroll it."


class NetworkPart(DrawnPart):
    """The VPCs, each with its subnets, route tables and groups."""

    NAME = "network"
    COMMAND = "skylab reach --from internet --to …"

    def read(self, session: Session, world: World) -> Network:
        return session.network(world)

    def drawing(self, value: Network) -> RenderableType:
        from tui.draw.network import network_drawn

        return network_drawn(value)


class BillPart(DrawnPart):
    """The bill up to now, with a chart of what led to it."""

    NAME = "bill"
    COMMAND = "skylab bill"

    def __init__(self) -> None:
        super().__init__()
        self.costs: Costs | None = None

    def read(self, session: Session, world: World) -> Ledger:
        from tui.screens.world.spending import Costs

        costs = self.costs = self.costs or Costs()
        return costs.read(world)

    def forget(self) -> None:
        self.costs = None

    def drawing(self, value: Ledger) -> RenderableType:
        from tui.draw.bill import bill_drawn, spending_notes
        from tui.draw.chart import CostChart
        from tui.screens.world.spending import hourly

        spending = value.now
        height = 6 if self.screen.size.height >= TALL_CHART else 4
        chart = CostChart(spending.bill.start, value.spent, height)
        drawn = bill_drawn(spending.bill, chart=chart, rate=hourly(spending))
        notes = spending_notes(spending)
        return drawn if notes is None else Group(drawn, notes)
