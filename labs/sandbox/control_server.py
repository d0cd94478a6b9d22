"""The control endpoint over HTTP: `POST /NAME` with the arguments as a JSON object.

It has a port and a bearer token of its own. The gate knows nothing of it, so no credentials of the world, not
even root's, reach it.
"""

from __future__ import annotations

import hmac
import json
import secrets
import traceback
from collections.abc import Callable, Mapping

from labs.errors import SkylabError
from labs.sandbox.control import Control
from labs.sandbox.loopback import LoopbackServer, QuietHandler
from labs.sandbox.values import Json

__all__ = ["ControlServer"]

LONGEST_BODY = 1 << 30  # bytes: entries to replay come in one body


class _Handler(QuietHandler):
    server: ControlServer

    def do_POST(self) -> None:
        body = self.read_body(LONGEST_BODY)
        if body is None:
            return self._reply(413, _error("BadRequest", "The body has no length, or is too long"))
        if not self._is_owner():
            return self._reply(401, _error("Unauthorized", "The control token is missing or wrong"))
        call = self.server.calls.get(self.path.removeprefix("/"))
        if call is None:
            return self._reply(404, _error("NotFound", f"There is no {self.path}"))
        try:
            answer = call(**json.loads(body or b"{}"))
        except SkylabError as fault:
            return self._reply(400, {"kind": type(fault).__name__, **fault.as_json()})
        except (TypeError, ValueError) as fault:
            return self._reply(400, _error("InputError", f"{self.path} cannot be called like this: {fault}"))
        except Exception as fault:
            traceback.print_exc()
            title = f"The sandbox failed at {self.path}: {type(fault).__name__}: {fault}"
            return self._reply(500, _error("SandboxError", title))
        try:
            self._reply(200, answer)
            self.wfile.flush()  # it is buffered, and sent for good only when this method has ended
        finally:
            if self.path == "/shutdown":
                self.server.end()  # not before, or the answer would be lost with the process

    def _is_owner(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.token}".encode())

    def _reply(self, status: int, answer: Json) -> None:
        self.answer(status, json.dumps(answer).encode(), "application/json")


def _error(kind: str, title: str) -> dict[str, Json]:
    return {"kind": kind, "title": title, "detail": "", "hint": ""}


class ControlServer(LoopbackServer):
    """The endpoint: `POST /NAME` with the arguments as a JSON object calls that method of `Control`."""

    def __init__(self, control: Control) -> None:
        self.token = secrets.token_urlsafe(32)
        self.end = control.shutdown
        self.calls: Mapping[str, Callable[..., Json]] = {
            "status": control.status,
            "events": control.events,
            "case": control.case,
            "resources": control.resources,
            "bill": control.bill,
            "credentials": control.credentials,
            "metadata": control.metadata,
            "home": control.home,
            "mark": control.mark,
            "open-journal": control.open_journal,
            "replay": control.replay,
            "reset": control.reset,
            "shutdown": lambda: None,
            "found-anew": control.found_anew,
            "clock": control.steering.clock,
            "advance": control.steering.advance,
            "checkpoint": control.steering.checkpoint,
            "rewind": control.steering.rewind,
            "history": control.steering.history,
            "interrupt": control.steering.interrupt,
            "cpu": control.steering.cpu,
            "export": control.copies.export,
            "take-over": control.copies.take_over,
            "fork": control.copies.fork,
        }
        super().__init__(_Handler)
