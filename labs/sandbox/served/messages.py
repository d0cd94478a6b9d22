"""The encoded message in EC2's refusals, and sts:DecodeAuthorizationMessage, which opens it.

The message holds all that IAM knows of a refusal, which whoever was refused is not to see: it is sealed with
a key of the world's own, and opened for those who have sts:DecodeAuthorizationMessage.

Source: AWS STS API Reference, "DecodeAuthorizationMessage".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from labs.aws.iam import Decision, Outcome, Policy, PolicySet
from labs.sandbox import principals
from labs.sandbox.authorize import Verdict
from labs.sandbox.served.ask import Ask, Declined, Handler, Key

__all__ = ["HANDLERS", "sealed"]

_TAG = 16  # bytes


def sealed(verdict: Verdict, secret: bytes) -> str:
    """The encoded message for a refusal."""
    text = json.dumps(_told(verdict), separators=(",", ":"))
    return _seal(zlib.compress(text.encode()), secret)


def _seal(plain: bytes, secret: bytes) -> str:
    key = _key(secret)
    tag = hmac.digest(key, plain, "sha256")[:_TAG]
    return base64.urlsafe_b64encode(tag + _mixed(plain, key, tag)).decode().rstrip("=")


def _open(text: str, secret: bytes) -> bytes | None:
    """What was sealed; None for what was not sealed here."""
    try:
        held = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    key, tag = _key(secret), held[:_TAG]
    plain = _mixed(held[_TAG:], key, tag)
    return plain if hmac.compare_digest(hmac.digest(key, plain, "sha256")[:_TAG], tag) else None


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(b"authorization messages" + secret).digest()


def _mixed(data: bytes, key: bytes, tag: bytes) -> bytes:
    stream = hashlib.shake_256(key + tag).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))


# -- what is told ----------------------------------------------------------------------------------------


def _told(verdict: Verdict) -> dict[str, Any]:
    decision = verdict.decision
    request, principal = decision.request, decision.request.principal
    unique = principals.unique_id(principal, principals.entity_of(principal))
    who = {"id": unique or "", "arn": principal.arn}
    if principal.name and not principal.session_name:
        who["name"] = principal.name
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.outcome is Outcome.EXPLICITLY_DENIED,
        "matchedStatements": _items(_denying(decision)),
        "failures": _items(()),
        "context": {
            "principal": who,
            "action": request.action,
            "resource": request.resource,
            "conditions": _items(_conditions(request.resource, verdict.check.context)),
        },
    }


def _items(values: Any) -> dict[str, list[Any]]:
    return {"items": list(values)}


def _conditions(resource: str, context: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    _, _, service, region, account, name = resource.split(":", 5)
    about = {
        "aws:ARN": resource,
        "aws:Account": account,
        "aws:Region": region,
        "aws:Resource": name,
        "aws:Service": service,
        "aws:Type": name.partition("/")[0],
    }
    for key, value in {**about, **context}.items():
        values = value if isinstance(value, tuple) else (value,)
        yield {"key": key, "values": _items({"value": each} for each in values)}


def _denying(decision: Decision) -> Iterator[dict[str, Any]]:
    """The statement that denied, as the message shows it; none for an implicit deny."""
    if decision.outcome is not Outcome.EXPLICITLY_DENIED:
        return
    for policy in _all(decision.policies):
        for statement in policy.statements if policy.name == decision.policy else ():
            if statement.label == decision.statement and statement.effect == "Deny":
                yield {
                    "statementId": statement.sid or "",
                    "effect": "DENY",
                    "principals": _items(()),
                    "principalGroups": _items(()),
                    "actions": _items({"value": each} for each in statement.action.texts),
                    "resources": _items(
                        {"value": each} for each in (statement.resource.texts if statement.resource else ())
                    ),
                    "conditions": _items(
                        {"key": each.key_written, "values": _items({"value": text} for text in each.texts)}
                        for each in statement.conditions
                    ),
                }
                return


def _all(policies: PolicySet) -> Iterator[Policy]:
    yield from policies.identity
    for level in (*policies.scps, *policies.rcps):
        yield from level
    for policy in (policies.resource, policies.boundary, policies.session, policies.endpoint):
        if policy is not None:
            yield policy


# -- opening ---------------------------------------------------------------------------------------------


def _decode(ask: Ask) -> Mapping[str, str]:
    plain = _open(ask.text("EncodedMessage"), ask.state.secret)
    if plain is None:
        raise Declined("InvalidAuthorizationMessageException", "The authorization message is not valid.")
    return {"DecodedMessage": zlib.decompress(plain).decode()}


HANDLERS: Mapping[Key, Handler] = {("sts", "DecodeAuthorizationMessage"): _decode}
