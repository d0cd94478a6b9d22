"""Asynchronous invocations: two more attempts after a failure, then a destination or a dead-letter queue.

Source: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation",
"Capturing records of Lambda asynchronous invocations".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from labs.sandbox.agenda import Agenda
from labs.sandbox.functions.deliveries import INVOKE, send
from labs.sandbox.functions.facts import Function
from labs.sandbox.functions.roles import permits

__all__ = ["ended"]

RETRIES = 2
WAITS = (timedelta(minutes=1), timedelta(minutes=2))
OLDEST = timedelta(hours=6)
_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
Json = Any


def ended(
    agenda: Agenda,
    function: Function,
    record: Mapping[str, Json],
    arguments: Mapping[str, Json],
    failed: bool,
    now: datetime,
) -> None:
    """An attempt has ended: plan the next one, or tell whoever is to know how it went."""
    held = function.made.event_invoke_config
    config: Mapping[str, Json] = held[-1].config if held else {}
    if not failed:
        _tell(function, config, "OnSuccess", "Success", record, arguments, now)
        return
    attempt = int(record["attempt"])
    most = int(config.get("MaximumRetryAttempts", RETRIES))
    if attempt < most:
        again = now + WAITS[min(attempt, len(WAITS) - 1)]
        oldest = timedelta(seconds=config.get("MaximumEventAgeInSeconds", OLDEST.total_seconds()))
        if again - datetime.fromisoformat(record["since"]) <= oldest:
            agenda.plan(again, INVOKE, **{**record, "attempt": attempt + 1})
            return
        condition = "EventAgeExceeded"
    else:
        condition = "RetriesExhausted"
    _tell(function, config, "OnFailure", condition, record, arguments, now)
    letters = (getattr(function.made, "dead_letter_config", None) or {}).get("TargetArn")
    if letters and _may(function, letters):
        send(letters, record["event"], function.arn)


def _may(function: Function, destination: str) -> bool:
    action = _ACTIONS.get((destination.split(":") + [""] * 3)[2])
    return action is not None and permits(function, action, destination)


def _tell(
    function: Function,
    config: Mapping[str, Json],
    which: str,
    condition: str,
    record: Mapping[str, Json],
    arguments: Mapping[str, Json],
    now: datetime,
) -> None:
    destination = ((config.get("DestinationConfig") or {}).get(which) or {}).get("Destination")
    if not destination or not _may(function, destination):
        return
    response: dict[str, Json] = {"statusCode": 200, "executedVersion": function.version}
    if which == "OnFailure":
        response["functionError"] = "Unhandled"
    told = {
        "version": "1.0",
        "timestamp": now.isoformat(timespec="milliseconds")[:23] + "Z",
        "requestContext": {
            "requestId": record["id"],
            "functionArn": f"{function.unqualified}:{function.version}",
            "condition": condition,
            "approximateInvokeCount": int(record["attempt"]) + 1,
        },
        "requestPayload": json.loads(record["event"]),
        "responseContext": response,
        "responsePayload": json.loads(arguments.get("payload") or "null"),
    }
    send(destination, json.dumps(told), function.unqualified)
