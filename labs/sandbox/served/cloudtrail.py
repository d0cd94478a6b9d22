"""CloudTrail's event history: LookupEvents, from the ledger.

The ledger holds the last 10,000 calls, data events included, so an old event may be gone before its 90 days
are over. Events are there at once, where CloudTrail takes some minutes, and how often one may ask (twice a
second on AWS) is not limited.

Source: CloudTrail API Reference, "LookupEvents"; CloudTrail User Guide, "Working with CloudTrail event
history".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from labs.sandbox.served.ask import Ask, Declined, Handler, Key
from labs.sandbox.trail import Record
from labs.sandbox.trail_events import event_name, event_source, reads, resources_of, written
from labs.sandbox.values import Event

__all__ = ["HANDLERS"]

HISTORY: Final = timedelta(days=90)
PAGE: Final = 50
_KEYS: Final = frozenset(
    (
        "AccessKeyId",
        "EventId",
        "EventName",
        "EventSource",
        "ReadOnly",
        "ResourceName",
        "ResourceType",
        "Username",
    )
)


def _lookup(ask: Ask) -> Mapping[str, Any]:
    wanted = _attribute(ask)
    start, end = _range(ask)
    size = ask.params.get("MaxResults", PAGE)
    if not 1 <= int(size) <= PAGE:
        raise Declined("InvalidMaxResultsException", f"Max results should be between 1 and {PAGE}.")
    before = _read_token(ask)
    if ask.text("EventCategory"):
        return {"Events": []}  # only Insights events have one here, and no trail of the sandbox makes any
    page: list[tuple[Event, Record]] = []
    for event, record in _newest(ask, before):
        if not start <= datetime.fromisoformat(event.time) <= end or not _matches(event, record, wanted):
            continue
        if len(page) == size:
            return {"Events": list(map(_told, page)), "NextToken": _token(ask, page[-1][0].sequence)}
        page.append((event, record))
    return {"Events": list(map(_told, page))}


def _attribute(ask: Ask) -> tuple[str, str] | None:
    given = ask.params.get("LookupAttributes") or []
    if not given:
        return None
    key, value = str(given[0].get("AttributeKey")), str(given[0].get("AttributeValue"))
    if len(given) > 1:
        raise Declined("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
    if key not in _KEYS or not value:
        raise Declined("InvalidLookupAttributesException", f"The lookup attribute {key} is not valid.")
    return key, value


def _range(ask: Ask) -> tuple[datetime, datetime]:
    """From when to when; nothing before the last 90 days."""
    first, last = ask.now - HISTORY, ask.now
    start, end = _moment(ask.params.get("StartTime")), _moment(ask.params.get("EndTime"))
    if start is not None and end is not None and start > end:
        raise Declined("InvalidTimeRangeException", "The start time must be before the end time.")
    # Records tell their time to the second.
    after = first if start is None else max(first, start)
    return after.replace(microsecond=0), (last if end is None else end).replace(microsecond=999_999)


def _moment(given: Any) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, (int, float)):
        return datetime.fromtimestamp(given, UTC)
    moment = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _newest(ask: Ask, before: int | None) -> Iterator[tuple[Event, Record]]:
    """The management events of the account in the region, newest first."""
    for event, record in ask.state.ledger.recorded(before):
        if record.account == ask.account and event.region == ask.call.region:
            yield event, record


def _matches(event: Event, record: Record, wanted: tuple[str, str] | None) -> bool:
    if wanted is None:
        return True
    key, value = wanted
    match key:
        case "EventId":
            return event.id == value
        case "EventName":
            return event_name(event) == value
        case "EventSource":
            return event_source(event.service, event.operation, event.region) == value
        case "ReadOnly":
            return str(reads(event)).lower() == value.lower()
        case "Username":
            return record.user == value
        case "AccessKeyId":
            return record.key == value
        case _:
            return any(each[key] == value for each in resources_of(event, record))


def _told(found: tuple[Event, Record]) -> dict[str, Any]:
    event, record = found
    told = {
        "EventId": event.id,
        "EventName": event_name(event),
        "ReadOnly": str(reads(event)).lower(),
        "AccessKeyId": record.key,
        "EventTime": datetime.fromisoformat(event.time).replace(microsecond=0),
        "EventSource": event_source(event.service, event.operation, event.region),
        "Username": record.user,
        "Resources": resources_of(event, record),
        "CloudTrailEvent": json.dumps(written(event, record), separators=(",", ":")),
    }
    return {name: value for name, value in told.items() if value != ""}


# -- pages -------------------------------------------------------------------------------------------------


def _token(ask: Ask, sequence: int) -> str:
    """Where to go on: with the events before this one, and only for the same question."""
    return base64.urlsafe_b64encode(f"{sequence}/{_digest(ask)}".encode()).decode()


def _read_token(ask: Ask) -> int | None:
    token = ask.text("NextToken")
    if not token:
        return None
    try:
        sequence, _, digest = base64.urlsafe_b64decode(token).decode().partition("/")
        if digest == _digest(ask):
            return int(sequence)
    except (binascii.Error, ValueError):
        pass
    raise Declined("InvalidNextTokenException", "The next token is not valid for these parameters.")


def _digest(ask: Ask) -> str:
    names = ("LookupAttributes", "StartTime", "EndTime", "EventCategory")
    asked = {name: ask.params[name] for name in names if ask.params.get(name) is not None}
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:16]


HANDLERS: Mapping[Key, Handler] = {("cloudtrail", "LookupEvents"): _lookup}
