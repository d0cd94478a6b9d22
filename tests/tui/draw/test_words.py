"""Text from outside, made harmless and short."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tui.draw.words import clipped, counted, listed, short_principal, shown


@given(st.text())
def test_shown_text_holds_no_character_that_a_terminal_obeys(text: str) -> None:
    page = io.StringIO()
    Console(file=page, width=10_000, highlight=False).print(shown(text))

    printed = page.getvalue().replace("\n", "")
    assert all(each.isprintable() or each.isspace() for each in printed if each < "\xa0")
    assert not {"\x1b", "\u202e", "\u2066", "\x9b"} & set(printed)


@given(st.text(alphabet="[]/bold#@ xyz"))
def test_shown_text_is_never_taken_for_markup(text: str) -> None:
    assert shown(text).plain == text


@given(st.text(min_size=1), st.integers(min_value=3, max_value=40))
def test_clipped_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = clipped(text, width)

    assert len(short) <= width
    assert short[0] == text[0]
    assert short[-1] == text[-1]


def test_one_is_not_many() -> None:
    assert (counted(1, "hint"), counted(2, "hint"), counted(0, "hint")) == ("1 hint", "2 hints", "0 hints")


def test_a_long_list_says_how_many_more_there_are() -> None:
    assert listed(tuple("abc")) == "a, b, c"
    assert listed(tuple("abcdefgh")) == "a, b, c, d, e, f and 2 more"


@pytest.mark.parametrize(
    ("arn", "short"),
    [
        ("arn:aws:iam::123456789012:user/alice", "user/alice"),
        ("arn:aws:sts::123456789012:assumed-role/app/i-0a1", "app/i-0a1"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_principal_is_short_where_there_is_little_room(arn: str, short: str) -> None:
    assert short_principal(arn) == short
