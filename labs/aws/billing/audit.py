"""The lecture audited: each number of the course text, what it comes to exactly, and the verdict.

>>> finding = audit()[3]
>>> finding.verdict, finding.figures[0].says, finding.figures[0].computed()
('imprecise', '2', Decimal('1.86667'))

The numbers of the text are data (`audit.toml`); what is exact is computed each time, from a usage document or
by a function of the engines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from labs.aws import course_numbers
from labs.aws.billing.bills import Bill, bill
from labs.aws.billing.documents import usage_from_json
from labs.aws.billing.money import quotient, shown, subtract, times, total
from labs.aws.billing.periods import ESTIMATE_HOURS
from labs.aws.billing.prices import price_book
from labs.aws.ec2.instance_types import InstanceType, course_grammar_parses
from labs.errors import Ec2Error

__all__ = ["Figure", "Finding", "Verdict", "audit"]

Verdict: TypeAlias = Literal["right", "wrong", "imprecise", "inconsistent"]
Measure: TypeAlias = Literal["total", "charged", "free"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what the course text `says` (None where it gives none), and what is `exact`.

    `document` is the usage whose bill gives it, with `copies` of each item: its total in US dollars, or the
    quantity that is `charged` or `free`. Without one, `function` gives it; `takes` names what that needs to
    be given beside `arguments`, such as the `names` of all instance types. `places` is how far an exact
    number that is no short decimal is written out.
    """

    name: str
    exact: Decimal
    says: str | None = None
    document: Mapping[str, Any] | None = None
    copies: int = 1
    measure: Measure = "total"
    function: str = ""
    arguments: Mapping[str, Any] | None = None
    takes: tuple[str, ...] = ()
    places: int | None = None

    def computed(self, **given: Any) -> Decimal:
        """The exact number, from the engine; `given` is what `takes` names."""
        if self.document is not None:
            document = {**self.document, "usage": [*self.document["usage"]] * self.copies}
            return _MEASURES[self.measure](bill(usage_from_json(document)))
        wanted = {name: given[name] for name in self.takes}
        return Decimal(_FUNCTIONS[self.function](**(self.arguments or {}), **wanted))

    @property
    def agrees(self) -> bool:
        """Whether the exact number is what the text says, rounded half up to as many places."""
        if self.says is None:
            return True
        places = len(self.says.partition(".")[2])
        return shown(self.exact, places) == Decimal(self.says)


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of the course text with its verdict, and why.

    `leaves_out` is what the text would have to say for its number to be right or wrong; else empty.
    """

    number: int
    says: str
    verdict: Verdict
    because: str
    figures: tuple[Figure, ...]
    leaves_out: str = ""


@cache
def audit() -> tuple[Finding, ...]:
    """All statements, by number."""
    text = (resources.files(__package__) / "audit.toml").read_text("utf-8")
    return tuple(_finding(row) for row in tomllib.loads(text)["row"])


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(**{**row, "figures": tuple(_figure(figure) for figure in row["figures"])})


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(**{**row, "exact": Decimal(row["exact"]), "takes": tuple(row.get("takes", ()))})


# Measures of a bill


def _charged(result: Bill) -> Decimal:
    return total(line.quantity for line in result.lines if line.cost)


def _free(result: Bill) -> Decimal:
    return total(line.quantity for line in result.lines if line.allowance is not None)


_MEASURES: Final[dict[Measure, Callable[[Bill], Decimal]]] = {
    "total": lambda result: result.total,
    "charged": _charged,
    "free": _free,
}


# Functions of the engines


def _types_at(rate: str) -> int:
    """How many instance types of the price book cost exactly this an hour."""
    return sum(
        row.rate == Decimal(rate) for row in price_book().prices if row.key.startswith("ec2.instance:")
    )


def _nat_gb(usd: str) -> Decimal:
    """The GB that a NAT gateway passes on in a month of 730 hours that costs so much."""
    book = price_book()
    hours = times(book.price("nat.hours").rate, ESTIMATE_HOURS)
    return quotient(subtract(Decimal(usd), hours), book.price("nat.bytes").rate)


def _spare_hours(hours: int) -> Decimal:
    """What an instance that runs so many hours leaves of the Free Tier's."""
    return subtract(price_book().allowances["ec2.instance:t3.micro"].quantity, hours)


def _dearer_by(price: str, region: str) -> Decimal:
    """By how many per cent a price is higher in a Region than at home."""
    book = price_book()
    home, there = book.price(price).rate, book.price(price, region).rate
    return quotient(times(subtract(there, home), 100), home)


def _end(span: Callable[[], Any]) -> Callable[..., Decimal]:
    """The function that gives one end, `low` or `high`, of a span."""
    return lambda end: Decimal(getattr(span(), end))


def _grammar_reads(name: str) -> bool:
    try:
        InstanceType.parse(name)
    except Ec2Error:
        return False
    return True


def _counted(test: Callable[[str], bool]) -> Callable[..., int]:
    """The function that counts the names that pass a test."""

    def count(names: Iterable[str]) -> int:
        return sum(map(test, names))

    return count


def _wrong_characters(id: str) -> int:
    """How many characters behind the prefix of an id are not hexadecimal."""
    return sum(character not in "0123456789abcdef" for character in id.partition("-")[2])


_FUNCTIONS: Final[dict[str, Callable[..., Decimal | int | float]]] = {
    "types_at": _types_at,
    "nat_gb": _nat_gb,
    "spare_hours": _spare_hours,
    "dearer_by": _dearer_by,
    "local_batch_ms": lambda: course_numbers.local_batch_ms().high,
    "s3_batch_slowdown": _end(course_numbers.s3_batch_slowdown),
    "network_slowdown": _end(course_numbers.network_slowdown),
    "backoff_seconds": lambda: sum(course_numbers.backoff_sleeps_s()),
    "backoff_sleeps": lambda: len(course_numbers.backoff_sleeps_s()),
    "training_checkpoints": lambda: len(course_numbers.training_checkpoints()),
    "credits_per_hour": lambda type_name: course_numbers.credits_per_hour()[type_name][1],
    "virginia_to_tokyo": lambda part: getattr(course_numbers.virginia_to_tokyo(), part),
    "s3_years_per_loss": course_numbers.s3_years_per_loss,
    "s3_downtime_minutes": course_numbers.s3_downtime_minutes,
    "types_of_the_course": _counted(course_grammar_parses),
    "types_of_the_grammar": _counted(_grammar_reads),
    "wrong_characters": _wrong_characters,
}
