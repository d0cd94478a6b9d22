"""Which submissions lie in a folder, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graders.names import printable
from graders.roster import Roster
from graders.submissions.files import PACKED_BY_A_MAC
from graders.submissions.forms import SEPARATOR, flat_names
from graders.submissions.reading import Submission
from graders.submissions.text import readable
from labs.course import Exercise
from labs.errors import SubmissionError

__all__ = ["Listing", "find_submissions"]

NOTEBOOK = ".ipynb"


@dataclass(frozen=True, slots=True)
class Listing:
    """The submissions of a folder, and what else lies there."""

    submissions: tuple[Submission, ...]
    errors: tuple[tuple[str, SubmissionError], ...]

    def known_by(self, roster: Roster | None) -> Listing:
        """The same, with each student under the roster's key, where the submission bears a name or an id."""
        if roster is None:
            return self
        entries = ((each, roster.find(each.student)) for each in self.submissions)
        named = (replace(each, student=entry.student) if entry else each for each, entry in entries)
        return Listing(tuple(named), self.errors)


def find_submissions(folder: Path, exercises: Sequence[Exercise] = ()) -> Listing:
    """The submissions in a folder, in the order of their names.

    Args:
        exercises: those that single files may stand for.

    Raises:
        SubmissionError: there is no such folder.
    """
    if not folder.is_dir():
        raise SubmissionError(
            "There is no such folder",
            f"{folder} is not a folder.",
            "Name the folder that holds one folder, zip file or notebook for each student.",
        )
    found: list[Submission] = []
    errors: list[tuple[str, SubmissionError]] = []
    singles: dict[str, dict[str, Path]] = {}
    flat = tuple(flat_names(exercises))
    for path in sorted(folder.iterdir()):
        source = readable(path.name)
        if path.name.startswith(".") or path.name == PACKED_BY_A_MAC:
            continue
        if path.is_symlink():
            errors.append((source, _not_a_submission(path, "a link")))
        elif path.is_dir():
            found.append(Submission(source, source, path))
        elif path.suffix.lower() == ".zip":
            found.append(Submission(readable(path.stem), source, path))
        elif (named := _single(source, flat)) is not None:
            student, name = named
            singles.setdefault(student, {})[name] = path
        elif path.suffix.lower() == NOTEBOOK:
            found.append(Submission(readable(path.stem), source, path, {source: path}))
        else:
            errors.append((source, _not_a_submission(path, "no folder, zip file, notebook or single answer")))
    for student, files in singles.items():
        found.append(Submission(student, f"{student}{SEPARATOR}*", folder, files))
    return Listing(tuple(sorted(found, key=lambda each: each.source)), tuple(errors))


def _single(source: str, flat: Sequence[str]) -> tuple[str, str] | None:
    """The student and the file of `STUDENT--EXERCISE.json` or `STUDENT--NAME.ipynb`."""
    fits = [name for name in flat if source.endswith(f"{SEPARATOR}{name}")]
    if fits:
        name = max(fits, key=len)
        student = source.removesuffix(f"{SEPARATOR}{name}")
        return (student, name) if student else None
    student, separator, name = source.partition(SEPARATOR)
    if separator and student and name.lower().endswith(NOTEBOOK):
        return student, name
    return None


def _not_a_submission(path: Path, kind: str) -> SubmissionError:
    return SubmissionError(
        "Not a submission",
        f"{printable(readable(path.name))} is {kind}.",
        "Put a folder, a zip file or a notebook for each student here, named after the student, or files that"
        " are called STUDENT--EXERCISE.",
    )
