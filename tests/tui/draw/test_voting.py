"""Where a class votes, as the last row sees it."""

from __future__ import annotations

import pytest
from rich.console import Console, Group

from tui.draw.voting import Large, Place, join_drawn, large, place_drawn
from tui.draw.words import THEME


def drawn(place: Place, width: int = 76) -> str:
    console = Console(width=width, theme=THEME, color_system=None)
    with console.capture() as captured:
        console.print(Group(*place_drawn(place)))
    return captured.get()


def test_an_address_stands_in_letters_of_three_lines() -> None:
    assert large("10.2:8") == (
        "▀█  █▀█   ▀▀█ ▄ █▀█",
        " █  █ █   █▀▀ ▄ █▀█",
        "▀▀▀ ▀▀▀ ▀ ▀▀▀   ▀▀▀",
    )


def test_every_letter_of_an_address_has_a_form_of_its_own() -> None:
    forms = [large(letter) for letter in "0123456789abcdef.:[]"]

    assert all(forms)
    assert len(set(forms)) == len(forms)
    assert large("x") == ()


@pytest.mark.parametrize("host", ["255.255.255.255:65535", "[fd00:1:2::20]:8000"])
def test_a_long_address_fits_an_ordinary_screen(host: str) -> None:
    assert len(large(host)[0]) <= 76


def test_where_the_large_letters_do_not_fit_another_form_stands() -> None:
    console = Console(width=30, theme=THEME, color_system=None)
    with console.capture() as captured:
        console.print(Large("192.168.1.20:8000", "another form"))

    assert captured.get() == "another form\n"


def test_an_open_vote_says_where_to_vote_what_came_and_how_it_ends() -> None:
    said = drawn(Place("192.168.1.20:8000", by_phone=3, by_hand=2))

    assert "http://192.168.1.20:8000   3 by phone, 2 by hand" in said
    assert "Bound to this address. a to scan it, c closes the vote, Esc twice ends it." in said
    assert "█" in said


def test_a_closed_vote_names_no_address() -> None:
    assert drawn(Place("192.168.1.20:8000", open=False, by_phone=3)) == "The vote is closed: 3 by phone.\n"


def test_a_slide_without_a_poll_names_the_address_and_nothing_to_close() -> None:
    said = drawn(Place("192.168.1.20:8000", asking=False, open=False))

    assert "http://192.168.1.20:8000" in said
    assert "closes" not in said


def test_the_address_to_be_scanned_is_a_code_with_light_all_around_it() -> None:
    console = Console(width=80, theme=THEME, color_system=None)
    with console.capture() as captured:
        console.print(join_drawn(Place("192.168.1.20:8000")))
    said = captured.get()
    code = [line[2:31] for line in said.splitlines()[1:]]

    assert "http://192.168.1.20:8000" in said
    assert len(code) == 15  # 25 modules, two lines a character, and a margin
    assert code[0] == code[-1] == "█" * 29
    assert all(line[:2] == line[-2:] == "██" for line in code)


def test_a_warning_is_marked_by_more_than_a_colour() -> None:
    assert "! Anybody can open it." in drawn(Place("52.95.110.1", warning="Anybody can open it."))
