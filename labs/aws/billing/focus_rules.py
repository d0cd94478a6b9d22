"""The rules of FOCUS 1.2 that an export must keep, checked on the text of the CSV itself.

Source: FOCUS Specification 1.2: "Null Handling", "Numeric Format", "Date/Time Format", "Key-Value Format",
"Unit Format", "Currency Format", and the requirements of each column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from labs.aws.billing.focus import UNCONDITIONAL_COLUMNS
from labs.aws.billing.money import plain, times, total

__all__ = ["Violation", "focus_violations"]

Row: TypeAlias = Mapping[str, "str | None"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a row breaks; row 0 is the header, or the export as a whole."""

    row: int
    column: str
    rule: str


_NULLABLE: Final = frozenset({"BillingAccountName", "ChargeClass", "PricingQuantity", "PricingUnit"})
_NUMBERS: Final = frozenset(
    {
        "BilledCost",
        "ContractedCost",
        "EffectiveCost",
        "ListCost",
        "PricingQuantity",
        "ConsumedQuantity",
        "ListUnitPrice",
    }
)
_MOMENTS: Final = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
_OF_USAGE: Final = ("PricingQuantity", "PricingUnit", "ListUnitPrice", "ConsumedQuantity", "ConsumedUnit")
_CATEGORIES: Final = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
_SERVICE_CATEGORIES: Final = frozenset(
    {
        "AI and Machine Learning",
        "Analytics",
        "Business Applications",
        "Compute",
        "Databases",
        "Developer Tools",
        "Multicloud",
        "Identity",
        "Integration",
        "Internet of Things",
        "Management and Governance",
        "Media",
        "Migration",
        "Mobile",
        "Networking",
        "Security",
        "Storage",
        "Web",
        "Other",
    }
)
_PLACEHOLDERS: Final = frozenset({"null", "none", "n/a", "na", "nan", "not applicable", "-"})
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_UNIT: Final = re.compile(r"([1-9][0-9]* )?[A-Za-z][A-Za-z]*(-[A-Z][A-Za-z]*)*(/[A-Z][A-Za-z]*)?")


def focus_violations(text: str, *, invoice: Decimal | None = None) -> tuple[Violation, ...]:
    """What is wrong with an export, and whether its rows sum to the `invoice`, in US dollars."""
    records = list(_records(text))
    if not records:
        return (Violation(0, "", "There is a header."),)
    header = [value or "" for value, _ in records[0]]
    missing = [Violation(0, name, "This column is always present.") for name in _missing(header)]
    if missing or len(set(header)) < len(header):
        return (*missing, *(Violation(0, name, "A column appears once.") for name in _twice(header)))
    found: list[Violation] = []
    rows: list[Row] = []
    for place, record in enumerate(records[1:], start=1):
        if len(record) != len(header):
            found.append(Violation(place, "", "Every row has a field for each column."))
            continue
        named = dict(zip(header, record, strict=True))
        found += _null_rules(place, named)
        row = {name: value or None for name, (value, _) in named.items()}
        formats = list(_format_rules(place, row))
        found += formats
        if not formats:
            found += _row_rules(place, row)
        rows.append(row)
    found += _export_rules(rows, invoice)
    return tuple(found)


def _missing(header: Sequence[str]) -> Iterator[str]:
    return (name for name in UNCONDITIONAL_COLUMNS if name not in header)


def _twice(header: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(header) if header.count(name) > 1]


def _null_rules(place: int, record: Mapping[str, tuple[str, bool]]) -> Iterator[Violation]:
    for name, (value, quoted) in record.items():
        if quoted and not value:
            yield Violation(place, name, "Null is an empty field, not an empty text in quotes.")
        elif value.lower() in _PLACEHOLDERS:
            yield Violation(place, name, "Null has no word that stands for it.")
        elif not value and name in UNCONDITIONAL_COLUMNS and name not in _NULLABLE:
            yield Violation(place, name, "This column is not null.")


def _format_rules(place: int, row: Row) -> Iterator[Violation]:
    for name, value in row.items():
        if value is None:
            continue
        if name in _NUMBERS and not _NUMBER.fullmatch(value):
            yield Violation(place, name, "A number has digits, at most one point and at most a minus.")
        if name in _MOMENTS and not _is_moment(value):
            yield Violation(place, name, "A moment is UTC as YYYY-MM-DDTHH:mm:ssZ.")
        if name in ("PricingUnit", "ConsumedUnit") and not _UNIT.fullmatch(value):
            yield Violation(place, name, "A unit is capitalised, with a hyphen or a slash between its parts.")
        if name == "BillingCurrency" and not re.fullmatch("[A-Z]{3}", value):
            yield Violation(place, name, "A currency is three letters of ISO 4217.")
        if name == "Tags" and not _is_key_value(value):
            yield Violation(place, name, "Tags are a JSON object of plain values, each key once.")


def _is_moment(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text)) and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _is_key_value(text: str) -> bool:
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except ValueError:
        return False
    if not isinstance(pairs, list) or not text.lstrip().startswith("{"):
        return False
    keys = [key for key, _ in pairs]
    return len(set(keys)) == len(keys) and not any(isinstance(value, list) for _, value in pairs)


_Rule: TypeAlias = tuple[str, str, Callable[[Row], bool]]


def _number(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return None if value is None else Decimal(value)


def _is_product(row: Row) -> bool:
    price, quantity, cost = (_number(row, name) for name in ("ListUnitPrice", "PricingQuantity", "ListCost"))
    if price is None or quantity is None or cost is None or row["ChargeClass"] == "Correction":
        return True
    return times(price, quantity) == cost


def _matches_billed(name: str) -> Callable[[Row], bool]:
    return lambda row: row["ChargeCategory"] != "Credit" or _number(row, name) == _number(row, "BilledCost")


def _in_order(*names: str, strict: bool = True) -> Callable[[Row], bool]:
    first, second = names
    if strict:
        return lambda row: str(row[first]) < str(row[second])
    return lambda row: str(row[first]) <= str(row[second])


_ROW_RULES: Final[tuple[_Rule, ...]] = (
    ("ChargeCategory", f"One of {', '.join(_CATEGORIES)}.", lambda row: row["ChargeCategory"] in _CATEGORIES),
    ("ChargeClass", "Null, or Correction.", lambda row: row["ChargeClass"] in (None, "Correction")),
    (
        "ServiceCategory",
        "One of the categories of FOCUS.",
        lambda row: row["ServiceCategory"] in _SERVICE_CATEGORIES,
    ),
    (
        "BillingPeriodEnd",
        "A billing period has a length.",
        _in_order("BillingPeriodStart", "BillingPeriodEnd"),
    ),
    ("ChargePeriodEnd", "A charge period has a length.", _in_order("ChargePeriodStart", "ChargePeriodEnd")),
    (
        "ChargePeriodStart",
        "A charge lies within its billing period.",
        _in_order("BillingPeriodStart", "ChargePeriodStart", strict=False),
    ),
    (
        "ChargePeriodEnd",
        "A charge lies within its billing period.",
        _in_order("ChargePeriodEnd", "BillingPeriodEnd", strict=False),
    ),
    ("ListCost", "ListUnitPrice times PricingQuantity, exactly.", _is_product),
    (
        "ListUnitPrice",
        "A list price is not below zero.",
        lambda row: (_number(row, "ListUnitPrice") or 0) >= 0,
    ),
    (
        "ConsumedQuantity",
        "Above zero, where there is one.",
        lambda row: _number(row, "ConsumedQuantity") is None or (_number(row, "ConsumedQuantity") or 0) > 0,
    ),
    ("EffectiveCost", "Of a credit, what is billed.", _matches_billed("EffectiveCost")),
    ("ListCost", "Of a credit, what is billed.", _matches_billed("ListCost")),
    ("ContractedCost", "Of a credit, what is billed.", _matches_billed("ContractedCost")),
)


def _row_rules(place: int, row: Row) -> Iterator[Violation]:
    for column, rule, holds in _ROW_RULES:
        if not holds(row):
            yield Violation(place, column, rule)
    if row["ChargeCategory"] == "Usage" and row["ChargeClass"] is None:
        for column in _OF_USAGE:
            if column in row and row[column] is None:
                yield Violation(place, column, "Usage has a quantity, a unit and a list price.")


def _export_rules(rows: Sequence[Row], invoice: Decimal | None) -> Iterator[Violation]:
    categories: dict[str | None, str | None] = {}
    for place, row in enumerate(rows, start=1):
        first = categories.setdefault(row["ServiceName"], row["ServiceCategory"])
        if first != row["ServiceCategory"]:
            yield Violation(place, "ServiceCategory", "A service has one category.")
    if invoice is None:
        return
    costs = [row["BilledCost"] or "" for row in rows]
    if all(_NUMBER.fullmatch(cost) for cost in costs):
        billed = total(Decimal(cost) for cost in costs)
        if billed != invoice:
            rule = f"The rows sum to the invoice: {plain(billed)} and {plain(invoice)} differ."
            yield Violation(0, "BilledCost", rule)


# CSV


def _records(text: str) -> Iterator[list[tuple[str, bool]]]:
    """The records, each field with whether it stood in quotes, which Python's own reader does not tell."""
    record: list[tuple[str, bool]] = []
    for field, quoted, end in _fields(text):
        record.append((field, quoted))
        if end:
            yield record
            record = []


_FIELD: Final = re.compile(r'(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\Z)')


def _fields(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Each field, whether it stood in quotes, and whether it ends its record."""
    place = 0
    while place < len(text):
        match = _FIELD.match(text, place)
        if match is None:
            # A quote that nothing closes: the rest is one field.
            yield text[place:], True, True
            return
        quoted = match[1] is not None
        yield match[1].replace('""', '"') if quoted else match[2], quoted, match[3] != ","
        if match[3] == "," and match.end() == len(text):
            yield "", False, True
        place = match.end()
