"""Find the AWS signature on a request and check it. Pure: no moto, no boto3, no clock of its own.

Signature Version 4 is known in all its forms (Authorization header, presigned URL, signed and unsigned
chunks); the older Version 2 of S3, which boto3 still uses for presigned URLs on a custom endpoint, is in
`sigv2`. The rules are those of the IAM User Guide, "Create a signed AWS API request", and of the Amazon S3
API Reference, "Authenticating requests".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from labs.sandbox import chunked, sigv2
from labs.sandbox.canonical import canonical_requests
from labs.sandbox.clock import Timeline
from labs.sandbox.raw import Payload, RawRequest, SignatureFault
from labs.sandbox.signature_time import STRAIGHT, check_time

__all__ = [
    "EMPTY_HASH",
    "Payload",
    "RawRequest",
    "SignatureFault",
    "Signed",
    "find_signature",
    "signing_key",
    "verify",
]

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
LONGEST_PRESIGN = 604_800  # seconds: a week
BASIC_FORMAT = "%Y%m%dT%H%M%SZ"

_HEX_HASH = re.compile(r"[0-9a-f]{64}")
_BASIC_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_PRESIGN_PARAMETERS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
# These sign the path once-encoded and as it is; every other service normalises it and encodes it again.
_S3_NAMES = frozenset({"s3", "s3-outposts", "s3-object-lambda", "s3express"})
# Their value is bound by the signature itself, so they need not be among the signed headers.
_BOUND_BY_SIGNATURE = frozenset({"x-amz-content-sha256", "x-amz-date"})

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature says about itself, before it has been checked.

    `request_time` is when it was made (None for Version 2 presigned URLs, which only say when they end) and
    `expires` when a presigned URL ends.
    """

    access_key_id: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    session_token: str | None
    presigned: bool
    version: Literal["v4", "v2"]
    request_time: datetime | None
    expires: datetime | None
    signature: str

    @property
    def is_s3(self) -> bool:
        return self.service in _S3_NAMES

    @property
    def scope(self) -> str:
        """The credential scope, as in `20260101/us-east-1/s3/aws4_request`."""
        assert self.request_time is not None
        return f"{self.request_time:%Y%m%d}/{self.region}/{self.service}/aws4_request"


def find_signature(raw: RawRequest) -> Signed | None:
    """What signs this request, or None when nothing does and the caller is anonymous.

    Raises:
        SignatureFault: there is a signature, but it cannot be read.
    """
    authorization = raw.header("authorization")
    v4_query = "X-Amz-Signature" in raw.query or "X-Amz-Algorithm" in raw.query
    v2_query = "AWSAccessKeyId" in raw.query and "Signature" in raw.query
    if (authorization is not None) + v4_query + v2_query > 1:
        raise SignatureFault(
            "mechanisms",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
            "string parameter or the Authorization header should be specified",
        )
    if v4_query:
        return _from_query(raw)
    if v2_query:
        return _from_v2(sigv2.from_query(raw), presigned=True)
    if authorization is None:
        return None
    if authorization.startswith("AWS "):
        return _from_v2(sigv2.from_header(raw, authorization), presigned=False)
    return _from_header(raw, authorization)


def verify(
    raw: RawRequest, signed: Signed, secret: str, now: datetime, timeline: Timeline = STRAIGHT
) -> Payload:
    """The body that the signature covers, once time, signature and payload hash have been checked.

    Args:
        now: the clients' time, aware.
        timeline: how far the server's clock is ahead of it.

    Raises:
        SignatureFault: which rule was broken, in AWS's words.
    """
    check_time(signed, now, timeline)
    if signed.version == "v2":
        if not sigv2.matches(raw, signed.signature, secret, presigned=signed.presigned):
            raise SignatureFault("mismatch", MISMATCH)
        return Payload(raw.body)
    assert signed.request_time is not None
    _check_coverage(raw, signed)
    payload_hash = _payload_hash(raw, signed)
    key = signing_key(secret, f"{signed.request_time:%Y%m%d}", signed.region, signed.service)
    for canonical in canonical_requests(raw, signed.signed_headers, payload_hash, s3=signed.is_s3):
        if hmac.compare_digest(_sign(key, _string_to_sign(signed, canonical)), signed.signature.encode()):
            return _payload(raw, signed, payload_hash, key)
    raise SignatureFault("mismatch", MISMATCH)


@lru_cache(maxsize=256)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service, derived from a secret access key."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


# -- reading -------------------------------------------------------------------------------------------------


def _from_header(raw: RawRequest, authorization: str) -> Signed:
    scheme, _, rest = authorization.partition(" ")
    if scheme != ALGORITHM:
        raise SignatureFault("algorithm", "Unsupported Authorization Type")
    fields = dict(_field(part) for part in rest.split(","))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not fields.get(name)]
    if missing:
        complaint = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        raise SignatureFault("header", f"{complaint} Authorization={scheme}")
    time = _header_time(raw)
    access_key_id, region, service = _read_credential(fields["Credential"], time, "header")
    return Signed(
        access_key_id,
        region,
        service,
        signed_headers=tuple(fields["SignedHeaders"].split(";")),
        session_token=raw.header("x-amz-security-token"),
        presigned=False,
        version="v4",
        request_time=time,
        expires=None,
        signature=fields["Signature"],
    )


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value


def _from_query(raw: RawRequest) -> Signed:
    query = raw.query
    if any(name not in query for name in _PRESIGN_PARAMETERS):
        raise SignatureFault(
            "query",
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        )
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise SignatureFault("query", f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    if not _BASIC_DATE.fullmatch(query["X-Amz-Date"]):
        raise SignatureFault(
            "query", "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        )
    if not query["X-Amz-SignedHeaders"].isascii():
        raise SignatureFault("query", "X-Amz-SignedHeaders holds a name that is no header")
    time = _basic_time(query["X-Amz-Date"], "query")
    lifetime = _lifetime(query["X-Amz-Expires"])
    access_key_id, region, service = _read_credential(query["X-Amz-Credential"], time, "query")
    return Signed(
        access_key_id,
        region,
        service,
        signed_headers=tuple(query["X-Amz-SignedHeaders"].split(";")),
        session_token=query.get("X-Amz-Security-Token"),
        presigned=True,
        version="v4",
        request_time=time,
        expires=time + lifetime,
        signature=query["X-Amz-Signature"],
    )


def _lifetime(text: str) -> timedelta:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise SignatureFault("query", "X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds < 0:
        raise SignatureFault("query", "X-Amz-Expires must be non-negative")
    if seconds > LONGEST_PRESIGN:
        raise SignatureFault(
            "query",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            f"less than {LONGEST_PRESIGN} seconds",
        )
    return timedelta(seconds=seconds)


def _read_credential(text: str, time: datetime, where: Literal["header", "query"]) -> tuple[str, str, str]:
    """Access key id, region and service of `AKID/20260101/us-east-1/s3/aws4_request`."""
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or not all(parts):
        raise SignatureFault(
            where,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{text}'",
        )
    access_key_id, date, region, service, terminator = parts
    if terminator != "aws4_request":
        raise SignatureFault(
            where, f"Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'."
        )
    if date != f"{time:%Y%m%d}":
        raise SignatureFault(
            where,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date}' != '{time:%Y%m%d}', from '{time:{BASIC_FORMAT}}'.",
        )
    return access_key_id, region, service.lower()


def _header_time(raw: RawRequest) -> datetime:
    text = raw.header("x-amz-date")
    if text is not None:
        return _basic_time(text, "date")
    text = raw.header("date")
    if text is None:
        raise SignatureFault(
            "date", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    return sigv2.http_time(text) or _basic_time(text, "date")


def _basic_time(text: str, reason: Literal["date", "query"]) -> datetime:
    try:
        if _BASIC_DATE.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise SignatureFault(
        reason,
        f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )


def _from_v2(found: sigv2.Found, *, presigned: bool) -> Signed:
    return Signed(
        found.access_key_id,
        region="us-east-1",
        service="s3",
        signed_headers=(),
        session_token=found.session_token,
        presigned=presigned,
        version="v2",
        request_time=found.time,
        expires=found.expires,
        signature=found.signature,
    )


# -- checking ------------------------------------------------------------------------------------------------


def _check_coverage(raw: RawRequest, signed: Signed) -> None:
    """Refuse a request with a header that decides something and that the signature does not cover."""
    must = {name for name in raw.header_names if name.startswith("x-amz-")} - _BOUND_BY_SIGNATURE
    left_out = sorted((must | {"host"}) - {name.lower() for name in signed.signed_headers})
    if left_out:
        raise SignatureFault(
            "unsigned header",
            "There were headers present in the request which were not signed",
            {"HeadersNotSigned": ", ".join(left_out)},
        )


def _payload_hash(raw: RawRequest, signed: Signed) -> str:
    """The last line of the canonical request: a hash, or the word that stands for one."""
    stated = raw.header("x-amz-content-sha256")
    if stated is not None:
        return stated
    if not signed.is_s3:
        return hashlib.sha256(raw.body).hexdigest()
    if signed.presigned:
        return raw.query.get("X-Amz-Content-Sha256", UNSIGNED_PAYLOAD)
    raise SignatureFault(
        "payload hash missing", "Missing required header for this request: x-amz-content-sha256"
    )


def _string_to_sign(signed: Signed, canonical: bytes) -> str:
    digest = hashlib.sha256(canonical).hexdigest()
    return f"{ALGORITHM}\n{signed.request_time:{BASIC_FORMAT}}\n{signed.scope}\n{digest}"


def _sign(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256").hex().encode()


def _payload(raw: RawRequest, signed: Signed, payload_hash: str, key: bytes) -> Payload:
    if payload_hash.startswith("STREAMING-"):
        chain = chunked.Chain(key, f"{signed.request_time:{BASIC_FORMAT}}", signed.scope, signed.signature)
        return chunked.decode(raw, payload_hash, chain)
    if payload_hash == UNSIGNED_PAYLOAD:
        return Payload(raw.body)
    if not _HEX_HASH.fullmatch(payload_hash):
        raise SignatureFault(
            "payload hash wrong",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.",
        )
    actual = hashlib.sha256(raw.body).hexdigest()
    if not hmac.compare_digest(actual, payload_hash):
        raise SignatureFault(
            "payload hash wrong",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            {"ClientComputedContentSHA256": payload_hash, "S3ComputedContentSHA256": actual},
        )
    return Payload(raw.body)
