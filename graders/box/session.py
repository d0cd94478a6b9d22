"""One box, seen from the grader: hand in a program, call its functions, end it in time."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from graders.box.frames import HEADER, Json, Malformed, decode, frame
from graders.box.limits import MIB, Limits
from graders.box.replies import Broken, Reply, fault_from
from labs.errors import IsolationError

__all__ = ["Box"]

TICK = 0.05
OPENING = 60.0
FAREWELL = 2.0
ENVELOPE = 200
CHUNK = 64 * 1024

CRASHES = {
    signal.SIGSEGV: "The program crashed the interpreter; recursion without end is a common cause.",
    signal.SIGKILL: "The system ended the program; it may have run out of memory.",
}


class Box:
    """A program in a process of its own; what it is told and what it answers passes as JSON.

    Time is counted while the grader waits for the box, and every wait ends: with an answer or with `Broken`.
    """

    layers: tuple[str, ...]

    def __init__(
        self,
        requests: int,
        replies: int,
        output: int,
        line: socket.socket,
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self.folder = folder
        self.limits = limits
        self._requests, self._replies, self._output, self._line = requests, replies, output, line
        self._left = OPENING  # what its parent may have to load first is no time of the student's
        self._doing = "It"
        self.pid = 0
        self._end: Mapping[str, Any] | None = None
        self._pending = self._received = self._said = b""
        self._printed = bytearray()
        self._shown = self._dropped = 0
        self._open = True
        self._selector = selectors.DefaultSelector()
        for descriptor in (requests, replies, output, line.fileno()):
            os.set_blocking(descriptor, False)
        for descriptor in (replies, output, line.fileno()):
            self._selector.register(descriptor, selectors.EVENT_READ)
        self.layers = self._shut_in(environment)

    def load(self, source: str, filename: str) -> Reply:
        """Run the program's top level."""
        return self._request({"source": source, "filename": filename})

    def call(self, function: str, arguments: Sequence[Json]) -> Reply:
        """Call one of the program's functions."""
        return self._request({"function": function, "arguments": list(arguments)})

    def finish(self) -> None:
        """Let the box end by itself.

        Raises:
            Broken: it said more than it was asked; its answers are not to be trusted.
        """
        self._hang_up_requests()
        deadline = time.monotonic() + FAREWELL
        while self._end is None and time.monotonic() < deadline:
            self._pump(TICK)
        self._pump(0)
        if self._received:
            raise self._tampered()

    def close(self) -> None:
        """End the process, whatever it does, and delete its folder."""
        if not self._open:
            return
        self._open = False
        self._kill()
        self._hang_up_requests()
        self._selector.close()
        self._line.close()
        os.close(self._replies)
        os.close(self._output)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _shut_in(self, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Tell the box its terms; no line of the learner's has run when it answers with its layers."""
        home = str(self.folder)
        own = {"HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"}
        terms = {
            "folder": home,
            "environment": {**own, **environment},
            "ports": sorted(_ports(environment)),
            "limits": asdict(self.limits),
        }
        try:
            answer = self._exchange(terms)
        except Broken as broken:
            self.close()
            raise IsolationError(
                "A box for student code could not be closed",
                broken.output.strip().rpartition("\n")[2] or broken.message,
                "Run `skylab doctor` to see which layers of isolation this machine has.",
            ) from None
        self._left = self.limits.wall
        return tuple(answer["layers"])

    def _request(self, request: dict[str, Json]) -> Reply:
        number = secrets.token_hex(8)
        self._doing = f"{request['function']}()" if "function" in request else "It"
        answer = self._exchange({"id": number, **request})
        try:
            match answer:
                case {"id": str(same), "value": value} if same == number and len(answer) == 2:
                    return Reply(value, None, self._news())
                case {"id": str(same), "fault": fault} if same == number and len(answer) == 2:
                    return Reply(None, fault_from(fault), self._news())
        except Malformed:
            pass
        raise self._tampered()

    def _exchange(self, message: Json) -> Any:
        """Send one message and wait for the one that answers it."""
        self._pump(0)
        if self._received:
            raise self._tampered()
        self._pending = frame(message)
        started = time.monotonic()
        self._write()
        if self._pending:
            self._selector.register(self._requests, selectors.EVENT_WRITE)
        while (body := self._body()) is None:
            waited = time.monotonic() - started
            if self._end is not None:
                raise self._ended()
            if waited >= self._left:
                self._kill()
                raise self._broken("timeout", f"{self._doing} still ran after {self.limits.wall:g} seconds.")
            if waited >= TICK:
                self._watch()
            self._pump(min(TICK, self._left - waited))
        self._left -= time.monotonic() - started
        self._pump(0)
        if self._received:
            raise self._tampered()
        try:
            return decode(body)
        except Malformed:
            raise self._tampered() from None

    def _body(self) -> bytes | None:
        """The next message, once it is there as a whole."""
        if len(self._received) < HEADER.size:
            return None
        size = HEADER.unpack_from(self._received)[0]
        if size > self.limits.reply + ENVELOPE:
            raise self._tampered()
        end = HEADER.size + size
        if len(self._received) < end:
            return None
        body, self._received = self._received[HEADER.size : end], self._received[end:]
        return body

    def _pump(self, timeout: float) -> None:
        """Wait for something to happen, and move what can be moved without waiting."""
        for key, _ in self._selector.select(timeout):
            if key.fd == self._requests:
                self._write()
                if not self._pending:
                    self._selector.unregister(self._requests)
            elif key.fd == self._output:
                self._read_output()
            elif key.fd == self._replies:
                piece = os.read(key.fd, CHUNK)
                self._received += piece
                if not piece:
                    self._selector.unregister(key.fd)
            else:
                self._read_line()

    def _write(self) -> None:
        """Write what the pipe takes now."""
        try:
            self._pending = self._pending[os.write(self._requests, self._pending) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._pending = b""

    def _read_output(self) -> None:
        piece = os.read(self._output, CHUNK)
        if not piece:
            self._selector.unregister(self._output)
        room = self.limits.output - len(self._printed)
        self._printed += piece[:room]
        self._dropped += len(piece[room:])

    def _read_line(self) -> None:
        """What the parent says of the process: its id first, then how it ended."""
        try:
            piece = self._line.recv(CHUNK)
        except ConnectionResetError:
            piece = b""
        *said, self._said = (self._said + piece).split(b"\n")
        for message in map(json.loads, said):
            if "pid" in message:
                self.pid = message["pid"]
            else:
                self._end = message
        if not piece:
            self._selector.unregister(self._line.fileno())
            self._end = self._end or {"signal": None, "exit": None, "cpu": 0}

    def _watch(self) -> None:
        """End a box that does what the kernel's own limits do not count."""
        if self._threads() > self.limits.threads:
            self._kill()
            raise self._broken("error", f"{self._doing} started more than {self.limits.threads} threads.")
        files = size = 0
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                files += 1
                size += entry.stat(follow_symlinks=False).st_size
                if files > self.limits.files or size > self.limits.folder:
                    self._kill()
                    most = f"{self.limits.files} files or {self.limits.folder // MIB} MiB"
                    raise self._broken("error", f"{self._doing} wrote more than {most} into its folder.")

    def _threads(self) -> int:
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text("utf-8", "replace")
            return int(stat.rpartition(")")[2].split()[17])
        except (OSError, IndexError):
            return 0

    def _kill(self) -> None:
        """Hang up the line, upon which the parent kills the process, and wait until it has."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + FAREWELL
        while self._end is None and time.monotonic() < deadline:
            self._pump(TICK)

    def _hang_up_requests(self) -> None:
        if self._requests < 0:
            return
        if self._requests in self._selector.get_map():
            self._selector.unregister(self._requests)
        os.close(self._requests)
        self._requests = -1

    def _ended(self) -> Broken:
        """Why the process is no more."""
        self._pump(0)
        end = self._end or {}
        number, cpu = end.get("signal"), end.get("cpu", 0)
        if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu >= self.limits.cpu):
            return self._broken(
                "timeout", f"{self._doing} computed for {self.limits.cpu} seconds and went on."
            )
        if number is not None:
            message = CRASHES.get(number, f"The program was ended by {signal.Signals(number).name}.")
            return self._broken("error", message)
        status = end.get("exit")
        return self._broken("error", f"{self._doing} ended the program, with exit status {status}.")

    def _tampered(self) -> Broken:
        self._kill()
        return self._broken("tampered", f"{self._doing} wrote to a channel that is the grader's own.")

    def _broken(self, state: Literal["timeout", "error", "tampered"], message: str) -> Broken:
        return Broken(state, message, self._news())

    def _news(self) -> str:
        """What was printed since the last reply, as text that nobody has cleaned yet."""
        news = self._printed[self._shown :].decode("utf-8", "replace")
        self._shown = len(self._printed)
        dropped, self._dropped = self._dropped, 0
        return f"{news}\n… and {dropped} bytes more" if dropped else news


def _ports(environment: Mapping[str, str]) -> set[int]:
    """The loopback ports that the environment's addresses name."""
    addresses = [urlsplit(value) for value in environment.values() if value.startswith("http://")]
    return {address.port for address in addresses if address.port and address.hostname == "127.0.0.1"}
