"""Long polls of SQS, waited for outside the world's lock.

A receive that finds no message waits, for up to 20 seconds, for one that only another request can bring. So
the gate asks moto without waiting, and asks again when there is something to be had.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from labs.sandbox.carrier import Answer
from labs.sandbox.wire import Call, Routed

__all__ = ["PAUSE", "at_once", "has_message", "is_empty", "patience", "size"]

PAUSE = 0.05  # seconds between two looks at the queue
_LONGEST = 20.0  # seconds, as SQS has it


def patience(call: Call, account: str) -> float:
    """How many seconds a call will wait for a message; 0 when it is no receive, or asks for nonsense."""
    if not _is_receive(call):
        return 0.0
    asked = call.params.get("WaitTimeSeconds")
    if asked is None:
        queue = _queue(call, account)
        asked = queue.receive_message_wait_time_seconds if queue is not None else 0
    seconds = float(asked)
    return seconds if 0 <= seconds <= _LONGEST else 0.0


def at_once(routed: Routed) -> Routed:
    """The same receive, without the wait."""
    request = routed.request
    if routed.call.protocol == "json":
        body = json.dumps({**json.loads(request.body or b"{}"), "WaitTimeSeconds": 0}).encode()
    else:
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        body = urlencode({**fields, "WaitTimeSeconds": "0"}).encode()
    return replace(routed, request=replace(request, body=body))


def has_message(call: Call, account: str) -> bool:
    """Whether the queue holds a message that may be received, or is gone, which a receive then says."""
    queue = _queue(call, account)
    return queue is None or bool(queue.messages)


def size(call: Call, account: str) -> int | None:
    """How many messages the queue of a receive holds, hidden ones too; None for all other calls.

    A receive that finds nothing may still move a message, which was received too often, to another queue.
    """
    queue = _queue(call, account) if _is_receive(call) else None
    return len(queue._messages) if queue is not None else None


def is_empty(answer: Answer, call: Call) -> bool:
    """Whether this is the answer to a receive that found no message."""
    if not _is_receive(call) or answer.status != 200:
        return False
    if call.protocol == "json":
        return not json.loads(answer.body or b"{}").get("Messages")
    return b"<Message>" not in answer.body


def _is_receive(call: Call) -> bool:
    return call.operation == "ReceiveMessage" and call.service == "sqs"


def _queue(call: Call, account: str) -> Any:
    from moto.sqs.models import sqs_backends

    owner, _, name = str(call.params.get("QueueUrl", "")).rpartition("/")
    owner = owner.rpartition("/")[2]
    home = owner if owner.isdecimal() and len(owner) == 12 else account
    return sqs_backends[home][call.region].queues.get(name)
