"""One round over submissions: read each, judge what has to be judged, keep each verdict as it comes.

No more is read than the workers can take: a class of thousands needs no more memory than one of ten.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from graders.judging import failed_check, missing, unreadable
from graders.pool import Workers
from graders.progress import Meter, Progress
from graders.report import Report
from graders.rules import Rules
from graders.store import Key, Store
from graders.submissions import Submission, Work
from graders.worker import Task, judge_task, trace_task
from labs.course import Exercise, Variant
from labs.errors import IsolationError, SubmissionError, WorkerError

__all__ = ["Round"]

AHEAD = 4
"""Pieces of work that wait for each worker, so that none of them waits for work."""
ATTEMPTS = 2
DRAWS = 8
"""How many hidden worlds of each number a sitting has."""
LONGEST_TRACED = 64 * 1024
"""Characters of an answer that are looked at for traces of others."""
PULSE = 5.0
"""Seconds without a verdict after which one sees whether anybody still judges."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of work that is being judged."""

    submission: Submission
    exercise: Exercise
    variant: Variant
    key: Key
    work: Work
    sitting: int
    attempt: int = 1

    @property
    def draw(self) -> str:
        """Which hidden worlds a program meets: some of the few that its sitting has, the same ones each time.

        There are so few that a class meets each often, and it is prepared once. What feedback gives away of
        them helps nobody: work that is handed in later has another sitting.
        """
        said = f"{self.submission.student}/{self.key.work}".encode("utf-8", "surrogatepass")
        return f"{self.sitting}/{int.from_bytes(hashlib.sha256(said).digest()[:8], 'big') % DRAWS}"


class Round:
    """Grades submissions into a store."""

    def __init__(
        self,
        store: Store,
        run: int,
        rules: Rules,
        workers: Workers,
        *,
        students: Sequence[str],
        regrade: bool,
        on_verdict: Callable[[Progress], None] | None,
    ) -> None:
        self._store = store
        self._run = run
        self._rules = rules
        self._workers = workers
        self._of_run = run if regrade else None
        self._students = list(dict.fromkeys(students))
        self._say = on_verdict
        self._odd: dict[str, dict[str, tuple[str, str]]] = {}
        self._settings = rules.settings.to_json()
        self._judged: dict[Future[Any], _Piece] = {}
        self._meter = Meter(0)

    def grade(self, submissions: Sequence[Submission], exercises: Sequence[Exercise]) -> None:
        """Grade these exercises of these submissions.

        Raises:
            IsolationError, WorkerError: whoever judges cannot do so.
        """
        self._meter = Meter(len(submissions) * len(exercises))
        for submission in submissions:
            work = self._read(submission, exercises)
            for exercise in exercises:
                self._settle(submission, exercise, work.get(exercise.id))
            while len(self._judged) >= AHEAD * self._workers.width:
                self._take_in()
        while self._judged:
            self._take_in()
        self._trace(exercises)

    def _trace(self, exercises: Sequence[Exercise]) -> None:
        """Find out whose variants the answers fit that do not fit their own."""
        asked = {}
        for exercise in exercises:
            odd = self._odd.get(exercise.id, {})
            self._store.keep_fits(exercise.id, dict.fromkeys(odd, ()))
            works = {source: work for source, work in odd.items() if work[1]}
            if works:
                call = (self._rules.settings.loader, exercise.id, self._students)
                asked[exercise.id] = (
                    works,
                    self._workers.submit(trace_task, *call, [[*work] for work in works.values()]),
                )
        for name, (works, future) in asked.items():
            try:
                told = future.result()
            except WorkerError as lost:
                told = {"failure": str(lost)}
            if "fits" in told:
                self._store.keep_fits(name, dict(zip(works, told["fits"], strict=True)))
            else:
                error = SubmissionError("Nobody could look for copies", f"{name}: {told['failure']}.")
                self._store.keep_unread(f"{name}, copies", error, submission=False)

    def _look_at(self, submission: Submission, report: Report, work: Work | None) -> None:
        """Keep what does not fit its own variant in mind; nothing of what is right."""
        text = "" if work is None or report.state == "pass" else work.text[:LONGEST_TRACED]
        self._odd.setdefault(report.exercise.id, {})[submission.source] = (submission.student, text)

    def _read(
        self, submission: Submission, exercises: Sequence[Exercise]
    ) -> Mapping[str, Work | SubmissionError]:
        """What was handed in for each exercise, or why it cannot be read."""
        try:
            reading = submission.read(exercises)
        except SubmissionError as error:
            self._store.keep_unread(submission.source, error)
            return {exercise.id: error for exercise in exercises}
        self._store.keep_unread(submission.source, reading.fault)
        self._store.keep_spent(submission.source, reading.spent)
        return reading.works

    def _settle(
        self, submission: Submission, exercise: Exercise, work: Work | SubmissionError | None
    ) -> None:
        """Tell the verdict, where there is nothing to judge or it has been judged; else have it judged."""
        variant = exercise.variant(submission.student)
        if not isinstance(work, Work):
            self._look_at(submission, missing(exercise, variant), None)
        if work is None:
            return self._tell(submission, missing(exercise, variant), self._nothing(exercise))
        if isinstance(work, SubmissionError):
            return self._tell(submission, unreadable(exercise, variant, work), self._nothing(exercise))
        key = self._rules.key(exercise, variant, work)
        kept = self._store.find(submission.source, exercise.id, key, run=self._of_run)
        if kept is not None:
            report = Report.from_json(kept, variant)
            self._look_at(submission, report, work)
            return self._count(submission, report, fresh=False)
        sitting = self._store.sitting(submission.source, exercise.id, key.work) or self._run
        return self._judge(_Piece(submission, exercise, variant, key, work, sitting))

    def _judge(self, piece: _Piece) -> None:
        task = Task(piece.submission.student, piece.exercise.id, piece.work.text, piece.draw)
        self._judged[self._workers.submit(judge_task, self._settings, task.to_json())] = piece

    def _take_in(self) -> None:
        """Wait for something to be judged, and keep it; what a lost worker had is judged once more."""
        done = wait(self._judged, timeout=PULSE, return_when=FIRST_COMPLETED).done
        if not done:
            self._workers.assure()
        for future in done:
            piece = self._judged.pop(future)
            reason = self._keep(piece, future)
            if reason is None:
                continue
            if piece.attempt < ATTEMPTS:
                self._judge(dataclasses.replace(piece, attempt=piece.attempt + 1))
            else:  # kept for this run only: the next one tries again
                report = failed_check(piece.exercise, piece.variant, reason)
                self._tell(piece.submission, report, self._nothing(piece.exercise), fresh=True)

    def _keep(self, piece: _Piece, future: Future[Any]) -> str | None:
        """Keep a verdict; or why there is none."""
        try:
            answer = future.result()
        except WorkerError as lost:
            return str(lost)
        if answer["skylab"] != self._rules.skylab:
            raise WorkerError(
                "The workers judge with another Skylab",
                f"They have version {answer['skylab']}, and this is {self._rules.skylab}.",
                "Install the same version everywhere, or the marks would not be alike.",
            )
        if "failure" in answer:
            failure = answer["failure"]
            if failure["kind"] == IsolationError.__name__:
                raise IsolationError(failure["title"], failure["detail"], failure["hint"])
            return ". ".join(part for part in (failure["title"], failure["detail"]) if part)
        report = Report.from_json(answer["report"], piece.variant).noted(piece.work.notes)
        self._look_at(piece.submission, report, piece.work)
        self._tell(piece.submission, report, piece.key, fresh=True, sitting=piece.sitting)
        return None

    def _tell(
        self, submission: Submission, report: Report, key: Key, *, fresh: bool = False, sitting: int = 0
    ) -> None:
        told = report.to_json()
        self._store.keep(submission.source, submission.student, key, told, run=self._run, sitting=sitting)
        self._count(submission, report, fresh=fresh)

    def _count(self, submission: Submission, report: Report, *, fresh: bool) -> None:
        progress = self._meter.count(submission.student, report, fresh=fresh)
        if self._say is not None:
            self._say(progress)

    def _nothing(self, exercise: Exercise) -> Key:
        """The key of a report on work that has no text; no work is ever found by it."""
        return Key("", self._rules.of(exercise))
