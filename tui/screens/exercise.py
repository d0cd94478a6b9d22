"""An exercise: the task, what you write, what the check found, and the live requests beside it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static, TextArea

from labs.course import AnswerExercise, WorldExercise
from tui.actions import bindings
from tui.messages import Explained, Failed, Judged
from tui.screens.base import Page
from tui.widgets.bars import KeyBar, Panes
from tui.widgets.editor import Editor, fault_in
from tui.widgets.fields import Fields
from tui.widgets.line import Line, Lines
from tui.widgets.requests import RequestsPanel
from tui.widgets.results import CounterExampleRow, Results

if TYPE_CHECKING:
    from textual.timer import Timer

    from labs.course import CounterExample, Exercise

__all__ = ["ExerciseScreen"]

SAVE_AFTER = 0.4
"""Seconds without a keystroke after which a draft is saved."""


class ExerciseScreen(Page):
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
        self.text = ""
        self.unsaved = False
        self.shown_example = -1
        self._saving: Timer | None = None

    def body(self) -> ComposeResult:
        session = self.skylab.session
        self.text = session.text(self.exercise)
        yield Panes("exercise.task", "exercise.results", "exercise.requests")
        with Horizontal(id="exercise"):
            with Vertical(id="work"):
                with Vertical(id="task"):
                    with Prompt(id="prompt"):
                        yield Markdown(session.prompt(self.exercise), open_links=False)
                    yield from self.answer_widgets()
                yield Results(id="results")
            yield RequestsPanel(id="requests")

    def answer_widgets(self) -> ComposeResult:
        """Where the answer is written: fields, an editor, or word of how to reach the world."""
        session, exercise = self.skylab.session, self.exercise
        if isinstance(exercise, WorldExercise):
            with Prompt(id="world-help"):
                yield Markdown(world_help(session.workspace.folder, exercise.learner), open_links=False)
            return
        yield Static(id="draft-title")
        if isinstance(exercise, AnswerExercise):
            yield Fields(session.fields(exercise), self.text, id="answer")
        else:
            editor = Editor(exercise.suffix, id="answer")
            editor.load_text(self.text)
            yield editor

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

    @on(TextArea.Changed, "#answer")
    def typed(self, event: TextArea.Changed) -> None:
        self.edited(event.text_area.text)

    @on(Fields.Changed)
    def filled(self, event: Fields.Changed) -> None:
        self.edited(event.text)

    def edited(self, text: str) -> None:
        """Note a change; it is saved once the keys rest."""
        if text == self.text:
            return
        self.text, self.unsaved = text, True
        self.show_draft("")
        if self._saving is not None:
            self._saving.stop()
        self._saving = self.set_timer(SAVE_AFTER, self.save)

    def save(self) -> None:
        """Save the draft, when it is not saved yet."""
        if self.unsaved:
            self.skylab.session.save(self.exercise, self.text)
            self.unsaved = False
        self.show_draft("saved")

    def on_unmount(self) -> None:
        if self.unsaved:
            self.skylab.session.save(self.exercise, self.text)

    def show_draft(self, word: str) -> None:
        """The line above the editor: the file, and whether it is saved and can be read."""
        fault = fault_in(self.text, self.exercise.suffix)
        state = Content.styled(str(fault), "$warning") if fault else Content.styled(word, "$dim")
        for title in self.query("#draft-title").results(Static):
            title.update(Lines(Line(Content.styled(self.exercise.filename, "bold"), state)))

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
        self.run_example(rows[self.shown_example].example)

    @on(CounterExampleRow.Run)
    def example_chosen(self, event: CounterExampleRow.Run) -> None:
        event.stop()
        self.run_example(event.example)

    @work(thread=True, exclusive=True, exit_on_error=False, group="example")
    def run_example(self, example: CounterExample) -> None:
        """Decide the counter-example again, with its trace."""
        try:
            decision = self.skylab.session.explain(example.case or {})
        except Exception as error:
            self.post_message(Failed(error, "running the counter-example"))
        else:
            self.post_message(Explained(decision, example.sentence))

    @on(Explained)
    @on(RequestsPanel.Open)
    def explained(self, message: Explained | RequestsPanel.Open) -> None:
        message.stop()
        self.skylab.show_decision(message if isinstance(message, Explained) else message.explained)

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
        for answer in self.query("#answer").results():
            if isinstance(answer, (Editor, Fields)):
                answer.undo()

    async def action_reset(self) -> None:
        self.save()
        if isinstance(self.exercise, WorldExercise):
            self.skylab.stage(self.exercise, afresh=True)
        else:
            self.text = self.skylab.session.reset(self.exercise)
        for editor in self.query(Editor):
            editor.replace(self.text, (0, 0), editor.document.end)
        for fields in self.query(Fields):
            fields.load(self.text)
        await self.query_one(Results).show_report(None)
        self.show_draft("saved")
        self.notify("Started afresh. What you had is kept in .skylab/trash.", timeout=5)

    # Where to go

    def action_task(self) -> None:
        self.show("task")

    def action_results(self) -> None:
        self.show("results")

    def action_requests(self) -> None:
        self.show("requests")

    def action_next(self) -> None:
        self.skylab.open_exercise(self.skylab.session.exercise_after(self.exercise), replace=True)

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
        targets = {"task": "#answer, #world-help", "results": "#results", "requests": "#requests-list"}
        for target in self.query(targets[pane]).results():
            if isinstance(target, Fields):
                target = next(iter(target.query("Choice, Input")), target)
            target.focus()
            break

    def show_progress(self) -> None:
        """The header: where this is, the attempt and the points."""
        unit, standing = self.exercise.unit, self.skylab.session.standing(self.exercise)
        detail = f"{self.exercise.points} points"
        if standing.attempts:
            detail = f"attempt {standing.attempts} · {standing.points:f} of {standing.max:f} points"
        self.say(f"{unit.number} {unit.title} › {self.exercise.title}", detail)


class Prompt(VerticalScroll):
    """The task."""

    HELP_LINE = "The task. Up and Down scroll it."


def world_help(folder: Path, learner: str) -> str:
    """How to reach the world of an exercise from another terminal."""
    return f"""\
You work in the sandbox itself, by any means that speak AWS. In another terminal:

```sh
cd {shlex.quote(str(folder))}
eval "$(skylab env --as {learner})"
aws sts get-caller-identity
```

Every request shows under **Requests**, and **Check** looks at what you made.
"""
