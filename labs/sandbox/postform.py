"""Uploads from an HTML form: the presigned POST of S3.

The form carries a policy, what may be uploaded and until when, and a signature over its text. An upload that
agrees with it becomes the PUT of one object, and goes through the gate as such. Amazon S3 API Reference,
"Browser-based uploads using POST".
"""

from __future__ import annotations

import base64
import hmac
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from labs.sandbox import sigv2
from labs.sandbox.carrier import Answer
from labs.sandbox.clock import Timeline
from labs.sandbox.raw import RawRequest, SignatureFault
from labs.sandbox.signature import Signed, signing_key
from labs.sandbox.signature_time import STRAIGHT, ahead_when

__all__ = ["Upload", "read_upload"]

# Fields that need no condition: the signature itself, and what S3 leaves out.
_UNCONDITIONED = frozenset({"awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"})
# Fields that become headers of the PUT, beside all that start with x-amz-.
_HEADERS = frozenset({"cache-control", "content-disposition", "content-encoding", "content-type", "expires"})
_SIGNING = frozenset(
    {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature"}
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A form upload: its fields (names in lower case), the file, and who signed it, if anybody did."""

    raw: RawRequest
    bucket: str
    fields: Mapping[str, str]
    data: bytes
    signed: Signed | None

    @property
    def key(self) -> str:
        """The key of the object to be."""
        return self.fields["key"]

    def verify(self, secret: str, now: datetime, timeline: Timeline = STRAIGHT) -> None:
        """Check the signature, then the upload against the policy that was signed.

        Args:
            now: the clients' time, aware.
            timeline: how far the server's clock is ahead of it.

        Raises:
            SignatureFault: which of them does not hold.
        """
        assert self.signed is not None
        policy = self.fields.get("policy", "")
        if not hmac.compare_digest(_signature(policy, self.signed, secret), self.signed.signature.encode()):
            raise SignatureFault(
                "mismatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
            )
        try:
            document = json.loads(base64.b64decode(policy))
            expires = datetime.fromisoformat(document["expiration"])
            conditions = list(document["conditions"])
        except (ValueError, KeyError, TypeError) as error:
            raise _against("Invalid Policy: Invalid JSON.") from error
        expires = expires if expires.tzinfo else expires.replace(tzinfo=UTC)
        made = self.signed.request_time
        # When a form of version 2 was signed is not known; so its time passes as the client's does.
        ahead = ahead_when(made, now, timeline) if made is not None else timeline.offset
        if timeline.world(now) >= expires + ahead:
            raise _against("Policy expired.")
        self._check(conditions)

    def _check(self, conditions: list[Any]) -> None:
        given = {**self.fields, "bucket": self.bucket}
        covered = set(_UNCONDITIONED)
        for kind, name, wanted in _conditions(conditions):
            covered.add(name)
            value = given.get(name, "")
            if kind == "content-length-range":
                low, high = wanted
                if not low <= len(self.data) <= high:
                    raise _against(f"The file has {len(self.data)} bytes; it must have {low} to {high}.")
            elif value != wanted and not (kind == "starts-with" and value.startswith(wanted)):
                raise _against(f"Policy Condition failed: {json.dumps([kind, f'${name}', wanted])}")
        extra = [name for name in self.fields if name not in covered and not name.startswith("x-ignore-")]
        if extra:
            raise _against(f"Extra input fields: {', '.join(extra)}")

    def as_put(self) -> RawRequest:
        """The request that puts this object."""
        headers = {"host": self.raw.header("host") or "", "user-agent": self.raw.header("user-agent") or ""}
        for name, value in self.fields.items():
            if name in _HEADERS or (name.startswith("x-amz-") and name not in _SIGNING):
                headers[name] = value
        if "acl" in self.fields:
            headers["x-amz-acl"] = self.fields["acl"]
        path = self.raw.path.rstrip("/")
        target = f"{path}/{quote(self.key, safe='/-_.~')}"
        return replace(self.raw, method="PUT", target=target, headers=tuple(headers.items()), body=self.data)

    def answer(self, put: Answer) -> Answer:
        """The answer to the form, from the answer to the PUT."""
        if put.status >= 300:
            return put
        location = f"http://{self.raw.header('host')}{self.as_put().target}"
        headers = [pair for pair in put.headers if pair[0].lower() not in ("content-length", "content-type")]
        etag = put.header("etag") or ""
        status = {"200": 200, "201": 201}.get(self.fields.get("success_action_status", ""), 204)
        body = b""
        if redirect := self.fields.get("success_action_redirect"):
            status = 303
            mark = "&" if "?" in redirect else "?"
            query = f"bucket={quote(self.bucket)}&key={quote(self.key, safe='')}&etag={quote(etag)}"
            location = f"{redirect}{mark}{query}"
        if status == 201:
            parts = {"Location": location, "Bucket": self.bucket, "Key": self.key, "ETag": etag}
            inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
            body = f"<PostResponse>{inner}</PostResponse>".encode()
            headers.append(("Content-Type", "application/xml"))
        headers += [("Location", location), ("Content-Length", str(len(body)))]
        return Answer(status, tuple(headers), body)


def read_upload(raw: RawRequest) -> Upload | None:
    """The upload that a request is, or None when it is no form, or has neither key nor file.

    Raises:
        SignatureFault: the form is signed, but its fields cannot be read.
    """
    content_type = raw.header("content-type") or ""
    if raw.method != "POST" or not content_type.startswith("multipart/form-data"):
        return None
    from werkzeug.formparser import parse_form_data

    environ = {
        "wsgi.input": io.BytesIO(raw.body),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(raw.body)),
        "REQUEST_METHOD": "POST",
    }
    _, form, files = parse_form_data(environ, stream_factory=_in_memory)
    fields = {name.lower(): value for name, value in form.items()}
    file = files.get("file")
    data = file.read() if file is not None else fields.pop("file", "").encode()
    if "key" not in fields:
        return None
    name = (file.filename if file is not None else None) or ""
    fields["key"] = fields["key"].replace("${filename}", name.replace("\\", "/").rpartition("/")[2])
    bucket = raw.path.strip("/") or (raw.header("host") or "").partition(".")[0]
    return Upload(raw, bucket, fields, data, _signer(fields))


def _in_memory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> IO[bytes]:
    """Where werkzeug keeps a file: the whole request is in memory already."""
    return io.BytesIO()


def _signer(fields: Mapping[str, str]) -> Signed | None:
    token = fields.get("x-amz-security-token")
    if "awsaccesskeyid" in fields:
        key, signature = fields["awsaccesskeyid"], fields.get("signature", "")
        return Signed(key, "us-east-1", "s3", (), token, True, "v2", None, None, signature)
    if "x-amz-signature" not in fields:
        return None
    parts = fields.get("x-amz-credential", "").rsplit("/", 4)
    try:
        time = datetime.strptime(fields.get("x-amz-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        time = None
    if len(parts) != 5 or time is None or parts[1] != f"{time:%Y%m%d}" or parts[3:] != ["s3", "aws4_request"]:
        raise SignatureFault(
            "query", "The form needs an x-amz-credential and an x-amz-date that belong together."
        )
    return Signed(parts[0], parts[2], "s3", (), token, True, "v4", time, None, fields["x-amz-signature"])


def _signature(policy: str, signed: Signed, secret: str) -> bytes:
    text = policy.encode()
    if signed.version == "v2":
        return sigv2.sign(secret, text)
    key = signing_key(secret, f"{signed.request_time:%Y%m%d}", signed.region, "s3")
    return hmac.digest(key, text, "sha256").hex().encode()


def _conditions(conditions: list[Any]) -> Iterator[tuple[str, str, Any]]:
    """Each condition as kind, field and value; of a size the value is a pair."""
    for condition in conditions:
        match condition:
            case dict():
                for name, value in condition.items():
                    yield "eq", str(name).lower(), str(value)
            case ["content-length-range", int() as low, int() as high]:
                yield "content-length-range", "file", (low, high)
            case ["eq" | "starts-with" as kind, str() as name, value]:
                yield kind, name.removeprefix("$").lower(), str(value)
            case _:
                raise _against(f"Invalid Policy: Invalid Condition: {json.dumps(condition)}")


def _against(why: str) -> SignatureFault:
    return SignatureFault("form", f"Invalid according to Policy: {why}")
