"""Messages pass whole, and what a stranger sends in their place is refused."""

from __future__ import annotations

import os

import pytest

from graders.box.frames import HEADER, Malformed, decode, frame, receive, send


def test_a_message_passes_through_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, frame({"text": "né", "list": [1, None]}))
    send(writing, '{"more":true}')
    os.close(writing)
    assert [receive(reading) for _ in range(3)] == [{"text": "né", "list": [1, None]}, {"more": True}, None]
    os.close(reading)


def test_a_message_that_breaks_off_is_an_end() -> None:
    reading, writing = os.pipe()
    os.write(writing, HEADER.pack(10) + b"12345")
    os.close(writing)
    with pytest.raises(StopIteration):
        receive(reading)
    os.close(reading)


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"-Infinity", b"1" * 5000, b"[" * 100_000, b"\xff\xfe"])
def test_a_body_that_is_no_plain_json_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body)
