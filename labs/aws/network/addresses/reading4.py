"""What can be wrong with the text of an IPv4 block, and what it then probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, summarize_address_range
from typing import Final

from labs.aws.network.addresses.reading_form import FORM, Problem, Repair, prefix_problems, show

__all__ = ["CHECKS"]

_QUAD: Final = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_BYTE: Final = "Each of the four numbers is a byte, from 0 to 255."


def _range(text: str) -> Repair:
    """10.0.0.0-10.0.0.255, or in short 10.0.0.0-255."""
    match = re.fullmatch(rf"({_QUAD})\s*(?:-|\.\.\.?|\bto\b)\s*({_QUAD}|[0-9]{{1,3}})", text)
    if match is None:
        return
    first, last = match.groups()
    if "." not in last:
        last = f"{first.rpartition('.')[0]}.{last}"
    try:
        low, high = IPv4Address(first), IPv4Address(last)
    except AddressValueError:
        return
    if low > high:
        hint, repaired = f"The first address comes first: {high}-{low}.", text
    else:
        blocks = [str(each) for each in summarize_address_range(low, high)]
        repaired = blocks[0] if len(blocks) == 1 else text
        named = ", ".join(blocks[:6]) + (f" and {len(blocks) - 6} more" if len(blocks) > 6 else "")
        hint = f"Write {named}." if len(blocks) == 1 else f"It takes {len(blocks)} blocks: {named}."
    yield Problem("This is a range, not a block", f"It goes from {first} to {last}.", hint), repaired


def _mask(text: str) -> Repair:
    """An address with a dotted mask: a netmask, or the wildcard mask of a router's access list."""
    match = re.fullmatch(rf"([^/\s]+)(?:/|\s+(?:mask\s+)?)({_QUAD})", text)
    if match is None:
        return
    address, mask = match.groups()
    try:
        number = int(IPv4Address(mask))
    except AddressValueError:
        number = -1
    inverse = number ^ 0xFFFF_FFFF
    if number >= 0 and inverse & (inverse + 1) == 0:
        prefix = 32 - inverse.bit_length()
        detail = f"{mask} is the netmask of a /{prefix}."
        yield Problem("A netmask stands for the prefix length", detail, FORM), f"{address}/{prefix}"
    elif number >= 0 and number & (number + 1) == 0:
        prefix = 32 - number.bit_length()
        detail = f"{mask} is the wildcard mask of a /{prefix}: routers' access lists turn the bits round."
        yield Problem("A wildcard mask stands for the prefix length", detail, FORM), f"{address}/{prefix}"
    else:
        detail = f"In {mask} the ones do not stand together at the left."
        yield Problem("This mask is no netmask", detail, FORM), text


def _wildcards(text: str) -> Repair:
    """10.0.*.*, 10.0.x.x"""
    octets = text.split("/")[0].split(".")
    known = [octet for octet in octets if octet not in ("*", "x", "X")]
    if len(octets) > 4 or len(known) == len(octets) or octets[: len(known)] != known:
        return
    if not known and "*" not in octets:
        return
    block = ".".join([*known, *["0"] * (4 - len(known))]) + f"/{8 * len(known)}"
    detail = f"It is {show(text)}: {'each star' if '*' in text else 'each x'} stands for a whole byte."
    yield Problem("A block has no wildcards", detail, f"Write {block}."), block


def _separators(text: str) -> Repair:
    """10,0,0,0/16; 10.0.0.0|16, 10.0.0.0 24"""
    dotted = re.sub(r"\s*,\s*", ".", text) if re.match(r"\s*\d+\s*,", text) else text
    slashed = re.sub(rf"^({_QUAD})\s*(?:[|_,;]|\s)\s*/?([0-9]{{1,2}})$", r"\1/\2", dotted)
    if slashed != text:
        detail = f"It is {show(text)}."
        yield Problem("Dots stand between the numbers, and a slash before the last", detail, FORM), slashed


def _blanks(text: str) -> Repair:
    bare = re.sub(r"\s+", "", text)
    if bare != text:
        yield Problem("Blanks stand inside the address block", f"It is {show(text)}.", FORM), bare


def _letters(text: str) -> Repair:
    """O for 0, l and I for 1: as a scan or a careless eye reads them."""
    digits = text.translate(str.maketrans("OolI", "0011"))
    if digits != text and re.fullmatch(r"[0-9./]+", digits):
        odd = next(each for each in text if each in "OolI")
        detail = f"The letter {odd} stands in {show(text)}."
        yield Problem("A letter stands for a digit", detail, "Only digits, dots and a slash."), digits


def _one_number(text: str) -> Repair:
    """0x0a000000/8, 167772160/8"""
    match = re.fullmatch(r"(0x[0-9a-f]{1,8}|[0-9]{4,10})/(.*)", text, re.IGNORECASE)
    if match is None or (number := int(match[1], 0 if "x" in match[1].lower() else 10)) >> 32:
        return
    dotted = f"{IPv4Address(number)}"
    detail = f"{match[1]} is {dotted}, written as one number."
    yield Problem("The address is written as one number", detail, _BYTE), f"{dotted}/{match[2]}"


def _octets(text: str) -> Repair:
    """The four numbers: how many there are, and what each of them is."""
    address, slash, rest = text.partition("/")
    octets = address.split(".")
    if text.startswith("/"):
        yield Problem("The address is missing", f"Nothing stands before {show(text)}.", FORM), text
        return
    if any(not re.fullmatch(r"[0-9]+", octet) for octet in octets if octet) or not any(octets):
        if re.search(r"[0-9]", address):
            odd = next((o for o in octets if o and not re.fullmatch(r"[0-9]+", o)), address)
            yield Problem("One of the numbers is no number", f"It is {show(odd)}.", _BYTE), text
        return
    if "" in octets:
        octets = [octet or "0" for octet in octets] if len(octets) <= 4 else [each for each in octets if each]
        repaired = ".".join(octets) + slash + rest
        detail = f"In {show(address)} a number is missing, or there is a dot too many."
        yield Problem("Between two dots stands nothing", detail, _BYTE), repaired
        text = repaired
    if len(octets) == 5 and not slash:
        octets, slash, rest = octets[:4], "/", octets[4]
        text = f"{'.'.join(octets)}/{rest}"
        yield (
            Problem("A slash stands before the prefix length", f"Here it is a dot, before {rest}.", FORM),
            text,
        )
    if len(octets) != 4:
        yield from _wrong_number_of_octets(octets, slash, rest)
        octets = [*octets, *["0"] * (4 - len(octets))]
        if len(octets) > 4:
            return
        text = f"{'.'.join(octets)}{slash}{rest}"
    yield from _bad_octets(octets, slash, rest, text)


def _wrong_number_of_octets(octets: list[str], slash: str, rest: str) -> Repair:
    address, count = ".".join(octets), len(octets)
    filled = ".".join([*octets, *["0"] * (4 - count)])
    repaired = f"{filled if count < 4 else address}{slash}{rest}"
    title = "An IPv4 address has four numbers"
    if count > 4:
        yield Problem(title, f"{show(address[:60])} has {count}.", _BYTE), repaired
    else:
        words = {1: "one", 2: "two", 3: "three"}[count]
        detail = (
            f"{address} has {words}. Programs fill it up in different ways; people mean zeros at the end."
        )
        yield Problem(title, detail, f"Write {filled}."), repaired


def _bad_octets(octets: list[str], slash: str, rest: str, text: str) -> Repair:
    """Numbers over 255, and numbers with zeros in front."""
    prefix = int(rest) if re.fullmatch(r"[0-9]{1,2}", rest) else 0
    for place, octet in enumerate(octets):
        plain = octet.lstrip("0") or "0"
        if len(plain) > 3 or int(plain) > 255:
            which = ("first", "second", "third", "fourth")[place]
            beyond = slash == "/" and prefix <= 8 * place
            if beyond:
                octets = [*octets[:place], "0", *octets[place + 1 :]]
                text = f"{'.'.join(octets)}{slash}{rest}"
            detail = f"The {which} is {octet[:12]}, and a byte holds 0 to 255"
            detail += f"; where a /{prefix} begins does not depend on it." if beyond else "."
            hint = "After 255 the number to the left counts on: 10.0.0.255 is followed by 10.0.1.0."
            yield Problem("One of the numbers is too large", detail, hint), text
            if not beyond:
                return
        elif plain != octet:
            octets = [*octets[:place], plain, *octets[place + 1 :]]
            text = f"{'.'.join(octets)}{slash}{rest}"
            detail = f"{octet} is octal for some programs and decimal for others; Python refuses it."
            yield Problem("A number has a leading zero", detail, f"Write {plain}."), text


def _prefix(text: str) -> Repair:
    address, slash, prefix = text.partition("/")
    if not re.fullmatch(_QUAD, address):
        return
    if slash and prefix:
        yield from prefix_problems(address, prefix, 32)
        return
    zeros = len(address) - len(re.sub(r"(\.0)+$", "", address))
    guess = {0: 32, 2: 24}.get(zeros, 16)
    detail = f"{address} alone does not say how large the block is; a block of one address is a /32."
    yield Problem("The prefix length is missing", detail, FORM), f"{address}/{guess}"


CHECKS: Final[tuple[Callable[[str], Repair], ...]] = (
    _range,
    _mask,
    _wildcards,
    _separators,
    _blanks,
    _letters,
    _one_number,
    _octets,
    _prefix,
)
