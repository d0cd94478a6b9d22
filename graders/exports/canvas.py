"""Canvas: a gradebook to import, or a column filled in the teacher's own export of it.

Canvas matches students by `ID`, `SIS User ID` or `SIS Login ID`; a column that it does not know becomes a new
assignment, and a score that is there is overwritten (Canvas: "How do I import grades in the Gradebook?").
In an export everything but the cells that get points stays byte for byte as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from graders.exports.people import Standing, id_of, ids_of
from graders.names import cell
from labs.errors import SubmissionError

__all__ = ["Filled", "canvas", "fill"]

IDS = ("id", "sis user id", "sis login id", "integration id", "root account")
BESIDE = ("student", *IDS, "section", "notes")
POINTS = "points possible"
FIELD = re.compile(r'(?P<field>"(?:[^"]|"")*"|(?!")[^,\r\n]*)(?P<end>,|\r\n|\n|\r|\Z)')


def canvas(course: str, everybody: Sequence[Standing]) -> str:
    """A gradebook that Canvas imports: one column with all points. Work that is missing has an empty cell."""
    most = max((each.max for each in everybody), default=Decimal(0))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", cell(course.title())])
    writer.writerow(["    Points Possible", "", "", "", "", str(most)])
    writer.writerows(_row(each) for each in everybody)
    return text.getvalue()


def _row(standing: Standing) -> list[str]:
    entry = standing.result.entry
    ids = {heading.casefold(): value for heading, value in entry.ids.items()} if entry else {}
    login = id_of(standing.result, ("sis login id", "login", "username"))
    shown = [entry.name if entry else standing.result.student, ids.get("id", ""), ids.get("sis user id", "")]
    points = str(standing.points) if standing.handed_in else ""
    return [*map(cell, shown), cell(login), cell(ids.get("section", "")), points]


@dataclass(frozen=True, slots=True)
class Filled:
    """An export with its column filled, and what became of whom.

    `unmatched` are students with marks of whom the export has no line, or several; `notes` are sentences.
    """

    data: bytes
    column: str
    filled: int
    unmatched: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Line:
    """One line of the export as it stands: each cell with its quotes, and how the line ends."""

    cells: list[str] = field(default_factory=list)
    end: str = ""

    def value(self, place: int) -> str:
        """A cell's text; empty where the line is shorter."""
        raw = self.cells[place] if place < len(self.cells) else ""
        return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw

    def put(self, place: int, text: str) -> None:
        self.cells += [""] * (place + 1 - len(self.cells))
        self.cells[place] = f'"{text}"' if self.cells[place].startswith('"') else text


def fill(export: bytes, everybody: Sequence[Standing], column: str | None = None) -> Filled:
    """Fill a column of a teacher's export.

    Args:
        column: the heading, with or without Canvas's number in brackets; the only one for marks by default.

    Raises:
        SubmissionError: it is no such export, or it has no such column, or several.
    """
    mark = "\ufeff" if export.startswith(b"\xef\xbb\xbf") else ""
    text = export.decode("utf-8", "surrogateescape").removeprefix(mark)
    lines = list(_lines(text))
    if not lines or "student" not in _headings(lines[0]):
        raise _unusable("Its first line has no heading Student.")
    headings = _headings(lines[0])
    places = [headings.index(each) for each in IDS if each in headings]
    if not places:
        raise _unusable("None of its headings is ID, SIS User ID or SIS Login ID.")
    points = next((line for line in lines[1:4] if _is_points(line)), None)
    place = _column(lines[0], points, column)
    students = lines[1 + (lines.index(points) if points else 0) :]
    by_id: dict[str, list[_Line]] = {}
    for line in students:
        for key in {line.value(each).strip().casefold() for each in places} - {""}:
            by_id.setdefault(key, []).append(line)
    filled, unmatched = _put(everybody, by_id, place)
    notes = tuple(_doubts(everybody, points, place))
    data = mark + "".join(",".join(line.cells) + line.end for line in lines)
    name = lines[0].value(place)
    return Filled(data.encode("utf-8", "surrogateescape"), name, filled, tuple(unmatched), notes)


def _put(everybody: Sequence[Standing], by_id: dict[str, list[_Line]], place: int) -> tuple[int, list[str]]:
    """Put the points into the lines; how many, and who has no line of their own."""
    taken: dict[int, str] = {}
    unmatched: list[str] = []
    for standing in everybody:
        lines = {id(line): line for key in ids_of(standing.result) for line in by_id.get(key, ())}
        if len(lines) != 1 or set(lines) & set(taken):
            unmatched.append(standing.result.student)
            continue
        ((number, line),) = lines.items()
        taken[number] = standing.result.student
        if standing.handed_in:
            line.put(place, str(standing.points))
    return len(taken), unmatched


def _lines(text: str) -> Iterator[_Line]:
    line, place = _Line(), 0
    while place < len(text):
        match = FIELD.match(text, place)
        if match is None:
            raise _unusable(f"It is no CSV file: a quote is out of place at character {place + 1}.")
        line.cells.append(match["field"])
        place = match.end()
        if match["end"] != ",":
            line.end = match["end"]
            yield line
            line = _Line()
    if line.cells:  # the text ends with a comma
        line.cells.append("")
        yield line


def _headings(line: _Line) -> list[str]:
    return [line.value(place).strip().casefold() for place in range(len(line.cells))]


def _is_points(line: _Line) -> bool:
    return line.value(0).strip().casefold() == POINTS


def _column(headings: _Line, points: _Line | None, wanted: str | None) -> int:
    known = {place: headings.value(place).strip() for place in range(len(headings.cells))}
    open_ones = {
        place: name
        for place, name in known.items()
        if name.casefold() not in BESIDE and not (points and "read only" in points.value(place).casefold())
    }
    if wanted is None:
        found = list(open_ones)
    else:
        found = [place for place, name in open_ones.items() if wanted.strip() in (name, _title(name))]
    if len(found) == 1:
        return found[0]
    names = ", ".join(repr(_title(name)) for name in open_ones.values()) or "none"
    what = (
        "more than one column that marks may go to" if wanted is None else f"{len(found)} columns {wanted!r}"
    )
    raise SubmissionError(
        "The Canvas column is not clear",
        f"The export has {what if found else 'no such column'}. It has: {names}.",
        "Name it with --canvas-column; make the assignment in Canvas first, then export again.",
    )


def _title(heading: str) -> str:
    return re.sub(r"\s*\(\d+\)\s*$", "", heading)


def _doubts(everybody: Sequence[Standing], points: _Line | None, place: int) -> Iterator[str]:
    most = max((each.max for each in everybody), default=Decimal(0))
    said = points.value(place).strip() if points else ""
    if said and said not in (str(most), f"{most}.0", f"{most}.00"):
        yield f"Canvas says {said} points are possible; the marks go up to {most}, and are not scaled."


def _unusable(why: str) -> SubmissionError:
    return SubmissionError(
        "The Canvas export cannot be read",
        why,
        "Export the gradebook from Canvas again and leave it as it is.",
    )
