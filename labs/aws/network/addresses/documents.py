"""Plans and what is asked of them as documents: the form that JSON and TOML files have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from string import ascii_lowercase
from typing import Final, NoReturn

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.plans import Peer, Plan, Requirements, Subnet, Tier
from labs.errors import AddressError, InputError

__all__ = [
    "block_at",
    "number_at",
    "plan_from_document",
    "requirements_from_document",
    "shown_value",
    "size_of",
    "texts_at",
]

_ASKED: Final = ("vpc", "zones", "tiers", "peers", "keep_free", "quota", "min_zones")
_TIER: Final = ("name", "hosts", "prefix", "growth", "double", "public", "zones")
_SUBNET: Final = ("name", "tier", "zone", "cidr")
_ANSWER: Final = ("id", "form", "ok", "free", "free_percent", "notes")
_SUBNET_ANSWER: Final = ("addresses", "usable", "doubles_to")
"""What the planner adds to its answer, so that this can be judged as it is."""
_MOST_DIGITS: Final = 40


def requirements_from_document(document: Mapping[str, object]) -> Requirements:
    """What is asked of a plan.

    Raises:
        InputError: a part is missing, unknown or of the wrong kind; the detail says where.
        AddressError: a block is none.
    """
    _only(document, (*_ASKED, *_ANSWER), "the plan")
    return _requirements(document, ())


def plan_from_document(document: Mapping[str, object]) -> Plan:
    """A plan: what is asked of it, and its subnets; without `zones` they are those of the subnets.

    Raises:
        InputError: a part is missing, unknown or of the wrong kind; the detail says where.
        AddressError: a block is none.
    """
    _only(document, (*_ASKED, *_ANSWER, "subnets"), "the plan")
    written = document.get("subnets")
    if not isinstance(written, list):
        _fail("subnets", "is missing" if written is None else "is no list", 'Give "subnets": [{…}, …].')
    subnets = tuple(_subnet(each, f"subnets[{place}]") for place, each in enumerate(written))
    return Plan(_requirements(document, subnets), subnets)


def _requirements(document: Mapping[str, object], subnets: Sequence[Subnet]) -> Requirements:
    vpc = document.get("vpc")
    blocks = [vpc] if isinstance(vpc, str) else vpc
    if not isinstance(blocks, list):
        _fail("vpc", "is missing" if vpc is None else "is neither a text nor a list", '"vpc": "10.0.0.0/16"')
    tiers = tuple(_tiers(document.get("tiers", []), _zones(document, subnets)))
    known = {tier.name for tier in tiers}
    more = dict.fromkeys(each.tier for each in subnets if each.tier not in known)
    defaults = Requirements((Block(4, 0, 16),), ())
    return Requirements(
        tuple(block_at(each, f"vpc[{place}]") for place, each in enumerate(blocks)),
        _zones(document, subnets),
        (*tiers, *map(Tier, more)),
        tuple(_peers(document.get("peers", []))),
        number_at(document.get("keep_free", defaults.keep_free), "keep_free"),
        number_at(document.get("quota", defaults.quota), "quota"),
        number_at(document.get("min_zones", defaults.min_zones), "min_zones"),
    )


def _zones(document: Mapping[str, object], subnets: Sequence[Subnet]) -> tuple[str, ...]:
    """The names of the zones; a number stands for so many letters."""
    written = document.get("zones")
    if written is None:
        return tuple(sorted({each.zone for each in subnets}))
    if isinstance(written, int) and not isinstance(written, bool):
        if not 1 <= written <= len(ascii_lowercase):
            _fail("zones", f"is {written}", "No Region has so many: give 1 to 26, or their names.")
        return tuple(ascii_lowercase[:written])
    return texts_at(written, "zones")


def _tiers(written: object, zones: Sequence[str]) -> Iterator[Tier]:
    """A list of tiers, or an object from name to hosts, to a size such as /27, or to a whole tier."""
    if isinstance(written, Mapping):
        for name, value in written.items():
            yield _tier({"name": name, **_short(value, f"tiers.{name}")}, zones, f"tiers.{name}")
        return
    if not isinstance(written, list):
        _fail("tiers", "is no list", 'Give "tiers": [{"name": "web", "hosts": 100}, …].')
    for place, value in enumerate(written):
        yield _tier(_object(value, f"tiers[{place}]"), zones, f"tiers[{place}]")


def _short(value: object, where: str) -> Mapping[str, object]:
    return _object(value, where) if isinstance(value, Mapping) else size_of(value, where)


def size_of(value: object, where: str) -> dict[str, object]:
    """What a short size says: 100 or "100" are hosts, "/27" is a prefix.

    Raises:
        InputError: it is neither.
    """
    text = str(value).strip()
    if isinstance(value, bool) or not text.removeprefix("/").isdecimal() or not text.isascii():
        _fail(where, f"is {shown_value(value)}", "Give a number of hosts, as in 100, or a size, as in /27.")
    if text.startswith("/"):
        return {"prefix": int(text[1:][:9])}
    return {"hosts": int(text[:19])}


def _tier(written: Mapping[str, object], zones: Sequence[str], where: str) -> Tier:
    _only(written, _TIER, where)
    hosts, prefix = written.get("hosts"), written.get("prefix")
    return Tier(
        _text(written.get("name"), f"{where}.name"),
        None if hosts is None else number_at(hosts, f"{where}.hosts"),
        None if prefix is None else _prefix(prefix, f"{where}.prefix"),
        _growth(written.get("growth", 1), f"{where}.growth"),
        _flag(written.get("double"), f"{where}.double"),
        bool(_flag(written.get("public"), f"{where}.public")),
        _tier_zones(written.get("zones"), zones, f"{where}.zones"),
    )


def _prefix(value: object, where: str) -> int:
    """27, "27" or "/27"."""
    return number_at(value.removeprefix("/") if isinstance(value, str) else value, where)


def _tier_zones(written: object, zones: Sequence[str], where: str) -> tuple[str, ...] | None:
    """Names of zones, or how many of the plan's; None is all of them."""
    if written is None:
        return None
    if isinstance(written, int) and not isinstance(written, bool):
        if not 1 <= written <= len(zones):
            _fail(where, f"is {written}, and the plan has {len(zones)}", "Give a smaller number, or names.")
        return tuple(zones[:written])
    return texts_at(written, where)


def _growth(value: object, where: str) -> Decimal:
    try:
        growth = Decimal(str(value)) if isinstance(value, (int, float, str)) else Decimal("NaN")
    except InvalidOperation:
        growth = Decimal("NaN")
    if isinstance(value, bool) or not growth.is_finite():
        _fail(where, f"is {shown_value(value)}", "Give what to multiply the hosts with, as in 1.5.")
    return growth


def _peers(written: object) -> Iterator[Peer]:
    """A list of blocks, or of objects with a name and a block; or an object from name to block."""
    if isinstance(written, Mapping):
        written = [{"name": name, "cidr": value} for name, value in written.items()]
    if not isinstance(written, list):
        _fail("peers", "is no list", 'Give "peers": ["10.8.0.0/16", {"name": "office", "cidr": "…"}].')
    for place, each in enumerate(written):
        where = f"peers[{place}]"
        if isinstance(each, str):
            block = block_at(each, where)
            yield Peer(str(block), block)
        else:
            peer = _object(each, where)
            _only(peer, ("name", "cidr"), where)
            yield Peer(_text(peer.get("name"), f"{where}.name"), block_at(peer.get("cidr"), f"{where}.cidr"))


def _subnet(written: object, where: str) -> Subnet:
    subnet = _object(written, where)
    _only(subnet, (*_SUBNET, *_SUBNET_ANSWER), where)
    block = block_at(subnet.get("cidr"), f"{where}.cidr")
    if block.version == 6:
        _fail(f"{where}.cidr", f"is {block}, which is IPv6", "A plan is for IPv4.")
    name = subnet.get("name")
    return Subnet(
        _text(subnet.get("tier"), f"{where}.tier"),
        _text(subnet.get("zone"), f"{where}.zone"),
        block,
        "" if name is None else _text(name, f"{where}.name"),
    )


# What stands at one place


def block_at(value: object, where: str) -> Block:
    """The block at a place of a document.

    Raises:
        InputError: there is no text.
        AddressError: the text is no block; the detail says where it stands.
    """
    try:
        return Block.parse(_text(value, where))
    except AddressError as error:
        raise AddressError(
            error.title, f"At {where}: {error.detail}", error.hint, meant=error.meant
        ) from None


def number_at(value: object, where: str) -> int:
    """The whole number at a place, written as a number or as a text.

    Raises:
        InputError: there is none, or one with more digits than any address has.
    """
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= _MOST_DIGITS:
        value = int(text)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**_MOST_DIGITS:
        _fail(where, _wrong(value), f"Give a whole number of at most {_MOST_DIGITS} digits.")
    return value


def texts_at(value: object, where: str) -> tuple[str, ...]:
    """The texts of the list at a place.

    Raises:
        InputError: there is no list, or something in it is no text.
    """
    if not isinstance(value, list):
        _fail(where, _wrong(value), 'Give a list: ["a", "b"].')
    return tuple(_text(each, f"{where}[{place}]") for place, each in enumerate(value))


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        _fail(where, _wrong(value), "Give a text in quotes.")
    return value


def _flag(value: object, where: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        _fail(where, _wrong(value), "Give true or false.")
    return value


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        _fail(where, _wrong(value), "Give an object: {…}.")
    return value


def _only(given: Mapping[str, object], known: Sequence[str], where: str) -> None:
    unknown = next((key for key in given if key not in known), None)
    if unknown is not None:
        shown = ", ".join(key for key in known if key not in (*_ANSWER, *_SUBNET_ANSWER))
        raise InputError(f"Unknown key in {where}", f"It is {unknown[:80]!r}.", f"Known are {shown}.")


def _wrong(value: object) -> str:
    """What is wrong at a place: nothing stands there, or this."""
    return "is missing" if value is None else f"is {shown_value(value)}"


def shown_value(value: object) -> str:
    """A short value as it is; of a long one its kind."""
    if isinstance(value, (list, Mapping)):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        return "a number of too many digits"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _fail(where: str, what: str, hint: str) -> NoReturn:
    raise InputError("A value is missing, or is of the wrong kind", f"{where} {what}.", hint)
