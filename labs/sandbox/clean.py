"""The clean request: what moto is given in place of what a client sent.

Nothing in it steers moto past the gate. It has no signature, no chunk framing, no header that moto reads as
an instruction to itself; its credential scope names the service that was authorised; and its query holds only
what the operation knows.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, unquote_to_bytes

from labs.sandbox.raw import Payload, RawRequest
from labs.sandbox.signature import Signed

__all__ = ["CleanRequest", "Parameters", "Unreadable", "clean"]

Parameters = tuple[tuple[str, str], ...]

# Signatures, framing, connection handling, and the client's name, in which moto looks for a region.
_DROPPED = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-security-token",
        "x-amz-trailer",
    }
)
_SIGNATURE_PARAMETERS = frozenset(
    {
        "x-amz-algorithm",
        "x-amz-content-sha256",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
    }
)
_V2_PARAMETERS = frozenset({"AWSAccessKeyId", "Expires", "Signature", "x-amz-security-token"})
_LARGEST_INFLATED = 64 * 1024 * 1024  # bytes
_FORM = "application/x-www-form-urlencoded"


class Unreadable(ValueError):
    """A part of a request that AWS would not take; `code` is AWS's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class CleanRequest:
    """Method, raw path, decoded query and headers (lower-case names) of the request for moto."""

    method: str
    path: str
    query: Parameters
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client_address: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    def keeping(self, known: Iterable[str] | None, operation: str, *, without: str = "") -> CleanRequest:
        """The request with only the parameters that the operation knows (None: all) and its name.

        A header `without` goes.
        The query is never left empty: moto would then take parameters from the body's text, or from headers.
        """
        kept = self.query if known is None else tuple(pair for pair in self.query if pair[0] in known)
        headers = tuple([pair for pair in self.headers if pair[0] != without])
        return replace(self, query=(*kept, ("x-id", operation)), headers=headers)

    def as_form(self) -> CleanRequest:
        """The request with its parameters in the body, as the query protocol has it."""
        form = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.query)
        headers = (*(pair for pair in self.headers if pair[0] != "content-type"), ("content-type", _FORM))
        return replace(self, method="POST", query=(), body=form.encode(), headers=headers)

    def environ(self, access_key_id: str, scope: str) -> dict[str, Any]:
        """The WSGI environ; `scope` is DATE/REGION/SERVICE/aws4_request, by which moto finds the service."""
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.query)
        target = f"{self.path}?{query}" if query else self.path
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": target,
            "RAW_URI": target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address,
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        spelled: dict[str, str] = {}
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            if key != "CONTENT_TYPE":
                key = f"HTTP_{key}"
            if "_" in name:
                spelled[key] = name
            environ[key] = value
        environ["HTTP_AUTHORIZATION"] = (
            f"AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}, SignedHeaders=host, Signature={'0' * 64}"
        )
        # moto looks here for the spelling of metadata names with an underscore, which WSGI cannot tell apart.
        environ["moto.preserved_header_names"] = spelled
        return environ


def clean(raw: RawRequest, payload: Payload, signed: Signed | None, service: str) -> CleanRequest:
    """Take everything off a verified request that is not part of what it asks for.

    Args:
        service: the signing name. S3 reads `x-amz-…` parameters of a presigned URL as headers, and so must we
            before anything is decided.

    Raises:
        Unreadable: a gzip body that unpacks to more than 64 MiB, or a copy source that names no object.
    """
    headers = {name: raw.header(name) or "" for name in raw.header_names if _wanted(name)}
    headers.update(payload.trailers)
    body = payload.body
    encodings = [part.strip() for part in headers.pop("content-encoding", "").split(",")]
    encodings = [part for part in encodings if part not in ("", "aws-chunked")]
    query = list(_decoded(raw, signed))
    if service == "s3":
        for name, value in query:
            if name.lower().startswith("x-amz-"):
                headers.setdefault(name.lower(), value)
        query = [pair for pair in query if not pair[0].lower().startswith("x-amz-")]
        if "x-amz-copy-source" in headers:
            headers["x-amz-copy-source"] = _copy_source(headers["x-amz-copy-source"])
        if raw.method == "PUT" and headers.get("content-type", "").startswith(_FORM):
            # moto would read the object as a form and lose it; AWS keeps the bytes.
            headers["content-type"] = "binary/octet-stream"
    elif encodings == ["gzip"]:
        body, encodings = _inflate(body), []
    if encodings:
        headers["content-encoding"] = ",".join(encodings)
    return CleanRequest(raw.method, raw.path, tuple(query), tuple(headers.items()), body, raw.client_address)


def _wanted(name: str) -> bool:
    # WSGI takes an underscore for a hyphen, so x_amz_copy_source, which nobody signed, would become a header
    # of AWS. Only metadata may have underscores.
    if "_" in name and not name.startswith("x-amz-meta-"):
        return False
    return name not in _DROPPED and not name.startswith("x-moto-")


def _decoded(raw: RawRequest, signed: Signed | None) -> Iterable[tuple[str, str]]:
    for name, value in raw.query_pairs:
        pair = unquote_plus(name), unquote_plus(value)
        if signed is not None and signed.presigned:
            if signed.version == "v2" and pair[0] in _V2_PARAMETERS:
                continue
            if pair[0].lower() in _SIGNATURE_PARAMETERS:
                continue
        if pair[0]:
            yield pair


def _copy_source(text: str) -> str:
    """A copy source in its one plain form, BUCKET/KEY or BUCKET/KEY?versionId=ID.

    It is read in several places, and `http://x/BUCKET/KEY` or `BUCKET/KEY;x` must mean the same in each.
    """
    path, mark, query = text.partition("?")
    name, _, version = query.partition("=")
    if mark and (name != "versionId" or not version):
        raise Unreadable("InvalidArgument", "Unsupported copy source parameter.")
    source = unquote(path).lstrip("/")
    if not all(source.partition("/")):
        raise Unreadable(
            "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        )
    plain = quote(source, safe="/-_.~")
    return f"{plain}?versionId={quote(unquote(version), safe='-_.~')}" if mark else plain


def _inflate(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, _LARGEST_INFLATED)
    except zlib.error:
        return body  # not gzip after all: the parser says so better
    if unpacker.unconsumed_tail:
        raise Unreadable("RequestEntityTooLarge", "The compressed body is too large.")
    return data
