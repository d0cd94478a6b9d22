"""A workspace: the folder with a learner's files, progress and journals. Nothing that was typed is ever lost.

DIR/
  policies/bucket-or-object/policy.json    what the learner writes
  notebooks/                               the learner's copies of the course's notebooks
  .skylab/workspace.json                   whose it is
  .skylab/progress.sqlite                  attempts, hints, pages
  .skylab/sandbox.json                     how to reach the sandbox that runs for it
  .skylab/desk.json                        how to reach the app, which judges for other terminals
  .skylab/worlds/                          journals of worlds that are not handed in
  .skylab/trash/                           what a reset replaced
  .skylab/bin/                             the `aws` of its shells
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from labs.course.exercise import Exercise
from labs.course.marks import Kind
from labs.course.progress import Progress
from labs.errors import WorkspaceError

__all__ = ["Workspace", "write_whole"]

VERSION = 1
_HIDDEN = ".skylab"


class Workspace:
    """The folder that a learner works in."""

    def __init__(self, folder: Path, student: str) -> None:
        self.folder = folder
        self.student = student

    @classmethod
    def create(cls, folder: Path, student: str) -> Self:
        """Make a workspace; one that is there already is opened as it is, whoever asks.

        Raises:
            WorkspaceError: the folder cannot be made or written.
        """
        marker = folder / _HIDDEN / "workspace.json"
        if marker.exists():
            return cls.open(folder)
        try:
            marker.parent.mkdir(parents=True, exist_ok=True)
            write_whole(marker, json.dumps({"version": VERSION, "student": student}) + "\n")
        except OSError as broken:
            raise WorkspaceError(
                "The workspace cannot be made",
                f"{folder}: {broken.strerror}.",
                "Choose a folder that you may write to.",
            ) from broken
        return cls(folder, student)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a workspace.

        Raises:
            WorkspaceError: the folder is no workspace, or its marker cannot be read.
        """
        marker = folder / _HIDDEN / "workspace.json"
        try:
            said = json.loads(marker.read_text("utf-8"))
            version, student = said["version"], said["student"]
        except FileNotFoundError:
            raise WorkspaceError(
                "This is no workspace",
                f"{folder} has no {_HIDDEN} folder.",
                f"Make one: skylab start {folder}",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as broken:
            raise WorkspaceError("The workspace cannot be read", f"{marker}: {broken}.") from broken
        if version > VERSION:
            raise WorkspaceError(
                "The workspace is of a newer Skylab",
                f"{marker} is version {version}; this Skylab reads version {VERSION}.",
                "Update Skylab.",
            )
        return cls(folder, str(student))

    @classmethod
    def find(cls, start: Path) -> Self | None:
        """The workspace that a folder lies in; None when it lies in none."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / _HIDDEN / "workspace.json").is_file():
                return cls.open(folder)
        return None

    @cached_property
    def progress(self) -> Progress:
        """What the learner has done."""
        return Progress(self.folder / _HIDDEN / "progress.sqlite")

    @property
    def sandbox_file(self) -> Path:
        """Where a running sandbox says how to reach it."""
        return self.folder / _HIDDEN / "sandbox.json"

    @property
    def desk_file(self) -> Path:
        """Where a process that judges for others says how to reach it."""
        return self.folder / _HIDDEN / "desk.json"

    def command_folder(self) -> Path | None:
        """The folder with the `aws` for shells of this workspace; None where there is none on this system.

        Raises:
            WorkspaceError: it cannot be written.
        """
        from labs.sandbox.aws_command import put_command

        try:
            return put_command(self.folder.absolute() / _HIDDEN / "bin")
        except OSError as broken:
            raise WorkspaceError(
                "The workspace cannot be written",
                f"{broken.filename}: {broken.strerror}.",
                "Choose a folder that you may write to.",
            ) from broken

    # -- the learner's files -----------------------------------------------------------------------------

    def path(self, exercise: Exercise) -> Path:
        """The learner's file of an exercise."""
        return self.folder / exercise.unit.id / exercise.name / exercise.filename

    def world_journal(self, exercise: Exercise) -> Path:
        """The journal of an exercise's world: it is what is handed in where the world is the answer."""
        if exercise.kind is Kind.WORLD:
            return self.path(exercise)
        return self.folder / _HIDDEN / "worlds" / exercise.unit.id / f"{exercise.name}.jsonl"

    def read(self, exercise: Exercise) -> str | None:
        """What the learner has written; None when that is nothing yet.

        Raises:
            WorkspaceError: the file cannot be read, or is not UTF-8.
        """
        path = self.path(exercise)
        try:
            return path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except UnicodeDecodeError as broken:
            raise WorkspaceError(
                "The file is not UTF-8", f"{path}: {broken}.", "Save it as UTF-8 and try again."
            ) from broken
        except OSError as broken:
            raise WorkspaceError("The file cannot be read", f"{path}: {broken.strerror}.") from broken

    def write(self, exercise: Exercise, text: str) -> Path:
        """Save what the learner has written, whole or not at all."""
        path = self.path(exercise)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
        except OSError as broken:
            raise WorkspaceError("The file cannot be written", f"{path}: {broken.strerror}.") from broken
        self.progress.begin(exercise)
        return path

    def hand_over(self, exercise: Exercise, text: str) -> Path:
        """Save what was written elsewhere; a file that said something else is kept in the trash."""
        path = self.path(exercise)
        if path.exists() and path.read_bytes() != text.encode():
            kept = self._trash(exercise)
            kept.mkdir(parents=True, exist_ok=True)
            path.replace(kept / path.name)
        return self.write(exercise, text)

    def start(self, exercise: Exercise) -> Path:
        """Put the starter in its place, if nothing is there yet. A world begins with no file."""
        path = self.path(exercise)
        if not path.exists() and exercise.kind is not Kind.WORLD:
            self.write(exercise, exercise.starter(exercise.variant(self.student)))
        return path

    def reset(self, exercise: Exercise) -> Path:
        """Put the starter back; what was there is kept in the trash, the world's journal too."""
        kept = self._trash(exercise)
        for path in dict.fromkeys((self.path(exercise), self.world_journal(exercise))):
            if path.exists():
                kept.mkdir(parents=True, exist_ok=True)
                path.replace(kept / path.name)
        return self.start(exercise)

    def _trash(self, exercise: Exercise) -> Path:
        """Where a file of an exercise goes that is replaced now."""
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        return self.folder / _HIDDEN / "trash" / f"{stamp}-{exercise.unit.id}-{exercise.name}"


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise
