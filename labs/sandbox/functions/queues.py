"""Event source mappings from SQS: Lambda reads batches off a queue, and deletes what was processed.

Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", "Handling errors for an SQS event source in
Lambda".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from labs.sandbox.agenda import Agenda, agenda_at_hand
from labs.sandbox.functions.deliveries import POLL
from labs.sandbox.functions.facts import Function, find_function
from labs.sandbox.functions.lineage import LONGEST
from labs.sandbox.functions.roles import QUEUE_ACTIONS, permits
from labs.sandbox.live import live
from labs.sandbox.moto_time import world_now

__all__ = ["arrived", "ended", "lineage_of", "poll", "watch"]

AT_ONCE = 5
"""Batches of one mapping that run at the same time: where Lambda begins with a standard queue."""
PATIENCE = timedelta(minutes=1)
"""How long Lambda waits before it asks again a queue that its role may not read."""
_TICK = timedelta(milliseconds=1)
Json = Any


def watch(mapping: Any, moment: datetime | None = None) -> None:
    """Have a mapping's queue read, now or at a later moment; one that is to be read before that stays."""
    agenda = agenda_at_hand()
    if agenda is not None:
        _plan(agenda, mapping, moment or world_now())


def arrived(queue: Any) -> None:
    """A message was added to a queue, or has become visible: those that read it are to look."""
    agenda = agenda_at_hand()
    backend = live("awslambda", queue.account_id, queue.region)
    if agenda is None or backend is None:
        return
    now = world_now()
    for mapping in backend.list_event_source_mappings(queue.queue_arn, ""):
        if not mapping.enabled:
            continue
        window = timedelta(seconds=mapping.max_batch_window or 0)
        moment = _visible(queue, now) or now
        if window and len(queue.messages) < mapping.batch_size:
            moment = max(moment, now) + window
        _plan(agenda, mapping, max(moment, now))


def _plan(agenda: Agenda, mapping: Any, moment: datetime, turn: int = 0) -> None:
    """Plan one look at a queue. `turn` tells those of one moment apart, lest they draw the same ids."""
    about = {"account": mapping.account_id, "region": mapping.region, "mapping": mapping.uuid, "turn": turn}
    planned = [each for each in agenda.planned(POLL) if each.about["mapping"] == mapping.uuid]
    if any(each.moment <= moment for each in planned):
        return
    agenda.cancel(POLL, mapping=mapping.uuid)
    agenda.plan(moment, POLL, **about)


def _visible(queue: Any, after: datetime) -> datetime | None:
    """When the next message of a queue may be received: now, or at a later moment; None when it is empty."""
    moments = [max(each.visible_at, each.delayed_until) for each in queue._messages]
    if not moments:
        return None
    first = datetime.fromtimestamp(min(moments) / 1000, UTC) + _TICK
    return max(first, after)


def poll(
    agenda: Agenda, executions: Mapping[str, Mapping[str, Json]], moment: datetime, about: Mapping[str, Json]
) -> dict[str, Json] | None:
    """Read one batch off a queue; the invocation that it leads to, or None when there is nothing to do.

    Args:
        executions: those that have not ended.
    """
    backend = live("awslambda", about["account"], about["region"])
    mapping = backend.get_event_source_mapping(about["mapping"]) if backend is not None else None
    if mapping is None or not mapping.enabled:
        return None
    function = find_function(mapping.function_name, mapping.account_id, mapping.region)
    queue = _queue(mapping)
    if function is None or queue is None:
        return None
    most = int((mapping.scaling_config or {}).get("MaximumConcurrency", AT_ONCE))
    running = [each for each in executions.values() if each.get("mapping") == mapping.uuid]
    if len(running) >= most:
        return None  # the end of one of them has it look again
    if not all(permits(function, action, queue.queue_arn) for action in QUEUE_ACTIONS):
        if queue._messages:
            _plan(agenda, mapping, moment + PATIENCE)
        return None
    messages = _received(mapping, queue)
    _again(agenda, mapping, queue, moment, about["turn"] + 1)
    # What would go round in a loop comes back to the queue, and ends in its dead-letter queue.
    messages = [each for each in messages if lineage_of(each) < LONGEST]
    wanted = [each for each in messages if _passes(mapping, each)]
    _delete(queue, (each.receipt_handle for each in messages if each not in wanted))
    if not wanted:
        return None
    from moto.moto_api._internal import mock_random

    return {
        "id": str(mock_random.uuid4()),
        "kind": "queue",
        "function": _arn_of(mapping, function),
        "event": json.dumps({"Records": [_record(each, queue) for each in wanted]}),
        "cause": queue.queue_arn,
        "attempt": 0,
        "since": moment.isoformat(),
        "mapping": mapping.uuid,
        "depth": max(map(lineage_of, wanted)),
        "handles": [[each.id, each.receipt_handle] for each in wanted],
    }


def lineage_of(message: Any) -> int:
    """How many functions have run in the chain that a message belongs to."""
    return int(getattr(message, "lineage", 0))


def _arn_of(mapping: Any, function: Function) -> str:
    """The function's ARN, with the qualifier that the mapping names it by."""
    named: str = mapping.function_name
    tail = named.rpartition(":function:")[2] if ":function:" in named else named
    _, colon, qualifier = tail.partition(":")
    return f"{function.unqualified}{colon}{qualifier}"


def _queue(mapping: Any) -> Any:
    _, _, _, region, account, name = mapping.event_source_arn.split(":", 5)
    backend = live("sqs", account, region)
    return backend.queues.get(name) if backend is not None else None


def _received(mapping: Any, queue: Any) -> list[Any]:
    backend = live("sqs", queue.account_id, queue.region)
    timeout = int(queue.visibility_timeout)
    messages: list[Any] = backend.receive_message(queue.name, mapping.batch_size, 0, timeout, ["All"])
    return messages


def _again(agenda: Agenda, mapping: Any, queue: Any, now: datetime, turn: int = 0) -> None:
    """Have the queue read again when there may be more in it."""
    if queue.messages and not queue.fifo_queue:
        _plan(agenda, mapping, now, turn)
        return
    hidden = [max(each.visible_at, each.delayed_until) for each in queue._messages]
    later = [datetime.fromtimestamp(each / 1000, UTC) + _TICK for each in hidden]
    later = [each for each in later if each > now]
    if later:
        _plan(agenda, mapping, min(later))


def _passes(mapping: Any, message: Any) -> bool:
    """Whether a message passes the filters of a mapping; what does not is deleted.

    Lambda Developer Guide, "Using event filtering with an Amazon SQS event source".
    """
    filters = (mapping.filter_criteria or {}).get("Filters") or ()
    if not filters:
        return True
    from moto.events.models import EventPattern

    body: Json = message.body
    with suppress(ValueError):
        body = json.loads(body)
    event = {"messageId": message.id, "body": body}
    return any(EventPattern.load(each["Pattern"]).matches_event(event) for each in filters)


def _record(message: Any, queue: Any) -> dict[str, Json]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if queue.fifo_queue:
        attributes |= {
            "SequenceNumber": str(message.sequence_number),
            "MessageGroupId": str(message.group_id),
            "MessageDeduplicationId": str(message.deduplication_id),
        }
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(each) for name, each in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _attribute(given: Mapping[str, Json]) -> dict[str, Json]:
    told: dict[str, Json] = {"stringListValues": [], "binaryListValues": []}
    binary = given.get("BinaryValue") or given.get("binary_value")
    if binary is not None:
        told["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    else:
        told["stringValue"] = given.get("StringValue", given.get("string_value"))
    return {**told, "dataType": given.get("DataType", given.get("data_type"))}


# -- the end of a batch ------------------------------------------------------------------------------------


def ended(
    agenda: Agenda, record: Mapping[str, Json], arguments: Mapping[str, Json], failed: bool, now: datetime
) -> None:
    """A batch has been processed: delete what went well. The rest comes back after its visibility timeout."""
    account, region = record["function"].split(":")[4], record["function"].split(":")[3]
    backend = live("awslambda", account, region)
    mapping = backend.get_event_source_mapping(record["mapping"]) if backend is not None else None
    if mapping is None:
        return
    queue = _queue(mapping)
    if queue is None:
        return
    handles = dict(record["handles"])
    kept = set(handles) if failed else _reported(mapping, arguments.get("payload"), set(handles))
    _delete(queue, (handle for message, handle in handles.items() if message not in kept))
    if mapping.enabled:
        if queue.messages:
            _plan(agenda, mapping, now)
        else:
            _again(agenda, mapping, queue, now)


def _delete(queue: Any, handles: Iterable[str]) -> None:
    from moto.sqs.exceptions import SQSException

    for handle in handles:
        try:
            queue.delete_message(handle)
        except SQSException:
            continue  # it was received again meanwhile, by an older handle nothing is deleted


def _reported(mapping: Any, payload: str | None, sent: set[str]) -> set[str]:
    """The messages that the function says it could not process: none, some, or all where it makes no sense.

    Lambda Developer Guide, "Implementing partial batch responses".
    """
    if "ReportBatchItemFailures" not in (mapping.function_response_types or ()):
        return set()
    answer = json.loads(payload or "null")
    if (
        answer is None
        or answer == {}
        or (isinstance(answer, dict) and not answer.get("batchItemFailures", ()))
    ):
        return set()
    try:
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    except (TypeError, KeyError):
        return sent
    return failed if failed <= sent else sent
