"""What all of EC2 does with a request: a dry run ends before it begins, a retry is done once."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from hashlib import sha256

from labs.sandbox.carrier import Answer
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES"]

_IDEMPOTENCY = page(
    "EC2 Developer Guide", "Ensuring idempotency in Amazon EC2 API requests", "ec2-api-idempotency"
)
_MOST = 50  # client tokens that a world remembers


def _dry_run(ask: Asked) -> Refusal | None:
    if not ask.params.get("DryRun"):
        return None
    return Refusal(
        "DryRunOperation",
        "Request would have succeeded, but DryRun flag is set.",
        "a dry run only asks whether the caller may do it, and this caller may",
        "Leave DryRun out to do it.",
        status=412,
    )


def _key(ask: Asked) -> str | None:
    token = ask.text("ClientToken")
    return f"{ask.account}/{ask.call.region}/{ask.call.operation}/{token}" if token else None


def _digest(ask: Asked) -> str:
    """What tells two requests with one token apart."""
    asked = {name: value for name, value in ask.params.items() if name != "ClientToken"}
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _other_request(ask: Asked) -> Refusal | None:
    key = _key(ask)
    held = ask.state.client_tokens.get(key) if key else None
    if held is None or held[0] == _digest(ask):
        return None
    return Refusal(
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        "the client token was used with other parameters before",
        "Take a new token for each new request; SDKs do it by themselves.",
    )


def _once(ask: Asked, forward: Callable[[], Answer]) -> Answer:
    key = _key(ask)
    if key is None:
        return forward()
    tokens = ask.state.client_tokens
    if key in tokens:
        _, status, headers, body = tokens[key]
        ONCE.tell(
            "repaired", "A request with this client token was carried out before, and is not done again."
        )
        return Answer(status, headers, zlib.decompress(body))
    answer = forward()
    if answer.status < 400:
        tokens[key] = (_digest(ask), answer.status, answer.headers, zlib.compress(answer.body))
        for oldest in list(tokens)[:-_MOST]:
            del tokens[oldest]
    return answer


ONCE = Rule(
    "ec2.client-token",
    "repairs",
    "A request that is sent again with the same client token is carried out once.",
    "It carries it out each time.",
    _IDEMPOTENCY,
    operations=("ec2:*",),
    around=_once,
)

RULES = (
    Rule(
        "ec2.client-token-mismatch",
        "refuses",
        "A client token belongs to one request, and is not used for another.",
        "It takes no notice of client tokens.",
        _IDEMPOTENCY,
        operations=("ec2:*",),
        code="IdempotentParameterMismatch",
        check=_other_request,
    ),
    ONCE,
    Rule(
        "ec2.dry-run",
        "refuses",
        "A dry run changes nothing; it tells whether the caller has the permissions.",
        "Many of its operations take no notice of DryRun.",
        page("EC2 API Reference", "Error codes for the Amazon EC2 API", "errors-overview"),
        operations=("ec2:*",),
        code="DryRunOperation",
        check=_dry_run,
    ),
)
