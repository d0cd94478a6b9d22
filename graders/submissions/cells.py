"""The cells of a notebook, read as plain JSON: older formats brought up to date, damaged ones rescued.

Formats 1 to 4 of Jupyter's notebooks are read (Jupyter: "The Notebook file format"). Nothing is run and no
output is looked at. What had to be repaired is said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labs.errors import SubmissionError

__all__ = ["Cell", "Document", "read_cells"]

MOST_CELLS = 2000
LONGEST_CELL = 64 * 1024
MOST_TEXT = 256 * 1024
"""Characters of all cells together; reading Python takes seconds where there is more."""
MOST_SCANNED = 64 * 1024 * 1024
"""Characters that are looked at again and again in search of whole cells of a torn file."""
MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
ID_KEYS = ("nbgrader", "skylab", "otter")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its number, counted from 1, its text, and the names that it bears: ids, in metadata too."""

    number: int
    kind: str
    source: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The cells of a notebook, and what had to be repaired in it: sentences."""

    cells: tuple[Cell, ...]
    repairs: tuple[str, ...] = ()


def read_cells(data: bytes) -> Document:
    """Read a notebook.

    Raises:
        SubmissionError: nothing that is a cell can be found in it.
    """
    repairs: list[str] = []
    text = _text(data, repairs)
    found = list(_raw_cells(text, repairs))
    if len(found) > MOST_CELLS:
        repairs.append(f"It has {len(found)} cells; the first {MOST_CELLS} are read.")
        found = found[:MOST_CELLS]
    cells = tuple(
        cell for number, raw in enumerate(found, 1) if (cell := _cell(number, raw, repairs)) is not None
    )
    cells = _as_much_as_is_read(cells, repairs)
    if not any(cell.source.strip() for cell in cells):
        raise _unreadable("It has no cells." if not repairs else " ".join(["It has no cells.", *repairs]))
    return Document(cells, tuple(dict.fromkeys(repairs)))


def _as_much_as_is_read(cells: tuple[Cell, ...], repairs: list[str]) -> tuple[Cell, ...]:
    """The cells, without the text of those after which there is too much."""
    total = 0
    for place, cell in enumerate(cells):
        total += len(cell.source)
        if total > MOST_TEXT:
            size = f"more than {MOST_TEXT // 1024} KiB of text"
            repairs.append(f"It has {size}; cell {cell.number} and all after are left out.")
            return cells[:place]
    return cells


def _unreadable(why: str) -> SubmissionError:
    return SubmissionError("The notebook cannot be read", why, "Save it once more and hand it in again.")


def _text(data: bytes, repairs: list[str]) -> str:
    if not data.strip(b" \t\r\n\0"):
        raise _unreadable("The file is empty.")
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8-sig")
    if encoding != "utf-8-sig":
        repairs.append(f"It is encoded as {encoding.upper()}, and was read as that; notebooks are UTF-8.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        repairs.append(f"It is not {encoding.removesuffix('-sig').upper()} at byte {error.start + 1}.")
        return data.decode(encoding, "replace")


def _raw_cells(text: str, repairs: list[str]) -> Iterator[Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" after line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        rescued = list(_whole_cells(text))
        if not rescued:
            raise _unreadable(f"It is no whole JSON document{where}, and no cell in it is whole.") from None
        repairs.append(f"It is damaged{where}; {len(rescued)} whole cells of it were rescued.")
        yield from rescued
        return
    if not isinstance(notebook, dict):
        raise _unreadable("It is JSON, and no notebook.")
    yield from _cells_of(notebook, repairs)


def _cells_of(notebook: Mapping[str, Any], repairs: list[str]) -> Iterator[Any]:
    form = notebook.get("nbformat")
    sheets = notebook.get("worksheets")
    if isinstance(sheets, list) and not isinstance(notebook.get("cells"), list):
        repairs.append(
            f"It has the older format {form if isinstance(form, int) else 3}, and was brought up to 4."
        )
        for sheet in sheets:
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
                yield from sheet["cells"]
        return
    if form != 4:
        repairs.append(f"It says that its format is {str(form)[:20]}; it was read as format 4.")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise _unreadable("It has no list of cells.")
    yield from cells


CELL = re.compile(
    r'\{(?=\s*"(?:cell_type|id|metadata|source|input|attachments|execution_count|outputs)"\s*:)'
)


def _whole_cells(text: str) -> Iterator[dict[str, Any]]:
    """The cells that are whole in a text that is no JSON document."""
    decoder = json.JSONDecoder()
    place, scanned = 0, 0
    while (match := CELL.search(text, place)) is not None and scanned < MOST_SCANNED:
        start = match.start()
        try:
            found, place = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            found, place = None, start + 1
            scanned += error.pos - start
        except (ValueError, RecursionError):
            found, place = None, start + 1
            scanned += len(text) - start
        if isinstance(found, dict) and "cell_type" in found:
            yield found


def _cell(number: int, raw: Any, repairs: list[str]) -> Cell | None:
    if not isinstance(raw, dict):
        repairs.append(f"Cell {number} is no cell, and was left out.")
        return None
    kind = str(raw.get("cell_type"))
    source = _joined(raw.get("source", raw.get("input", "")))
    if source is None:
        repairs.append(f"Cell {number} has a text that is none, and was left out.")
        return None
    if len(source) > LONGEST_CELL:
        repairs.append(f"Cell {number} is longer than {LONGEST_CELL // 1024} KiB, and was left out.")
        return None
    if kind not in ("code", "markdown", "raw", "heading"):
        repairs.append(f"Cell {number} is of an unknown kind, and was read as code.")
        kind = "code"
    return Cell(number, "markdown" if kind == "heading" else kind, source, tuple(_names(raw)))


def _joined(source: Any) -> str | None:
    """The text of a cell: a text, or a list of its lines."""
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return None


def _names(raw: Mapping[str, Any]) -> Iterator[str]:
    metadata = raw.get("metadata")
    if isinstance(metadata, dict):
        for key in ID_KEYS:
            said = metadata.get(key)
            if isinstance(said, dict):
                names = (said.get("grade_id"), said.get("exercise"))
                yield from (name for name in names if isinstance(name, str))
    if isinstance(raw.get("id"), str):
        yield raw["id"]
