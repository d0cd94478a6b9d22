"""What of the app has to do with the tour: it goes on by what is done; its line lies beside the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.screen import Screen

from tui.forgiving import ForgivingApp
from tui.screens.jump import Jump
from tui.screens.modal import Panel
from tui.tour import PALETTE, Tour
from tui.widgets.tour_line import TourLine

if TYPE_CHECKING:
    from tui.session import Session

__all__ = ["TouringApp"]


class TouringApp(ForgivingApp):
    """An app with a tour; `tour` is None while it is not on."""

    tour: Tour | None = None

    @property
    def session(self) -> Session:
        """The learner at work."""
        raise NotImplementedError

    def go_home(self) -> None:
        """Close every screen above the first one."""
        raise NotImplementedError

    async def run_action(
        self,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        # However it was asked for, by key, click or name: what the tour waits for leads it on.
        scope = scope_of(self.screen)
        done = await super().run_action(action, default_namespace, namespaces)
        if self.tour is not None and isinstance(action, str):
            self.tour = self.tour.did(scope, action.rpartition(".")[2])
            self.call_after_refresh(self.show_tour)
        return done

    def action_tour(self) -> None:
        if self.tour is not None:
            self.tour = None
        else:
            self.session.tour_begun()
            self.go_home()
            self.tour = Tour()
        self.show_tour()

    def show_tour(self) -> None:
        """Put the line of the tour on the screen, as far as the tour is; take it away when it is over."""
        if isinstance(self.screen, Jump):
            return  # its letters stand where things are now
        number = self.tour.here(scope_of(self.screen)) if self.tour else None
        for screen in self.screen_stack:
            for line in screen.query(TourLine):
                if self.tour is None or screen is not self.screen or line.number != number:
                    line.remove()
        if self.tour is not None and not any(line.number == number for line in self.screen.query(TourLine)):
            self.screen.mount(TourLine(number))
        if isinstance(self.screen, Panel):
            self.screen.fit()


def scope_of(screen: Screen[Any]) -> str:
    """The scope of a screen's actions."""
    return PALETTE if isinstance(screen, CommandPalette) else str(getattr(screen, "SCOPE", ""))
