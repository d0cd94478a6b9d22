"""Undo the `aws-chunked` framing of S3 uploads and check the signature of each chunk.

A body is a run of `SIZE[;chunk-signature=…]` lines, each followed by that many bytes; a chunk of size zero
ends it, and trailers may follow. Each signature covers the one before it, so a chunk can be neither changed
nor moved. Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload
in multiple chunks" and "… including trailing headers".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import NoReturn

from labs.sandbox.raw import Payload, RawRequest, SignatureFault

__all__ = ["Chain", "decode"]

_EMPTY_HASH = hashlib.sha256(b"").hexdigest()
_CHUNK_LINE = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")
_SIGNED = frozenset({"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"})
_KNOWN = _SIGNED | {"STREAMING-UNSIGNED-PAYLOAD-TRAILER"}


@dataclass(slots=True)
class Chain:
    """The running signature: it starts as the request's own and moves on with each chunk."""

    key: bytes
    time: str
    scope: str
    previous: str

    def follows(self, label: str, *hashes: str, signature: str) -> bool:
        """Whether `signature` is the next link over these hashes; the chain moves on to it."""
        lines = (f"AWS4-HMAC-SHA256-{label}", self.time, self.scope, self.previous, *hashes)
        self.previous = hmac.digest(self.key, "\n".join(lines).encode(), "sha256").hex()
        return hmac.compare_digest(self.previous, signature)


def decode(raw: RawRequest, scheme: str, chain: Chain) -> Payload:
    """The bytes and trailers inside an `aws-chunked` body.

    Args:
        scheme: the value of `x-amz-content-sha256`, which says whether chunks are signed.

    Raises:
        SignatureFault: a chunk or the trailers do not carry the signature that is due, or the framing is cut.
    """
    if scheme not in _KNOWN:
        raise SignatureFault("payload hash wrong", f"The sandbox does not know the payload scheme {scheme}.")
    signed = scheme in _SIGNED
    data, rest = _chunks(raw.body, chain if signed else None)
    promised = raw.header("x-amz-decoded-content-length")
    if promised is not None and promised != str(len(data)):
        _incomplete()
    trailers = _trailers(raw, rest, chain if signed and scheme.endswith("-TRAILER") else None)
    return Payload(data, trailers)


def _chunks(body: bytes, chain: Chain | None) -> tuple[bytes, bytes]:
    """The joined data of the chunks, and what stands after the last of them."""
    pieces: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at)
        line = _CHUNK_LINE.fullmatch(body, at, end) if end >= 0 else None
        if line is None:
            _incomplete()
        size, start = int(line[1], 16), end + 2
        data = body[start : start + size]
        if len(data) < size:
            _incomplete()
        if chain is not None:
            given = (line[2] or b"").decode()
            if not chain.follows("PAYLOAD", _EMPTY_HASH, hashlib.sha256(data).hexdigest(), signature=given):
                raise SignatureFault("mismatch", _MISMATCH)
        if size == 0:
            return b"".join(pieces), body[start:]
        if body[start + size : start + size + 2] != b"\r\n":
            _incomplete()
        pieces.append(data)
        at = start + size + 2


def _trailers(raw: RawRequest, rest: bytes, chain: Chain | None) -> tuple[tuple[str, str], ...]:
    promised = {name.strip().lower() for name in (raw.header("x-amz-trailer") or "").split(",")} - {""}
    found: dict[str, str] = {}
    for line in rest.decode("latin-1").split("\r\n"):
        # A client may end each trailer with a bare newline before the CRLF.
        name, colon, value = line.rstrip("\n").partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    signature = found.pop("x-amz-trailer-signature", "")
    if set(found) != promised:
        _incomplete()
    if chain is not None:
        text = "".join(f"{name}:{value}\n" for name, value in sorted(found.items()))
        digest = hashlib.sha256(text.encode("latin-1")).hexdigest()
        if not chain.follows("TRAILER", digest, signature=signature):
            raise SignatureFault("mismatch", _MISMATCH)
    return tuple(found.items())


_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)


def _incomplete() -> NoReturn:
    raise SignatureFault(
        "incomplete body", "The request body terminated unexpectedly: its chunks or trailers do not add up."
    )
