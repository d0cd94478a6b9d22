from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labs.errors import JournalError
from labs.sandbox.entries import Change
from labs.sandbox.journal import Deed, Journal, JournalEntry, Mint, read_journal
from labs.sandbox.raw import RawRequest

NOON = datetime(2026, 1, 31, 12, 0, 0, 250, tzinfo=UTC)
MOTO = "5.2.5"


def request(body: bytes = b"hello", target: str = "/bucket/key?a=%2F") -> RawRequest:
    headers = (("Host", "127.0.0.1:4566"), ("X-Amz-Meta-Name", "Zo\u00eb"), ("X-Amz-Meta-Name", "twice"))
    return RawRequest("PUT", target, headers, body, NOON)


def entry(number: int = 1, change: Change | None = None) -> JournalEntry:
    return JournalEntry(number, NOON, change or request())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.jsonl"


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(seed=7)
    journal.mark()
    yield journal
    journal.close()


@pytest.mark.parametrize(
    "change",
    [
        request(),
        request(bytes(range(256))),
        request(b""),
        request("Zoë\n".encode()),
        Mint("instance", "i-0"),
        Deed("advance", {"seconds": 1.5}),
    ],
    ids=["text", "bytes", "empty", "unicode", "mint", "deed"],
)
def test_an_entry_survives_the_way_through_a_file(journal: Journal, path: Path, change: Change) -> None:
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(1, change))
    journal.close()
    assert read_journal(path).entries == (entry(1, change),)


def test_a_file_says_what_it_is(journal: Journal, path: Path) -> None:
    journal.open(path, "policies/bucket-or-object#7", MOTO)
    journal.close()
    held = read_journal(path)
    assert (held.label, held.seed, held.moto) == ("policies/bucket-or-object#7", 7, MOTO)


def test_an_entry_is_in_the_file_when_append_returns(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    for number in (1, 2, 3):
        journal.append(entry(number))
        assert len(read_journal(path).entries) == number


def test_numbers_count_up_from_one_after_the_mark_and_down_before() -> None:
    journal = Journal(seed=0)
    assert [journal.next_number() for _ in range(2)] == [-1, -2]
    journal.mark()
    journal.mark()
    assert [journal.next_number() for _ in range(2)] == [1, 2]


def test_a_replayed_change_keeps_its_number_and_the_next_one_follows_it(journal: Journal) -> None:
    with journal.numbered(41):
        assert journal.next_number() == 41
    assert journal.next_number() == 42


def test_what_comes_before_the_mark_is_kept_for_a_reset_and_not_written(path: Path) -> None:
    journal = Journal(seed=0)
    journal.append(entry(-1))
    journal.mark()
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(1))
    journal.close()
    assert journal.preparation == [entry(-1)]
    assert read_journal(path).entries == (entry(1),)


def test_a_torn_last_line_is_ignored_and_cut_off_when_the_journal_goes_on(
    journal: Journal, path: Path
) -> None:
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(1))
    journal.append(entry(2))
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    held = read_journal(path)
    assert held.entries == (entry(1),)
    assert held.torn > 0
    journal.open(path, "sandbox", MOTO, torn=held.torn)
    journal.append(entry(2))
    journal.close()
    assert path.read_bytes() == whole


def test_every_place_where_a_line_can_tear_leaves_the_entries_before_it(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(1))
    start = path.stat().st_size
    journal.append(entry(2, Mint("principal", "user/zoë")))
    journal.close()
    whole = path.read_bytes()
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        assert read_journal(path).entries == (entry(1),)


def test_two_worlds_cannot_write_to_one_journal(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    other = Journal(seed=7)
    with pytest.raises(JournalError, match="in use"):
        other.open(path, "sandbox", MOTO)
    journal.close()
    other.open(path, "sandbox", MOTO)
    other.close()


def test_a_journal_that_begins_again_sets_its_file_aside(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(journal.next_number()))
    journal.begin_again()
    assert journal.next_number() == 1
    assert read_journal(path).entries == ()
    assert read_journal(path.with_name("journal.jsonl~")).entries == (entry(1),)


def test_what_was_taken_back_stands_in_the_file_and_is_not_read(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    for number in (1, 2, 3):
        journal.append(entry(journal.next_number()))
        journal.note_checkpoint(f"after {number}", number, NOON)
    journal.note_rewind(1, NOON)
    assert journal.next_number() == 2
    journal.append(entry(2, Mint("principal", "user/dev")))
    journal.close()
    held = read_journal(path)
    assert held.entries == (entry(1), entry(2, Mint("principal", "user/dev")))
    assert held.names == {"after 1": 1}
    assert path.read_text().count("/bucket/key") == 3


def test_each_entry_is_found_again_at_its_place(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    entries = [entry(1), entry(2, Mint("principal", "user/zoë")), entry(3, request(bytes(range(256))))]
    places = [journal.append(each) for each in entries]
    assert journal.read(place for place in places if place) == tuple(entries)
    assert read_journal(path).places == tuple(places)


def test_without_a_file_a_temporary_one_holds_all(journal: Journal, path: Path) -> None:
    journal.append(entry(1))
    journal.note_checkpoint("here", 1, NOON)
    assert journal.held().entries == (entry(1),)
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(2))
    held = read_journal(path)
    assert held.entries == (entry(1), entry(2))
    assert held.names == {"here": 1}
    assert held.label == "sandbox"


def test_a_replayed_entry_of_the_own_file_is_not_written_again(journal: Journal, path: Path) -> None:
    journal.open(path, "sandbox", MOTO)
    place = journal.append(entry(1))
    with journal.numbered(1, place):
        assert journal.append(entry(1)) == place
    with journal.numbered(2):
        journal.append(entry(2))
    assert read_journal(path).entries == (entry(1), entry(2))


def test_a_file_says_how_far_ahead_its_clock_was(journal: Journal, path: Path) -> None:
    journal.offset = timedelta(days=400, microseconds=7)
    journal.open(path, "sandbox", MOTO)
    assert read_journal(path).offset == timedelta(days=400, microseconds=7)


def test_a_full_disk_leaves_no_half_line(
    journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.open(path, "sandbox", MOTO)
    journal.append(entry(1))
    file: Any = journal._file

    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

        def write(self, data: bytes) -> int:
            file.write(bytes(data)[:5])
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "_file", Full())
    with pytest.raises(JournalError, match="No space left"):
        journal.append(entry(2))
    monkeypatch.undo()
    journal.append(entry(2))
    assert read_journal(path).entries == (entry(1), entry(2))


HEADER = {"journal": "skylab", "version": 1, "label": "sandbox", "seed": 7, "moto": MOTO}
GOOD = entry(1).to_json()
BAD: dict[str, tuple[list[Any], str]] = {
    "empty": ([], "line 1: it is empty"),
    "not JSON": (["{"], "line 1: it is not JSON"),
    "a list": ([[1]], "line 1: it is not a JSON object"),
    "another file": ([{"cells": []}], "does not say that this is a journal"),
    "a later version": ([{**HEADER, "version": 2}], "another version"),
    "no seed": ([{**HEADER, "seed": None}], "names no seed"),
    "a bad line": ([HEADER, GOOD, "x"], "line 3: it is not JSON"),
    "no number": ([HEADER, {**GOOD, "number": "1"}], "line 2: it has no number"),
    "no time": ([HEADER, {**GOOD, "time": "noon"}], "its time is not one"),
    "an impossible time": ([HEADER, {**GOOD, "time": "2026-13-31T12:00:00.000000Z"}], "month must be"),
    "no change": ([HEADER, {"number": 1, "time": GOOD["time"]}], "neither a request nor a mint"),
    "bad headers": ([HEADER, {**GOOD, "request": {**GOOD["request"], "headers": [["a"]]}}], "not pairs"),
    "no arguments": ([HEADER, {**GOOD, "deed": {"kind": "advance"}}], "its arguments are not an object"),
    "no offset": ([{**HEADER, "offset": "far"}], "its offset is no number"),
    "an endless offset": ([{**HEADER, "offset": 1e300}], "its offset is no number"),
    "a rewind to nowhere": (
        [HEADER, {"time": GOOD["time"], "rewind": {"to": "x"}}],
        "its rewind names no change",
    ),
    "a nameless checkpoint": (
        [HEADER, {"time": GOOD["time"], "checkpoint": {"at": 1}}],
        "its name is not a text",
    ),
    "a timeless rewind": ([HEADER, {"rewind": {"to": 1}}], "its time is not one"),
    "no body": ([HEADER, {**GOOD, "request": {**GOOD["request"], "body": None}}], "its body is not a text"),
    "bad base64": ([HEADER, {**GOOD, "request": {**GOOD["request"], "body64": "?"}}], "line 2"),
}


@pytest.mark.parametrize(("lines", "message"), BAD.values(), ids=BAD)
def test_a_damaged_file_is_named_with_its_line(path: Path, lines: list[Any], message: str) -> None:
    path.parent.mkdir()
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_text(text)
    with pytest.raises(JournalError, match=message) as caught:
        read_journal(path)
    assert str(path) in caught.value.detail


def test_a_file_that_is_not_there_is_said_to_be_so(path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        read_journal(path)
