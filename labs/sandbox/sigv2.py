"""Signature Version 2 of S3: HMAC-SHA1 over a short summary of the request.

AWS has retired it, but boto3 still presigns with it when the endpoint is not AWS's own, so a presigned URL
made on the sandbox is often one of these. Amazon S3 User Guide, "Signing and authenticating REST requests
(AWS signature version 2)".
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, unquote_plus

from labs.sandbox.raw import RawRequest, SignatureFault

__all__ = ["Found", "from_header", "from_query", "http_time", "matches", "sign"]

# The parameters that are part of the resource and therefore signed.
_SIGNED_PARAMETERS = re.compile(
    r"accelerate|acl|analytics|cors|defaultObjectAcl|delete|inventory|lifecycle|location|logging|metrics"
    r"|notification|object-lock|partNumber|policy|replication|requestPayment|restore|select|select-type"
    r"|storageClass|tagging|torrent|uploadId|uploads|versionId|versioning|versions|website|response-cache-control"
    r"|response-content-disposition|response-content-encoding|response-content-language|response-content-type"
    r"|response-expires"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a Version 2 signature says about itself."""

    access_key_id: str
    signature: str
    session_token: str | None
    time: datetime | None
    expires: datetime | None


def from_query(raw: RawRequest) -> Found:
    """Read `AWSAccessKeyId`, `Signature` and `Expires` of a presigned URL."""
    expires = raw.query.get("Expires", "")
    if not expires.isdecimal() or len(expires) > 11:
        raise SignatureFault(
            "query",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
        )
    return Found(
        raw.query["AWSAccessKeyId"],
        raw.query["Signature"],
        session_token=raw.query.get("x-amz-security-token") or raw.header("x-amz-security-token"),
        time=None,
        expires=datetime.fromtimestamp(int(expires), UTC),
    )


def from_header(raw: RawRequest, authorization: str) -> Found:
    """Read `Authorization: AWS AKID:SIGNATURE`."""
    access_key_id, colon, signature = authorization.removeprefix("AWS ").strip().partition(":")
    if not (access_key_id and colon and signature):
        raise SignatureFault(
            "header", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
        )
    text = raw.header("x-amz-date") or raw.header("date")
    time = http_time(text) if text else None
    if time is None:
        raise SignatureFault("date", "AWS authentication requires a valid Date or x-amz-date header")
    return Found(access_key_id, signature, raw.header("x-amz-security-token"), time, expires=None)


def http_time(text: str) -> datetime | None:
    """An HTTP date as an aware time, or None when it is none."""
    try:
        time = parsedate_to_datetime(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def matches(raw: RawRequest, signature: str, secret: str, *, presigned: bool) -> bool:
    """Whether the signature is the one that this secret gives for this request."""
    return any(
        hmac.compare_digest(sign(secret, text), signature.encode())
        for text in _strings_to_sign(raw, presigned=presigned)
    )


def sign(secret: str, text: bytes) -> bytes:
    """The Version 2 signature of a text."""
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha1"))


def _strings_to_sign(raw: RawRequest, *, presigned: bool) -> Iterator[bytes]:
    """One text for each way of addressing the bucket: in the path, or as the first label of the host."""
    headers = _headers(raw, presigned=presigned)
    amz = {name: value for name, value in headers.items() if name.startswith("x-amz-")}
    if presigned:
        date = raw.query["Expires"]
    else:
        date = "" if "x-amz-date" in amz else headers.get("date", "")
    head = [raw.method, headers.get("content-md5", ""), headers.get("content-type", ""), date]
    lines = head + [f"{name}:{amz[name]}" for name in sorted(amz)]
    resource = raw.path + _signed_query(raw)
    bucket = (raw.header("host") or "").partition(".")[0]
    for path in (resource, f"/{bucket}{resource}"):
        yield "\n".join([*lines, path]).encode("latin-1")


def _headers(raw: RawRequest, *, presigned: bool) -> dict[str, str]:
    """The headers that count; a presigned URL carries those of its signer in the query."""
    headers = {name: (raw.header(name) or "").strip() for name in raw.header_names}
    if presigned:
        for name, value in raw.query_pairs:
            if name.startswith("x-amz-") or name in ("content-md5", "content-type"):
                headers[name] = unquote_plus(value, encoding="latin-1")
    return headers


def _signed_query(raw: RawRequest) -> str:
    kept = []
    for part in raw.target.partition("?")[2].split("&"):
        name, equals, value = part.partition("=")
        if _SIGNED_PARAMETERS.fullmatch(name):
            kept.append((name, f"{name}{equals}{unquote(value, encoding='latin-1')}"))
    return "?" + "&".join(text for _, text in sorted(kept, key=lambda item: item[0])) if kept else ""
