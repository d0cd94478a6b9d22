"""What Lambda writes about an invocation: the lines around the function's own log, and its error as JSON.

Source: Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs"; "Lambda runtime logs".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from labs.sandbox.functions.environment import Ran
from labs.sandbox.functions.facts import Function

__all__ = ["Report", "tail"]

MIB = 1 << 20
TAIL = 4096  # bytes of the log that LogType=Tail gives back


@dataclass(frozen=True, slots=True)
class Report:
    """One invocation that has ended. `init` is how many seconds a cold start took, None for a warm one."""

    function: Function
    request_id: str
    ran: Ran
    init: float | None
    ended: datetime
    stream: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.error_type)

    @property
    def error_type(self) -> str:
        return "Sandbox.Timedout" if self.ran.timed_out else self.ran.fault

    @property
    def milliseconds(self) -> float:
        return self.ran.seconds * 1000

    @property
    def billed(self) -> int:
        """Milliseconds that are charged for: those of a cold start count.

        AWS Lambda pricing, "Duration"; since 2025-08-01 for managed runtimes too.
        """
        return max(1, ceil(self.milliseconds + (self.init or 0.0) * 1000))

    @property
    def memory_used(self) -> int:
        """In MB; what a process had that was killed for its memory, nobody knows, but it was all there is."""
        if not self.ran.memory:
            return self.function.memory if self.ran.message.endswith("signal: killed") else 0
        return min(self.function.memory, ceil(self.ran.memory / MIB))

    @property
    def payload(self) -> str:
        """The answer: the handler's, or the error."""
        if not self.failed:
            return self.ran.result
        error: dict[str, object] = {"errorType": self.error_type, "errorMessage": self._message}
        if not (self.ran.ended or self.ran.timed_out):
            error |= {"requestId": self.request_id, "stackTrace": list(self.ran.trace)}
        return json.dumps(error)

    @property
    def _message(self) -> str:
        if self.ran.timed_out:
            return f"RequestId: {self.request_id} Error: Task timed out after {self._limit} seconds"
        if self.ran.ended:
            return f"RequestId: {self.request_id} Error: {self.ran.message}"
        return self.ran.message

    @property
    def _limit(self) -> str:
        return f"{self.function.timeout:.2f}"

    @property
    def log(self) -> tuple[str, ...]:
        """All messages that go to CloudWatch Logs."""
        begin = f"START RequestId: {self.request_id} Version: {self.function.version}"
        return (begin, *self.ran.log, *self._trouble(), f"END RequestId: {self.request_id}", self._report())

    def _trouble(self) -> Sequence[str]:
        if self.ran.timed_out:
            when = f"{self.ended:%Y-%m-%dT%H:%M:%S}.{self.ended.microsecond // 1000:03d}Z"
            return (f"{when} {self.request_id} Task timed out after {self._limit} seconds",)
        if self.ran.ended:
            return (self._message, self.error_type)
        if self.failed:
            lines = "".join(self.ran.trace)
            trace = (
                f"\nTraceback (most recent call last):\n{lines}"
                if lines
                else "\nTraceback (most recent call last):"
            )
            return (f"[ERROR] {self.error_type}: {self.ran.message}{trace}".rstrip("\n"),)
        return ()

    def _report(self) -> str:
        parts = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.milliseconds:.2f} ms",
            f"Billed Duration: {self.billed} ms",
            f"Memory Size: {self.function.memory} MB",
            f"Max Memory Used: {self.memory_used} MB",
        ]
        if self.init is not None:
            parts.append(f"Init Duration: {self.init * 1000:.2f} ms")
        if self.ran.timed_out:
            parts.append("Status: timeout")
        elif self.failed:
            parts += ["Status: error", f"Error Type: {self.error_type}"]
        return "\t".join(parts) + "\t"


def tail(log: Sequence[str]) -> str:
    """The last 4 KB of a log, in base64."""
    text = "".join(f"{message}\n" for message in log).encode()
    return base64.b64encode(text[-TAIL:]).decode()
