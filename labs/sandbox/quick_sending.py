"""A client's request to this machine, sent without what urllib3 does for all others.

For each request urllib3 looks for its pool and its connection by a dozen settings, plans retries that
botocore has forbidden, and wraps the answer twice. What goes to 127.0.0.1 over plain HTTP, and is answered
shortly, needs a connection of the standard library alone. Anything else is left to urllib3.
"""

from __future__ import annotations

import http.client
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any

from botocore.awsrequest import AWSConnection, AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from urllib3 import HTTPHeaderDict
from urllib3.util import Timeout, wait_for_read

__all__ = ["quicken"]

HERE = "http://127.0.0.1:"
LINES = "skylab_lines"


def quicken(kind: Any) -> None:
    """Give botocore's class of HTTP sessions a shorter way for requests to this machine."""
    kind.send, kind.close = _directly(kind.send), _with_all_lines(kind.close)


class _Line(AWSConnection, http.client.HTTPConnection):  # type: ignore[misc]  # botocore publishes no types
    """A connection that sends headers and body at once, and waits for `100 Continue` as botocore does."""


class _Whole:
    """A body that has been read."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._body


def _directly(send: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The method `send`: it raises what botocore raises where a server cannot be reached, or hangs up."""

    @wraps(send)
    def send_directly(session: Any, request: Any) -> Any:
        port = request.url.removeprefix(HERE).partition("/")[0]
        if (
            not (request.url.startswith(HERE) and port.isdecimal())
            or request.stream_output
            or not (request.body is None or "Content-Length" in request.headers)
            or session._chunked(request.headers)
            or session._proxy_config.proxy_url_for(request.url)
            or session._get_request_timeout(request) is not None
        ):
            return send(session, request)
        lines = _lines_of(session).setdefault(port, [])
        line = _kept(lines) or _connected(session, int(port), request.url)
        try:
            answer = _asked(line, session._get_request_target(request.url, None), request)
        except BaseException:
            line.close()
            raise
        if line.sock is not None:  # it is hung up where the server has said that it will do so
            lines.append(line)
        return answer

    return send_directly


def _with_all_lines(close: Callable[[Any], None]) -> Callable[[Any], None]:
    """The method `close`, for these connections too."""

    @wraps(close)
    def close_all(session: Any) -> None:
        _hang_up(_lines_of(session))
        close(session)

    return close_all


def _lines_of(session: Any) -> dict[str, list[_Line]]:
    """The lines of a session that nobody uses at the moment, by port."""
    kept = vars(session)
    if LINES not in kept:
        lines: dict[str, list[_Line]] = {}
        weakref.finalize(session, _hang_up, lines)
        kept.setdefault(LINES, lines)
    found: dict[str, list[_Line]] = kept[LINES]
    return found


def _hang_up(lines: dict[str, list[_Line]]) -> None:
    for kept in list(lines.values()):
        while kept:
            with suppress(IndexError):  # another thread may be quicker
                kept.pop().close()


def _kept(lines: list[_Line]) -> _Line | None:
    """A line that an earlier request has left, on which nobody has hung up since."""
    with suppress(IndexError):  # another thread may be quicker
        while lines:
            line = lines.pop()
            if not wait_for_read(line.sock, 0):
                return line
            line.close()
    return None


def _connected(session: Any, port: int, url: str) -> _Line:
    limit: Any = session._timeout
    pair = isinstance(limit, Timeout)
    connecting, reading = (limit.connect_timeout, limit.read_timeout) if pair else (limit, limit)
    line = _Line("127.0.0.1", port, timeout=connecting)
    try:
        line.connect()
    except TimeoutError as error:
        raise ConnectTimeoutError(endpoint_url=url, error=error) from error
    except OSError as error:
        raise EndpointConnectionError(endpoint_url=url, error=error) from error
    for option in session._socket_options:
        line.sock.setsockopt(*option)
    line.sock.settimeout(reading)
    return line


def _asked(line: _Line, target: str, request: Any) -> AWSResponse:
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it hung up
            line.request(request.method, target, request.body, request.headers)
        response = line.getresponse()
        body = _read(response)
    except TimeoutError as error:
        raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error
    except Exception as error:
        raise HTTPClientError(error=error) from error
    headers = HTTPHeaderDict(response.msg.items())
    return AWSResponse(request.url, response.status, headers, _Whole(body))


def _read(response: http.client.HTTPResponse) -> bytes:
    """The body; less than was promised is what there is, as ever, and what it says is looked at later."""
    try:
        return response.read()
    except http.client.IncompleteRead as short:
        return short.partial
