"""A request exactly as it came off the wire, and the fault that its signature can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Literal
from urllib.parse import unquote_plus

__all__ = ["Payload", "RawRequest", "SignatureFault", "SignatureReason"]

SignatureReason = Literal[
    "mechanisms",  # more than one signature on one request
    "header",  # an Authorization header that cannot be read
    "algorithm",  # an Authorization scheme that is not AWS's
    "query",  # the X-Amz-… parameters of a presigned URL are missing or out of range
    "date",  # no date, or one that cannot be read
    "unsigned header",  # a header that must be covered by the signature is not
    "mismatch",  # the signature is not the one that the secret gives
    "skew",  # the request time is too far from the server's
    "expired",  # a presigned URL or form past its time
    "early",  # a presigned URL before its time
    "payload hash missing",
    "payload hash wrong",
    "incomplete body",  # fewer bytes, chunks or trailers than were promised
    "form",  # the fields of an S3 form upload do not agree with its policy
]


class SignatureFault(Exception):
    """A signature that does not hold; `reason` is which rule it broke, `message` AWS's sentence.

    `details` are the further elements that S3 puts into its error document.
    """

    def __init__(
        self, reason: SignatureReason, message: str, details: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(reason, message)
        self.reason: SignatureReason = reason
        self.message = message
        self.details = details


@dataclass(frozen=True)
class RawRequest:
    """One HTTP request before anybody has interpreted it.

    `target` is the path and query exactly as sent, still percent-encoded; header values and the target
    are text in which each character stands for one byte (latin-1), as WSGI has them.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received: datetime
    client_address: str = "127.0.0.1"
    _by_name: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.headers:
            key = name.lower()
            self._by_name[key] = f"{self._by_name[key]},{value}" if key in self._by_name else value

    def header(self, name: str, default: str | None = None) -> str | None:
        """The value of a header, whatever its case; values of a repeated header are joined with commas."""
        return self._by_name.get(name.lower(), default)

    @property
    def header_names(self) -> tuple[str, ...]:
        """The names of the headers in lower case, each once, as they came."""
        return tuple(self._by_name)

    @property
    def path(self) -> str:
        """The path as sent, still percent-encoded, never empty."""
        return self.target.partition("?")[0] or "/"

    @cached_property
    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """The query as sent: name and value of each parameter, still percent-encoded."""
        text = self.target.partition("?")[2]
        if not text:
            return ()
        parts = (part.partition("=") for part in text.split("&"))
        return tuple((name, value) for name, _, value in parts)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query decoded; of a repeated parameter the first value."""
        decoded: dict[str, str] = {}
        for name, value in self.query_pairs:
            decoded.setdefault(unquote_plus(name), unquote_plus(value))
        return decoded


@dataclass(frozen=True, slots=True)
class Payload:
    """The body that the signature vouches for, chunk framing removed, and the trailers that followed it."""

    body: bytes
    trailers: tuple[tuple[str, str], ...] = ()
