"""The time of a request to Cost Explorer: AWS Cost Management API Reference, "DateInterval"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from labs.aws.billing.periods import month_of, months_after
from labs.sandbox.served.ask import Declined
from labs.sandbox.served.ce_filters import invalid

__all__ = ["GRANULARITIES", "cut", "future", "past", "unavailable", "written"]

GRANULARITIES: Final = ("DAILY", "MONTHLY", "HOURLY")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOUR: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_STEPS: Final = {"DAILY": timedelta(days=1), "HOURLY": timedelta(hours=1)}
_MONTHS_BACK, _DAYS_OF_HOURS = 14, 14


def _granularity(params: Mapping[str, Any]) -> str:
    granularity = str(params.get("Granularity") or "")
    if granularity not in GRANULARITIES:
        choices = ", ".join(GRANULARITIES)
        raise invalid(
            f"1 validation error detected: Value '{granularity}' at 'granularity' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{choices}]"
        )
    return granularity


def _moment(text: str, name: str, hourly: bool) -> datetime:
    form = _HOUR if hourly else _DAY
    wanted = "yyyy-MM-ddTHH:mm:ssZ" if hourly else "yyyy-MM-dd"
    if form.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise invalid(f"{name} time {text} is invalid. Valid format is: {wanted}.")


def _interval(params: Mapping[str, Any], hourly: bool) -> tuple[datetime, datetime]:
    told = params.get("TimePeriod") or {}
    start = _moment(str(told.get("Start") or ""), "Start", hourly)
    return start, _moment(str(told.get("End") or ""), "End", hourly)


def past(
    params: Mapping[str, Any], now: datetime, granularity: str | None = None
) -> tuple[datetime, datetime, str]:
    """The time that is asked for, its end exclusive, and its granularity.

    Raises:
        Declined: Cost Explorer has no answer for this time.
    """
    granularity = granularity or _granularity(params)
    start, end = _interval(params, granularity == "HOURLY")
    if start >= end:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    if end > month_of(now).end:
        raise invalid("end date past the beginning of next month")
    if start > now:
        raise invalid("Start date (and hour) should not be after the current date (and hour)")
    if granularity == "HOURLY" and start < now - timedelta(days=_DAYS_OF_HOURS + 1):
        raise invalid(f"You haven't enabled historical data beyond {_DAYS_OF_HOURS} days")
    if start < months_after(month_of(now).start, -_MONTHS_BACK):
        raise invalid(f"You haven't enabled historical data beyond {_MONTHS_BACK} months")
    return start, end, granularity


def future(params: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime, str]:
    """The time that a forecast is asked for, and its granularity.

    Raises:
        Declined: there is no forecast for this time.
    """
    granularity = _granularity(params)
    if granularity == "HOURLY":
        raise invalid("Hourly granularity is not supported for forecasts")
    start, end = _interval(params, hourly=False)
    if start >= end:
        raise invalid(f"Requested Start: {start:%Y-%m-%d} must be before requested End: {end:%Y-%m-%d}")
    if start.date() < now.date():
        raise invalid(f"Requested Start: {start:%Y-%m-%d} must not be before today: {now:%Y-%m-%d}")
    furthest = timedelta(days=93) if granularity == "DAILY" else timedelta(days=550)
    if end > now + furthest:
        months = 3 if granularity == "DAILY" else 18
        raise invalid(f"{granularity.capitalize()} forecasts can be made for at most {months} months")
    return start, end, granularity


def cut(start: datetime, end: datetime, granularity: str) -> tuple[datetime, ...]:
    """The moments that bound the stretches of the answer: the first and the last month may be parts."""
    moments = [start]
    while moments[-1] < end:
        step = _STEPS.get(granularity)
        moments.append(min(end, month_of(moments[-1]).end if step is None else moments[-1] + step))
    return tuple(moments)


def written(start: datetime, end: datetime, granularity: str) -> dict[str, str]:
    """A stretch as Cost Explorer writes it."""
    form = "%Y-%m-%dT%H:%M:%SZ" if granularity == "HOURLY" else "%Y-%m-%d"
    return {"Start": start.strftime(form), "End": end.strftime(form)}


def unavailable() -> Declined:
    """There is nothing yet to go by."""
    return Declined("DataUnavailableException", "Insufficient amount of historical data to generate forecast")
