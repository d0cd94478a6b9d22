"""HTTP servers on 127.0.0.1: the one that every part of a world answers on, and a handler for short texts."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from labs.errors import SandboxError

__all__ = ["HOST", "LoopbackServer", "QuietHandler"]

HOST = "127.0.0.1"


class LoopbackServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One thread a connection; none of them keeps the process alive, however long its connection lasts.

    Raises:
        SandboxError: the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self._lines: dict[Any, tuple[Any, threading.Thread]] = {}
        self._changed = threading.Condition()
        self._serving: threading.Thread | None = None
        try:
            super().__init__((HOST, port), handler)
        except OSError as broken:
            raise SandboxError(
                f"Port {port} cannot be used",
                f"{broken.strerror} on {HOST}:{port}.",
                "Stop what listens there, or take another port; 0 takes a free one.",
            ) from broken

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Serve from a thread of its own until the process ends."""
        self._serving = threading.Thread(target=self.serve_forever, name=f"serve {self.url}", daemon=True)
        self._serving.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread of its own, and know of both."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._changed:
            self._lines[request] = client_address, thread
            self._changed.notify_all()
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._lines.pop(request, None)
            self._changed.notify_all()

    @property
    def threads(self) -> set[threading.Thread]:
        """The threads that are at work here."""
        with self._changed:
            lines = {thread for _, thread in self._lines.values()}
        return lines | ({self._serving} if self._serving else set())

    def quieten(self, patience: float) -> bool:
        """Hang up on everybody, and say whether all that was asked for has ended within so many seconds.

        Those too who have called and whom nobody has answered yet: a call of our own queues up behind them,
        and when it is taken, they all have been.
        """
        with socket.create_connection((HOST, self.port), timeout=patience) as last:
            name = last.getsockname()
            with self._changed:
                if not self._changed.wait_for(lambda: self._talks_to(name), patience):
                    return False
                for request in self._lines:
                    with suppress(OSError):
                        request.shutdown(socket.SHUT_RDWR)
                return self._changed.wait_for(lambda: not self._lines, patience)

    def _talks_to(self, name: Any) -> bool:
        return any(address == name for address, _ in self._lines.values())

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is ours, and goes to the log."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            traceback.print_exc()


class QuietHandler(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive, small whole answers, and no access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one segment

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def read_body(self, limit: int) -> bytes | None:
        """The body, or None when it is longer than the limit, or its length is not a number."""
        text = self.headers.get("Content-Length", "0")
        if not text.isdecimal() or int(text) > limit:
            self.close_connection = True
            return None
        return self.rfile.read(int(text))

    def answer(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        """Send a whole answer. Underscores in the names of headers become hyphens."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
