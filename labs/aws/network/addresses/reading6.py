"""What can be wrong with the text of an IPv6 block, and what it then probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from labs.aws.network.addresses.reading_form import FORM, Problem, Repair, prefix_problems, show

__all__ = ["CHECKS"]

_GROUPS: Final = "Eight groups of up to four hexadecimal digits; :: stands once for groups of zeros."


def _colon_for_slash(text: str) -> Repair:
    """10.0.0.0:24, which has a colon and is IPv4."""
    if match := re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3}):([0-9]{1,5})(/.*)?", text):
        address, number, rest = match.groups()
        detail = f"A colon stands before {number}."
        if rest is None and int(number) <= 32:
            yield Problem("A slash stands before the prefix length", detail, FORM), f"{address}/{number}"
        else:
            repaired = f"{address}{rest or ''}"
            yield Problem("A port is no part of an address block", detail, FORM), repaired


def _zone(text: str) -> Repair:
    if match := re.fullmatch(r"([^%/]*)%([^/]*)(/.*)?", text):
        detail = f"%{match[2]} names a network interface of one machine."
        yield Problem("A block has no zone", detail, "Leave it out."), match[1] + (match[3] or "")


def _blanks(text: str) -> Repair:
    bare = re.sub(r"\s+", "", text)
    if bare != text:
        yield Problem("Blanks stand inside the address block", f"It is {show(text)}.", FORM), bare


def _digits(text: str) -> Repair:
    address, slash, rest = text.partition("/")
    digits = address.translate(str.maketrans("OolI", "0011"))
    odd = next((each for each in address if not re.fullmatch(r"[0-9a-fA-F:.]", each)), None)
    if odd is None:
        return
    detail = f"{odd} stands in {show(address)}."
    hint = "Only 0 to 9 and a to f."
    yield Problem("A character is no hexadecimal digit", detail, hint), f"{digits}{slash}{rest}"


def _groups(text: str) -> Repair:
    address, slash, rest = text.partition("/")
    if not re.fullmatch(r"[0-9a-fA-F:]+", address):
        return
    if ":::" in address:
        address = re.sub(r":{3,}", "::", address)
        yield Problem("Three colons in a row", f"It is {show(text)}.", _GROUPS), f"{address}{slash}{rest}"
    if address.count("::") > 1:
        detail = f"In {show(address)} it stands more than once: nobody could tell how many groups each is."
        yield Problem(":: stands only once", detail, _GROUPS), f"{address}{slash}{rest}"
        return
    if re.search(r"(?<!:):$", address) or re.search(r"^:(?!:)", address):
        address = re.sub(r"(?<!:):$", "::", re.sub(r"^:(?!:)", "::", address))
        detail = "An address neither begins nor ends with a single colon."
        yield Problem("A colon is missing", detail, _GROUPS), f"{address}{slash}{rest}"
    groups = [group for group in address.split(":") if group]
    if (long := next((group for group in groups if len(group) > 4), None)) is not None:
        short = long.lstrip("0") or "0"
        if len(short) <= 4:
            address = ":".join(short if group == long else group for group in address.split(":"))
        detail = f"The group {long[:20]} has {len(long)}."
        yield Problem("A group has four digits at most", detail, _GROUPS), f"{address}{slash}{rest}"
    if "::" not in address and len(groups) < 8:
        detail = f"{address} has {len(groups)} groups of eight, and no :: that stands for the others."
        yield Problem("Groups are missing", detail, f"Write {address}::."), f"{address}::{slash}{rest}"
    elif len(groups) > 8 or ("::" in address and len(groups) == 8):
        detail = f"{show(address)} has {len(groups)}{' and ::' if '::' in address else ''}."
        repaired = re.sub("::", ":", address).strip(":") if len(groups) == 8 else address
        yield Problem("An IPv6 address has eight groups", detail, _GROUPS), f"{repaired}{slash}{rest}"


def _prefix(text: str) -> Repair:
    address, slash, prefix = text.partition("/")
    if slash and prefix:
        yield from prefix_problems(address, prefix, 128)
    elif re.fullmatch(r"[0-9a-fA-F:.]+", address):
        guess = 64 if address.endswith("::") else 128
        detail = f"{address} alone does not say how large the block is; a block of one address is a /128."
        yield Problem("The prefix length is missing", detail, FORM), f"{address}/{guess}"


CHECKS: Final[tuple[Callable[[str], Repair], ...]] = (
    _colon_for_slash,
    _zone,
    _blanks,
    _digits,
    _groups,
    _prefix,
)
