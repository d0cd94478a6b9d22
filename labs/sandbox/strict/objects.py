"""S3 objects: what arrives is what was sent, where the request says what that was."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from labs.sandbox.strict.pages import page
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["DIGESTS", "RULES"]

_INTEGRITY = page("S3 User Guide", "Checking object integrity in Amazon S3", "checking-object-integrity")


# -- checksums ---------------------------------------------------------------------------------------------


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    """The table of a CRC whose bits are read from the lowest; `polynomial` is written the same way round."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)
    return tuple(table)


def _crc(data: bytes, polynomial: int, bits: int) -> bytes:
    table, ones = _table(polynomial), (1 << bits) - 1
    rest = ones
    for byte in data:
        rest = rest >> 8 ^ table[(rest ^ byte) & 0xFF]
    return (rest ^ ones).to_bytes(bits // 8, "big")


DIGESTS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: _crc(data, 0x82F63B78, 32),
    "crc64nvme": lambda data: _crc(data, 0x9A6C9329AC4BC9B5, 64),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def _checksum(ask: Asked) -> Refusal | None:
    for header, said in ask.request.headers:
        name = header.removeprefix("x-amz-checksum-")
        if name == header or name not in DIGESTS:
            continue
        given, found = _decoded(said), DIGESTS[name](ask.request.body)
        if given is None or len(given) != len(found):
            message = f"Value for {header} header is invalid."
            return Refusal("InvalidRequest", message, f"{said!r} is no {name.upper()} in base64")
        if given != found:
            return Refusal(
                "BadDigest",
                f"The {name.upper()} you specified did not match the calculated checksum.",
                f"the request says {said}, and what arrived has {base64.b64encode(found).decode()}",
                "Compute the checksum of the bytes that are sent; SDKs do it by themselves.",
            )
    return None


def _content_md5(ask: Asked) -> Refusal | None:
    said = ask.request.header("content-md5")
    if not said:
        return None
    given = _decoded(said)
    if given is None or len(given) != 16:
        because = f"{said!r} is no MD5 digest in base64: 16 bytes are 24 characters"
        return Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.", because)
    found = hashlib.md5(ask.request.body, usedforsecurity=False).digest()
    if given == found:
        return None
    calculated = base64.b64encode(found).decode()
    return Refusal(
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        f"the request says {said}, and what arrived has {calculated}",
        details={"ExpectedDigest": said, "CalculatedDigest": calculated},
    )


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


RULES = (
    Rule(
        "s3.content-md5",
        "refuses",
        "A body that is not the one that Content-MD5 tells of is refused.",
        "It takes no notice of Content-MD5.",
        _INTEGRITY,
        operations=("s3:*",),
        code="BadDigest",
        check=_content_md5,
    ),
    Rule(
        "s3.checksum",
        "refuses",
        "A body that does not have the checksum that the request tells is refused.",
        "It keeps the checksum as it was told.",
        _INTEGRITY,
        operations=("s3:PutObject", "s3:UploadPart"),
        code="BadDigest",
        check=_checksum,
    ),
)
