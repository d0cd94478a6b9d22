"""The app: its screens, the one world it follows, and errors that become a panel.

Background work happens in thread workers that post messages (`tui.messages`) and touch no widget. Neither
moto nor boto3 nor the graders are imported before the first screen is painted, and of the screens only the
first one.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.reactive import Reactive
from textual.theme import Theme
from textual.worker import get_current_worker

from labs.errors import InputError
from tui.actions import bindings
from tui.calm import RESTED, Calm
from tui.messages import Explained, Failed, Requests, SandboxReady, SandboxState
from tui.palette import Commands
from tui.screens.base import TALL, WIDE
from tui.screens.jump import Jump, targets_of
from tui.screens.map import CourseMap
from tui.settings import Settings, read_settings, settings_file
from tui.theme import ANSI_DARK, ANSI_LIGHT, DARK, LIGHT, VARIABLE_DEFAULTS, drawing_styles
from tui.touring import TouringApp
from tui.widgets.requests import KEPT, RequestsPanel

if TYPE_CHECKING:
    from labs.course import Exercise, Unit
    from labs.sandbox import Event
    from tui.instruments import Instrument
    from tui.session import Session, Stage
    from tui.web.polling import PollPage

__all__ = ["SkylabApp", "run"]

POLL = 1.0
"""Seconds for which one request for news of the sandbox may wait."""
SWITCH = 0.001
"""Seconds after which a thread in the background lets the one that answers keys go on; Python's own is five
times as long."""
BREATH, LONGEST_BREATH = 0.1, 3.0
"""Seconds after news before it is asked for again, so that a busy sandbox does not hold up the keys; and the
seconds after which it is in any case."""
LOOK_OUT = 0.5
"""Seconds between two looks for a sandbox that was started again."""
STOPPED = "sandbox stopped"


class SkylabApp(TouringApp):
    """Skylab in a terminal."""

    TITLE = "Skylab"
    CSS_PATH = ["app.tcss", "instruments.tcss", "habits.tcss"]
    BINDINGS = bindings("app")
    COMMANDS = {Commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]
    ansi_theme_dark = Reactive(ANSI_DARK, init=False)
    ansi_theme_light = Reactive(ANSI_LIGHT, init=False)

    def __init__(
        self,
        session: Session | Callable[[], Session],
        opening: Unit | None = None,
        polls: PollPage | None = None,
    ) -> None:
        """An app for a session, or for one that is opened once the first screen is painted.

        `opening` is a unit whose walkthrough is presented at once, `polls` the page for its votes.
        """
        super().__init__()
        self._session = None if callable(session) else session
        self._open = session if callable(session) else lambda: session
        self.pressed = 0.0
        """When a key was last pressed, by the monotonic clock."""
        self.painted = False
        """Whether the first screen can be seen."""
        self.unopened: Exception | None = None
        """Why the session cannot be opened; the app ends then."""
        self.opening, self.polls = opening, polls
        self.status = "sandbox warming"
        self.current_stage: Stage | None = None
        self.warming: tuple[Exercise | None] | None = None
        """The exercise whose world is being made ready, or None within, for a world of no exercise."""
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.settings = Settings()
        self.calm = Calm()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.begin_with(DARK)

    def begin_with(self, theme: Theme) -> None:
        """Have a theme from the first: setting it later would have every style sheet parsed once more."""
        self.set_reactive(SkylabApp.theme, theme.name)
        self.add_class(f"-theme-{theme.name}", "-dark-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = self._open()
        return self._session

    def open_session(self) -> bool:
        """Open the session, if it is not open yet; where that fails the app ends."""
        try:
            _ = self.session
        except Exception as error:
            self.unopened = error
            self.exit(1, return_code=1)
        return self.unopened is None

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self.console_styles)
        # The shell has written over all of it meanwhile.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self.console_styles(self.current_theme)
        self.take_settings()
        if self.opening is not None:
            self.present(self.opening, self.polls)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.pressed = monotonic()
        await super().on_event(event)

    def on_ready(self) -> None:
        # Textual paints nothing while an app begins. So the first screen is painted now, and then filled:
        # to read all exercises takes as long as that. Only then is anything heavy imported.
        self.screen.refresh()
        self.screen.call_after_refresh(self.begin)

    def begin(self) -> None:
        """What waits until the first screen is painted."""
        self.painted = True
        for screen in self.screen_stack:
            if isinstance(screen, CourseMap):
                screen.fill()
        self.calm.begin()
        if self.unopened is None:
            self.screen.call_after_refresh(self.stage, None)

    def home(self) -> CourseMap:
        return CourseMap()

    def get_default_screen(self) -> CourseMap:
        return self.home()

    def take_settings(self) -> None:
        """Take the learner's settings; where they cannot be used, say why and go on without them."""
        try:
            settings = read_settings(settings_file())
            if settings.theme not in self.available_themes:
                raise InputError(
                    "The settings cannot be used",
                    f"{settings_file()}: there is no theme {settings.theme!r}.",
                    f"Some are {DARK.name}, {LIGHT.name}, ansi-dark and ansi-light; ^p lists all.",
                )
        except InputError as error:
            self.call_after_refresh(self.show_failure, error, "reading the settings")
            return
        self.settings = settings
        self.theme = settings.theme
        self.set_class(settings.compact, "-compact")
        self.set_keymap(dict(settings.keys))

    def console_styles(self, theme: Theme) -> None:
        """Have the shared drawings take the colours of a theme."""
        self.console.push_theme(drawing_styles(theme))

    def on_unmount(self) -> None:
        # Ends the wait for news of the sandbox, which would hold up the end of the program.
        if self._session is not None:
            self._session.close()
        self.calm.end()

    # The world

    def stage(self, exercise: Exercise | None, *, afresh: bool = False) -> None:
        """Have a world ready: the exercise's own, when its kind has one, else whichever there is."""
        from tui.session import own_world

        wanted = (exercise if own_world(exercise) else None,)
        if self.warming == wanted and not afresh:
            return
        if self.status == STOPPED or self.session.needs_stage(exercise, afresh=afresh):
            self.warming = wanted
            self.set_status("sandbox warming")
            self.open_stage(exercise, afresh)

    @work(thread=True, exclusive=True, exit_on_error=False, group="stage")
    def open_stage(self, exercise: Exercise | None, afresh: bool) -> None:
        """Start a world; news of it comes as messages."""
        try:
            stage = self.session.open_stage(exercise, afresh=afresh)
        except Exception as error:
            self.post_message(SandboxState("stopped"))
            self.post_message(Failed(error, "starting the sandbox"))
        else:
            self.post_message(SandboxReady(stage))

    @on(SandboxReady)
    def sandbox_ready(self, message: SandboxReady) -> None:
        if self.warming not in (None, (message.stage.exercise,)):
            return  # it has been closed already for the one that is on its way
        self.current_stage, self.warming = message.stage, None
        self.events.clear()
        self.calm.loaded()
        self.set_status("sandbox ready")
        for panel in self.panels():
            self.attach(panel)
        for page in self.pages():
            page.world_ready()
        self.follow(message.stage)

    @work(thread=True, exclusive=True, exit_on_error=False, group="follow")
    def follow(self, stage: Stage) -> None:
        """Wait for the world's requests and pass them on, until another world takes its place."""
        worker, seen = get_current_worker(), 0
        while not worker.is_cancelled:
            try:
                events = stage.world.events(after=seen, wait=POLL, newest=KEPT)
            except Exception:
                if not worker.is_cancelled and not self.session.closing:
                    self.post_message(SandboxState("stopped", stage))
                return
            if events:
                seen = events[-1].sequence
                self.post_message(Requests(stage, events))
                self.breathe()

    def breathe(self) -> None:
        """Wait a moment before news is asked for again, and a little longer while keys are pressed."""
        began = monotonic()
        sleep(BREATH)
        while monotonic() - self.pressed < RESTED and monotonic() - began < LONGEST_BREATH:
            sleep(BREATH)

    @on(Requests)
    def requests_seen(self, message: Requests) -> None:
        if message.stage is self.current_stage:
            self.events.extend(message.events)
            for panel in self.panels():
                panel.add(message.events)
            for page in self.pages():
                page.world_changed()

    @on(SandboxState)
    def sandbox_state(self, message: SandboxState) -> None:
        if message.stage not in (None, self.current_stage):
            return  # another one has taken its place
        self.warming = None
        self.set_status(f"sandbox {message.word}")
        if self.status == STOPPED:
            self.look_out()

    @work(thread=True, exclusive=True, exit_on_error=False, group="follow")
    def look_out(self) -> None:
        """Wait until a sandbox runs for the workspace again, and follow that one."""
        worker = get_current_worker()
        while not worker.is_cancelled and not self.session.closing:
            if (stage := self.session.rejoin()) is not None:
                self.post_message(SandboxReady(stage))
                return
            sleep(LOOK_OUT)

    def start_again(self) -> None:
        """Start the sandbox that has stopped again, as it was by its journal."""
        if self.status == STOPPED:
            self.stage(self.current_stage.exercise if self.current_stage else None)

    def set_status(self, status: str) -> None:
        self.status = status
        for page in self.pages():
            page.show_status(status)

    def panels(self) -> Iterable[RequestsPanel]:
        """The request panels of all the screens that are open."""
        for screen in self.screen_stack:
            yield from screen.query(RequestsPanel)

    def attach(self, panel: RequestsPanel) -> None:
        """Give a panel the world that the app follows, and the requests known so far."""
        if self.current_stage is not None:
            panel.attach(self.current_stage, self.events)

    # Where to go

    def open_exercise(self, exercise: Exercise | None, *, replace: bool = False) -> None:
        """Open an exercise, in place of the screen that is open if asked."""
        from tui.screens.exercise import ExerciseScreen

        if exercise is None:
            self.notify("Every exercise of this unit is done.", timeout=4)
        elif replace:
            self.switch_screen(ExerciseScreen(exercise))
        else:
            self.push_screen(ExerciseScreen(exercise))

    def open_lesson(self, unit: Unit) -> None:
        """Open a unit's lesson at the first page that was not read."""
        from tui.screens.lesson import Lesson

        self.push_screen(Lesson(unit, self.session.next_page(unit)))

    @staticmethod
    def instruments() -> tuple[type[Instrument], ...]:
        """All instruments, in the order of the shelf."""
        from tui.instruments import INSTRUMENTS

        return INSTRUMENTS

    def open_instrument(self, instrument: type[Instrument]) -> None:
        """Open an instrument over whatever is open."""
        self.push_screen(instrument())

    def present(self, unit: Unit, polls: PollPage | None = None) -> None:
        """Present a unit's walkthrough, over whatever is open."""
        from tui.screens.present import Presenter

        self.push_screen(Presenter(unit, polls))

    def show_decision(self, explained: Explained) -> None:
        from tui.screens.decision import DecisionPanel

        self.push_screen(DecisionPanel(explained.decision, explained.title))

    @on(RequestsPanel.Open)
    def request_opened(self, message: RequestsPanel.Open) -> None:
        from tui.screens.request import RequestPanel

        self.push_screen(RequestPanel(message.event, message.stage))

    def go_to_lesson(self, unit: Unit) -> None:
        """Open a lesson from wherever the learner is."""
        self.go_home()
        self.open_lesson(unit)

    def go_to_exercise(self, exercise: Exercise) -> None:
        """Open an exercise from wherever the learner is."""
        self.go_home()
        self.open_exercise(exercise)

    def go_home(self) -> None:
        """Close every screen above the course map."""
        while not isinstance(self.screen, CourseMap):
            self.pop_screen()

    def action_help(self) -> None:
        from tui.help import help_for
        from tui.screens.help import HelpPanel

        if not isinstance(self.screen, HelpPanel):
            self.push_screen(HelpPanel(help_for(self.screen)))

    def action_commands(self) -> None:
        self.action_command_palette()

    def action_jump(self) -> None:
        if isinstance(self.screen, Jump):
            self.pop_screen()
        elif targets := targets_of(self.screen):
            self.push_screen(Jump(targets))
        else:
            self.notify("There is nothing here to jump to.", timeout=4)

    def action_theme(self) -> None:
        dark, light = (
            ("ansi-dark", "ansi-light") if self.theme.startswith("ansi-") else (DARK.name, LIGHT.name)
        )
        self.theme = light if self.current_theme.dark else dark

    def action_code(self) -> None:
        from tui.screens.code import CodePanel

        page = self.pages()[-1]
        if not isinstance(self.screen, CodePanel):
            self.push_screen(CodePanel(type(page), page.shell_command()))

    def action_copy(self) -> None:
        text = self.pages()[-1].copy_text()
        if not text:
            self.notify("There is nothing to copy here.", timeout=4)
            return
        self.copy_to_clipboard(text)
        kept = self.session.keep_copy(text)
        self.notify(f"Copied. It is in {kept} too, should your terminal not pass it on.", timeout=5)

    def action_suspend(self) -> None:
        """Stop until the shell's `fg`: Textual puts the terminal back meanwhile, and then draws afresh."""
        driver = self._driver
        # A process group that leads its session was started by no shell: nobody could wake it again.
        if driver is None or not driver.can_suspend or os.getpgrp() == os.getsid(0):
            self.notify("There is no shell here to go back to.", timeout=4)
            return
        self._suspend_signal()
        os.killpg(os.getpgrp(), signal.SIGTSTP)

    async def action_quit(self) -> None:
        self.exit(0)


def run(folder: Callable[[], Path], *, presenting: str | None = None, polls: PollPage | None = None) -> int:
    """Open the app on a workspace, with a unit's walkthrough presented if one is named; the exit status.

    Args:
        folder: finds the workspace, once the first screen is painted.
        polls: a page for votes in that presentation.

    Raises:
        CourseError: there is no such unit.
        WorkspaceError: the workspace cannot be used.
    """

    sys.setswitchinterval(SWITCH)

    def opened() -> Session:
        from tui.session import Session

        return Session.open(folder())

    try:
        if presenting is None:
            app = SkylabApp(opened)
        else:
            session = opened()
            app = SkylabApp(session, session.course.unit(presenting), polls)
        status = app.run() or 0
    finally:
        if polls is not None:
            polls.close()
    if app.unopened is not None:
        raise app.unopened
    return status
