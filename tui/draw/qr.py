"""An address as a QR code, for phones that are too far away to type it from.

Byte mode at error correction level L in versions 1 to 4, each of which is one block; mask 0. A mask only
helps where print is bad, and every reader takes any. Source: ISO/IEC 18004:2015, clauses 7.3 to 7.9.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["modules"]

_SIZES = {1: (19, 7), 2: (34, 10), 3: (55, 15), 4: (80, 20)}
"""By version: how many codewords of data a code of level L holds, and how many of error correction."""
_LEVEL_AND_MASK = 0b01_000

Grid = dict[tuple[int, int], bool]
"""Which modules are dark, by row and column."""


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The rows of the code that says a text, True where it is dark; without the quiet zone around it.

    Raises:
        ValueError: the text has more than 78 bytes.
    """
    said = text.encode()
    version = next((each for each, (held, _) in _SIZES.items() if len(said) + 2 <= held), None)
    if version is None:
        raise ValueError(f"{len(said)} bytes do not fit a QR code of version 4")
    data = _data(said, _SIZES[version][0])
    codewords = data + _correction(data, _SIZES[version][1])
    size = 17 + 4 * version
    grid = _patterns(version, size)
    bits = ((byte >> place) & 1 for byte in codewords for place in range(7, -1, -1))
    for row, column in _free_places(size, grid):
        grid[row, column] = bool(next(bits, 0)) ^ ((row + column) % 2 == 0)
    return tuple(tuple(grid[row, column] for column in range(size)) for row in range(size))


def _data(said: bytes, held: int) -> bytes:
    """The codewords of the data: mode, length, bytes, an end, and what fills the rest."""
    number = (0b0100 << 8 | len(said)) << 8 * len(said) | int.from_bytes(said, "big")
    whole = (number << 4).to_bytes(len(said) + 2, "big")
    return (whole + b"\xec\x11" * held)[:held]


def _correction(data: bytes, length: int) -> bytes:
    """The Reed-Solomon codewords: what is left when the data is divided by the generator."""
    exponents, logarithms = _field()
    generator = [1]
    for power in range(length):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator, 1):
            shifted[place] ^= exponents[(logarithms[factor] + power) % 255]
        generator = shifted
    rest = [*data, *[0] * length]
    for place in range(len(data)):
        if lead := rest[place]:
            for offset, factor in enumerate(generator):
                rest[place + offset] ^= exponents[(logarithms[factor] + logarithms[lead]) % 255]
    return bytes(rest[len(data) :])


def _field() -> tuple[list[int], dict[int, int]]:
    """The powers of 2 in the field of 256 that x^8 + x^4 + x^3 + x^2 + 1 makes, and their logarithms."""
    exponents, value = [], 1
    for _ in range(255):
        exponents.append(value)
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return exponents, {value: power for power, value in enumerate(exponents)}


def _patterns(version: int, size: int) -> Grid:
    """What every code of a version has: three finders, two lines of timing, one alignment, its format."""
    grid: Grid = {}
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        _square(grid, row + 3, column + 3, 4, size)
    for place in range(8, size - 8):
        grid[6, place] = grid[place, 6] = place % 2 == 0
    if version > 1:
        _square(grid, size - 7, size - 7, 2, size)
    _format(grid, size)
    return grid


def _square(grid: Grid, row: int, column: int, reach: int, size: int) -> None:
    """Rings around a middle: dark at 0, 1 and 3 of a finder, at 0 and 2 of an alignment pattern."""
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if 0 <= row + down < size and 0 <= column + right < size:
                ring = max(abs(down), abs(right))
                grid[row + down, column + right] = ring in ((0, 2) if reach == 2 else (0, 1, 3))


def _format(grid: Grid, size: int) -> None:
    """The level and the mask with their own error correction, twice; and the module that is always dark."""
    rest = _LEVEL_AND_MASK << 10
    for place in range(14, 9, -1):
        if rest >> place & 1:
            rest ^= 0x537 << place - 10
    bits = (_LEVEL_AND_MASK << 10 | rest) ^ 0x5412
    along = [0, 1, 2, 3, 4, 5, 7, 8]
    first = [(each, 8) for each in along] + [(8, each) for each in reversed(along[:-1])]
    second = [(8, size - 1 - each) for each in range(8)] + [(size - 7 + each, 8) for each in range(7)]
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        grid[one] = grid[other] = bool(bits >> place & 1)
    grid[size - 8, 8] = True


def _free_places(size: int, grid: Grid) -> Iterator[tuple[int, int]]:
    """Where data stands: in pairs of columns from the right, by turns upward and downward."""
    taken = set(grid)
    upward = True
    for right in range(size - 1, 0, -2):
        column = right if right > 6 else right - 1
        for row in range(size - 1, -1, -1) if upward else range(size):
            yield from (place for place in ((row, column), (row, column - 1)) if place not in taken)
        upward = not upward
