"""A world in this process whose clock stands at the moments that a test names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from labs.aws.billing import Bill
from labs.sandbox.clock import Timeline
from labs.sandbox.metering.spending import spending
from tests.labs.sandbox.houses import ACCOUNT, House

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@contextmanager
def at(house: House, moment: datetime) -> Iterator[None]:
    """The world's clock stands at a moment, and clients' clocks are as far behind it as they are."""
    clock = house.state.clock
    before = clock.timeline
    clock.restore(Timeline(moment - datetime.now(UTC)))
    try:
        with clock.at(moment):
            house.state.settle()
            yield
    finally:
        clock.restore(before)


def bill_at(house: House, moment: datetime) -> Bill:
    """All that was used until a moment."""
    spent = spending(house.state.metering, ACCOUNT, moment)
    assert spent.unpriced == ()
    return spent.bill


def quantities(house: House, moment: datetime = START + DAY) -> dict[tuple[str, str], Decimal]:
    """How much of each usage type by each operation."""
    return {(line.usage_type, line.where.operation): line.quantity for line in bill_at(house, moment).lines}
