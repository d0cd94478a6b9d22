"""Chunk framing, with the worked example of the Amazon S3 API Reference as the golden case."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.sandbox.raw import RawRequest, SignatureFault
from labs.sandbox.signature import EMPTY_HASH, find_signature, signing_key, verify

# Amazon S3 API Reference, "Transferring payload in multiple chunks", the example PUT object.
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_TIME = datetime(2013, 5, 24, tzinfo=UTC)
EXAMPLE_CHUNKS = (
    (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)


def example() -> RawRequest:
    body = b"".join(
        b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature.encode(), b"a" * size)
        for size, signature in EXAMPLE_CHUNKS
    )
    headers = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "Authorization": "AWS4-HMAC-SHA256 "
        "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders="
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class,"
        "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "Content-Length": "66824",
    }
    target = "/examplebucket/chunkObject.txt"
    return RawRequest("PUT", target, tuple(headers.items()), body, EXAMPLE_TIME)


def check(raw: RawRequest, secret: str = EXAMPLE_SECRET, now: datetime = EXAMPLE_TIME) -> bytes:
    signed = find_signature(raw)
    assert signed is not None
    return verify(raw, signed, secret, now).body


def test_the_example_of_the_manual_is_accepted() -> None:
    raw = example()
    assert len(raw.body) == 66824
    assert check(raw) == b"a" * 66560


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"aaaa\r\n400;", b"aaab\r\n400;", "mismatch"),
        (b"ad80c730", b"ad80c731", "mismatch"),
        (b"0;chunk-signature=b6", b"0;chunk-signature=c6", "mismatch"),
        (
            b";chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            b"",
            "mismatch",
        ),
        (b"400;", b"500;", "incomplete body"),
        (b"10000;", b"zzzz;", "incomplete body"),
    ],
)
def test_a_changed_chunk_is_refused(old: bytes, new: bytes, reason: str) -> None:
    raw = example()
    assert raw.body.count(old) == 1
    with pytest.raises(SignatureFault) as caught:
        check(replace(raw, body=raw.body.replace(old, new)))
    assert caught.value.reason == reason


def test_swapped_chunks_are_refused() -> None:
    chunks = [b"one-", b"two-"]
    raw = streamed(chunks, [("x-amz-checksum-crc32", "AAAAAA==")])
    first, second = (body_chunk for body_chunk in raw.body.split(b"\r\n")[:4:2])
    swapped = raw.body.replace(first, b"@").replace(second, first).replace(b"@", second)
    assert swapped != raw.body
    with pytest.raises(SignatureFault) as caught:
        check(replace(raw, body=swapped), SECRET, NOW)
    assert caught.value.reason == "mismatch"


# -- signed chunks with trailers, made here by the rules of the manual ---------------------------------------

SECRET = "secret"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STAMP, SCOPE = "20260102T030405Z", "20260102/us-east-1/s3/aws4_request"
KEY = signing_key(SECRET, "20260102", "us-east-1", "s3")


def sign(*lines: str) -> str:
    return hmac.digest(KEY, "\n".join(lines).encode(), "sha256").hex()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def streamed(chunks: list[bytes], trailers: list[tuple[str, str]]) -> RawRequest:
    scheme = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    headers = {
        "host": "127.0.0.1",
        "x-amz-content-sha256": scheme,
        "x-amz-date": STAMP,
        "x-amz-decoded-content-length": str(sum(map(len, chunks))),
        "x-amz-trailer": ",".join(name for name, _ in trailers),
    }
    names = ";".join(headers)
    canonical = "\n".join(
        ("PUT", "/b/k", "", "".join(f"{name}:{value}\n" for name, value in headers.items()), names, scheme)
    )
    previous = sign("AWS4-HMAC-SHA256", STAMP, SCOPE, sha(canonical.encode()))
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=AKIA/{SCOPE}, SignedHeaders={names}, Signature={previous}"
    )
    body = b""
    for chunk in [*chunks, b""]:
        previous = sign("AWS4-HMAC-SHA256-PAYLOAD", STAMP, SCOPE, previous, EMPTY_HASH, sha(chunk))
        body += b"%x;chunk-signature=%s\r\n%s" % (
            len(chunk),
            previous.encode(),
            chunk + b"\r\n" if chunk else b"",
        )
    text = "".join(f"{name}:{value}\n" for name, value in trailers)
    previous = sign("AWS4-HMAC-SHA256-TRAILER", STAMP, SCOPE, previous, sha(text.encode()))
    for name, value in [*trailers, ("x-amz-trailer-signature", previous)]:
        body += f"{name}:{value}\r\n".encode()
    return RawRequest("PUT", "/b/k", tuple(headers.items()), body + b"\r\n", NOW)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=6))
def test_signed_chunks_with_trailers_come_back_whole(chunks: list[bytes]) -> None:
    raw = streamed(chunks, [("x-amz-checksum-crc32", "AAAAAA==")])
    signed = find_signature(raw)
    assert signed is not None
    payload = verify(raw, signed, SECRET, NOW)
    assert payload.body == b"".join(chunks)
    assert payload.trailers == (("x-amz-checksum-crc32", "AAAAAA=="),)


@given(st.data())
def test_any_changed_byte_of_a_signed_stream_is_refused(data: st.DataObject) -> None:
    raw = streamed([b"hello ", b"world"], [("x-amz-checksum-crc32", "AAAAAA==")])
    at = data.draw(st.integers(0, len(raw.body) - 5))  # the last four bytes are the framing's own end
    byte = data.draw(st.integers(33, 126).filter(lambda value: value != raw.body[at]))
    body = raw.body[:at] + bytes([byte]) + raw.body[at + 1 :]
    signed = find_signature(raw)
    assert signed is not None
    try:
        payload = verify(replace(raw, body=body), signed, SECRET, NOW)
    except SignatureFault:
        return
    assert payload == verify(raw, signed, SECRET, NOW), "only the case of a trailer's name may change"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"AAAAAA==", b"AAAAAB=="), (b"x-amz-trailer-signature:", b"x-amz-trailer-signature:0")],
)
def test_a_changed_trailer_is_refused(old: bytes, new: bytes) -> None:
    raw = streamed([b"data"], [("x-amz-checksum-crc32", "AAAAAA==")])
    with pytest.raises(SignatureFault) as caught:
        check(replace(raw, body=raw.body.replace(old, new)), SECRET, NOW)
    assert caught.value.reason == "mismatch"


@pytest.mark.parametrize("cut", [1, 60, 120, 200])
def test_a_cut_stream_is_refused(cut: int) -> None:
    raw = streamed([b"data" * 10], [("x-amz-checksum-crc32", "AAAAAA==")])
    with pytest.raises(SignatureFault):
        check(replace(raw, body=raw.body[: -(cut + 4)]), SECRET, NOW)
