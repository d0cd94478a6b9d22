"""The course's own notebooks: which cell asks for which answer, and what stands in it at first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from graders.submissions.cells import read_cells
from labs.course import Unit
from labs.course.notebooks import notebook_of

__all__ = ["ASKS", "Released", "released"]

ASKS = re.compile(r"""\bcheck\(\s*(["'])([\w/-]+)\1""")


@dataclass(frozen=True, slots=True)
class Released:
    """A unit's notebook: the exercise that each answer's cell asks for, by its id and by its place.

    `sources` are the texts of those cells, by exercise; `cells` is how many cells the notebook has.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    cells: int = 0


def released(unit: Unit) -> Released:
    """The notebook of a unit; an empty one where it has none."""
    path = notebook_of(unit)
    return Released() if path is None else _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, changed: int) -> Released:
    cells = read_cells(path.read_bytes()).cells
    asked = {cell.number: (match[2], cell) for cell in cells if (match := ASKS.search(cell.source))}
    return Released(
        ids={name: exercise for exercise, cell in asked.values() for name in cell.names},
        places={number: exercise for number, (exercise, _) in asked.items()},
        sources={exercise: cell.source for exercise, cell in asked.values()},
        cells=len(cells),
    )
