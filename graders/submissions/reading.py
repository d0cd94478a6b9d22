"""One submission: the work for each exercise, where it was found, and what of it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from graders.names import printable
from graders.submissions.cells import Document, read_cells
from graders.submissions.files import (
    LARGEST_ARCHIVE,
    LARGEST_NOTEBOOK,
    Files,
    SingleFiles,
    open_files,
    open_inner,
)
from graders.submissions.forms import flat_names, place_of, tops_of
from graders.submissions.questions import Answers
from graders.submissions.spent import MARKER, PROGRESS, seconds_spent, student_of
from graders.submissions.text import text_of
from graders.submissions.work import Work
from labs.course import Exercise, Variant
from labs.errors import SubmissionError

__all__ = ["Reading", "Submission", "Work", "read_files"]

SHOWN = 5
MOST_NOTEBOOKS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What a submission holds: by exercise the work, or why it cannot be read; and a fault of the whole."""

    works: Mapping[str, Work | SubmissionError]
    fault: SubmissionError | None = None
    spent: Mapping[str, int] = field(default_factory=dict)
    """Seconds at each exercise, where the workspace was handed in that knows them."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's work: a folder or a zip file, or `files` that lie beside those of others."""

    student: str
    source: str
    path: Path = field(repr=False)
    files: Mapping[str, Path] = field(default_factory=dict, repr=False, hash=False)

    def read(self, exercises: Sequence[Exercise]) -> Reading:
        """What it holds for these exercises.

        Raises:
            SubmissionError: the submission as a whole cannot be read.
        """
        with self._opened(tops_of(exercises)) as files:
            return _Reader(files, exercises, self.student, alone=bool(self.files)).read()

    @contextmanager
    def _opened(self, tops: frozenset[str]) -> Iterator[Files]:
        if self.files:
            yield SingleFiles(self.files)
            return
        with open_files(self.path, tops) as files:
            inner = _only_archive(files, tops)
            if inner is None:
                yield files
            else:
                with open_inner(files.read(inner, LARGEST_ARCHIVE), tops) as within:
                    yield within


def read_files(path: Path, wanted: Sequence[str]) -> dict[str, bytes | SubmissionError]:
    """The wanted files of a folder or a zip file that are there, or why one that is there cannot be read.

    Raises:
        SubmissionError: the submission as a whole cannot be read.
    """
    with open_files(path, frozenset(name.partition("/")[0] for name in wanted)) as files:
        return {name: found for name in wanted if (found := _bytes(files, name)) is not None}


def _bytes(files: Files, name: str) -> bytes | SubmissionError | None:
    try:
        return files.read(name)
    except FileNotFoundError:
        return None
    except SubmissionError as error:
        return error


def _only_archive(files: Files, tops: frozenset[str]) -> str | None:
    """The one zip file of a submission that holds nothing else, as learning platforms pack it."""
    archives = [name for name in files.names if name.lower().endswith(".zip")]
    useful = [name for name in files.names if name.partition("/")[0] in tops or name.endswith(".ipynb")]
    return archives[0] if len(archives) == 1 and not useful else None


class _Reader:
    """Reads one submission for some exercises."""

    def __init__(self, files: Files, exercises: Sequence[Exercise], student: str, *, alone: bool) -> None:
        self._files = files
        self._exercises = exercises
        self._student = student
        self._alone = alone
        self._flat: dict[str, list[str]] = {}
        there = set(files.names)
        for name, exercise in flat_names(exercises).items():
            if name in there:
                self._flat.setdefault(exercise.id, []).append(name)

    def read(self) -> Reading:
        found: dict[str, Work | SubmissionError] = {}
        for exercise in self._exercises:
            work = self._file(exercise)
            if work is not None:
                found[exercise.id] = work
        faults = [*self._add_answers(found), *self._of_another()]
        if not found and not faults:
            faults += self._nothing_found()
        return Reading(found, _together(faults), self._spent())

    def _of_another(self) -> Iterator[SubmissionError]:
        """The workspace has other variants than those that are graded."""
        marker = _bytes(self._files, MARKER)
        student = student_of(marker) if isinstance(marker, bytes) else None
        if student is not None and student != self._student:
            yield SubmissionError(
                "The workspace is somebody else's",
                f"It was made as {printable(student)!r}, and is graded in the variants of {self._student!r}.",
                "Name the submission as the workspace is, or let the roster's key be that name.",
            )

    def _spent(self) -> Mapping[str, int]:
        told = _bytes(self._files, PROGRESS)
        return seconds_spent(told) if isinstance(told, bytes) else {}

    def _file(self, exercise: Exercise) -> Work | SubmissionError | None:
        """The work in a file of its own: as in the workspace, else under the exercise's name."""
        for name in (place_of(exercise), *self._flat.get(exercise.id, ())):
            data = _bytes(self._files, name)
            if isinstance(data, SubmissionError):
                return data
            if data is not None:
                try:
                    return Work(text_of(data))
                except SubmissionError as error:
                    return error
        return None

    def _add_answers(self, found: dict[str, Work | SubmissionError]) -> list[SubmissionError]:
        """Add what notebooks hold; a file that differs from the starter comes before."""
        documents: dict[str, Document] = {}
        faults: dict[str, SubmissionError] = {}
        notebooks = [name for name in self._files.names if name.lower().endswith(".ipynb")]
        for name in notebooks[:MOST_NOTEBOOKS]:
            try:
                documents[name] = read_cells(self._files.read(name, LARGEST_NOTEBOOK))
            except SubmissionError as error:
                faults[name] = SubmissionError(error.title, f"{name}: {error.detail}", error.hint)
        if self._alone and faults and not documents and not found:
            raise next(iter(faults.values()))
        for name, document in documents.items():
            for exercise_id, work in Answers(name, document, self._exercises).all().items():
                if exercise_id not in found or self._is_starter(exercise_id, found[exercise_id]):
                    found[exercise_id] = work
        for name, fault in faults.items():
            for exercise in self._exercises:
                if exercise.unit.id in name:
                    found.setdefault(exercise.id, fault)
        return list(faults.values())

    def _is_starter(self, exercise_id: str, work: Work | SubmissionError) -> bool:
        if isinstance(work, SubmissionError):
            return False
        exercise = next(each for each in self._exercises if each.id == exercise_id)
        variant: Variant = exercise.variant(self._student)
        return work.text.strip() == exercise.starter(variant).strip()

    def _nothing_found(self) -> Iterator[SubmissionError]:
        """Something was handed in, and none of it is an exercise's file."""
        if not self._files.names:
            return
        shown = ", ".join(printable(name) for name in self._files.names[:SHOWN])
        more = len(self._files.names) - SHOWN
        yield SubmissionError(
            "Nothing in it is work for these exercises",
            f"It holds {shown}{f' and {more} more' if more > 0 else ''}.",
            "Name the files as the workspace does: UNIT/EXERCISE/FILE.",
        )


def _together(faults: Sequence[SubmissionError]) -> SubmissionError | None:
    """All faults as one."""
    if len(faults) < 2:
        return faults[0] if faults else None
    told = " ".join(f"{each.title}: {each.detail}" for each in faults)
    return SubmissionError("Several things need a look", told, faults[0].hint)
