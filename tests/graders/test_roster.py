"""The roster: names and ids for those who have handed in, and a line for those who have not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graders.roster import Entry, Roster, read_roster
from labs.errors import SubmissionError

ROSTER = Roster(
    (
        Entry("alice", "Alice A", {"ID": "1", "Login": "aa"}),
        Entry("bob", "Bob B", {"ID": "2", "Login": "bb"}),
        Entry("=cmd|'/c calc'!A0", "=cmd|'/c calc'!A0", {"ID": "3"}),
        Entry("twin1", "Twin", {"ID": "4"}),
        Entry("twin2", "Twin", {"ID": "5"}),
    )
)


def test_a_submission_is_found_by_key_name_or_id_but_not_by_a_name_that_two_have() -> None:
    found = [ROSTER.find(each) for each in ("alice", "Alice A", "2", "bb", "Twin", "4", "nobody")]
    assert [each and each.student for each in found] == [
        *("alice", "alice", "bob", "bob"),
        *(None, "twin1", None),
    ]


def test_those_without_a_submission_are_absent_in_the_order_of_the_roster() -> None:
    assert [each.student for each in ROSTER.absent(["2", "twin2"])] == [
        *("alice", "=cmd|'/c calc'!A0", "twin1"),
    ]


def test_missing_students_are_listed_as_missing_and_unknown_ones_are_reported(classroom: Any) -> None:
    classroom.hand_in("alice", number=classroom.number("alice"))
    classroom.hand_in("mallory", number=classroom.number("mallory"))
    result = classroom.grade(roster=ROSTER)
    told = {each.student: (each.source, each.exercises[0].state) for each in result.submissions}
    assert told["alice"] == ("alice", "pass")
    assert told["mallory"] == ("mallory", "pass"), "unknown work is graded all the same"
    assert told["bob"][1] == "missing"
    assert list(told) == ["alice", "mallory", "bob", "=cmd|'/c calc'!A0", "twin1", "twin2"]
    assert len({source for source, _ in told.values()}) == len(told)
    assert [(each.source, each.error.title) for each in result.errors] == [("mallory", "Not in the roster")]
    names = {each.student: each.entry and each.entry.name for each in result.submissions}
    assert names["alice"] == "Alice A"
    assert names["mallory"] is None
    assert len(result.submissions) == 6
    assert result.submissions[-1].student == "twin2"


def test_a_class_of_absentees_is_graded_too(classroom: Any) -> None:
    result = classroom.grade("number", "double", roster=ROSTER)
    assert [len(each.exercises) for each in result.submissions] == [2] * 5


def test_without_a_roster_nobody_is_missing(classroom: Any) -> None:
    classroom.hand_in("alice", number=classroom.number("alice"))
    classroom.grade(roster=ROSTER)
    result = classroom.grade()
    assert [each.student for each in result.submissions] == ["alice"]
    assert result.errors == ()


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (
            "student,name,SIS User ID\nalice,Alice A,7\nbob,,\n,nobody,9\n",
            (Entry("alice", "Alice A", {"SIS User ID": "7"}), Entry("bob", "bob")),
        ),
        ('\ufeffLogin;Name\r\nzoe;"Ö; Zoë"\r\n', (Entry("zoe", "Ö; Zoë"),)),
        ("ID\tUsername\n7\tann\n", (Entry("ann", "ann", {"ID": "7"}),)),
        ("student\n", ()),
        (
            "student,name\n=cmd|'/c calc'!A0,<script>\n",
            (Entry("=cmd|'/c calc'!A0", "<script>"),),
        ),
    ],
)
def test_a_roster_is_read_by_its_headings(tmp_path: Path, text: str, entries: tuple[Entry, ...]) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode())
    assert read_roster(path).entries == entries


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "headings"),
        (b"first,last\na,b\n", "headings"),
        (b"student\nann\nann\n", "more than once"),
        (b"student\n\xe9\n", "not UTF-8"),
        (b'student\n"a', "no CSV"),
        (b"student\n" + b"x" * 5_000_000, "too large"),
    ],
)
def test_a_roster_that_cannot_be_read_is_said(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match=says):
        read_roster(path)
    with pytest.raises(SubmissionError, match="No such file"):
        read_roster(tmp_path / "nowhere.csv")
