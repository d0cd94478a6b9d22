"""A request to this machine goes the shorter way, and comes to the same as by urllib3."""

from __future__ import annotations

import gc
import io
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.httpsession import URLLib3Session

from labs.sandbox import quick_sending


class Quick(URLLib3Session):  # type: ignore[misc]  # botocore publishes no types
    """A session of its own, so that no other test sees what is changed."""


quick_sending.quicken(Quick)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: 1\r\nX-Two: 2\r\n\r\nhello"
ANSWERS: dict[str, bytes | None] = {
    "an answer": OK,
    "an error": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
    "nothing in it": b"HTTP/1.1 204 No Content\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nall of it",
    "hung up in the middle": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
    "hung up at once": b"",
    "no HTTP": b"hello\r\n\r\n",
    "too slow": None,
    "closed afterwards": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
}


@contextmanager
def server(answer: bytes | None, *, before: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A server's URL, which answers each connection's first request and hangs up; and what it was sent."""
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            with line, suppress(OSError), line.makefile("rb") as stream:
                head = b""
                while (piece := stream.readline()).strip():
                    head += piece
                heard.append(head + b"\r\n")
                line.sendall(before)
                length = re.search(rb"Content-Length: (\d+)", heard[-1])
                heard[-1] += stream.read(int(length[1])) if length else b""
                if answer is None:
                    line.settimeout(5)
                    line.recv(1)
                else:
                    line.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}", heard
        door.shutdown(socket.SHUT_RDWR)
    thread.join()


def request(url: str, method: str = "POST", body: Any = b"a=1", **headers: str) -> Any:
    given = HeadersDict({"User-Agent": "test", **{name.replace("_", "-"): v for name, v in headers.items()}})
    if body is not None:
        given["Content-Length"] = str(len(body.getvalue()) if isinstance(body, io.BytesIO) else len(body))
    return AWSPreparedRequest(method, f"{url}/a%20b?c=d", given, body, stream_output=False)


def outcome(session: Any, asked: Any) -> Any:
    """What came, or the kind of error that did."""
    try:
        answer = session.send(asked)
    except Exception as error:
        return type(error).__name__
    return (
        answer.status_code,
        sorted(answer.headers.items()),
        answer.content,
        answer.url.rpartition(":")[2][5:],
    )


def both(ask: Callable[[Any], Any]) -> tuple[Any, Any]:
    quick, usual = (kind(timeout=(2, 0.3)) for kind in (Quick, URLLib3Session))
    try:
        return ask(quick), ask(usual)
    finally:
        quick.close()
        usual.close()


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
def test_whatever_the_server_does(name: str, method: str) -> None:
    body = b"a=1" if method == "POST" else None
    with server(ANSWERS[name]) as (url, _):
        ours, theirs = both(lambda session: outcome(session, request(url, method, body)))
    assert ours == theirs


@pytest.mark.parametrize("body", [b"a=1", b"", None, "text", bytearray(b"x"), io.BytesIO(b"read")])
def test_the_same_is_sent(body: Any) -> None:
    def ask(session: Any) -> Any:
        if isinstance(body, io.BytesIO):
            body.seek(0)
        with server(OK) as (url, heard):
            outcome(session, request(url, body=body, Authorization="x", X_Amz_Date="y"))
            port = url.rpartition(":")[2].encode()
            head, _, rest = heard[0].replace(port, b"PORT").partition(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            return first, sorted(lines, key=bytes.lower), rest

    ours, theirs = both(ask)
    assert ours == theirs


def test_a_body_waits_until_it_is_asked_for() -> None:
    def ask(session: Any) -> Any:
        with server(OK, before=b"HTTP/1.1 100 Continue\r\n\r\n") as (url, heard):
            got = outcome(session, request(url, body=io.BytesIO(b"body"), Expect="100-continue"))
            return got[0], heard[0].endswith(b"body")

    assert both(ask) == ((200, True), (200, True))


@pytest.mark.parametrize("header", ["a\r\nb", "a\nb"])
def test_no_header_brings_another_one_along(header: str) -> None:
    with server(OK) as (url, _):
        ours, theirs = both(lambda session: outcome(session, request(url, X_Own=header)))
    assert ours == theirs == "HTTPClientError"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    ours, theirs = both(lambda session: outcome(session, request(url)))
    assert ours == theirs == "EndpointConnectionError"


def test_a_line_is_used_again_until_the_server_hangs_up() -> None:
    places: list[Any] = []
    hung_up = [threading.Event(), threading.Event()]

    def serve() -> None:
        for event in hung_up:
            line, place = door.accept()
            with line:
                for _ in range(2):
                    line.recv(65536)
                    places.append(place)
                    line.sendall(OK)
            event.set()

    session = Quick()
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        for event in hung_up:
            assert [outcome(session, request(url))[0] for _ in range(2)] == [200, 200]
            assert event.wait(10)
        thread.join()
    assert places[0] == places[1] != places[2] == places[3]
    session.close()


def test_a_session_that_nobody_holds_leaves_no_line() -> None:
    session = Quick()
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (url, _):
        assert outcome(session, request(url))[0] == 200
        [lines] = vars(session)[quick_sending.LINES].values()
        [line] = lines
        del session
        gc.collect()
        assert line.sock is None


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1", "http://localhost:1", "http://127.0.0.1", "http://127.0.0.1:1?x"]
)
def test_what_is_not_for_this_machine_is_left_to_urllib3(url: str) -> None:
    class Left(URLLib3Session):  # type: ignore[misc]  # botocore publishes no types
        def send(self, request: Any) -> Any:
            return "left"

    quick_sending.quicken(Left)
    assert Left().send(AWSPreparedRequest("GET", url, HeadersDict(), None, stream_output=False)) == "left"


@pytest.mark.parametrize(
    "change",
    [
        lambda asked: setattr(asked, "stream_output", True),
        lambda asked: asked.headers.update({"Transfer-Encoding": "chunked"}),
        lambda asked: asked.headers.pop("Content-Length"),
    ],
)
def test_what_is_read_or_sent_piece_by_piece_is_left_to_urllib3(change: Callable[[Any], Any]) -> None:
    class Left(URLLib3Session):  # type: ignore[misc]  # botocore publishes no types
        def send(self, request: Any) -> Any:
            return "left"

    quick_sending.quicken(Left)
    asked = request("http://127.0.0.1:1")
    change(asked)
    assert Left().send(asked) == "left"
