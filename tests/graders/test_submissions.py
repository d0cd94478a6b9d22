"""Folders and archives of strangers are read for the wanted files, and for nothing else."""

from __future__ import annotations

import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.roster import Entry, Roster
from graders.submissions import LARGEST_FILE, Submission, Work, find_submissions, read_files, text_of
from labs.course import Exercise, load_course
from labs.errors import SubmissionError
from tests.graders.bombs import bomb

WANTED = "policies/bucket-or-object/policy.json"
OTHER = "policies/read-a-statement/answer.toml"


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def read(path: Path) -> dict[str, bytes | SubmissionError]:
    return read_files(path, [WANTED, OTHER])


def why(path: Path, name: str = WANTED) -> str:
    """Why a file is not read."""
    error = read(path)[name]
    assert isinstance(error, SubmissionError)
    return error.detail


@pytest.mark.parametrize("top", ["", "alice/", "My submission/"])
def test_a_folder_is_read_with_or_without_one_more_folder(tmp_path: Path, top: str) -> None:
    put(tmp_path, f"{top}{WANTED}", b"{}")
    put(tmp_path, "__MACOSX/junk", b"")
    put(tmp_path, ".DS_Store", b"")
    assert read(tmp_path) == {WANTED: b"{}"}


@pytest.mark.parametrize("top", ["", "alice/", "My submission/"])
def test_an_archive_is_read_with_or_without_one_more_folder(tmp_path: Path, top: str) -> None:
    path = archive(tmp_path / "a.zip", {f"{top}{WANTED}": b"{}", f"{top}{OTHER}": b"x", "__MACOSX/._x": b""})
    assert read(path) == {WANTED: b"{}", OTHER: b"x"}


def test_what_is_not_there_is_not_in_the_answer(tmp_path: Path) -> None:
    assert read(tmp_path) == {}


def test_a_link_to_a_file_is_not_followed(tmp_path: Path) -> None:
    secret = put(tmp_path, "elsewhere/solution.json", b"the answer")
    link = tmp_path / "alice" / WANTED
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    assert "is a link" in why(tmp_path / "alice")


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, f"elsewhere/{WANTED}", b"the answer")
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice/policies").symlink_to(tmp_path / "elsewhere/policies")
    assert "is a link" in why(tmp_path / "alice")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / WANTED
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert "not a plain file" in why(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / WANTED).mkdir(parents=True)
    assert isinstance(read(tmp_path)[WANTED], SubmissionError)


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    put(tmp_path, "policies", b"")
    assert isinstance(read(tmp_path)[WANTED], SubmissionError)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = put(tmp_path, WANTED, b"")
    os.truncate(path, LARGEST_FILE + 1)
    assert "larger than" in why(tmp_path)


def test_entries_that_lead_out_of_the_archive_are_left_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = archive(
        tmp_path / "in/a.zip",
        {
            "../escaped": b"out",
            "/tmp/skylab-slipped": b"out",
            "..\\escaped": b"out",
            f"x/../{WANTED}": b"out",
            WANTED: b"{}",
        },
    )
    assert read(path) == {WANTED: b"{}"}
    assert sorted(found.name for found in tmp_path.rglob("*")) == ["a.zip", "in"]
    assert not Path("/tmp/skylab-slipped").exists()


def test_a_bomb_is_not_unpacked_further_than_it_may_be_large(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    bomb(path, WANTED, 2 << 30)
    assert path.stat().st_size < 8 << 20
    assert "larger than" in why(path)


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "many.zip", {f"file{i}": b"" for i in range(20_001)})
    with pytest.raises(SubmissionError, match="20001 entries"):
        read(path)


def test_a_link_in_an_archive_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo(WANTED)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    assert "not a plain file" in why(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_ambiguous(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(WANTED, "1")
        file.writestr(WANTED, "2")
    assert "2 times" in why(path)


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04" * 100])
def test_what_is_no_archive_is_an_error_of_its_own(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SubmissionError, match="cannot be read"):
        read(put(tmp_path, "a.zip", data))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = archive(tmp_path_factory.mktemp("zip") / "a.zip", {WANTED: b"{}" * 50, OTHER: b"x"})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        found = read(path)
    except SubmissionError:
        return
    assert set(found) <= {WANTED, OTHER}


def test_submissions_are_named_after_their_folder_or_archive(tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    archive(tmp_path / "bob.zip", {})
    archive(tmp_path / "alice.zip", {})
    put(tmp_path, "notes.txt", b"")
    put(tmp_path, ".hidden/x", b"")
    (tmp_path / "link").symlink_to("/etc")
    listing = find_submissions(tmp_path)
    assert [(each.student, each.source) for each in listing.submissions] == [
        ("alice", "alice"),
        ("alice", "alice.zip"),
        ("bob", "bob.zip"),
    ]
    assert [source for source, _ in listing.errors] == ["link", "notes.txt"]


POLICY, ANSWER = b'{"Statement": []}', b'read = "Allow"\n'


def exercises() -> list[Exercise]:
    course = load_course()
    return [course.exercise("bucket-or-object"), course.exercise("read-a-statement")]


def works(submission: Submission) -> dict[str, str]:
    """What a submission holds, by the exercise's name."""
    found = submission.read(exercises()).works.items()
    return {name.partition("/")[2]: each.text for name, each in found if isinstance(each, Work)}


def test_single_files_count_as_one_submission_of_the_student_who_is_named_first(tmp_path: Path) -> None:
    put(tmp_path, "alice--bucket-or-object.json", POLICY)
    put(tmp_path, "alice--policies--read-a-statement.toml", ANSWER)
    put(tmp_path, "a--b--read-a-statement.toml", ANSWER)
    put(tmp_path, "--read-a-statement.toml", ANSWER)
    put(tmp_path, "alice--nothing.json", b"")
    listing = find_submissions(tmp_path, exercises())
    assert {each.source: (each.student, works(each)) for each in listing.submissions} == {
        "alice--*": (
            "alice",
            {"bucket-or-object": POLICY.decode(), "read-a-statement": ANSWER.decode()},
        ),
        "a--b--*": ("a--b", {"read-a-statement": ANSWER.decode()}),
    }
    assert [source for source, _ in listing.errors] == ["--read-a-statement.toml", "alice--nothing.json"]


def test_a_notebook_is_a_submission_by_itself_or_beside_single_files(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": 'check("read-a-statement", {"read": "Allow"})'}
    notebook = json.dumps({"nbformat": 4, "cells": [cell]}).encode()
    put(tmp_path, "bob.ipynb", notebook)
    put(tmp_path, "carol--4-policies.ipynb", notebook)
    put(tmp_path, "carol--bucket-or-object.json", POLICY)
    put(tmp_path, "dave/mine/4-policies.ipynb", notebook)
    found = {
        each.student: sorted(works(each)) for each in find_submissions(tmp_path, exercises()).submissions
    }
    assert found == {
        "bob": ["read-a-statement"],
        "carol": ["bucket-or-object", "read-a-statement"],
        "dave": ["read-a-statement"],
    }


def test_in_a_folder_a_file_may_bear_the_name_of_its_exercise(tmp_path: Path) -> None:
    put(tmp_path, "alice/bucket-or-object.json", b"{}")
    put(tmp_path, "alice/read-a-statement.toml", ANSWER)
    put(tmp_path, f"alice/{WANTED}", POLICY)
    (submission,) = find_submissions(tmp_path, exercises()).submissions
    assert works(submission) == {
        "bucket-or-object": POLICY.decode(),
        "read-a-statement": ANSWER.decode(),
    }, "the file of the workspace comes first"


def test_a_file_that_is_still_the_starter_gives_way_to_the_notebook(tmp_path: Path) -> None:
    exercise = exercises()[0]
    put(tmp_path, f"alice/{WANTED}", exercise.starter(exercise.variant("alice")).encode())
    cell = {"cell_type": "code", "source": f'check("bucket-or-object", {POLICY.decode()!r})'}
    put(tmp_path, "alice/4-policies.ipynb", json.dumps({"nbformat": 4, "cells": [cell]}).encode())
    (submission,) = find_submissions(tmp_path, exercises()).submissions
    assert works(submission)["bucket-or-object"] == POLICY.decode()


def test_a_damaged_notebook_costs_the_exercises_of_its_unit_and_is_reported(tmp_path: Path) -> None:
    put(tmp_path, f"alice/{OTHER}", ANSWER)
    put(tmp_path, "alice/4-policies.ipynb", b"torn")
    (submission,) = find_submissions(tmp_path, exercises()).submissions
    reading = submission.read(exercises())
    assert works(submission) == {"read-a-statement": ANSWER.decode()}
    assert isinstance(reading.works["policies/bucket-or-object"], SubmissionError)
    assert reading.fault is not None
    assert "4-policies.ipynb" in reading.fault.detail


def test_the_one_archive_in_a_submission_is_looked_into_once(tmp_path: Path) -> None:
    innermost = archive(tmp_path / "innermost.zip", {WANTED: POLICY}).read_bytes()
    inner = archive(tmp_path / "inner.zip", {WANTED: POLICY, "x.zip": innermost}).read_bytes()
    put(tmp_path, "class/alice/work.zip", inner)
    archive(tmp_path / "class/bob.zip", {"work.zip": inner})
    archive(
        tmp_path / "class/carol.zip", {"a.zip": archive(tmp_path / "b.zip", {"c.zip": inner}).read_bytes()}
    )
    found = {each.student: works(each) for each in find_submissions(tmp_path / "class").submissions}
    assert found["alice"] == found["bob"] == {"bucket-or-object": POLICY.decode()}
    assert found["carol"] == {}


def test_submissions_whose_names_look_alike_are_told_apart(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"caf\xea"):
        (tmp_path / os.fsdecode(name)).mkdir()
    put(tmp_path, "a--read-a-statement.toml", ANSWER)
    (tmp_path / "a--*").mkdir()
    sources = [each.source for each in find_submissions(tmp_path, exercises()).submissions]
    assert sources == ["a--*", "a--* (2)", "caf\ufffd", "caf\ufffd (2)"]


def test_what_holds_no_work_at_all_is_said(tmp_path: Path) -> None:
    put(tmp_path, "alice/essay.docx", b"x")
    (submission,) = find_submissions(tmp_path).submissions
    fault = submission.read(exercises()).fault
    assert fault is not None
    assert "essay.docx" in fault.detail


def test_students_are_known_by_the_rosters_key(tmp_path: Path) -> None:
    (tmp_path / "4711").mkdir()
    (tmp_path / "mallory").mkdir()
    roster = Roster((Entry("alice", "Alice A", {"ID": "4711"}),))
    listing = find_submissions(tmp_path).known_by(roster)
    assert [(each.student, each.source) for each in listing.submissions] == [
        ("alice", "4711"),
        ("mallory", "mallory"),
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_that_is_packed_in_an_unusual_way_is_not_unpacked(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr(WANTED, "{}")
    assert "packed in a way" in why(path)


def test_a_locked_entry_is_named(tmp_path: Path) -> None:
    raw = bytearray(archive(tmp_path / "a.zip", {WANTED: b"{}"}).read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert "locked with a password" in why(put(tmp_path, "b.zip", bytes(raw)))


def test_an_archive_with_an_endless_list_of_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    listed = entry * 100_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(listed), 0, 0)
    with pytest.raises(SubmissionError, match="list of entries"):
        read(put(tmp_path, "a.zip", listed + end))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no such folder"):
        find_submissions(tmp_path / "nowhere")


def test_text_with_a_mark_at_its_start_is_read_without_it() -> None:
    assert text_of(b"\xef\xbb\xbfx = 1\r\n") == "x = 1\r\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("é".encode("latin-1"), "not UTF-8: byte 1 is 0xe9"),
        ("x = 1".encode("utf-16"), "UTF-16"),
        (b"x = \0", "zero byte at position 5"),
    ],
)
def test_what_is_no_text_is_named_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(SubmissionError, match=says):
        text_of(data)
