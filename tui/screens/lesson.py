"""A lesson: one page a screen, its contents beside it, the live requests below these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.screens.base import Page
from tui.widgets.bars import KeyBar, Panes
from tui.widgets.line import Line, Lines
from tui.widgets.requests import RequestsPanel
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from labs.course import Page as LessonPage
    from labs.course import Unit

__all__ = ["Lesson"]


class Lesson(Page):
    """The pages of a unit's lesson."""

    SCOPE = "lesson"
    HELP_LINE = (
        "A lesson, one page a screen. Each page ends with a question; answer it for yourself, then go on."
    )
    BINDINGS = bindings("lesson")

    def __init__(self, unit: Unit, number: int = 0) -> None:
        super().__init__()
        self.unit = unit
        self.number = number

    def body(self) -> ComposeResult:
        yield Panes("lesson.page", "lesson.contents", "lesson.requests")
        with Horizontal(id="lesson"):
            with PageText(id="page"):
                yield Markdown(id="page-text", open_links=False)
            with Vertical(id="side"):
                with Vertical(id="contents-pane"):
                    yield Static("Contents", classes="pane-title")
                    yield Contents(id="contents")
                yield RequestsPanel(id="requests")

    async def on_mount(self) -> None:
        self.set_class(True, "-show-page")
        self.skylab.attach(self.query_one(RequestsPanel))
        self.query_one(PageText).focus()
        await self.turn_to(self.number)

    @property
    def page(self) -> LessonPage:
        return self.unit.pages[self.number]

    async def turn_to(self, number: int) -> None:
        """Show a page, and note that it was read."""
        self.number = number
        self.skylab.session.read_page(self.unit, self.page)
        self.say(
            f"{self.unit.number} {self.unit.title} › {self.page.title}",
            f"page {number + 1} of {len(self.unit.pages)}",
        )
        last = number + 1 == len(self.unit.pages)
        self.query_one(KeyBar).relabel("lesson.next", "to the exercises" if last else "next page")
        self.fill_contents()
        await self.query_one(Markdown).update(f"# {self.page.title}\n\n{self.page.text}")
        self.query_one(PageText).scroll_home(animate=False)

    def copy_text(self) -> str:
        return f"# {self.page.title}\n\n{self.page.text}"

    def shell_command(self) -> str:
        return f"skylab lesson {self.unit.id} {self.number + 1}"

    def fill_contents(self) -> None:
        read = self.skylab.session.pages_read(self.unit)
        contents = self.query_one(Contents)
        with self.prevent(OptionList.OptionHighlighted):
            contents.set_options(
                Option(contents_row(number, page.title, page.id in read), id=page.id)
                for number, page in enumerate(self.unit.pages, start=1)
            )
            contents.highlighted = self.number

    @on(OptionList.OptionSelected, "#contents")
    async def page_chosen(self, event: OptionList.OptionSelected) -> None:
        await self.turn_to(event.option_index)
        self.show("page")

    async def action_next(self) -> None:
        if self.number + 1 < len(self.unit.pages):
            await self.turn_to(self.number + 1)
            self.show("page")
        else:
            self.action_practise()

    async def action_previous(self) -> None:
        if self.number:
            await self.turn_to(self.number - 1)
            self.show("page")

    def action_page(self) -> None:
        self.show("page")

    def action_contents(self) -> None:
        self.show("page" if self.query_one(Contents).has_focus else "contents")

    def action_requests(self) -> None:
        inside = self.query_one(RequestsPanel).has_focus_within
        self.show("page" if inside or self.has_class("-show-requests") else "requests")

    def action_practise(self) -> None:
        self.skylab.open_exercise(self.skylab.session.next_exercise(self.unit), replace=True)

    def action_close(self) -> None:
        self.dismiss()

    def show(self, pane: str) -> None:
        """Go to a pane: it takes the focus, and the screen where there is room for one only."""
        for each in ("page", "contents", "requests"):
            self.set_class(each == pane, f"-show-{each}")
        self.query_one(Panes).active = pane
        target = {"page": "#page", "contents": "#contents", "requests": "#requests-list"}[pane]
        self.query_one(target).focus()


class PageText(VerticalScroll):
    """The page itself."""

    HELP_LINE = "The page. Up and Down scroll it, Right turns it, Left turns back."


class Contents(Rows):
    """The pages of the lesson."""

    HELP_LINE = "The pages of this lesson; ✓ is read. Enter goes to the marked page."


def contents_row(number: int, title: str, read: bool) -> Lines:
    """A page's number and title, and whether it was read."""
    sign = ("✓", "$success") if read else ("○", "$dim")
    return Lines(Line(Content.assemble("  ", sign, (f" {number:>2}  ", "$dim"), title)))
