"""Values for conditions on numbers, dates, addresses and bytes: a point in each interval that they cut.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Final

from labs.aws.iam.operators import date, number

__all__ = ["reads", "stands_in"]

_DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def stands_in(family: str, limits: Iterable[str], *, whole: bool, spare: bool) -> list[str]:
    """Texts that hold a point of each interval between the limits, and the limits themselves.

    Args:
        family: of the operators: "numeric", "date", "address" or "binary".
        limits: what the policies compare with.
        whole: numbers are whole.
        spare: give each number a second spelling, for conditions that compare it as a text.
    """
    if family == "address":
        return list(_addresses(limits))
    if family == "binary":
        return list(limits)
    read = date if family == "date" else number
    points = sorted({found for text in limits if (found := read(text)) is not None})
    if family == "date":
        return [_moment(value) for value in _numbers(points, (_DAY, 1), whole=False)]
    texts = [_figure(value) for value in _numbers(points, (1,), whole=whole)]
    if spare:
        texts += [f"{text}.0" for text in texts if text.lstrip("-").isdigit()]
    return texts


def reads(type: str | None, text: str) -> bool:
    """Whether a text is a value of the type."""
    if type == "bool":
        return text in ("true", "false")
    if type == "numeric":
        return number(text) is not None
    if type == "date":
        return date(text) is not None
    if type == "address":
        return _network(text) is not None and "/" not in text
    return True


def _numbers(points: list[Decimal], strides: tuple[int, ...], *, whole: bool) -> Iterator[Decimal]:
    """Points near the given ones, between them and beyond them.

    Numbers have up to two hundred digits and exponents of six, so that nothing here may spell one out.
    """
    with localcontext() as context:
        context.prec = 320
        context.Emax, context.Emin = 10**9, -(10**9)
        near = [base for point in points for base in (_floor(point), point)]
        yield from near
        for stride in strides:
            yield from (value for base in near for value in (base - stride, base + stride) if value >= 0)
        yield from (base - strides[-1] for base in near)
        if not whole:
            yield from ((low + high) / 2 for low, high in pairwise(points))
        yield from (point * factor for point in points[:1] + points[-1:] for factor in (2, -2))


def _floor(value: Decimal) -> Decimal:
    return value if value.adjusted() > 200 else value.to_integral_value(rounding="ROUND_FLOOR")


def _figure(value: Decimal) -> str:
    """The number as a person writes it, or with an exponent where that would be long."""
    if value.is_zero():
        return "0"
    if not -12 < value.adjusted() < 60:
        return str(value)
    return format(value.normalize() if value.as_tuple().exponent != 0 else value, "f")


def _moment(seconds: Decimal) -> str:
    """The moment in ISO 8601; in seconds since 1970 where it has a fraction, or is too far away."""
    if seconds == seconds.to_integral_value() and abs(seconds) < 10**11:
        try:
            return (_EPOCH + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")
        except OverflowError:
            pass
    return _figure(seconds)


def _addresses(limits: Iterable[str]) -> Iterator[str]:
    """The first address of each interval between the ends of the blocks, for both families."""
    starts: dict[int, set[int]] = {4: {0}, 6: {0}}
    for text in limits:
        if (network := _network(text)) is not None:
            first, last = int(network.network_address), int(network.broadcast_address)
            starts[network.version] |= {first, min(first + 1, last), last + 1}
    for address in sorted(starts[4]):
        if address < 1 << 32:
            yield str(ipaddress.IPv4Address(address))
    for address in sorted(starts[6]):
        if address < 1 << 128:
            yield str(ipaddress.IPv6Address(address))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
