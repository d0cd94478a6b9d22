"""Drawings read out: a line a fact, and nothing that only an eye can use."""

from __future__ import annotations

import re

import pytest
from rich.console import Group
from rich.markdown import Markdown
from rich.text import Text

from tui.draw.layout import indented, page, row, rule
from tui.draw.words import marked
from tui.instruments import INSTRUMENTS
from tui.instruments.page import Instrument
from tui.lines.reading import read_out, worded


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ("✓ allowed", "allowed"),
        ("internet → web  tcp 443", "internet to web, tcp 443"),
        ("← no reply: the packet does not arrive", "no reply: the packet does not arrive"),
        ("January · 730 h", "January, 730 h"),
        ("10.0.0.0 – 10.0.3.255", "10.0.0.0 to 10.0.3.255"),
        ("EC2 compute   ▇▇▇▇▇▇▇    7.59", "EC2 compute, 7.59"),
        ("≈ $0.50", "about $0.50"),
        ("tcp 22    ✗ blocked on the way there", "tcp 22, blocked on the way there"),
        ("the clock moves  ◆\u00a0here", "the clock moves, named here"),
        ("  aws s3 ls", "  aws s3 ls"),
    ],
)
def test_signs_become_words(drawn: str, said: str) -> None:
    assert worded(drawn) == said


def test_a_row_is_a_line_with_its_sign_first() -> None:
    criterion = row(Text("✗", "denied"), Text("lists the bucket"), Text("0/2"), widths=(1, None, 7))

    assert list(read_out(page(criterion))) == ["no: lists the bucket, 0 of 2 points"]


def test_a_sign_at_the_end_of_a_row_is_said_first_too() -> None:
    hop = row(Text("→"), Text("network ACL"), Text("rule 100"), Text("✓"), widths=(1, 20, None, 1))

    assert list(read_out(hop)) == ["there, yes: network ACL, rule 100"]


def test_a_quiet_label_names_what_stands_beside_it() -> None:
    assert list(read_out(row(Text("action", "quiet"), Text("s3:GetObject"), widths=(10, None)))) == [
        "action: s3:GetObject"
    ]


def test_a_quiet_label_at_the_front_of_a_text_gets_a_colon() -> None:
    repair = Text.assemble(("repair  ", "quiet"), "Let tcp 22 in.")

    assert list(read_out(repair)) == ["repair: Let tcp 22 in."]


def test_rows_below_a_head_name_their_columns() -> None:
    widths = (10, 8, None)
    head = row(*(Text(each, "quiet") for each in ("subnet", "usable", "doubles to")), widths=widths)
    first = row(Text("web a"), Text("123"), Text("–"), widths=widths)

    assert list(read_out(page(head, first))) == ["subnet web a, usable 123, doubles to none"]


def test_a_text_of_several_lines_stays_as_it_was_written() -> None:
    program = "if a:\n    b  =  1  # → ✓"

    assert list(read_out(indented(Text(program), 4))) == program.splitlines()


def test_rules_part_paragraphs_and_two_of_them_part_no_more() -> None:
    drawing = Group(marked("✓", "right", "allowed"), rule(), Text(), Markdown("**Why:** so."))

    assert list(read_out(drawing)) == ["right", "", "Why: so."]


ANSWERING = [each for each in INSTRUMENTS if each.EXAMPLES]


@pytest.mark.parametrize("instrument", ANSWERING, ids=lambda each: each.__name__)
def test_every_answer_of_an_instrument_is_read_out_whole(instrument: type[Instrument]) -> None:
    values = {each.name: each.value for each in instrument.ENTRIES}
    for example in instrument.EXAMPLES:
        said = "\n".join(read_out(instrument().answer({**values, **example}, None).drawing))
        assert not re.search("[\u2500-\u259f✓✗◐○●]", said)
