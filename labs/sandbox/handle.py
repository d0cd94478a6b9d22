"""What a handle on a world does through its control endpoint with the time, the past and the whole of it."""

from __future__ import annotations

import http.client
import json
import weakref
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labs.errors import SandboxError
from labs.sandbox.outcomes import Advance, Change, ClockReading
from labs.sandbox.processes import error_from
from labs.sandbox.values import Connection, Json

__all__ = ["Handle"]

_HUNG_UP = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
CONTROL_TIMEOUT = 600.0  # seconds; a long journal takes a while to replay


class Handle:
    """Steers one world; `World` is the whole of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lines: list[http.client.HTTPConnection] = []
        weakref.finalize(self, _hang_up, self._lines)

    # The clock

    def clock(self) -> ClockReading:
        """What the world's clock shows, and how far it is ahead of the clients'."""
        return ClockReading.from_json(self._call("clock"))

    def advance(
        self,
        *,
        weeks: float = 0,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        to: datetime | None = None,
    ) -> Advance:
        """Move the clock ahead: by a time, or to a moment (UTC unless it says otherwise).

        What falls due on the way is done on the way, each thing at its moment. Signatures tell their time to
        the second: a URL that was presigned within the second before counts as made after the move.

        Raises:
            InputError: that would be backwards, or past the year 2099.
        """
        if to is not None:
            aware = to if to.tzinfo else to.replace(tzinfo=UTC)
            return Advance.from_json(self._call("advance", to=aware.isoformat()))
        by = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return Advance.from_json(self._call("advance", seconds=by.total_seconds()))

    # The past

    def checkpoint(self, name: str) -> Change:
        """Give the state of the world a name, under which `rewind` finds it; returns the last change.

        Raises:
            InputError: it is no name.
        """
        return Change.from_json(self._call("checkpoint", name=name))

    def history(self) -> tuple[Change, ...]:
        """The changes that the world remembers, oldest first; the first one is where it began, or goes on."""
        return tuple(Change.from_json(each) for each in self._call("history"))

    def rewind(self, steps: int | None = None, *, to: str | int | None = None) -> Change:
        """Take changes back: the last one, so many, or all after a checkpoint or the number of a change.

        Whoever holds keys that the world still has goes on with them, at the same endpoint.

        Args:
            steps: how many changes to take back; credentials handed out on the way do not count.
            to: the name of a checkpoint, or the number of the last change that stays; 0 takes back all.

        Returns:
            The last change that stays.

        Raises:
            InputError: there are not so many, or there is none of that name.
        """
        return Change.from_json(self._call("rewind", steps=steps, to=to))

    # Instances

    def interrupt(self, instance_id: str, *, after: timedelta = timedelta()) -> datetime:
        """Let EC2 take a Spot Instance back, with its notice two minutes ahead; returns when.

        Args:
            after: how long from now; never sooner than the notice allows.

        Raises:
            InputError: there is no such instance, it is no Spot Instance, or it does not run.
        """
        told = self._call("interrupt", instance=instance_id, seconds=after.total_seconds())
        return datetime.fromisoformat(told["time"])

    def set_cpu(self, instance_id: str, utilisation: Decimal) -> None:
        """Say how hard an instance works from now on, as a fraction (0 to 1) of all its vCPUs.

        Raises:
            InputError: there is no such instance, or the number is out of range.
        """
        self._call("cpu", instance=instance_id, utilisation=str(utilisation))

    # The whole

    def export(self, path: Path) -> int:
        """Write the whole world to a file, from which `World.from_file` makes it again.

        Returns:
            How many changes it holds.

        Raises:
            JournalError: the file cannot be written.
        """
        return int(self._call("export", path=str(path.absolute()))["changes"])

    def _call(self, call: str, /, **arguments: Json) -> Any:
        """Call the control endpoint.

        Raises:
            SandboxError: it cannot be reached; or the error that it answers with.
        """
        control = self.connection.control
        headers = {"Authorization": f"Bearer {control.token}", "Content-Type": "application/json"}
        body = json.dumps(arguments)
        try:
            status, text = self._ask(f"/{call}", body, headers)
            answer = json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise SandboxError(
                "The sandbox cannot be reached",
                f"{control.endpoint}: {broken}.",
                "It may have ended. Start it again.",
            ) from broken
        if status != 200:
            raise error_from(answer)
        return answer

    def _ask(self, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer, over a line that an earlier call has left, or over a new one."""
        with suppress(IndexError, *_HUNG_UP):  # between two calls: this one has not been heard
            return self._ask_over(self._lines.pop(), path, body, headers)
        place = urlsplit(self.connection.control.endpoint)
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=CONTROL_TIMEOUT)
        return self._ask_over(line, path, body, headers)

    def _ask_over(
        self, line: http.client.HTTPConnection, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        try:
            line.request("POST", path, body, headers)
            response = line.getresponse()
            text = response.read()
        except BaseException:
            line.close()
            raise
        self._lines.append(line)
        return response.status, text

    def _hang_up(self) -> None:
        """Let go of the lines that earlier calls have left."""
        _hang_up(self._lines)


def _hang_up(lines: list[http.client.HTTPConnection]) -> None:
    while lines:
        with suppress(IndexError):  # another thread may be quicker
            lines.pop().close()
