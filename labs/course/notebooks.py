"""The course's notebooks, one for each unit that has one, called `NN-UNIT.ipynb`; and a learner's own copies.

A learner works in copies, in the workspace. What was changed there is never overwritten: where the course has
a newer notebook meanwhile, that is put beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Literal, TypeAlias

import labs
from labs.course.catalogue import Unit
from labs.course.workspace import Workspace, write_whole
from labs.errors import WorkspaceError

__all__ = ["COPIES", "Copied", "notebook_folder", "notebook_of", "own_copies"]

COPIES: Final = "notebooks"
"""The folder of a workspace that the copies are in."""

How: TypeAlias = Literal["new", "renewed", "beside"]
_Record: TypeAlias = dict[str, dict[str, str]]
"""By the name of a notebook, the digests of the course's (`course`) and of the copy (`own`) as it was put."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A notebook that was put into a workspace.

    It is `new` there, or `renewed`, for the copy had not been changed; or it was put `beside` one that had,
    in `file`.
    """

    name: str
    how: How
    file: Path


def notebook_folder() -> Path | None:
    """The folder of the notebooks: beside the packages in a checkout, inside labs when installed."""
    package = Path(labs.__file__).parent
    folders = (package.parent / "notebooks", package / "notebooks")
    return next((folder for folder in folders if any(folder.glob("*.ipynb"))), None)


def notebook_of(unit: Unit) -> Path | None:
    """The notebook of a unit; None where it has none."""
    folder = notebook_folder()
    return next(iter(sorted(folder.glob(f"*-{unit.id}.ipynb"))), None) if folder else None


def own_copies(workspace: Workspace, source: Path) -> tuple[Copied, ...]:
    """Put the notebooks of a folder into a workspace, and say what was done; nothing changed is overwritten.

    A copy that was deleted is put again.

    Raises:
        WorkspaceError: they cannot be read or written.
    """
    folder, recorded = workspace.folder / COPIES, workspace.folder / ".skylab" / "notebooks.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = _read(recorded)
        done = tuple(_put(path, folder, record) for path in sorted(source.glob("*.ipynb")))
        write_whole(recorded, json.dumps(record, indent=1) + "\n")
    except OSError as broken:
        raise WorkspaceError(
            "The notebooks cannot be put into the workspace",
            f"{broken.filename}: {broken.strerror}.",
            "Choose a workspace that you may write to.",
        ) from broken
    return tuple(each for each in done if each is not None)


def _put(path: Path, folder: Path, record: _Record) -> Copied | None:
    """Bring one notebook into the folder, if there is a need."""
    text, target = path.read_text("utf-8"), folder / path.name
    course, known = _digest(text.encode()), record.get(path.name, {})
    own = _digest(target.read_bytes()) if target.exists() else None
    if own is None or own == course or own == known.get("own"):
        record[path.name] = {"course": course, "own": course}
        if own == course:
            return None
        write_whole(target, text)
        return Copied(path.name, "new" if own is None else "renewed", target)
    if known.get("course") == course:
        return None  # the copy is the learner's by now, and the course has nothing newer
    record[path.name] = {"course": course, "own": known.get("own", "")}
    beside = next(each for each in _names_beside(target) if not each.exists())
    write_whole(beside, text)
    return Copied(path.name, "beside", beside)


def _names_beside(target: Path) -> Iterator[Path]:
    """`03-policies.new.ipynb`, `03-policies.new-2.ipynb` and so on."""
    for number in count(1):
        yield target.with_name(f"{target.stem}.new{f'-{number}' if number > 1 else ''}{target.suffix}")


def _read(recorded: Path) -> _Record:
    """What was put; nothing where the record is lost, for then each copy that differs counts as changed."""
    with suppress(FileNotFoundError, ValueError):
        said = json.loads(recorded.read_text("utf-8"))
        if isinstance(said, dict) and all(isinstance(each, Mapping) for each in said.values()):
            return {name: {key: str(value) for key, value in each.items()} for name, each in said.items()}
    return {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
