"""What a verdict follows from besides the work: this Skylab, the exercise and the settings, as digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from importlib.resources.abc import Traversable

from graders.store import Key
from graders.submissions import Work
from graders.worker import Settings
from labs.course import Exercise, Variant

__all__ = ["Rules"]


class Rules:
    """The rules of one batch; an exercise's files are read once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.skylab = version("skylab")
        said = {name: value for name, value in settings.to_json().items() if value is not None}
        self._course = said.pop("loader")
        said.pop("secret", None)  # it stays for as long as there are verdicts, and is no reason for a change
        self._settings = _short(json.dumps(said, sort_keys=True).encode())
        self._exercises: dict[str, str] = {}

    def key(self, exercise: Exercise, variant: Variant, work: Work) -> Key:
        """What the report on this work follows from."""
        text = "\0".join([str(variant.seed), work.text, *work.notes])
        return Key(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), self.of(exercise))

    def of(self, exercise: Exercise) -> Mapping[str, str]:
        """The rules that an exercise is judged by."""
        if exercise.id not in self._exercises:
            digest = hashlib.sha256()
            for name, data in _files(exercise.folder):
                digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
            self._exercises[exercise.id] = digest.hexdigest()[:LENGTH]
        return {
            "skylab": self.skylab,
            "course": self._course,
            "exercise": self._exercises[exercise.id],
            "settings": self._settings,
        }


LENGTH = 16


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:LENGTH]


def _files(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    """The files of an exercise, in the order of their names."""
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_file():
            yield entry.name, entry.read_bytes()
        elif entry.name != "__pycache__":
            yield from _files(entry)
