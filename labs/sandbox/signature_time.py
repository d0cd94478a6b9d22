"""Whether a request was signed at the right time, on a server whose clock may be ahead of its clients'.

The rules are those of the IAM User Guide, "Create a signed AWS API request", and of the Amazon S3 API
Reference, "Authenticating requests"; the two lengths of skew were measured.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from labs.sandbox.clock import Timeline
from labs.sandbox.raw import SignatureFault

if TYPE_CHECKING:
    from labs.sandbox.signature import Signed

__all__ = ["STRAIGHT", "ahead_when", "allowed_skew", "check_time"]

STRAIGHT = Timeline()
_FORMAT = "%Y%m%dT%H%M%SZ"
_SECOND = timedelta(microseconds=999_999)
# Measured: the other services allow a quarter of an hour.
_SHORT_SKEW = frozenset({"kms", "lambda", "route53", "monitoring"})


def check_time(signed: Signed, now: datetime, timeline: Timeline) -> None:
    """Refuse what was signed at the wrong time.

    Who signs goes by a clock that nobody moves; or by the server's, which some clients take from the `Date`
    of its answers. Either is right.
    """
    if signed.presigned:
        return _check_lifetime(signed, now, timeline)
    skew, time = allowed_skew(signed.service), signed.request_time
    world = timeline.world(now)
    if time is None or abs(time - now) <= skew or abs(time - world) <= skew:
        return None
    request, server = (f"{each:{_FORMAT}}" for each in (time, now))
    minutes = int(skew.total_seconds() // 60)
    if time < now:
        edge = f"{now - skew:{_FORMAT}}"
        message = f"Signature expired: {request} is now earlier than {edge} ({server} - {minutes} min.)"
    else:
        edge = f"{now + skew:{_FORMAT}}"
        message = (
            f"Signature not yet current: {request} is still later than {edge} ({server} + {minutes} min.)"
        )
    raise SignatureFault(
        "skew",
        message,
        {
            "RequestTime": request,
            "ServerTime": _iso(now),
            "MaxAllowedSkewMilliseconds": str(int(skew.total_seconds() * 1000)),
        },
    )


def _check_lifetime(signed: Signed, now: datetime, timeline: Timeline) -> None:
    """Refuse a presigned URL before and after its time, which passes as the server's clock does.

    Version 2 says only when the URL ends, by the signer's clock, and not when it was made; so nobody can tell
    whether the server's clock has been moved since.
    """
    skew, made, world = allowed_skew(signed.service), signed.request_time, timeline.world(now)
    ends, server = signed.expires, now
    if made is not None:
        if made - now > skew and made - world > skew:
            raise SignatureFault("early", "Request is not yet valid", {"ServerTime": _iso(world)})
        ahead = ahead_when(made, now, timeline) if made - now <= skew else timedelta()
        ends, server = signed.expires + ahead if signed.expires else None, world
    if ends is not None and server > ends:
        times = {"Expires": _iso(ends), "ServerTime": _iso(server)}
        raise SignatureFault("expired", "Request has expired", times)


def ahead_when(made: datetime, now: datetime, timeline: Timeline) -> timedelta:
    """How far the server's clock was ahead when something was signed.

    Signatures tell their time to the second. One that was made in the second in which the clock was moved is
    taken to be made after that: who moves it and signs at once must not get what has expired.
    """
    return timeline.offset_at(max(made, min(made + _SECOND, now)))


def allowed_skew(service: str) -> timedelta:
    """How far a request's time may be from the server's."""
    return timedelta(minutes=5 if service in _SHORT_SKEW else 15)


def _iso(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
