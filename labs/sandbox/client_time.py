"""Times on their way to a client that must be told by its own clock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from labs.sandbox.carrier import Answer
from labs.sandbox.clock import Timeline
from labs.sandbox.wire import Call

__all__ = ["in_client_time"]

_EXPIRATION = re.compile(rb"(?<=<Expiration>)[^<]+(?=</Expiration>)")


def in_client_time(answer: Answer, call: Call, timeline: Timeline) -> Answer:
    """An answer of STS, in which credentials end by the client's clock.

    The client would otherwise renew them at once, or never.
    """
    if call.service != "sts" or not timeline.offset or b"<Expiration>" not in answer.body:
        return answer

    def translated(found: re.Match[bytes]) -> bytes:
        moment = datetime.fromisoformat(found[0].decode())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return f"{timeline.client(moment):%Y-%m-%dT%H:%M:%SZ}".encode()

    body = _EXPIRATION.sub(translated, answer.body)
    headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
    return replace(answer, headers=(*headers, ("Content-Length", str(len(body)))), body=body)
