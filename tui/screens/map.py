"""The course map: the units with your progress, and what the marked unit holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.actions import bindings
from tui.draw.words import counted
from tui.messages import Due
from tui.screens.base import TALL, WIDE, Page
from tui.screens.map_rows import exercise_row, first_paragraph, lesson_row, notes, unit_row
from tui.widgets.line import Hanging, Line, Lines
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from labs.course import Standing, Unit
    from labs.course.review import ReviewCard

__all__ = ["CourseMap"]

LESSON = "lesson"
SETTLE = 0.05
"""Seconds for which a unit must stay marked before what it holds is drawn: keys that follow do not wait."""
SHORT, ROOMY = 11, 24
"""Rows of the screen that are not for the list of exercises; where there is room, with a preview."""


class CourseMap(Page):
    """Home: units at the left, the marked unit's lesson and exercises at the right."""

    SCOPE = "map"
    HELP_LINE = (
        "The course map. Choose a unit at the left, then its lesson or one of its exercises at the right. "
        "✓ is done, ◐ begun, ○ still to do."
    )
    BINDINGS = bindings("map")

    def body(self) -> ComposeResult:
        with Horizontal(id="map"):
            with Vertical(id="units-pane"):
                yield Static("Units", classes="pane-title")
                yield Units(id="units")
                yield Static(id="notes")
            with Vertical(id="unit-pane"):
                yield Static(id="unit-title")
                yield Static(id="unit-summary")
                yield Entries(id="entries")
                yield Static(id="entry-detail")
                yield Static(id="entry-preview")

    def __init__(self) -> None:
        super().__init__()
        self.due: tuple[ReviewCard, ...] = ()
        self.standings: Mapping[str, Standing] = {}
        """How far the learner is with each exercise, as of the last time that progress was read."""
        self.filled = False
        self._unit: Unit | None = None
        self._shown: Unit | None = None
        """The unit that is drawn at the right."""
        self._settling: Timer | None = None

    @property
    def unit(self) -> Unit:
        """The marked unit; at first the one that the learner is at."""
        session = self.skylab.session
        place = self.query_one(Units).highlighted if self.filled else None
        if place is not None:
            self._unit = session.course.units[place]
        elif self._unit is None:
            self._unit = session.current_unit()
        return self._unit

    def on_mount(self) -> None:
        self.say("Skylab")
        self.query_one(Units).focus()
        if self.skylab.painted:  # else it is filled once it can be seen
            self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Read the course and what is done of it, and draw both for the first time."""
        if not self.skylab.open_session():
            return
        self.filled = True
        self.refill()
        self.call_after_refresh(self.look_for_due)

    def on_screen_resume(self) -> None:
        if self.filled:
            self.refill()
            self.call_after_refresh(self.look_for_due)

    @work(thread=True, exclusive=True, exit_on_error=False, group="due")
    def look_for_due(self) -> None:
        """Find out what is due for review today."""
        self.post_message(Due(self.skylab.session.due(datetime.now(UTC))))

    @on(Due)
    def found_due(self, message: Due) -> None:
        self.due = message.cards
        self.show_notes()

    def show_notes(self) -> None:
        """What stands below the units."""
        session = self.skylab.session
        following, settings = session.next_exercise(self.unit, self.standings), self.skylab.settings
        drawn = notes(following, self.due, settings, tour=session.offers_tour())
        self.query_one("#notes", Static).update(drawn)

    def on_resize(self) -> None:
        if self.filled:
            self.refill()

    def refill(self) -> None:
        """Read progress again and draw it; what was marked stays marked."""
        session = self.skylab.session
        self.say("Skylab", session.student)
        self.standings = {
            each.id: session.standing(each) for unit in session.course.units for each in unit.exercises
        }
        units, marked = self.query_one(Units), self.unit
        with self.prevent(OptionList.OptionHighlighted):
            units.set_options(
                Option(unit_row(unit, [self.standings[each.id] for each in unit.exercises]), id=unit.id)
                for unit in session.course.units
            )
            units.highlighted = session.course.units.index(marked)
        self.show_unit(marked)
        self.show_notes()

    def show_unit(self, unit: Unit) -> None:
        """Draw the right pane for a unit."""
        session = self.skylab.session
        entries = self.query_one(Entries)
        marked = entries.highlighted if unit is self._shown and entries.highlighted is not None else 0
        self._unit = self._shown = unit
        standings = [self.standings[each.id] for each in unit.exercises]
        done = sum(each.state == "done" for each in standings)
        title = Line(
            Content.assemble((f"{unit.number}  ", "$dim"), (unit.title, "bold $primary")),
            Content.styled(f"{done} of {len(standings)}", "$dim"),
        )
        self.query_one("#unit-title", Static).update(Lines(title))
        self.query_one("#unit-summary", Static).update(Content(unit.summary))
        roomy = self.size.width >= WIDE
        rows = [Option(lesson_row(len(unit.pages), len(session.pages_read(unit)), roomy), id=LESSON)]
        rows += [
            Option(exercise_row(each, mark, roomy), id=each.id)
            for each, mark in zip(unit.exercises, standings, strict=True)
        ]
        # A list that is longer than its room scrolls in it; what is told of a row stands below a shorter one.
        room = self.size.height - (SHORT if self.size.height < TALL else ROOMY)
        self.set_class(len(rows) > room, "-crowded")
        marked = min(marked, len(rows) - 1)
        with self.prevent(OptionList.OptionHighlighted):  # what it would bring is drawn along with the rest
            entries.set_options(rows)
            entries.highlighted = marked
        self.show_entry(str(rows[marked].id))

    @on(OptionList.OptionHighlighted, "#units")
    def unit_marked(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self.show_marked)

    def show_marked(self) -> None:
        """Draw what the marked unit holds, if it is not drawn yet."""
        if self.filled and self.unit is not self._shown:
            self.show_unit(self.unit)
            self.show_notes()

    @on(OptionList.OptionSelected, "#units")
    def unit_chosen(self) -> None:
        self.go_to_entries()

    def go_to_entries(self) -> None:
        """Let the keys go to what the marked unit holds."""
        self.show_marked()
        self.query_one(Entries).focus()

    @on(OptionList.OptionHighlighted, "#entries")
    def entry_marked(self, event: OptionList.OptionHighlighted) -> None:
        self.show_entry(str(event.option_id))

    def show_entry(self, entry: str) -> None:
        """Tell of the marked entry, the lesson or an exercise by its id."""
        detail, preview = self.lesson_detail() if entry == LESSON else self.exercise_detail(entry)
        self.query_one("#entry-detail", Static).update(Content.styled(detail, "$dim"))
        self.query_one("#entry-preview", Static).update(preview)

    @on(OptionList.OptionSelected, "#entries")
    def entry_chosen(self, event: OptionList.OptionSelected) -> None:
        if event.option_id == LESSON:
            self.action_lesson()
        else:
            self.skylab.open_exercise(self.skylab.session.course.exercise(str(event.option_id)))

    def lesson_detail(self) -> tuple[str, Lines]:
        """What is known about the lesson, and what it leads to."""
        read = len(self.skylab.session.pages_read(self.unit))
        goals = (
            Hanging(Content.styled("·", "$primary"), Content(goal), indent=3) for goal in self.unit.goals
        )
        after = Lines(Line(Content.styled("After this unit you can", "bold")), *goals)
        return f"{read} of {counted(len(self.unit.pages), 'page')} read", after

    def exercise_detail(self, exercise_id: str) -> tuple[str, Content]:
        """What is known about an exercise, and how its task begins."""
        session = self.skylab.session
        exercise = session.course.exercise(exercise_id)
        standing = session.standing(exercise)
        told = [f"{standing.points:f} of {standing.max:f} points", counted(standing.attempts, "attempt")]
        if standing.hints:
            told.append(counted(standing.hints, "hint"))
        if not standing.attempts and not standing.hints:
            told = ["not begun"]
        about = [exercise.kind.value, f"{exercise.minutes} min"]
        return " · ".join(about + told), Content(first_paragraph(session.prompt(exercise)))

    def action_open(self) -> None:
        focused = self.focused
        if isinstance(focused, Rows):
            focused.action_select()

    def action_lesson(self) -> None:
        self.skylab.open_lesson(self.unit)

    def action_resume(self) -> None:
        self.skylab.open_exercise(self.skylab.session.next_exercise(self.unit))

    def action_instruments(self) -> None:
        from tui.screens.shelf import Shelf

        self.skylab.push_screen(Shelf())

    def action_world(self) -> None:
        from tui.screens.world import WorldScreen

        self.skylab.push_screen(WorldScreen())

    def action_review(self) -> None:
        from tui.screens.practice import Practice

        self.skylab.push_screen(Practice())

    def action_present(self) -> None:
        self.skylab.present(self.unit)

    def action_find(self) -> None:
        self.skylab.action_command_palette()

    def action_quit(self) -> None:
        self.skylab.exit(0)


class Units(Rows):
    """The units of the course."""

    HELP_LINE = "The units. Up and Down mark one, Enter goes to what it holds."

    # A binding, and no `key_right`: that would be ahead of a Down that was pressed before it.
    BINDINGS = [Binding("right", "entries", "To what it holds", show=False)]

    def action_entries(self) -> None:
        if isinstance(self.screen, CourseMap):
            self.screen.go_to_entries()


class Entries(Rows):
    """What a unit holds: its lesson first, then its exercises."""

    HELP_LINE = "The unit's lesson and exercises. Up and Down mark one, Enter opens it."

    BINDINGS = [Binding("left", "units", "To the units", show=False)]

    def action_units(self) -> None:
        self.screen.query_one(Units).focus()
