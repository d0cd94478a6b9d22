"""Run a notebook as anybody would, and tell what its cells put out so that it can be compared and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "notebooks"
KEPT = "kept"
"""The tag of a cell whose output the file keeps, for whoever reads it without running it."""
SECONDS = 180

Cell = dict[str, Any]


def notebooks() -> list[Path]:
    """The course's notebooks, in their order."""
    return sorted(FOLDER.glob("*.ipynb"))


def cells_of(path: Path) -> list[Cell]:
    """The cells of a notebook as the file has them."""
    cells: list[Cell] = json.loads(path.read_text("utf-8"))["cells"]
    return cells


def run(path: Path) -> list[Cell]:
    """The cells of a notebook after it has run from top to bottom, in nbmake's runner.

    Raises:
        AssertionError: a cell failed; the message has its traceback.
    """
    from nbmake.nb_run import NotebookRun

    result = NotebookRun(path, SECONDS).execute()
    assert result.error is None, result.error.trace
    return [dict(cell) for cell in result.nb.cells]


def is_kept(cell: Cell) -> bool:
    """Whether the file keeps what a cell puts out."""
    return KEPT in cell["metadata"].get("tags", ())


def output_of(cell: Cell) -> list[dict[str, Any]]:
    """What a cell puts out, as nbformat has it, without what changes from run to run: counts, and how a
    stream is cut into pieces."""
    found: list[dict[str, Any]] = []
    for output in cell.get("outputs", []):
        if output["output_type"] != "stream":
            shown = {mime: _whole(text) for mime, text in output["data"].items()}
            found.append({"data": shown, "metadata": {}, "output_type": "display_data"})
        elif found and found[-1].get("name") == output["name"]:
            found[-1]["text"] += _whole(output["text"])
        else:
            found.append({"name": output["name"], "output_type": "stream", "text": _whole(output["text"])})
    return found


def _whole(text: str | list[str]) -> str:
    """nbformat may keep a text as its lines."""
    return text if isinstance(text, str) else "".join(text)
