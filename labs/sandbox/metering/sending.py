"""A bill on its way from the process of a world to whoever asks: each line, so that it can be drawn there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from labs.aws.billing import Account, Bill, Line, bill_to_json, price_book
from labs.aws.billing.charges import Where
from labs.aws.billing.money import plain
from labs.aws.billing.periods import month_of
from labs.aws.billing.prices import Allowance, Price
from labs.sandbox.metering.spending import Spending

__all__ = ["received", "sent", "shown"]

Json = Any


def shown(spent: Spending) -> dict[str, Json]:
    """A world's bill in the form that `skylab bill --json` writes."""
    return {
        **bill_to_json(spent.bill),
        "now": f"{spent.now:%Y-%m-%dT%H:%M:%SZ}",
        "month_end": plain(spent.month_end) if spent.month_end is not None else None,
        "unpriced": list(spent.unpriced),
    }


def sent(spent: Spending) -> dict[str, Json]:
    """A world's bill as its control endpoint answers."""
    bill = spent.bill
    return {
        "now": spent.now.isoformat(),
        "month_end": str(spent.month_end) if spent.month_end is not None else None,
        "unpriced": list(spent.unpriced),
        "account": bill.account.id,
        "free_tier": bill.account.free_tier,
        "start": bill.start.isoformat(),
        "end": bill.end.isoformat(),
        "lines": [_sent_line(line) for line in bill.lines],
    }


def _sent_line(line: Line) -> dict[str, Json]:
    price = line.price
    return {
        "kind": line.kind,
        "meter": line.meter,
        "usage_type": line.usage_type,
        "where": [*line.where[:3], [list(tag) for tag in line.where.tags], line.where.operation],
        "month": line.month.start.isoformat(),
        "start": line.start.isoformat(),
        "end": line.end.isoformat(),
        "quantity": str(line.quantity),
        "unit": line.unit,
        "rate": str(line.rate),
        "cost": str(line.cost),
        "rule": line.rule,
        "price": [price.key, price.region, str(price.above)] if price is not None else None,
        "allowance": line.allowance is not None,
        "periods": line.periods,
        "remark": line.remark,
        "basis": line.basis,
    }


def received(told: Mapping[str, Json]) -> Spending:
    """The bill that `sent` wrote."""
    return Spending(
        Bill(
            Account(free_tier=told["free_tier"], id=told["account"]),
            datetime.fromisoformat(told["start"]),
            datetime.fromisoformat(told["end"]),
            tuple(_received_line(each) for each in told["lines"]),
        ),
        datetime.fromisoformat(told["now"]),
        Decimal(told["month_end"]) if told["month_end"] is not None else None,
        tuple(told["unpriced"]),
    )


def _received_line(told: Mapping[str, Json]) -> Line:
    resource, region, zone, tags, operation = told["where"]
    price = _price(told["price"])
    return Line(
        told["kind"],
        told["meter"],
        told["usage_type"],
        Where(resource, region, zone, tuple((key, value) for key, value in tags), operation),
        month_of(datetime.fromisoformat(told["month"])),
        datetime.fromisoformat(told["start"]),
        datetime.fromisoformat(told["end"]),
        Decimal(told["quantity"]),
        told["unit"],
        Decimal(told["rate"]),
        Decimal(told["cost"]),
        told["rule"],
        price,
        _allowance(price) if told["allowance"] else None,
        told["periods"],
        told["remark"],
        told["basis"],
    )


def _price(told: list[str] | None) -> Price | None:
    """The row of the price book; what is free at home is free everywhere, and stands there once."""
    if told is None:
        return None
    key, region, above = told
    return next(each for each in price_book().find(key, region) if each.above == Decimal(above))


def _allowance(price: Price | None) -> Allowance | None:
    return price_book().allowances.get(price.key) if price is not None else None
