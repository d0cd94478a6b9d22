"""What the app works on: the workspace, the course, the learner's variants, one world, the graders' bench.

Nothing here knows a screen. Methods marked *blocks* may take seconds (they start processes or wait for them)
and are called from worker threads only. Importing this module loads neither moto nor boto3, nor the graders.
"""

from __future__ import annotations

import getpass
import random
import shutil
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.course import (
    AnswerExercise,
    CodeExercise,
    Course,
    Exercise,
    Page,
    Unit,
    Variant,
    Workspace,
    WorldExercise,
    load_course,
)
from labs.course.workspace import write_whole
from labs.errors import SandboxError, SkylabError
from tui.address import announce, read_address, withdraw
from tui.attempts import handed_in
from tui.drafts import Drafts

if TYPE_CHECKING:
    from graders import Bench, Report
    from graders.desk import Desk
    from labs.aws.iam import Decision
    from labs.aws.network.paths import Network
    from labs.course import Field, Hint, Standing
    from labs.course.drills import Question
    from labs.course.practice import Streak
    from labs.course.review import Review, ReviewCard
    from labs.sandbox import World

__all__ = ["Session", "Stage", "own_world"]


TOUR = "tour"
"""What progress notes as seen once the tour was begun. It stands here because commands load no screen."""
SOLUTION = 4
"""The level of the hint that is the solution."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A world that runs for the learner, and the exercise that it was set up for, if for one."""

    world: World
    exercise: Exercise | None = None

    @property
    def label(self) -> str:
        return self.exercise.name if self.exercise else "sandbox"


class Session:
    """A learner at work in a workspace."""

    def __init__(self, workspace: Workspace, course: Course) -> None:
        self.workspace = workspace
        self.course = course
        self.current: Stage | None = None
        self.closing = False
        self._bench: Bench | None = None
        self._desk: Desk | None = None
        self._announced = ""
        self._making = threading.Lock()
        self._staging = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> Session:
        """The session of a workspace folder, which is made at its first use."""
        if (folder / ".skylab").is_dir():
            workspace = Workspace.open(folder)
        else:
            workspace = Workspace.create(folder, user_name())
        return cls(workspace, load_course())

    # The course and what the learner has of it

    @property
    def student(self) -> str:
        return self.workspace.student

    @property
    def skylab(self) -> str:
        """The `skylab` command as one types it here: with its path, where the shell would not find it."""
        return "skylab" if shutil.which("skylab") else str(Path(sys.executable).with_name("skylab"))

    def variant(self, exercise: Exercise) -> Variant:
        return exercise.variant(self.student)

    def prompt(self, exercise: Exercise) -> str:
        return exercise.prompt(self.variant(exercise))

    def fields(self, exercise: AnswerExercise) -> tuple[Field, ...]:
        """The fields of an exercise of the kinds answer and predict."""
        return exercise.fields(self.variant(exercise))

    def text(self, exercise: Exercise) -> str:
        """What the learner has written so far; the starter when that is nothing."""
        written = self.workspace.read(exercise)
        return exercise.starter(self.variant(exercise)) if written is None else written

    def save(self, exercise: Exercise, text: str) -> None:
        self.workspace.write(exercise, text)

    def reset(self, exercise: Exercise) -> str:
        """Put the starter back; what there was goes to the trash. Returns the text as it is then."""
        self.workspace.reset(exercise)
        return self.text(exercise)

    def standing(self, exercise: Exercise) -> Standing:
        return self.workspace.progress.best(exercise)

    def pages_read(self, unit: Unit) -> frozenset[str]:
        return frozenset(self.workspace.progress.pages_read(unit))

    def read_page(self, unit: Unit, page: Page) -> None:
        self.workspace.progress.page_read(unit, page)

    def next_page(self, unit: Unit) -> int:
        """The index of the unit's first page that was not read; the first when all were."""
        read = self.pages_read(unit)
        return next((number for number, page in enumerate(unit.pages) if page.id not in read), 0)

    # What was typed where nothing is marked

    @property
    def drafts(self) -> Drafts:
        """What was typed last into the instruments and into practice."""
        return Drafts(self.workspace.sandbox_file.with_name("instruments.json"))

    def draft(self, name: str) -> dict[str, str]:
        """What was typed last into an instrument; empty when that was nothing."""
        return self.drafts.read(name)

    def keep_draft(self, name: str, values: Mapping[str, str]) -> None:
        """Keep what was typed into an instrument."""
        self.drafts.keep(name, values)

    def keep_copy(self, text: str) -> str:
        """Keep what was copied, for terminals that do not take it; returns where, from the workspace."""
        file = self.workspace.sandbox_file.with_name("copied.txt")
        write_whole(file, text)
        return f"{file.parent.name}/{file.name}"

    # Where to go on

    def is_done(self, exercise: Exercise) -> bool:
        return self.standing(exercise).state == "done"

    def current_unit(self) -> Unit:
        """The first unit with something begun and not done, else with something to do, else the first."""
        units = self.course.units
        begun = (
            unit
            for unit in units
            if any(self.standing(each).state in ("started", "partial") for each in unit.exercises)
        )
        undone = (unit for unit in units if not all(map(self.is_done, unit.exercises)))
        return next(begun, None) or next(undone, units[0])

    def next_exercise(self, unit: Unit, known: Mapping[str, Standing] | None = None) -> Exercise | None:
        """The first exercise that is not done, from this unit on; `known` are standings read already."""
        units = self.course.units
        later = [each for other in units[units.index(unit) :] for each in other.exercises]
        standing = self.standing if known is None else lambda each: known[each.id]
        return next((each for each in later if standing(each).state != "done"), None)

    def exercise_after(self, exercise: Exercise) -> Exercise | None:
        """The exercise that follows in the course; None after the last."""
        names = [f"{unit.id}/{name}" for unit in self.course.units for name in unit.exercise_names]
        after = names[names.index(exercise.id) + 1 :]
        return self.course.exercise(after[0]) if after else None

    def offers_tour(self) -> bool:
        """Whether the tour is offered: in a new workspace, until it was begun."""
        progress = self.workspace.progress
        return progress.is_untouched() and not progress.has_seen(TOUR)

    def tour_begun(self) -> None:
        """Note that the tour was begun; it is offered no more."""
        self.workspace.progress.note_seen(TOUR)

    # Practice

    @property
    def reviews(self) -> Review:
        """What comes back as a question, and when."""
        from labs.course.review import Review

        return Review(self.workspace.progress)

    def due(self, now: datetime) -> tuple[ReviewCard, ...]:
        """What is due for review, the most urgent first."""
        return self.reviews.due(now)

    def review_question(self, card: ReviewCard) -> Question:
        """A question on the misconception of a card; each time another one."""
        from labs.course.review_questions import question_on

        turn = card.shown + card.right
        return question_on(self.course, card.misconception.id, self.student, turn)

    @staticmethod
    def first_question() -> int:
        """With which question a drill begins: with any."""
        return random.SystemRandom().randrange(2**31)

    def streak(self, skill: str) -> Streak:
        """How a drill goes."""
        from labs.course.practice import streak_of

        return streak_of(self.workspace.progress.drills(skill))

    def drilled(self, question: Question, right: bool, seconds: float, misconception: str | None) -> None:
        """Keep how an answer of a drill fared."""
        from labs.course.progress import Drilled

        now = datetime.now(UTC)
        self.workspace.progress.drilled(
            Drilled(question.skill, question.seed, now, right, seconds, misconception)
        )

    # Hints

    def hints_shown(self, exercise: Exercise) -> tuple[Hint, ...]:
        """The hints that the learner has asked for."""
        return exercise.hints(self.variant(exercise))[: self.standing(exercise).hints]

    def hints_left(self, exercise: Exercise) -> int:
        return len(exercise.hints(self.variant(exercise))) - len(self.hints_shown(exercise))

    def next_hint(self, exercise: Exercise) -> tuple[Hint, ...]:
        """Show one hint more; returns those shown by then."""
        hints = exercise.hints(self.variant(exercise))
        shown = min(self.standing(exercise).hints + 1, len(hints))
        if shown:
            self.workspace.progress.hint_shown(exercise, hints[shown - 1].level)
        return hints[:shown]

    def solution(self, exercise: Exercise) -> Hint | None:
        """The last hint, which is the solution; None in a copy of the course that comes without."""
        last = exercise.hints(self.variant(exercise))[-1]
        return last if last.level == SOLUTION else None

    def solution_is_due(self, exercise: Exercise) -> bool:
        """Whether the solution gives nothing away any more: after a pass, or after the last hint."""
        return self.is_done(exercise) or not self.hints_left(exercise)

    # Marking

    def judge(self, exercise: Exercise, text: str) -> Report:
        """Mark what was written and record the attempt. Blocks."""
        from graders import judge

        submission = self.workspace.read(exercise) if isinstance(exercise, WorldExercise) else text
        report = judge(exercise, submission, self.variant(exercise), self.bench)
        self.workspace.progress.record(report, text=handed_in(self, exercise, text))
        return report

    @property
    def bench(self) -> Bench:
        """What marking and worlds are made with; its processes start when they are first needed."""
        from graders import Bench

        with self._making:
            if self._bench is None:
                self._bench = Bench(ready=1, alone=True)
            return self._bench

    @staticmethod
    def explain(case: Mapping[str, Any]) -> Decision:
        """Decide a case again, with its trace. Blocks only for the first import."""
        from labs.aws.iam import case_from_json, explain

        return explain(*case_from_json(case))

    # The world

    @staticmethod
    def network(world: World) -> Network:
        """The network of a world, as EC2 describes it. Blocks."""
        from labs.sandbox.described import network_of

        return network_of(world)

    def needs_stage(self, exercise: Exercise | None, *, afresh: bool = False) -> bool:
        """Whether another world than the current one has to be opened for an exercise."""
        if self.current is None or afresh:
            return True
        return own_world(exercise) and self.current.exercise is not exercise

    def open_stage(self, exercise: Exercise | None, *, afresh: bool = False) -> Stage:
        """Open the exercise's world, or one for no exercise, in place of the current one. Blocks.

        `afresh` forgets what was done in the exercise's world; its journal goes to the trash.
        """
        own = exercise if own_world(exercise) else None
        with self._staging:
            self._close_stage()
            if own is not None and afresh:
                self.workspace.reset(own)
            world = self._running_world() if own is None else None
            if world is None:
                world = self._new_world(own)
                self._announced = announce(self.workspace.sandbox_file, world, own)
            self.current = Stage(world, own)
            if self.closing:
                self._close_stage()
                self.bench.close()
                raise SandboxError("The sandbox was stopped", "Skylab is closing.")
            self._open_desk()
            return self.current

    def _open_desk(self) -> None:
        """Judge for other terminals too, now that everything is warm."""
        from graders.desk import Desk

        if self._desk is None:
            with suppress(OSError, SkylabError):
                self._desk = Desk(self.course, self.bench, self.workspace.desk_file)

    def _new_world(self, exercise: Exercise | None) -> World:
        """A world as the learner left it, by its journal; that of a program is new each time."""
        nursery = self.bench.nursery
        if exercise is None:
            return nursery.world(journal=self.workspace.sandbox_file.with_name("sandbox.jsonl"))
        from labs.course.stage import open_world

        journal = self.workspace.world_journal(exercise) if isinstance(exercise, WorldExercise) else None
        return open_world(exercise, self.variant(exercise), journal=journal, nursery=nursery)

    def _running_world(self) -> World | None:
        """The sandbox that somebody runs for this workspace already, as with `skylab sandbox`."""
        from labs.sandbox import World

        try:
            return World.connect(read_address(self.workspace.sandbox_file).connection)
        except SkylabError:
            return None

    def rejoin(self) -> Stage | None:
        """The sandbox that somebody has started again for this workspace, in place of one that has stopped.

        None while there is none; the world of an exercise is not found so, but started again. Blocks.
        """
        with self._staging:
            if self.closing or (self.current is not None and self.current.exercise is not None):
                return None
            world = self._running_world()
            if world is None:
                return None
            self._close_stage()
            self.current = Stage(world)
            return self.current

    def _close_stage(self) -> None:
        if self.current is None:
            return
        stage, self.current = self.current, None
        stage.world.close()
        withdraw(self.workspace.sandbox_file, self._announced)

    def close(self) -> None:
        """Stop everything that was started; what is being started is stopped as soon as it is up. Blocks."""
        self.closing = True
        if self._bench is not None:
            self._bench.close()
        with self._staging:
            self._close_stage()
            if self._desk is not None:
                self._desk.close()


def own_world(exercise: Exercise | None) -> bool:
    """Whether an exercise sets up a world for the learner to work in."""
    return isinstance(exercise, CodeExercise | WorldExercise)


def user_name() -> str:
    """Who is at the keyboard; `student` where the system has no name for them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "student"
