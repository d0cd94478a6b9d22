"""An exercise: the task, what you write, what the check found, and the live requests beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static, TextArea

from labs.course import AnswerExercise, PolicyExercise, WorldExercise
from tui.actions import bindings
from tui.attempts import compare
from tui.messages import ComparedWith, Explained, Failed, Judged
from tui.screens.diff import DiffPanel, SolutionPanel
from tui.screens.examples import ExamplePage
from tui.screens.lesson import Lesson
from tui.screens.outside import edit_outside, editor_command, world_help
from tui.widgets.bars import KeyBar, Panes
from tui.widgets.editor import Editor
from tui.widgets.fields import Fields
from tui.widgets.line import Hanging, Line, Lines
from tui.widgets.marks import fault_in
from tui.widgets.requests import RequestsPanel
from tui.widgets.results import CounterExampleRow, Results

if TYPE_CHECKING:
    from textual.timer import Timer

    from labs.course import Exercise

__all__ = ["ExerciseScreen"]

REST = 0.4
"""Seconds without a keystroke after which it says that a draft is saved."""


class ExerciseScreen(ExamplePage):
    """One exercise, from its task to its mark."""

    SCOPE = "exercise"
    HELP_LINE = (
        "An exercise. Read the task, write your answer, check it as often as you like. "
        "What you write is saved as you type, and nothing is lost by leaving."
    )
    BINDINGS = bindings("exercise")

    def __init__(self, exercise: Exercise) -> None:
        super().__init__()
        self.exercise = exercise
        self.saved = ""
        self.answer: Editor | Fields | None = None
        self.shown_example = -1
        self.unfolding: CounterExampleRow | None = None
        self.word = "saved"
        self._resting: Timer | None = None

    def body(self) -> ComposeResult:
        session = self.skylab.session
        self.saved = session.text(self.exercise)
        yield Panes("exercise.task", "exercise.results", "exercise.requests")
        # Fields leave the column beside them to their results; an editor shares its own with them.
        fields = isinstance(self.exercise, AnswerExercise)
        self.set_class(fields, "-fields")
        with Horizontal(id="exercise"):
            with Vertical(id="work"):
                with Vertical(id="task"):
                    yield from self.task_widgets()
                if not fields:
                    yield Results(id="results")
            with Vertical(id="aside"):
                if fields:
                    yield Results(id="results")
                yield RequestsPanel(id="requests")

    def task_widgets(self) -> ComposeResult:
        """The task and where the answer is written: fields, an editor, or word of how to reach the world."""
        session, exercise = self.skylab.session, self.exercise
        task = Markdown(session.prompt(exercise), open_links=False)
        if isinstance(exercise, WorldExercise):
            with Prompt(id="sheet"):
                yield task
                help_text = world_help(session.skylab, session.workspace.folder)
                yield Markdown(help_text, open_links=False, id="world-help")
        elif isinstance(exercise, AnswerExercise):
            with Prompt(id="sheet"):
                yield task
                yield Static(id="draft-title")
                self.answer = Fields(session.fields(exercise), self.saved, id="answer")
                yield self.answer
        else:
            with Prompt(id="prompt"):
                yield task
            yield Static(id="draft-title")
            kind = exercise.linted_as if isinstance(exercise, PolicyExercise) else ""
            self.answer = Editor(exercise.suffix, id="answer", policy=kind)
            self.answer.load_text(self.saved)
            yield self.answer

    async def on_mount(self) -> None:
        self.show_progress()
        self.show_draft("saved")
        self.skylab.attach(self.query_one(RequestsPanel))
        self.skylab.stage(self.exercise)
        results = self.query_one(Results)
        await results.show_hints(self.skylab.session.hints_shown(self.exercise))
        self.label_hints()
        self.show("task")

    # The draft

    @property
    def text(self) -> str:
        """What stands in the editor or in the fields now, saved or not."""
        return self.saved if self.answer is None else self.answer.text

    @on(TextArea.Changed, "#answer")
    @on(Fields.Changed)
    def edited(self) -> None:
        """Something was typed; it is kept in a moment, and said to be saved once the keys rest."""
        if self.text == self.saved:
            return
        self.show_draft("")
        self.keep_soon()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self.save)

    def save(self) -> None:
        """Save the draft, when it is not saved yet."""
        self.keep()
        self.show_draft("saved")

    def keep(self) -> None:
        if self.text != self.saved:
            self.saved = self.text
            self.skylab.session.save(self.exercise, self.saved)

    def on_unmount(self) -> None:
        self.keep()

    @on(Editor.Marked)
    def marked(self, event: Editor.Marked) -> None:
        event.stop()
        self.show_draft(self.word)

    def show_draft(self, word: str) -> None:
        """The line above the answer: the file, and whether it is saved; or what the marks in it mean."""
        self.word = word
        name = Content.styled(self.exercise.filename, "bold")
        if isinstance(self.answer, Editor):
            sentence = self.answer.sentence
        else:
            sentence = str(fault_in(self.text, self.exercise.suffix) or "")
        marked = Hanging(name, Content.styled(sentence, "$warning"), len(self.exercise.filename) + 3)
        drawn = Lines(marked if sentence else Line(name, Content.styled(word, "$dim")))
        for title in self.query("#draft-title").results(Static):
            title.update(drawn)

    def copy_text(self) -> str:
        return self.text

    def shell_command(self) -> str:
        return f"skylab check {self.exercise.name}"

    # Check

    def action_check(self) -> None:
        self.save()
        self.query_one(Results).say("checking")
        if not self.has_class("-wide"):
            self.show("results")
        self.judge(self.text)

    @work(thread=True, exclusive=True, exit_on_error=False, group="judge")
    def judge(self, text: str) -> None:
        """Have the graders mark the text; the report comes back as a message."""
        try:
            report = self.skylab.session.judge(self.exercise, text)
        except Exception as error:
            self.post_message(Failed(error, "marking the exercise"))
        else:
            self.post_message(Judged(self.exercise, report))

    @on(Judged)
    async def judged(self, message: Judged) -> None:
        self.shown_example = -1
        self.set_class(True, "-judged")
        await self.query_one(Results).show_report(message.report)
        self.show_progress()

    @on(Failed)
    def failed(self, message: Failed) -> None:
        message.stop()
        self.query_one(Results).say("")
        self.skylab.show_failure(message.error, message.doing)

    # Counter-examples and decisions

    def action_why(self) -> None:
        rows = self.query_one(Results).counter_examples()
        if not rows:
            self.notify("No counter-example to run. Check your answer first.", timeout=4)
            return
        self.shown_example = (self.shown_example + 1) % len(rows)
        self.unfolding = None
        self.run_example(rows[self.shown_example].example)

    @on(CounterExampleRow.Run)
    def example_chosen(self, event: CounterExampleRow.Run) -> None:
        event.stop()
        self.unfolding = event.row
        self.run_example(event.row.example)

    async def show_decision(self, message: Explained) -> None:
        """Fold the trace open below the row that was chosen; what the key asked for is a panel."""
        row, self.unfolding = self.unfolding, None
        if row is None or not row.is_attached:
            await super().show_decision(message)
        else:
            await row.unfold(message.decision)

    # Hints, undo, reset

    async def action_hint(self) -> None:
        session = self.skylab.session
        hints = session.next_hint(self.exercise)
        self.set_class(True, "-judged")
        await self.query_one(Results).show_hints(hints)
        self.label_hints()
        self.show("results", focus=not self.has_class("-wide"))

    def label_hints(self) -> None:
        """How many hints are left, beside the key."""
        left = self.skylab.session.hints_left(self.exercise)
        self.query_one(KeyBar).relabel("exercise.hint", f"hint ({left} left)" if left else "hints shown")

    def action_undo(self) -> None:
        if self.answer is not None:
            self.answer.undo()

    async def action_reset(self) -> None:
        self.save()
        if self.answer is None:
            self.skylab.stage(self.exercise, afresh=True)
        else:
            self.saved = self.skylab.session.reset(self.exercise)
            self.answer.start_over(self.saved)
        await self.query_one(Results).show_report(None)
        self.show_draft("saved")
        self.notify("Started afresh. What you had is kept in .skylab/trash.", timeout=5)

    def action_edit(self) -> None:
        command = editor_command()
        if self.answer is None:
            self.notify("There is no file here: you work in the sandbox itself.", timeout=4)
        elif command is None:
            self.notify("Set $EDITOR to the command of your editor first.", timeout=5)
        else:
            self.edit_outside(command, self.answer)

    def edit_outside(self, command: list[str], answer: Editor | Fields) -> None:
        """Hand the terminal to another editor, and take over what it leaves in the file."""
        self.save()
        session = self.skylab.session
        session.save(self.exercise, self.text)  # the file is there, even if nothing was typed yet
        edit_outside(self, command, session.workspace.path(self.exercise))
        self.saved = session.text(self.exercise)
        if self.saved != answer.text:
            answer.start_over(self.saved)
        self.show_draft("saved")

    # Changes since the last attempt, and the solution

    def action_diff(self) -> None:
        self.save()
        self.compare(self.text)

    @work(thread=True, exclusive=True, exit_on_error=False, group="compare")
    def compare(self, text: str) -> None:
        """Compare what is written with the last attempt."""
        try:
            self.post_message(ComparedWith(compare(self.skylab.session, self.exercise, text)))
        except Exception as error:
            self.post_message(Failed(error, "comparing with the last attempt"))

    @on(ComparedWith)
    def compared(self, message: ComparedWith) -> None:
        message.stop()
        name = "the sandbox" if self.answer is None else self.exercise.filename
        self.skylab.push_screen(DiffPanel(name, message.compared))

    def action_solution(self) -> None:
        session = self.skylab.session
        solution = session.solution(self.exercise)
        if not session.solution_is_due(self.exercise):
            self.notify("The solution shows once all is right, or after the last hint (Ctrl+T).", timeout=5)
        elif solution is None:
            self.notify("This copy of the course comes without solutions.", timeout=5)
        else:
            self.skylab.push_screen(SolutionPanel(solution))

    # Where to go

    def action_task(self) -> None:
        self.show("task")

    def action_results(self) -> None:
        self.show("results")

    def action_requests(self) -> None:
        self.show("requests")

    def action_next(self) -> None:
        session = self.skylab.session
        after = session.exercise_after(self.exercise)
        if after is not None and after.unit is not self.exercise.unit and not session.pages_read(after.unit):
            self.app.switch_screen(Lesson(after.unit))
        else:
            self.skylab.open_exercise(after, replace=True)

    def action_close(self) -> None:
        self.save()
        self.dismiss()

    def show(self, pane: str, *, focus: bool = True) -> None:
        """Go to a pane: it takes the focus, and the screen where there is room for one only."""
        for each in ("task", "results", "requests"):
            self.set_class(each == pane, f"-show-{each}")
        self.query_one(Panes).active = pane
        if not focus:
            return
        targets = {"task": "#answer, #sheet", "results": "#results", "requests": "#requests-list"}
        target = self.query(targets[pane]).last()
        if isinstance(target, Fields):
            target = target.query("Choice, Input").first()
        target.focus(scroll_visible=False)

    def show_progress(self) -> None:
        """The header: where this is, the attempt and the points."""
        unit, standing = self.exercise.unit, self.skylab.session.standing(self.exercise)
        detail = f"{self.exercise.points} points"
        if standing.attempts:
            if isinstance(self.answer, Editor) and not self.answer.thorough:
                # What the exercise asks about is not told before it was tried.
                self.answer.thorough = True
                self.answer.look()
            detail = f"attempt {standing.attempts} · {standing.points:f} of {standing.max:f} points"
        self.say(f"{unit.number} {unit.title} › {self.exercise.title}", detail)


class Prompt(VerticalScroll):
    """The task."""

    HELP_LINE = "The task. Up and Down scroll it."
