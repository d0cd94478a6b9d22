"""An execution environment: one process that has loaded a function's code, and runs it again and again.

It has a process group, a folder for temporary files and an environment of its own; what it knows of the world
are its endpoint and the keys of the function's role. It ends when the other end of its pipes closes, so it
does not outlive the world's process, however that ends.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from labs.sandbox.functions.packing import Unpacked

__all__ = ["PACKAGES", "Environment", "Ran"]

PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What AWS's Python runtime brings beside the standard library. Lambda Developer Guide, "Runtime-included
SDK versions"."""

LONGEST_LOG = 1 << 20  # bytes of one invocation that are kept
LONGEST_LINE = 256 * 1024  # bytes, as CloudWatch Logs takes them
LARGEST_ANSWER = 6_291_556  # bytes of a response, as Lambda counts them
INIT_SECONDS = 10.0
"""For loading the code.

Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle"."""

LAST_SECONDS = 1.0  # between the end of a process's pipe and its own

_NEVER = datetime.min.replace(tzinfo=UTC)
_BOOTSTRAP = str(Path(__file__).with_name("bootstrap.py"))


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one order.

    `fault` is the type of the error, and `message` and `trace` tell of it; all empty when it went well, and
    `result` is then the handler's, as JSON. `ended` says that the process is gone, `timed_out` that its time
    was up. `memory` is in bytes, `seconds` how long the handler ran.
    """

    result: str = "null"
    fault: str = ""
    message: str = ""
    trace: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    seconds: float = 0.0
    memory: int = 0
    ended: bool = False
    timed_out: bool = False


@dataclass
class Environment:
    """One environment of a function.

    `key` is what it is known by, `stream` the log stream that it writes to, and `folder` its place for
    temporary files. In the world's time its keys end when it `ends`, and it was `last_used` then. `init` is
    how many seconds it took to load the code.
    """

    key: str
    stream: str
    folder: Path
    ends: datetime
    last_used: datetime = _NEVER
    init: float = 0.0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _orders: int = -1
    _answers: int = -1
    _logs: int = -1
    _log: _Log = field(default_factory=lambda: _Log(), repr=False)
    _rest: bytes = b""
    _ending: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _over: bool = False

    def begin(
        self,
        code: Unpacked,
        variables: Mapping[str, str],
        *,
        handler: str,
        memory: int,
        storage: int,
        seconds: float,
    ) -> Ran | None:
        """Start the process and have it load the code; None, or what went wrong.

        Args:
            memory: in MiB, beside what the interpreter itself takes.
            storage: in MiB, of a file.
            seconds: in which it must be ready.
        """
        began = time.monotonic()
        self._start(code, variables)
        settings = {
            "handler": handler,
            "memory": memory,
            "storage": storage,
            "task": str(code.task),
            "layers": [str(each) for each in code.layers],
            "site": _site(),
            "packages": PACKAGES,
        }
        self._send(settings)
        answer = self._wait(began + seconds)
        self.init = time.monotonic() - began
        if isinstance(answer, Ran):
            return replace(answer, log=self._log.take())
        if "fault" not in answer:
            return None
        self.end()
        return self._ran(answer, 0.0)

    def run(self, event: str, context: Mapping[str, str], seconds: float, trace: str = "") -> Ran:
        """Run the handler once; whatever happens, the answer says it.

        Args:
            trace: what tells of the chain that this belongs to.
        """
        began = time.monotonic()
        order = {"event": event, "context": dict(context), "trace": trace}
        self._send({**order, "milliseconds": int(seconds * 1000)})
        answer = self._wait(began + seconds)
        took = time.monotonic() - began
        if isinstance(answer, Ran):
            return replace(answer, log=self._log.take(), seconds=min(took, seconds))
        if len(answer.get("result", "")) > LARGEST_ANSWER:
            text = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
            answer = {
                "fault": "Function.ResponseSizeTooLarge",
                "message": text,
                "memory": answer["memory"],
            }
        return self._ran(answer, took)

    def _ran(self, answer: Mapping[str, Any], seconds: float) -> Ran:
        return Ran(
            answer.get("result", "null"),
            answer.get("fault", ""),
            answer.get("message", ""),
            tuple(answer.get("trace", ())),
            self._log.take(),
            seconds,
            int(answer["memory"]),
        )

    def end(self) -> None:
        """Kill the process and all that it started, and take its folder away. From any thread, and again."""
        with self._ending:
            if self._over:
                return
            self._over = True
            if self._process is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def clear(self) -> None:
        """Let go of everything, once nobody runs anything here any more."""
        self.end()
        if self._process is not None:
            self._process.wait()
        for descriptor in (self._orders, self._answers, self._logs):
            if descriptor >= 0:
                os.close(descriptor)
        self._orders = self._answers = self._logs = -1
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def alive(self) -> bool:
        """Whether another order can be given."""
        return not self._over and self._process is not None and self._process.poll() is None

    # -- the process -----------------------------------------------------------------------------------

    def _start(self, code: Unpacked, variables: Mapping[str, str]) -> None:
        theirs, self._orders = os.pipe()
        self._answers, answering = os.pipe()
        self._logs, printing = os.pipe()
        try:
            with self._ending:
                if self._over:
                    return  # called off before it began
                # No site packages, no variables of Python's, nothing of ours: only what AWS has too.
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-B", _BOOTSTRAP, str(theirs), str(answering)],
                    stdin=subprocess.DEVNULL,
                    stdout=printing,
                    stderr=printing,
                    cwd=code.task,
                    env=dict(variables),
                    pass_fds=(theirs, answering),
                    start_new_session=True,
                )
        finally:
            for descriptor in (theirs, answering, printing):
                os.close(descriptor)
        os.set_blocking(self._logs, False)

    def _send(self, order: Mapping[str, Any]) -> None:
        data = memoryview(json.dumps(order).encode() + b"\n")
        with suppress(BrokenPipeError):  # it has ended, which the wait for its answer will tell
            while data:
                data = data[os.write(self._orders, data) :]

    def _wait(self, deadline: float) -> dict[str, Any] | Ran:
        """The next answer, or how the process ended without one; what it prints meanwhile is kept."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            selector.register(self._logs, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    self.end()
                    return Ran(ended=True, timed_out=True)
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    if key.fd == self._answers:
                        if not data:
                            return self._ended()
                        self._rest += data
                    elif data:
                        self._log.add(data)
                    else:
                        selector.unregister(self._logs)  # the handler has closed its output
        line, _, self._rest = self._rest.partition(b"\n")
        self._drain()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _ended(self) -> Ran:
        if self._process is None:  # it was called off before it began
            return Ran(fault="Runtime.ExitError", message="Runtime was ended before it began", ended=True)
        with suppress(subprocess.TimeoutExpired):  # it has closed its pipe, and lives on without it
            self._process.wait(LAST_SECONDS)
        self.end()
        status = self._process.wait()
        self._drain()
        if status < 0:
            name = "killed" if -status == signal.SIGKILL else (signal.strsignal(-status) or "").lower()
            how = f"Runtime exited with error: signal: {name}"
        elif status:
            how = f"Runtime exited with error: exit status {status}"
        else:
            how = "Runtime exited without providing a reason"
        return Ran(fault="Runtime.ExitError", message=how, ended=True)

    def _drain(self) -> None:
        """What was printed before the answer lies in the pipe already."""
        with suppress(BlockingIOError):
            while data := os.read(self._logs, 1 << 16):
                self._log.add(data)


class _Log:
    """What a process prints, as lines, up to a limit."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._lost = 0

    def add(self, data: bytes) -> None:
        room = LONGEST_LOG - len(self._data)
        self._data += data[:room]
        self._lost += max(0, len(data) - room)

    def take(self) -> tuple[str, ...]:
        """The lines since the last time."""
        lines = self._data.decode(errors="replace").splitlines()
        if self._lost:
            lines.append(
                f"(The sandbox keeps 1 MiB of the log of an invocation; {self._lost} bytes are lost.)"
            )
        self._data, self._lost = bytearray(), 0
        return tuple(line[:LONGEST_LINE] for line in lines)


def _site() -> str:
    """The folder in which boto3 is installed."""
    found: Sequence[str] = ()
    spec = find_spec("boto3")
    if spec is not None and spec.submodule_search_locations:
        found = list(spec.submodule_search_locations)
    return str(Path(found[0]).parent) if found else ""
