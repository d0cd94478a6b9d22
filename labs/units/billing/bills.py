"""Bills for the exercises of this unit: usage documents, what they cost, and the command that shows it.

The engine is imported when a bill is made, so that opening the course does not read the price book.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from labs.course import Field, Slip

__all__ = [
    "BILL",
    "GRADED_TYPES",
    "Document",
    "Period",
    "answers_of",
    "bill_field",
    "bill_of",
    "clock",
    "cost",
    "dollars",
    "draw_month",
    "estimate_of",
    "lines_of",
    "month_of",
    "named",
    "price",
    "quantity",
    "rate",
    "stdin_of",
]

Document: TypeAlias = Mapping[str, Any]
"""Usage in the form that `skylab bill` reads."""

BILL: Final = ("bill", "-")
"""The command that shows a bill; it reads the usage document from standard input."""

GRADED_TYPES: Final = ("t3.micro", "t3.small", "t3.medium", "m5.large", "m5.xlarge")
"""Types whose price was read on AWS's page; learners are asked for no other."""


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, UTC; `end` is exclusive."""

    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def hours(self) -> int:
        return self.days * 24

    @property
    def name(self) -> str:
        """`January 2026`."""
        return f"{self.start:%B %Y}"

    @property
    def ends(self) -> dict[str, str]:
        """The bill's time, for a document."""
        return {"from": clock(self.start), "to": clock(self.end)}

    def at(self, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> str:
        """A moment of the month, counted from its start."""
        return clock(self.start + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))


def clock(moment: datetime) -> str:
    """A moment as documents have it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def month_of(year: int, month: int) -> Period:
    """A month by its number."""
    start = datetime(year, month, 1, tzinfo=UTC)
    return Period(start, (start + timedelta(days=31)).replace(day=1))


def draw_month(rng: random.Random) -> Period:
    """Some month of 2026 that is over in the price book's month."""
    return month_of(2026, rng.randrange(1, 11))


def stdin_of(document: Document) -> str:
    """The document as one line of JSON."""
    return json.dumps(document)


def cost(document: Document) -> Decimal:
    """What the usage costs, in US dollars, exactly."""
    from labs.aws.billing import bill, usage_from_json

    return bill(usage_from_json(document)).total


def quantity(document: Document, rule: str = "") -> Decimal:
    """What the lines of a bill count together: those of one rule, or all that are not free."""
    from labs.aws.billing import bill, usage_from_json
    from labs.aws.billing.money import total

    lines = bill(usage_from_json(document)).lines
    return total(line.quantity for line in lines if (line.rule == rule if rule else line.cost))


def bill_of(month: Period, *usage: Mapping[str, Any]) -> Document:
    """Usage in a calendar month; what has no start or no end was there all month."""
    return {**month.ends, "usage": list(usage)}


def lines_of(document: Document) -> str:
    """The bill as plain text: what each line costs, how that comes about, and what it is for."""
    from labs.aws.billing import bill, usage_from_json

    result = bill(usage_from_json(document))
    rows = [(dollars(line.cost), line.formula, line.subject) for line in result.lines]
    wide = max(len(formula) for _, formula, _ in rows)
    drawn = [f"{amount:>8}  {formula:<{wide}}  {subject}" for amount, formula, subject in rows]
    return "\n".join([*drawn, f"{dollars(result.total):>8}  in all"])


def estimate_of(*usage: Mapping[str, Any]) -> Document:
    """Usage all through a month of 730 hours."""
    return {"month": "730h", "usage": list(usage)}


def dollars(amount: Decimal, places: int = 2) -> str:
    """An amount half up to cents, or to more places: `7.59`."""
    from labs.aws.billing.money import shown

    return str(shown(amount, places))


def named(machine: str) -> str:
    """A type with its article: `an m5.large`, `a t3.micro`."""
    return f"{'an' if machine[0] in 'amrx' else 'a'} {machine}"


def rate(key: str, region: str = "us-east-1") -> Decimal:
    """A price as its page lists it."""
    from labs.aws.billing import price_book

    return price_book().price(key, region).listed


def price(key: str, region: str = "us-east-1") -> str:
    """A price for prose, with the dollar sign and all places that its page gives."""
    text = format(rate(key, region), "f")
    return f"${text}"


def answers_of(fields: Iterable[Field]) -> dict[str, str]:
    """The answers as values of a variant, `NAME_answer`, for the texts of the solution and the hints."""
    return {f"{field.name}_answer": field.answer for field in fields}


def bill_field(
    name: str,
    label: str,
    document: Document,
    *,
    points: int = 1,
    places: int = 2,
    why: str = "",
    slips: tuple[Slip, ...] = (),
) -> Field:
    """A question for what some usage costs; the command that shows it is the bill itself."""
    answer = dollars(cost(document), places)
    return Field(
        name,
        label,
        answer,
        "money",
        points=points,
        why=why,
        slips=slips,
        command=BILL,
        stdin=stdin_of(document),
    )
