"""The two quiet lines that frame every screen: where you are, and the keys that matter here."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from tui.actions import Action, action, in_footer, shown_key
from tui.settings import Settings
from tui.widgets.line import Line, Lines

__all__ = ["KeyBar", "Panes", "TopBar"]


class TopBar(Widget):
    """Where you are at the left; who you are and how the sandbox is at the right."""

    ALLOW_SELECT = False

    place: reactive[str] = reactive("")
    detail: reactive[str] = reactive("")
    status: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        steps = self.place.split(" › ")
        left = Content.assemble(
            *((f"{step} › ", "$dim") for step in steps[:-1]),
            (steps[-1], "bold $primary"),
        )
        right = [part for part in (self.detail, self.status) if part]
        while len(right) > 1 and left.cell_length + len(" · ".join(right)) + 2 > self.size.width:
            right.pop()
        return Lines(Line(left, Content.styled(" · ".join(right), "$dim")))


class KeyBar(Horizontal):
    """At most six keys, the ones that matter here; the command palette's at the right edge."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def compose(self) -> ComposeResult:
        for each in in_footer(*self.scopes):
            yield KeyHint(each, classes=f"key-{each.verb}")
        yield KeyHint(action("app.commands"), classes="key-last")

    def show_scopes(self, *scopes: str) -> None:
        """Show the keys of other scopes, where the part that has the focus has keys of its own."""
        if scopes != self.scopes:
            self.scopes = scopes
            self.refresh(recompose=True)

    def relabel(self, action_id: str, label: str) -> None:
        """Change the word beside a key, as in "hint (2 left)"."""
        for hint in self.query(KeyHint):
            if hint.action.id == action_id:
                hint.label = label


class Panes(Horizontal):
    """The panes of a screen too narrow to show them side by side; the one that shows is underlined."""

    active: reactive[str] = reactive("")

    def __init__(self, *action_ids: str) -> None:
        super().__init__()
        self.actions = [action(each) for each in action_ids]
        self.set_reactive(Panes.active, self.actions[0].verb)

    def compose(self) -> ComposeResult:
        for each in self.actions:
            # The key that also works while you type.
            yield KeyHint(each, each.keys[-1], classes="-active" if each.verb == self.active else "")

    def watch_active(self, verb: str) -> None:
        for hint in self.query(KeyHint):
            hint.set_class(hint.action.verb == verb, "-active")
            hint.refresh()


class KeyHint(Widget):
    """A key and the word for what it does; a click does it too."""

    ALLOW_SELECT = False

    label: reactive[str] = reactive("", layout=True)

    def __init__(self, action: Action, key: str | None = None, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.action = action
        self.keys = (key or action.keys[0], *action.keys)
        self.tooltip = action.tooltip
        self.set_reactive(KeyHint.label, action.label)

    @property
    def key(self) -> str:
        """The key as it is shown: the learner's own, where the settings give one."""
        own = getattr(self.app, "settings", Settings()).keys.get(self.action.id)
        return shown_key(own.split(",")[0] if own else self.keys[0])

    def render(self) -> RenderResult:
        style = "bold underline $foreground" if self.has_class("-active") else "$dim"
        return Content.assemble((self.key, "bold $primary"), " ", (self.label, style))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return len(self.key) + 1 + len(self.label)

    async def on_click(self, event: events.Click) -> None:
        event.stop()
        prefix = "app." if self.action.scope == "app" else "screen."
        await self.screen.run_action(prefix + self.action.verb)
