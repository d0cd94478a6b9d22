"""The endpoint of a world: HTTP/1.1 in front of the gate.

Requests reach the gate exactly as they were sent, since signatures cover them so: the path keeps its escapes
and its double slashes, header names their spelling, repeated headers their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from labs.sandbox.clock import Clock
from labs.sandbox.loopback import LoopbackServer, QuietHandler
from labs.sandbox.raw import RawRequest

__all__ = ["GateServer", "Handle", "Reply"]

_LONGEST_CHUNK_LINE = 8192


class Reply(Protocol):
    """What the gate answers."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> bytes: ...


Handle = Callable[[RawRequest], Reply]


class _Handler(QuietHandler):
    server: GateServer

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self.send_error(400, "The body is not as long as its headers say")
            return
        raw = RawRequest(
            method=self.command,
            target=self.requestline.split()[1],  # http.server shortens a path that starts with two slashes
            headers=tuple((name, " ".join(value.splitlines())) for name, value in self.headers.items()),
            body=body,
            received=self.server.clock.now(),
            client_address=str(self.client_address[0]),
        )
        self._reply(self.server.handle(raw))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def _body(self) -> bytes | None:
        """The body without its transfer coding; None when it ends too early, or its length makes no sense."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0").strip()
        if not (length.isascii() and length.isdecimal()):
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            size = self.rfile.readline(_LONGEST_CHUNK_LINE).partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                return None
            if length < 0:
                return None
            if length == 0:
                while self.rfile.readline(_LONGEST_CHUNK_LINE).strip():
                    pass  # trailers of the transfer coding, which AWS does not use
                return bytes(body)
            chunk = self.rfile.read(length)
            if len(chunk) != length or self.rfile.readline(_LONGEST_CHUNK_LINE).strip():
                return None
            body += chunk

    def _reply(self, reply: Reply) -> None:
        silent = self.command == "HEAD" or reply.status in (204, 304)
        self.send_response_only(reply.status)
        self.send_header("Date", self.date_time_string(int(self.server.clock.now().timestamp())))
        for name, value in reply.headers:
            # The length of what a HEAD leaves out is the gate's to say; of everything else it is ours.
            if silent or name.lower() != "content-length":
                self.send_header(name, value)
        if not silent:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not silent:
            self.wfile.write(reply.body)


class GateServer(LoopbackServer):
    """Serves a gate."""

    def __init__(self, handle: Handle, clock: Clock, port: int = 0) -> None:
        self.handle = handle
        self.clock = clock
        super().__init__(_Handler, port)
