"""What would be run in a world that runs nothing, and the end of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from labs.sandbox.deeds import Deeds
from labs.sandbox.entries import Deed
from labs.sandbox.functions.executions import Executions
from tests.labs.sandbox.functions.making import FUNCTION
from tests.labs.sandbox.houses import House


def functions_of(house: House) -> Executions:
    assert house.state.functions is not None
    return house.state.functions


def asked(house: House) -> list[Mapping[str, Any]]:
    """What functions are to do now."""
    with house.state.lock:
        house.state.settle()
    return list(functions_of(house).table.values())


def events_of(house: House) -> list[Any]:
    return [json.loads(each["event"]) for each in asked(house)]


def end(house: House, record: Mapping[str, Any], error: str = "", payload: Any = None) -> None:
    """Say that a function has run."""
    told = {"execution": record["id"], "function": FUNCTION, "request": record["id"], "stream": ""}
    told |= {"log": [], "ms": 1.0, "billed": 1, "init": None, "error": error, "message": "boom"}
    deeds: Deeds = functions_of(house)._deeds
    with house.state.lock:
        deeds.do(Deed("lambda", {**told, "payload": json.dumps(payload)}))


def advance(house: House, **time: float) -> None:
    """Move the clock, past all that would be run on the way."""
    state = house.state
    with state.lock:
        until = state.settle() + timedelta(**time)
        state.settle_until(until)
        state.clock.jump(until - state.clock.now())


def queue(house: House, name: str = "jobs", **attributes: str) -> str:
    return str(house.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def waiting(house: House, url: str) -> tuple[int, int]:
    """How many messages of a queue can be received, and how many are hidden."""
    told = house.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(told["ApproximateNumberOfMessages"]), int(told["ApproximateNumberOfMessagesNotVisible"])
