"""The global condition keys of a request: what AWS puts into every question, whatever the service.

Keys that follow from the principal alone (aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType,
aws:username) are added by the engine. Source: IAM User Guide, "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from labs.aws.iam import PrincipalKind
from labs.sandbox import organization, principals
from labs.sandbox.clock import Timeline
from labs.sandbox.network_path import Way
from labs.sandbox.operations import ContextValue, PlannedCheck
from labs.sandbox.principals import Caller
from labs.sandbox.raw import RawRequest
from labs.sandbox.signature import Signed
from labs.sandbox.wire import Call

__all__ = ["of_call", "of_check"]

_INSIDERS = frozenset(
    {PrincipalKind.USER, PrincipalKind.SESSION, PrincipalKind.FEDERATED, PrincipalKind.ROOT}
)
# Of the connection; a service that calls another one on the principal's behalf has a connection of its own.
_NETWORK = frozenset(
    {
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:VpcSourceIp",
        "aws:VpceAccount",
    }
)

# The services that AWS names in aws:CalledVia; of the others only aws:ViaAWSService tells.
_NAMED_IN_CHAIN = frozenset(
    f"{name}.amazonaws.com" for name in ("athena", "cloudformation", "dynamodb", "kms")
)


def of_call(
    call: Call,
    caller: Caller,
    raw: RawRequest,
    now: datetime,
    way: Way,
    signed: Signed | None,
    timeline: Timeline,
) -> dict[str, ContextValue]:
    """The keys that are the same for every check of a call."""
    keys: dict[str, ContextValue] = {
        "aws:CurrentTime": now.astimezone(UTC).isoformat()[:19] + "Z",
        "aws:EpochTime": str(int(now.timestamp())),
        # The endpoint stands for AWS's own, which is reached over TLS.
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": call.region,
        "aws:ViaAWSService": "false",
        **way.keys,
    }
    if agent := raw.header("user-agent"):
        keys["aws:UserAgent"] = agent
    if referer := raw.header("referer"):
        keys["aws:Referer"] = referer
    if caller.principal.kind in _INSIDERS:
        keys.update(_of_caller(caller, now))
    if call.service == "s3" and signed is not None:
        keys.update(_of_signature(raw, signed, now, timeline))
    return keys


def _of_signature(
    raw: RawRequest, signed: Signed, now: datetime, timeline: Timeline
) -> Iterator[tuple[str, ContextValue]]:
    """How an S3 request is signed. Amazon S3 API Reference, "Bucket policy examples using authentication"."""
    form = "s3:authType", "POST" if not signed.signed_headers and not signed.presigned else "REST-HEADER"
    yield ("s3:authType", "REST-QUERY-STRING") if signed.expires is not None else form
    yield "s3:signatureversion", "AWS4-HMAC-SHA256" if signed.version == "v4" else "AWS"
    if signed.request_time is not None:
        age = now - timeline.world(signed.request_time)
        yield "s3:signatureAge", str(max(0, int(age.total_seconds() * 1000)))
    if digest := raw.header("x-amz-content-sha256"):
        yield "s3:x-amz-content-sha256", digest


def _of_caller(caller: Caller, now: datetime) -> Iterator[tuple[str, ContextValue]]:
    principal = caller.principal
    entity = principals.entity_of(principal)
    if unique := principals.unique_id(principal, entity):
        yield "aws:userid", unique
    for name, value in _principal_tags(caller, entity).items():
        yield f"aws:PrincipalTag/{name}", value
    if here := organization.membership(principal.account):
        yield "aws:PrincipalOrgID", here.id
        yield "aws:PrincipalOrgPaths", (here.path,)
    yield from _of_session(caller, now)


def _principal_tags(caller: Caller, entity: Any) -> Mapping[str, str]:
    """The tags of the user or role; those of the session go before them, whatever case they are in."""
    tags = principals.tags_of(entity)
    given = caller.session.tags if caller.session else {}
    if not given:
        return tags
    folded = {name.lower() for name in given}
    return {**{name: value for name, value in tags.items() if name.lower() not in folded}, **given}


def _of_session(caller: Caller, now: datetime) -> Iterator[tuple[str, ContextValue]]:
    """Only temporary credentials have these; a long-term key has no aws:MultiFactorAuthPresent at all."""
    credential, session = caller.credential, caller.session
    if credential is None or session is None:
        return
    if credential.issued is not None:
        yield "aws:TokenIssueTime", f"{credential.issued:%Y-%m-%dT%H:%M:%SZ}"
    yield "aws:MultiFactorAuthPresent", "false" if session.mfa is None else "true"
    if session.mfa is not None:
        yield "aws:MultiFactorAuthAge", str(max(0, int((now - session.mfa).total_seconds())))
    if session.source_identity:
        yield "aws:SourceIdentity", session.source_identity


def of_check(
    check: PlannedCheck, given: Mapping[str, ContextValue], owner: str | None
) -> dict[str, ContextValue]:
    """All keys of one check: those of the call, of the resource's owner, and of the check itself."""
    keys = dict(given)
    if check.via is not None:
        keys = {key: value for key, value in keys.items() if key not in _NETWORK}
        keys["aws:ViaAWSService"] = "true"
        if check.via in _NAMED_IN_CHAIN:
            keys |= {
                "aws:CalledVia": (check.via,),
                "aws:CalledViaFirst": check.via,
                "aws:CalledViaLast": check.via,
            }
    if owner is not None and (home := organization.membership(owner)):
        keys |= {"aws:ResourceOrgID": home.id, "aws:ResourceOrgPaths": (home.path,)}
    return {**keys, **check.context}
