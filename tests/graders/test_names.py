"""Names from strangers become harmless: on a screen, in a spreadsheet, as a file."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.names import cell, file_names, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢字", "plain é 漢字"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("abc\u202egpj", "abc\\u202egpj"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone \ud800", "lone \\ud800"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("carriage\rreturn", "carriage\\u000dreturn"),
        ("\x9b31m", "\\u009b31m"),
    ],
)
def test_what_steers_a_screen_is_shown_as_its_code(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_printable_text_can_always_be_written_and_steers_nothing(text: str) -> None:
    clean = printable(text)
    clean.encode("utf-8")
    assert all(character in "\n\t" or character.isprintable() or character.isspace() for character in clean)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("  =1", "'=1"),
        ("a\r\n=1", "a\\u000d =1"),
        ("alice", "alice"),
    ],
)
def test_no_cell_is_a_formula(text: str, shown: str) -> None:
    assert cell(text) == shown


@given(st.text())
def test_a_cell_survives_csv_and_never_begins_like_a_formula(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([cell(text)])
    ((value,),) = csv.reader(io.StringIO(out.getvalue()))
    assert value == cell(text)
    assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_plain_name_is_kept() -> None:
    assert file_names({"alice": "alice", "bob.zip": "bob"}) == {"alice": "alice", "bob.zip": "bob"}


def test_students_whose_names_collide_stay_apart() -> None:
    sources = {"ann": "ann", "Ann": "Ann", "ann.zip": "ann", "änn": "änn", "a/n": "a/n", "a?n": "a?n"}
    names = file_names(sources)
    assert len({name.casefold() for name in names.values()}) == len(sources)


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8))
def test_every_name_is_a_file_of_its_own_in_its_folder(students: dict[str, str]) -> None:
    names = file_names(students)
    assert len({name.casefold() for name in names.values()}) == len(students)
    for name in names.values():
        assert name
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert not name.startswith((".", "-"))
        assert len(name) <= 80
