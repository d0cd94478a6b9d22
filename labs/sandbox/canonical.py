"""The canonical request of Signature Version 4: one text that client and server both derive from a request.

IAM User Guide, "Create a signed AWS API request", step 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes

from labs.sandbox.raw import RawRequest

__all__ = ["canonical_requests"]


def canonical_requests(
    raw: RawRequest, signed_headers: tuple[str, ...], payload_hash: str, *, s3: bool
) -> Iterator[bytes]:
    """The canonical request of what was sent and, if it differs, of the same thing encoded as AWS encodes it.

    Some clients send `prefix=a/b` and sign `prefix=a%2Fb`. AWS decodes and encodes again, so it takes both.

    Args:
        s3: S3 signs the path as it is; every other service normalises it and encodes it a second time.
    """
    headers = "".join(f"{name}:{_value(raw, name)}\n" for name in signed_headers)
    names = ";".join(signed_headers)
    pairs = [pair for pair in raw.query_pairs if pair[0] != "X-Amz-Signature"]
    path = raw.path if s3 else quote(_normalise(raw.path).encode("latin-1"), safe="/-_.~")
    as_sent = path, _query(pairs)
    yield "\n".join((raw.method, *as_sent, headers, names, payload_hash)).encode("latin-1")
    as_aws = (
        _encode(raw.path, safe="/") if s3 else path,
        _query([(_encode(name), _encode(value)) for name, value in pairs]),
    )
    if as_aws != as_sent:
        yield "\n".join((raw.method, *as_aws, headers, names, payload_hash)).encode("latin-1")


def _normalise(path: str) -> str:
    """A path without dot segments and without empty ones."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def _query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _value(raw: RawRequest, name: str) -> str:
    return " ".join((raw.header(name) or "").split())


def _encode(text: str, safe: str = "") -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe=safe + "-_.~")
