"""Begin an exercise: a folder that is whole but for its blanks, which are marked «like this».

Around the blanks stands an exercise that works, so that its author changes one thing after another and has it
tested each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from labs.course.catalogue import Unit
from labs.course.marks import Kind
from labs.errors import CourseError

__all__ = ["begin_exercise", "blanks_in"]

_BLANK = re.compile(r"«[^«»\n]*»")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LIKE = {Kind.PREDICT: Kind.ANSWER}
"""Kinds that begin from another one's templates."""
_BASES = {Kind.ANSWER: "AnswerExercise", Kind.PREDICT: "PredictExercise"}


def blanks_in(text: str) -> Iterator[tuple[int, str]]:
    """The blanks that are left in a text, each with the number of its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((number, blank) for blank in _BLANK.findall(line))


def begin_exercise(unit: Unit, name: str, kind: Kind) -> Path:
    """Write a new exercise into a unit, and name it at the end of the unit's list.

    Returns:
        Its folder.

    Raises:
        CourseError: the name is none, or taken; or the unit's folder cannot be written.
    """
    folder = Path(str(unit.folder)) / "exercises" / name.replace("-", "_")
    if not _NAME.fullmatch(name):
        raise CourseError(
            "This is no name of an exercise",
            f"It is {name!r}.",
            "Small letters and digits, with dashes between.",
        )
    if name in unit.exercise_names or folder.exists():
        raise CourseError(
            "There is such an exercise already", f"{unit.id}/{name} exists.", "Take another name."
        )
    templates = resources.files("labs.course") / "templates"
    words = {
        "<<Class>>": "".join(part.capitalize() for part in name.split("-")),
        "<<Base>>": _BASES.get(kind, ""),
    }
    try:
        _write(templates / _LIKE.get(kind, kind).value, folder, words)
        (folder / "hints.md").write_text((templates / "hints.md").read_text("utf-8"), "utf-8")
        _enter(Path(str(unit.folder)) / "unit.toml", name)
    except OSError as broken:
        raise CourseError(
            "The exercise cannot be written",
            f"{broken.filename}: {broken.strerror}.",
            "Write exercises in a checkout of the course.",
        ) from broken
    return folder


def _write(template: Traversable, folder: Path, words: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for entry in template.iterdir():
        if entry.is_dir():
            _write(entry, folder / entry.name, words)
        else:
            text = entry.read_text("utf-8")
            for place, word in words.items():
                text = text.replace(place, word)
            # Templates of programs are no programs yet.
            (folder / entry.name.removesuffix(".txt" if ".py." in entry.name else "")).write_text(
                text, "utf-8"
            )


def _enter(file: Path, name: str) -> None:
    """Add the name to the list of the unit's exercises, and leave the rest of the file as it is."""
    text = file.read_text("utf-8")
    changed = re.sub(
        r"^(exercises = \[)(.*?)(\s*)\]",
        lambda found: (
            f'{found[1]}{found[2].rstrip().rstrip(",")}{"," if found[2].strip() else ""}\n    "{name}",\n]'
        ),
        text,
        count=1,
        flags=re.MULTILINE | re.DOTALL,
    )
    if changed == text:
        raise CourseError("The unit has no list of exercises", f"{file} says no `exercises = [`.")
    file.write_text(changed, "utf-8")
