"""The text of an address block, read strictly; and `diagnose`, which says what a bad one probably meant.

An address block is an address, a slash and a prefix length: 10.0.0.0/16, 2001:db8:1234:1a00::/56. Octets have
no leading zeros, for programs disagree whether those are octal. Sources: RFC 4632, "CIDR"; RFC 4291, "IP
Version 6 Addressing Architecture"; Python documentation, "ipaddress".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from typing import Final, NamedTuple, TypeAlias

from labs.aws.network.addresses import reading4, reading6, reading_form
from labs.aws.network.addresses.reading_form import FORM, Problem, Repair, show

__all__ = ["Diagnosis", "Parts", "Problem", "diagnose", "strictly"]

_LONGEST: Final = 200
"""No block has as many characters; what is longer is not looked at closely."""

_IPV4: Final = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})/([0-9]{1,2})", re.ASCII)
_IPV6: Final = re.compile(r"([0-9a-fA-F:.]*:[0-9a-fA-F:.]*)/([0-9]{1,3})", re.ASCII)


class Parts(NamedTuple):
    """What a text says: the IP version, the address as a number, the prefix length."""

    version: int
    address: int
    prefix: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a text, in the order in which it was found, and the block it probably meant."""

    text: str
    problems: tuple[Problem, ...]
    meant: str | None


def strictly(text: str) -> Parts | None:
    """The parts of a text that is a block; None when it is not one."""
    if match := _IPV4.fullmatch(text):
        *octets, prefix = match.groups()
        numbers = [int(octet) for octet in octets]
        plain = all(str(number) == octet for number, octet in zip(numbers, octets, strict=True))
        if not plain or max(numbers) > 255 or int(prefix) > 32 or str(int(prefix)) != prefix:
            return None
        first, second, third, fourth = numbers
        return Parts(4, first << 24 | second << 16 | third << 8 | fourth, int(prefix))
    if match := _IPV6.fullmatch(text):
        address, prefix = match.groups()
        if int(prefix) > 128 or str(int(prefix)) != prefix:
            return None
        try:
            return Parts(6, int(IPv6Address(address)), int(prefix))
        except AddressValueError:
            return None
    return None


def diagnose(text: str) -> Diagnosis:
    """What is wrong with a text; never raises, and a block has no problems."""
    problems: list[Problem] = []
    left = text if isinstance(text, str) else ""
    if strictly(left):
        return Diagnosis(left, (), left)
    if len(left) <= _LONGEST:
        for check in _CHECKS:
            for problem, repaired in check(left):
                problems.append(problem)
                if repaired == left:
                    return Diagnosis(text, tuple(problems), None)
                left = repaired
            if strictly(left):
                return Diagnosis(text, tuple(problems), left)
    problems.append(Problem("This is no address block", f"It is {show(left)}.", FORM))
    return Diagnosis(text, tuple(problems), None)


_Check: TypeAlias = Callable[[str], Repair]


def _by_version(text: str) -> Repair:
    """What only one version of IP can have wrong, check by check on what the earlier ones repaired."""
    for check in reading6.CHECKS if ":" in text else reading4.CHECKS:
        for problem, repaired in check(text):
            yield problem, repaired
            text = repaired


_CHECKS: Final[tuple[_Check, ...]] = (*reading_form.CHECKS, _by_version)
