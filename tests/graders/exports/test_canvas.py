"""A column of the teacher's Canvas export is filled, and not a byte of the rest is touched."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.exports import canvas as form
from graders.exports.people import standings
from graders.results import StudentResult
from labs.errors import SubmissionError
from tests.graders.exports.conftest import Make

EXPORT = (
    b'Student,ID,SIS User ID,SIS Login ID,Section,"Lab, one (77)",Quiz (78),Final Score\r\n'
    b",,,,,Manual Posting,,\r\n"
    b'"    Points Possible",,,,,3,10,(read only)\r\n'
    b'"Adams, ""Al""",1,U1,AL,"A, B","2",7,9\r\n'
    b"=cmd|'/c calc'!A0,2,U2,bo,,,8\r\n"
    b'"Student, Test",9,,,,,,\r\n'
)


def fill(export: bytes, students: list[StudentResult], column: str | None = None) -> form.Filled:
    return form.fill(export, standings(students), column)


def canvas(course: str, students: list[StudentResult]) -> str:
    return form.canvas(course, standings(students))


@pytest.fixture
def everybody(result: Make) -> list[StudentResult]:
    return [
        result("al", number="pass", double="pass"),
        result("bob", name="Bob", ids={"SIS User ID": "u2"}, number="missing", double="pass"),
        result("carol", number="pass", double="missing"),
    ]


def test_points_go_to_whoever_has_the_login_or_the_id(everybody: list[StudentResult]) -> None:
    filled = fill(EXPORT, everybody, "Lab, one")
    assert filled.data == EXPORT.replace(b',"2",7', b',"3",7').replace(b"bo,,,8", b"bo,,2,8")
    assert (filled.filled, filled.unmatched, filled.column) == (2, ("carol",), "Lab, one (77)")
    assert filled.notes == ()


def test_what_was_not_handed_in_is_no_zero(result: Make) -> None:
    assert fill(EXPORT, [result("al", number="missing")], "Lab, one").data == EXPORT


def test_points_are_not_scaled_and_that_is_said(result: Make) -> None:
    (note,) = fill(EXPORT, [result("al", number="pass")], "Quiz (78)").notes
    assert "10 points are possible" in note


def test_a_line_that_two_students_claim_is_nobodys_twice(result: Make) -> None:
    twins = [result("al", number="pass"), result("twin", ids={"ID": "1"}, number="pass")]
    assert fill(EXPORT, twins, "Quiz").unmatched == ("twin",)


def test_a_student_who_fits_two_lines_gets_neither(result: Make) -> None:
    both = result("al", ids={"ID": "2"}, number="pass")
    filled = fill(EXPORT, [both], "Quiz")
    assert (filled.data, filled.unmatched) == (EXPORT, ("al",))


def test_of_several_submissions_the_best_counts(result: Make) -> None:
    filled = fill(EXPORT, [result("al", number="error"), result("al", number="pass")], "Lab, one")
    assert b',"1",7' in filled.data


def test_the_only_column_for_marks_need_not_be_named(result: Make) -> None:
    export = b"\xef\xbb\xbfStudent,ID,SIS Login ID,Section,Lab (1)\nAl,1,al,,\n"
    assert fill(export, [result("al", number="pass")]).data == export[:-1] + b"1\n"


@pytest.mark.parametrize(
    ("export", "column", "says"),
    [
        (EXPORT, None, "more than one column"),
        (EXPORT, "Final Score", "no such column"),
        (EXPORT, "Nope", "'Lab, one', 'Quiz'"),
        (b"", None, "heading Student"),
        (b"Student,Lab\nAl,\n", None, "ID, SIS User ID"),
        (b'Student,ID,Lab\n"Al"x,1,\n', None, "a quote is out of place"),
    ],
)
def test_an_export_that_cannot_be_filled_is_said(export: bytes, column: str | None, says: str) -> None:
    with pytest.raises(SubmissionError, match=says):
        fill(export, [], column)


@given(st.lists(st.lists(st.text(alphabet='a,"\n\r \té\ufeff'), min_size=3, max_size=4), max_size=5))
def test_whatever_stands_in_an_export_stays_to_the_byte(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["Student", "ID", "Lab"], *rows])
    data = text.getvalue().encode()
    assert fill(data, [], "Lab").data == data


def test_without_an_export_there_is_a_gradebook_to_import(everybody: list[StudentResult]) -> None:
    rows = list(csv.reader(canvas("skylab", everybody).splitlines()))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Skylab"],
        ["    Points Possible", "", "", "", "", "3"],
        ["al", "", "", "al", "", "3"],
        ["Bob", "", "u2", "bob", "", "2"],
        ["carol", "", "", "carol", "", "1"],
    ]


def test_no_cell_of_the_gradebook_is_a_formula(result: Make) -> None:
    text = canvas("skylab", [result("=cmd|'/c calc'!A0", name="@x", ids={"Section": "+1"}, number="pass")])
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
