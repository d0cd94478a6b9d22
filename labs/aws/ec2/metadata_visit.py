"""A program's visit to the metadata service: three requests, for a token, the role's name, its credentials.

Source: EC2 User Guide, "How Instance Metadata Service Version 2 works" and "Retrieve security credentials
from instance metadata".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from labs.aws.ec2.metadata import ROLE_PATH, TOKEN_PATH, MetadataReply, MetadataRequest, Options, reply

__all__ = ["ROLE", "Exchange", "Visit", "exchanges"]

ROLE: Final = "report-reader"


@dataclass(frozen=True, slots=True)
class Visit:
    """How a program asks for the role's credentials, and how the instance is set.

    `hops` is how far the program is from the service, `ttl` the lifetime that it asks for, in seconds; 0 asks
    for none. `pause` is how many seconds pass before each later request; `brings_token` is whether these
    bring the token.
    """

    options: Options = field(default_factory=lambda: Options(role=ROLE))
    hops: int = 1
    ttl: int = 300
    pause: int = 0
    brings_token: bool = True


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what the service answers."""

    request: MetadataRequest
    reply: MetadataReply


def exchanges(visit: Visit) -> tuple[Exchange, Exchange, Exchange]:
    """The three requests of a visit with their replies."""
    first = _asked(MetadataRequest("PUT", TOKEN_PATH, ttl=visit.ttl or None, hops=visit.hops), visit)
    has_token = first.reply.status == 200
    role = visit.options.role or ROLE
    paths = (ROLE_PATH, ROLE_PATH + role)
    second, third = (
        _asked(MetadataRequest("GET", path, _token(visit, has_token, number), hops=visit.hops), visit)
        for number, path in enumerate(paths, start=1)
    )
    return first, second, third


def _asked(request: MetadataRequest, visit: Visit) -> Exchange:
    return Exchange(request, reply(request, visit.options))


def _token(visit: Visit, has_token: bool, number: int) -> Literal["none", "valid", "expired"]:
    if not (visit.brings_token and has_token):
        return "none"
    return "expired" if number * visit.pause > visit.ttl else "valid"
