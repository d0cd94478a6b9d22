"""How an event gets to a function, a queue or a topic, when a service and not a caller sends it."""

from __future__ import annotations

from typing import Any

from labs.sandbox.agenda import agenda_at_hand
from labs.sandbox.functions.lineage import LONGEST, depth_at_hand
from labs.sandbox.live import live
from labs.sandbox.moto_time import world_now

__all__ = ["INVOKE", "POLL", "enqueue", "send"]

INVOKE = "lambda.invoke"
POLL = "lambda.poll"


def enqueue(function_arn: str, event: str, cause: str) -> None:
    """Put an event into a function's queue of asynchronous invocations, from where it is run at once.

    Args:
        event: as JSON.
        cause: on whose behalf: a service, as in `s3.amazonaws.com`, or an ARN.
    """
    from moto.moto_api._internal import mock_random

    agenda = agenda_at_hand()
    if agenda is None:
        return  # outside of any world, where nothing runs
    now, depth = world_now(), depth_at_hand()
    if depth >= LONGEST:
        from labs.sandbox.strict.functions import RECURSIVE_LOOP  # which imports this by way of the gate

        RECURSIVE_LOOP.tell(
            "dropped", f"{function_arn} is not invoked: {depth} functions have run in a chain."
        )
        return
    agenda.plan(
        now,
        INVOKE,
        id=str(mock_random.uuid4()),
        kind="async",
        function=function_arn,
        event=event,
        cause=cause,
        attempt=0,
        since=now.isoformat(),
        depth=depth,
    )


def send(
    destination: str, body: str, cause: str, *, subject: str | None = None, group: str | None = None
) -> bool:
    """Deliver a text to a queue, a topic or a function by its ARN; whether there is one.

    Nobody's permission is asked.
    """
    parts = destination.split(":", 5)
    if len(parts) < 6:
        return False
    service, region, account, name = parts[2], parts[3], parts[4], parts[5]
    if service == "lambda":
        enqueue(destination, body, cause)
        return True
    backend: Any = live(service, account, region) if service in ("sqs", "sns") else None
    if backend is None or (destination if service == "sns" else name) not in _known(backend, service):
        return False
    if service == "sqs":
        backend.send_message(queue_name=name, message_body=body, group_id=group)
    else:
        backend.publish(arn=destination, message=body, subject=subject)
    return True


def _known(backend: Any, service: str) -> Any:
    return backend.queues if service == "sqs" else backend.topics
