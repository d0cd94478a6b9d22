"""A desk: where a process that has worlds and boxes warm judges for other processes of the same user.

The app and `skylab watch` keep one open while they run, and a file in the workspace says where. So a check
from another terminal does not load moto for a single answer. It is a convenience and no more: whatever is
wrong with a desk, whoever asks judges by itself.
"""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import graders
from graders.bench import Bench
from graders.judging import judge
from graders.report import Report
from labs.course import Course, Exercise, Variant
from labs.errors import SkylabError
from labs.sandbox.loopback import HOST, LoopbackServer, QuietHandler

__all__ = ["Desk", "ask_desk"]

LONGEST_BODY: Final = 64 << 20
GREETING: Final = 1.0
"""Seconds in which a desk must say that it is there."""
PATIENCE: Final = 300.0
"""Seconds for a report: a program may wait as long as its limits let it, in each of its worlds."""


class Desk(LoopbackServer):
    """Judges what is sent to it, until it is closed.

    Args:
        file: where it says how it is reached; only its owner may read that.

    Raises:
        SandboxError: no port can be had.
        OSError: the file cannot be written.
    """

    def __init__(self, course: Course, bench: Bench, file: Path) -> None:
        super().__init__(_Handler)
        self.course = course
        self.bench = bench
        self.token = secrets.token_urlsafe(32)
        self.opened = time.time()
        self._file = file
        self._said = json.dumps({"port": self.port, "token": self.token, "home": _home()}) + "\n"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(self._said)
        self.start()

    def close(self) -> None:
        """Judge no more, and take the file away, unless another desk has written it since."""
        self.token = secrets.token_urlsafe(32)  # nobody knows it
        with suppress(OSError):
            if self._file.read_text("utf-8") == self._said:
                self._file.unlink()
        # The loop looks up twice a second, and whoever closes a program does not wait for that.
        threading.Thread(target=self._end, name="desk", daemon=True).start()

    def _end(self) -> None:
        self.shutdown()
        self.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def judged(self, order: Mapping[str, Any]) -> dict[str, Any] | None:
        """The report on an order, as JSON; None where whoever asks has another course than is loaded here.

        Raises:
            SkylabError: there is no such exercise, or the machine failed.
        """
        exercise = self.course.exercise(str(order["exercise"]))
        variant = exercise.variant(str(order["student"]), int(order["number"]))
        if variant.seed != order["seed"] or _is_newer(exercise, self.opened):
            return None
        return judge(exercise, str(order["text"]), variant, self.bench).to_json()


class _Handler(QuietHandler):
    server: Desk

    def do_GET(self) -> None:
        self._reply(200 if self._is_owner() else 401, {})

    def do_POST(self) -> None:
        body = self.read_body(LONGEST_BODY)
        if body is None or not self._is_owner():
            self._reply(401, {})
            return
        try:
            report = self.server.judged(json.loads(body))
        except (SkylabError, OSError, ValueError, KeyError, TypeError):
            self._reply(400, {})
        else:
            self._reply(409 if report is None else 200, report or {})

    def _is_owner(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.token}".encode())

    def _reply(self, status: int, answer: Mapping[str, Any]) -> None:
        self.answer(status, json.dumps(answer).encode(), "application/json")


def ask_desk(file: Path, text: str, variant: Variant) -> Report | None:
    """The report of the desk that a file names; None where there is no desk, or it does not answer.

    Args:
        text: what is handed in.
    """
    order = {
        "exercise": variant.exercise.id,
        "student": variant.student,
        "number": variant.number,
        "seed": variant.seed,
        "text": text,
    }
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["home"] != _home():
            return None
        headers = {"Authorization": f"Bearer {said['token']}"}
        line = http.client.HTTPConnection(HOST, int(said["port"]), timeout=GREETING)
        try:
            if _answer(line, "GET", b"", headers)[0] != 200:
                return None
            assert line.sock is not None
            line.sock.settimeout(PATIENCE)
            status, body = _answer(line, "POST", json.dumps(order).encode(), headers)
            return Report.from_json(json.loads(body), variant) if status == 200 else None
        finally:
            line.close()
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None


def _answer(
    line: http.client.HTTPConnection, method: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    line.request(method, "/", body, dict(headers))
    response = line.getresponse()
    return response.status, response.read()


def _home() -> str:
    """Which Skylab this is: another one may have another course."""
    return str(Path(graders.__file__).parent)


def _is_newer(exercise: Exercise, moment: float) -> bool:
    """Whether a file of the exercise has been changed since; its author wants that to be judged."""
    files = Path(str(exercise.folder)).rglob("*")
    return any(each.stat().st_mtime > moment for each in files if each.suffix != ".pyc" and each.is_file())
