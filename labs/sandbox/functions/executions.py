"""What functions have been asked to do and have not yet done, and what follows when they have.

The table is part of the world: an invocation lies in it from when it falls due until the deed that ends it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from labs.errors import SandboxError
from labs.sandbox.deeds import Deeds
from labs.sandbox.entries import Deed
from labs.sandbox.functions import asynchronous, queues
from labs.sandbox.functions.deliveries import INVOKE, POLL
from labs.sandbox.functions.facts import Function, find_function, split_name
from labs.sandbox.functions.lineage import following
from labs.sandbox.functions.logs import keep_log
from labs.sandbox.functions.notes import notes_on
from labs.sandbox.functions.report import Report
from labs.sandbox.functions.roles import UNTRUSTED
from labs.sandbox.functions.runner import Gone, Runner, Throttled
from labs.sandbox.state import Table, WorldState
from labs.sandbox.values import Event, Explanation

__all__ = ["ENDED", "Executions"]

ENDED = "lambda"
"""The kind of deed that tells that a function has run, or that somebody waits for it to."""

LOOK = 60.0  # seconds between two looks at the environments that lie idle
Json = Any


class Executions:
    """The invocations of one world that no caller waits for, and how each is carried out and ended."""

    def __init__(self, state: WorldState, deeds: Deeds, runner: Runner) -> None:
        self.state = state
        self.runner = runner
        self.table = Table()
        self._deeds = deeds
        self._news = threading.Event()
        self._at_work: set[str] = set()
        self._given_up: set[str] = set()
        self._changed = threading.Condition()
        self._ended = 0
        self._thread: threading.Thread | None = None
        state.kept["executions"] = self.table
        state.agenda.on(INVOKE, self._is_due, runs=True)
        state.agenda.on(POLL, self._poll, runs=True)
        deeds.on(ENDED, self._end)

    # -- for a caller who waits ------------------------------------------------------------------------

    def invoke(
        self, function: Function, event: str, request_id: str, qualifier: str | None, depth: int
    ) -> tuple[Report, tuple[Explanation, ...]]:
        """Run a function for somebody who waits, and write down that it ran. Not within the world's lock.

        Raises:
            Throttled: as many run as may.
            Gone: the world was put back meanwhile.
            SandboxError: the function's role cannot be assumed.
        """
        with self.runner.slot(function):
            with self.state.lock:
                generation = self.runner.generation
                self._deeds.do(Deed(ENDED, {"function": function.arn, "begins": True}))
            report = self.runner.run(function, event, request_id, qualifier, depth)
            with self.state.lock:
                if generation != self.runner.generation:
                    raise Gone
                told = self._deeds.do(Deed(ENDED, _told(report)))
        self._start_looking()
        return report, told

    # -- what falls due --------------------------------------------------------------------------------

    def _is_due(self, moment: datetime, about: Mapping[str, Json]) -> str | None:
        name = split_name(about["function"], "", "")[2]
        self.table[about["id"]] = dict(about)
        self._wake()
        return f"{name} is invoked for {about['cause']}"

    def _poll(self, moment: datetime, about: Mapping[str, Json]) -> str | None:
        record = queues.poll(self.state.agenda, self.table, moment, about)
        if record is None:
            return None
        self.table[record["id"]] = record
        self._wake()
        name = split_name(record["function"], "", "")[2]
        return f"{name} is given {len(record['handles'])} messages of {record['cause'].rpartition(':')[2]}"

    def _wake(self) -> None:
        if self.runner.on:
            self._start_looking()
            self._news.set()

    # -- carrying it out -------------------------------------------------------------------------------

    def _start_looking(self) -> None:
        """Have a thread look after this world's functions, from when there is one."""
        if self._thread is None and self.runner.on:
            self._thread = threading.Thread(target=self._look, name="functions", daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while self.runner.on:
            try:
                for record, function in self._waiting():
                    self._set_about(record, function)
                self.runner.reap()
            except Exception:
                traceback.print_exc()
            self._news.wait(LOOK)
            self._news.clear()

    def _waiting(self) -> list[tuple[Mapping[str, Json], Function | None]]:
        with self.state.lock:
            if not self.state.journal.marked:
                return []  # what the preparation led to runs when the world begins
            idle = self._at_work | self._given_up
            waiting = [record for key, record in self.table.items() if key not in idle]
            return [(record, find_function(record["function"], "", "")) for record in waiting]

    def _set_about(self, record: Mapping[str, Json], function: Function | None) -> None:
        if function is not None:
            try:
                self.runner.claim(function)
            except Throttled:
                return  # somebody's end will wake us
        with self._changed:
            self._at_work.add(record["id"])
        threading.Thread(target=self._work, args=(record, function), name="function", daemon=True).start()

    def _work(self, record: Mapping[str, Json], function: Function | None) -> None:
        generation = self.runner.generation
        try:
            arguments = {"execution": record["id"], **self._run(record, function)}
            with self.state.lock:
                self.state.settle()
                if generation == self.runner.generation and record["id"] in self.table:
                    self._deeds.do(Deed(ENDED, arguments))
        except Gone:
            pass
        except Exception:
            print(f"function {record['function']}", file=sys.stderr)
            traceback.print_exc()
            self._given_up.add(record["id"])
        finally:
            if function is not None:
                self.runner.release(function)
            with self._changed:
                self._at_work.discard(record["id"])
                self._ended += 1
                self._changed.notify_all()
            self._news.set()

    def _run(self, record: Mapping[str, Json], function: Function | None) -> dict[str, Json]:
        """Run what a record says; the arguments of the deed that ends it."""
        if function is None:
            return {"function": record["function"], "gone": True}
        qualifier = split_name(record["function"], "", "")[3]
        try:
            report = self.runner.run(function, record["event"], record["id"], qualifier, record["depth"])
        except SandboxError as refused:
            if refused.detail != UNTRUSTED:
                raise
            return {"function": function.arn, "request": record["id"], "refused": UNTRUSTED}
        return {**_told(report), "payload": report.payload}

    def drain(self, seconds: float) -> bool:
        """Wait until all that is due has run, for so long at most; whether it has. Not within the lock."""
        deadline = time.monotonic() + seconds
        while True:
            with self._changed:
                seen = self._ended
            with self.state.lock:
                self.state.settle()
                if (
                    not self.runner.on
                    or not self.state.journal.marked
                    or not self.table.keys() - self._given_up
                ):
                    return True
            self._wake()
            with self._changed:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait_for(partial(self._has_ended_since, seen), left):
                    return False

    def _has_ended_since(self, seen: int) -> bool:
        return self._ended != seen

    def put_back(self) -> None:
        """The world was put back to an earlier state: nothing runs on, and nothing is warm."""
        self.runner.forget()
        self._given_up.clear()

    def look(self) -> None:
        """See what there is to be run: the world has become another one."""
        if self.table:
            self._wake()

    def stop(self) -> None:
        """The world ends."""
        self.runner.stop()
        self._news.set()

    # -- how it ends -----------------------------------------------------------------------------------

    def _end(self, now: datetime, arguments: Mapping[str, Json]) -> tuple[str, tuple[Explanation, ...]]:
        """A function has run, or could not: its log, its bill, and what follows."""
        name = split_name(str(arguments["function"]), "", "")[2]
        if "begins" in arguments:  # a step for whoever takes it all back
            return f"lambda Invoke function:{name}", ()
        record = None
        if "execution" in arguments:
            record = self.table.get(arguments["execution"])
            if record is None:
                raise SandboxError("Nothing of that name runs", f"{arguments['execution']}.")
        function = find_function(str(arguments["function"]), "", "")
        told: tuple[Explanation, ...] = ()
        if function is not None and "log" in arguments:
            seconds = float(arguments["ms"]) / 1000
            lost = (
                keep_log(function, arguments["stream"], arguments["log"], seconds, now)
                if arguments["stream"]
                else ""
            )
            told = notes_on(arguments, lost)
            if arguments["stream"]:
                architecture = "arm" if function.architecture == "arm64" else "x86"
                self.state.metering.ran(
                    function.arn, now, ms=arguments["billed"], mb=function.memory, arch=architecture
                )
        if record is not None:
            del self.table[record["id"]]
            self._enter(record, arguments, told, now)
            failed = bool(arguments.get("error") or arguments.get("refused"))
            if record["kind"] == "queue":
                queues.ended(self.state.agenda, record, arguments, failed or function is None, now)
            elif function is not None:
                with following(record["depth"] + 1):
                    asynchronous.ended(self.state.agenda, function, record, arguments, failed, now)
        return f"function {name} ran", told

    def _enter(
        self,
        record: Mapping[str, Json],
        arguments: Mapping[str, Json],
        told: tuple[Explanation, ...],
        now: datetime,
    ) -> None:
        """Let the ledger tell of an invocation that no request of its own asked for."""
        cause = str(record["cause"])
        service = cause if cause.endswith(".amazonaws.com") else "lambda.amazonaws.com"
        status, error, message = 200, None, None
        if "gone" in arguments:
            status, error = 404, "ResourceNotFoundException"
            message = f"Function not found: {record['function']}"
        elif "refused" in arguments:
            status, error, message = 403, "AccessDeniedException", str(arguments["refused"])
        event = Event(
            sequence=0,
            id=str(record["id"]),
            time=now.isoformat(timespec="milliseconds")[:23] + "Z",
            principal=service,
            service="lambda",
            operation="Invoke",
            region=str(record["function"]).split(":")[3],
            checks=(),
            status=status,
            error=error,
            message=message,
            source=cause,
            explanations=told,
        )
        self.state.ledger.record(event, {})


def _told(report: Report) -> dict[str, Json]:
    """What the journal says of an invocation, for all that follows from it to be made again."""
    return {
        "function": report.function.arn,
        "request": report.request_id,
        "stream": report.stream,
        "log": list(report.log),
        "ms": round(report.milliseconds, 2),
        "billed": report.billed,
        "init": None if report.init is None else round(report.init * 1000, 2),
        "error": report.error_type,
        "message": json.loads(report.payload)["errorMessage"] if report.failed else "",
    }
