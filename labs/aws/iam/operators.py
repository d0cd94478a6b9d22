"""The condition operators: what each compares, and how a policy's value becomes a test.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context
keys or values".
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import Final, TypeAlias, TypeVar

from labs.aws.iam.patterns import Matcher, arn_matcher, fill, text_matcher, tokenize, values_of
from labs.aws.iam.requests import Request

__all__ = ["OPERATORS", "QUANTIFIERS", "Operator", "Spelling", "date", "find_operator", "number"]

Compile: TypeAlias = Callable[[str, bool], Matcher]
"""From a value in the policy, and whether variables count there, to a matcher."""

QUANTIFIERS: Final = ("ForAllValues", "ForAnyValue")


@dataclass(frozen=True, slots=True)
class Operator:
    """One of AWS's condition operators. A negated one holds where the comparison does not."""

    name: str
    family: str
    compile: Compile
    negated: bool = False
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """An operator as a policy writes it: `ForAnyValue:StringLikeIfExists` has a quantifier and a suffix."""

    operator: Operator
    quantifier: str | None
    if_exists: bool


@lru_cache(maxsize=512)
def find_operator(text: str) -> Spelling | None:
    """The operator that the text spells; None when AWS has no such operator."""
    before, colon, rest = text.rpartition(":")
    if colon and before not in QUANTIFIERS:
        return None
    name = rest.removesuffix("IfExists")
    found = OPERATORS.get(name)
    if found is None or (found.family == "null" and name != rest):
        return None
    return Spelling(found, before or None, name != rest)


# Values


def number(text: str) -> Decimal | None:
    """A whole or decimal number; None when the text is none."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,6})?\s*", re.ASCII)


def date(text: str) -> Decimal | None:
    """A moment, in ISO 8601 or in seconds since 1970, as such seconds; None when it is neither."""
    seconds = number(text)
    if seconds is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(f"{text}-01" if _YEAR_MONTH.fullmatch(text) else text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        elapsed = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    return elapsed.days * 86400 + elapsed.seconds + Decimal(elapsed.microseconds) / 1_000_000


_YEAR_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


@lru_cache(maxsize=4096)
def _address(text: str) -> tuple[int, int] | None:
    """The IP version and the address as a number; None when the text is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)


# Comparisons

T = TypeVar("T")


def _compare(
    read: Callable[[str], T | None], relation: Callable[[T, T], bool], wanted: str, variables: bool
) -> Matcher:
    """A matcher that reads both sides the same way; what cannot be read matches nothing."""
    limit = read(wanted)
    if limit is None:
        return _never

    def matches(value: str, request: Request) -> bool:
        found = read(value)
        return found is not None and relation(found, limit)

    return matches


def _never(value: str, request: Request) -> bool:
    return False


def _ignoring_case(wanted: str, variables: bool) -> Matcher:
    tokens = tokenize(wanted, variables=variables, wildcards=False)

    def matches(value: str, request: Request) -> bool:
        values = values_of(tokens, request)
        return values is not None and "".join(map(str, fill(tokens, values))).lower() == value.lower()

    return matches


def _within(wanted: str, variables: bool) -> Matcher:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return _never
    version, first, last = network.version, int(network.network_address), int(network.broadcast_address)

    def matches(value: str, request: Request) -> bool:
        address = _address(value)
        return address is not None and address[0] == version and first <= address[1] <= last

    return matches


def _same(wanted: str, variables: bool) -> Matcher:
    return text_matcher(wanted, variables=variables, wildcards=False)


def _like(wanted: str, variables: bool) -> Matcher:
    return text_matcher(wanted, variables=variables, wildcards=True)


def _arn(wanted: str, variables: bool) -> Matcher:
    return arn_matcher(wanted, variables=variables)


def _null(wanted: str, variables: bool) -> Matcher:
    """A test of "true" or "false", which is how the element that holds it says whether the key is absent."""
    return _compare(_truth, operator.eq, wanted, variables)


def _pairs(family: str, compile_: Compile, positive: str, negative: str, phrase: str) -> list[Operator]:
    return [
        Operator(positive, family, compile_, phrase=phrase),
        Operator(negative, family, compile_, negated=True, phrase=phrase),
    ]


def _ordered(family: str, read: Callable[[str], Decimal | None]) -> list[Operator]:
    def of(relation: Callable[[Decimal, Decimal], bool]) -> Compile:
        return partial(_compare, read, relation)

    later = ("later", "earlier") if family == "date" else ("more", "less")
    return [
        *_pairs(family, of(operator.eq), f"{family.title()}Equals", f"{family.title()}NotEquals", "equal to"),
        Operator(f"{family.title()}LessThan", family, of(operator.lt), phrase=f"{later[1]} than"),
        Operator(f"{family.title()}LessThanEquals", family, of(operator.le), phrase=f"not {later[0]} than"),
        Operator(f"{family.title()}GreaterThan", family, of(operator.gt), phrase=f"{later[0]} than"),
        Operator(
            f"{family.title()}GreaterThanEquals", family, of(operator.ge), phrase=f"not {later[1]} than"
        ),
    ]


OPERATORS: Final[Mapping[str, Operator]] = {
    each.name: each
    for each in (
        *_pairs("string", _same, "StringEquals", "StringNotEquals", "equal to"),
        *_pairs(
            "string",
            _ignoring_case,
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "equal, but for case, to",
        ),
        *_pairs("string", _like, "StringLike", "StringNotLike", "like"),
        *_ordered("numeric", number),
        *_ordered("date", date),
        Operator("Bool", "bool", partial(_compare, _truth, operator.eq)),
        Operator("BinaryEquals", "binary", partial(_compare, _bytes, operator.eq), phrase="equal to"),
        *_pairs("address", _within, "IpAddress", "NotIpAddress", "in"),
        *_pairs("arn", _arn, "ArnEquals", "ArnNotEquals", "like"),
        *_pairs("arn", _arn, "ArnLike", "ArnNotLike", "like"),
        Operator("Null", "null", _null),
    )
}
