"""Exact arithmetic for money: nothing is rounded but the quotient of a division, at its 40th digit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

__all__ = ["add", "plain", "quotient", "shown", "subtract", "times", "total"]

# Wide enough for the sum of any products that a bill can hold: such a sum has no digit to round.
_EXACT: Final = Context(prec=250)
_DIVIDE: Final = Context(prec=40)
_CENT: Final = Decimal("0.01")


def times(a: Decimal | int, b: Decimal | int) -> Decimal:
    """The exact product."""
    return _EXACT.multiply(a, b)


def add(a: Decimal, b: Decimal | int) -> Decimal:
    """The exact sum."""
    return _EXACT.add(a, b)


def subtract(a: Decimal, b: Decimal | int) -> Decimal:
    """The exact difference. (A minus before a Decimal rounds it to the 28 digits of Python's own context.)"""
    return _EXACT.subtract(a, b)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum of all."""
    result = Decimal(0)
    for number in numbers:
        result = _EXACT.add(result, number)
    return result


def quotient(a: Decimal | int, b: Decimal | int) -> Decimal:
    """The quotient, to 40 significant digits where it never ends."""
    return _DIVIDE.divide(Decimal(a), Decimal(b))


def shown(amount: Decimal, places: int = 2) -> Decimal:
    """The amount for a reader: half up to some places, 2 of them as on a bill."""
    return amount.quantize(_CENT if places == 2 else Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)


def plain(number: Decimal) -> str:
    """Every digit of the number, with neither an exponent nor zeros at its end: `11.882`."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
