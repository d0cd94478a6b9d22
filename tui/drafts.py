"""What was typed where nothing is marked, as into an instrument: one JSON file, by the places' names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from labs.course.workspace import write_whole

__all__ = ["Drafts"]


class Drafts:
    """The drafts in a file; where it is missing or damaged there are none."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self, name: str) -> dict[str, str]:
        """What was typed last at a place: values by the names of the fields; empty when that was nothing."""
        return self._held().get(name, {})

    def keep(self, name: str, values: Mapping[str, str]) -> None:
        """Keep what was typed at a place, whole or not at all."""
        held = self._held()
        if held.get(name, {}) != dict(values):
            write_whole(self.file, json.dumps({**held, name: dict(values)}, indent=1) + "\n")

    def _held(self) -> dict[str, dict[str, str]]:
        try:
            held = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(held, dict):
            return {}
        return {
            name: {key: value for key, value in values.items() if isinstance(value, str)}
            for name, values in held.items()
            if isinstance(values, dict)
        }
