"""QR codes: one that a reader has read, the standard's arithmetic, and a reader of our own for the rest.

`qr_code.txt` is the code of `http://192.168.1.20:8000`; ZBar 0.23.92 reads that address from it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.draw.qr import _correction, modules

FINDER = ("#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######")
HELD = {21: 19, 25: 34, 29: 55, 33: 80}
"""Codewords of data by the size of a code of level L: ISO/IEC 18004:2015, table 7."""

Code = tuple[tuple[bool, ...], ...]


def read(code: Code) -> bytes:
    """What a code of level L and mask 0 says."""
    size = len(code)
    bits = ""
    columns = [*range(size - 1, 6, -2), 5, 3, 1]
    for turn, right in enumerate(columns):
        rows = range(size) if turn % 2 else range(size - 1, -1, -1)
        for row in rows:
            for column in (right, right - 1):
                if not taken(row, column, size):
                    bits += "01"[code[row][column] != ((row + column) % 2 == 0)]
    assert bits[:4] == "0100"
    length = int(bits[4:12], 2)
    said = bits[12 : 12 + 8 * length]
    assert 12 + 8 * length <= 8 * HELD[size]
    return bytes(int(said[place : place + 8], 2) for place in range(0, len(said), 8))


def taken(row: int, column: int, size: int) -> bool:
    """Whether no data stands at a place: finders with their format, timing, and the alignment pattern."""
    corner = (row < 9 and column < 9) or (row < 9 and column >= size - 8) or (row >= size - 8 and column < 9)
    aligned = size > 21 and abs(row - (size - 7)) <= 2 and abs(column - (size - 7)) <= 2
    return corner or aligned or row == 6 or column == 6


def text_of(code: Code) -> list[str]:
    return ["".join(".#"[dark] for dark in row) for row in code]


def test_an_address_has_the_code_that_a_reader_has_read() -> None:
    kept = Path(__file__).with_name("qr_code.txt").read_text("utf-8").split()

    assert text_of(modules("http://192.168.1.20:8000")) == kept


def test_the_correction_is_the_one_of_the_standard_s_arithmetic() -> None:
    # ISO/IEC 18004:2015, annex I: the symbol of 01234567, version 1-M.
    data = bytes.fromhex("10 20 0C 56 61 80 EC 11 EC 11 EC 11 EC 11 EC 11")

    assert _correction(data, 10) == bytes.fromhex("A5 24 D4 C1 ED 36 C7 87 2C 55")


@settings(derandomize=True, max_examples=60)
@given(st.text(min_size=1, max_size=78).filter(lambda text: 1 <= len(text.encode()) <= 78))
def test_what_a_code_says_can_be_read_from_it(text: str) -> None:
    assert read(modules(text)) == text.encode()


@pytest.mark.parametrize(("length", "size"), [(1, 21), (17, 21), (18, 25), (32, 25), (53, 29), (78, 33)])
def test_a_code_is_as_small_as_it_can_be_with_a_finder_in_three_corners(length: int, size: int) -> None:
    code = text_of(modules("x" * length))

    assert len(code) == len(code[0]) == size
    for rows, columns in ((code[:7], slice(7)), (code[:7], slice(-7, None)), (code[-7:], slice(7))):
        assert tuple(row[columns] for row in rows) == FINDER
    # Level L with mask 0, as table C.1 of the standard has it with its own error correction.
    assert code[8][:6] + code[8][7:9] + code[7][8] + "".join(code[row][8] for row in range(5, -1, -1)) == (
        "###.#####...#.."
    )


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match="79 bytes"):
        modules("x" * 79)
