"""Steering a world: its clock, its past, and what befalls its instances; for the control endpoint alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from labs.errors import InputError, SandboxError
from labs.sandbox import cpu_credits, interruption, lifecycle
from labs.sandbox.databases import states as databases
from labs.sandbox.deeds import Deeds
from labs.sandbox.entries import Deed, JournalEntry, Mint
from labs.sandbox.functions.executions import Executions
from labs.sandbox.functions.rules import keep_to_schedules
from labs.sandbox.functions.runner import Runner
from labs.sandbox.gate import Gate
from labs.sandbox.journal_file import Place
from labs.sandbox.lives import find_instance, life_of
from labs.sandbox.memory import Memory
from labs.sandbox.metering import alarms
from labs.sandbox.outcomes import Advance, Change, ClockReading
from labs.sandbox.principals import Credential
from labs.sandbox.replay import replay as play
from labs.sandbox.ring import Step
from labs.sandbox.state import WorldState
from labs.sandbox.values import Json, ReplayResult

__all__ = ["Steering"]

PATIENCE = 60.0  # seconds that the clock stands still for functions
LONGEST = 300.0  # seconds that it does so on one way
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"[A-Za-z0-9][\w .:-]{0,63}")


@dataclass
class Steering:
    """What the owner of a world can do with its time.

    `mint` makes credentials again, in a replay; `found` begins the world anew, before its preparation.
    """

    state: WorldState
    gate: Gate
    mint: Callable[[Mint], Credential]
    found: Callable[[], None]

    def __post_init__(self) -> None:
        self.deeds = Deeds(self.state)
        self.deeds.on("advance", self._advance)
        self.deeds.on("wait", self._advance)
        self.memory = Memory(self.state, self._again, self._prepare_again)
        self.state.keeper = self.memory
        lifecycle.watch(self.state)
        databases.watch(self.state)
        interruption.enable(self.state, self.deeds)
        cpu_credits.enable(self.state, self.deeds)
        alarms.watch(self.state)
        self.functions = Executions(self.state, self.deeds, Runner(self.state, self.mint))
        self.state.functions = self.functions
        keep_to_schedules(self.state.agenda)

    def begin(self, number: int = 0) -> None:
        """Preparation is over; from here on things take their time, and can be taken back.

        Args:
            number: of the change after which the world stands, when it is the copy of another one.
        """
        state = self.state
        state.agenda.hurried = False
        if not state.journal.marked:
            state.journal.mark()
            state.metering.forget_requests()
            state.journal.offset = state.clock.timeline.offset
        if state.keeper is not None:
            self.memory.begin(number)
        self.functions.look()

    def _prepare_again(self) -> None:
        """Back to where preparation ended, by doing all of it again."""
        state, preparation = self.state, tuple(self.state.journal.preparation)
        state.agenda.hurried = True
        self.found()
        with state.remaking():
            result = self.replay((entry, None) for entry in preparation)
        state.agenda.hurried = False
        state.metering.forget_requests()
        if result.refused:
            raise SandboxError("The world cannot be prepared again", str(result.refused[0].why))

    # -- the clock -------------------------------------------------------------------------------------

    def clock(self) -> dict[str, Json]:
        """What the clock shows."""
        with self.state.lock:
            now = self.state.settle()
        return ClockReading(now, self.state.clock.timeline.offset).to_json()

    def advance(self, seconds: float | None = None, to: str | None = None) -> dict[str, Json]:
        """Move the clock ahead by so many seconds, or to a moment.

        Where a function is to run on the way the clock stops, until the function has run, or for a minute.
        """
        self.functions.drain(PATIENCE)
        with self.state.lock:
            now = self.state.settle()
            by = timedelta(seconds=seconds or 0) if to is None else _read_moment(to) - now
            if by < timedelta():
                raise InputError(
                    "Time does not run backwards",
                    f"The world's clock shows {now:%Y-%m-%d %H:%M:%S} UTC already.",
                    "`skylab rewind` takes changes back, and the clock's moves with them.",
                )
            if now + by >= LATEST:
                raise InputError("That is too far ahead", f"It would be {now + by:%Y}.", "Stay before 2100.")
            advance: Advance = self.deeds.do(Deed("advance", {"seconds": by.total_seconds()}))
        return self._go_on(advance, now + by).to_json()

    def _go_on(self, advance: Advance, until: datetime) -> Advance:
        """Where the clock has stopped for a function on its way, let that run, and go on."""
        deadline = time.monotonic() + LONGEST
        while advance.now < until:
            self.functions.drain(PATIENCE)
            if time.monotonic() > deadline:
                raise SandboxError(
                    "The clock is not there yet",
                    f"It shows {advance.now:%Y-%m-%d %H:%M:%S} UTC, and the functions on its way take long.",
                    "Advance again, or disable the rule that runs them so often.",
                )
            with self.state.lock:
                now = self.state.settle()
                if now >= until:  # the functions took that long
                    reading = ClockReading(now, self.state.clock.timeline.offset)
                    return replace(advance, clock=reading)
                left = (until - now).total_seconds()
                further: Advance = self.deeds.do(Deed("wait", {"seconds": left}))
            happened = (*advance.happened, *further.happened)
            advance = replace(advance, clock=further.clock, happened=happened)
        self.functions.drain(PATIENCE)
        return advance

    def _advance(self, now: datetime, arguments: Mapping[str, Json]) -> tuple[str, Advance]:
        by = timedelta(seconds=float(arguments["seconds"]))
        if not timedelta() <= by < LATEST - now:
            raise SandboxError("The clock cannot be moved like this", f"{arguments['seconds']} seconds.")
        state = self.state
        alarms.expect(state, now, now + by)
        # Nobody is on the way to anything else while the metadata service waits for an instance.
        stop_after = now if "for" not in arguments else None
        happened = state.settle_until(now + by, stop_after=stop_after)
        waiting = state.agenda.next_moment
        if waiting is not None and stop_after is not None and waiting <= now + by:
            by = waiting - now
            happened += state.settle_until(waiting)
        state.clock.jump(by)
        reading = ClockReading(now + by, state.clock.timeline.offset)
        reason = f", until {arguments['for']} runs" if "for" in arguments else ""
        return f"the clock moves {_short(by)} ahead{reason}", Advance(now, reading, happened)

    def wait_for(self, instance_id: str) -> None:
        """Move the clock on to when an instance runs that has only just been launched."""
        with self.state.lock:
            now = self.state.settle()
            instance = find_instance(self.state.account, None, instance_id)
            arrives = life_of(instance).arrives if instance is not None else None
            if arrives is not None and instance.state == "pending":
                left = (arrives - now).total_seconds()
                self.deeds.do(Deed("wait", {"seconds": left, "for": instance_id}))

    # -- the past --------------------------------------------------------------------------------------

    def checkpoint(self, name: str) -> dict[str, Json]:
        """Give the state of the world a name, under which it can be had again."""
        if not _NAME.fullmatch(name) or name.isdecimal():
            raise InputError(
                "This is no name for a checkpoint",
                f"{name!r} is empty, too long, a number, or has signs that a name has not.",
                "Take a word, as in: skylab checkpoint before-lab",
            )
        with self.state.lock:
            now = self.state.settle()
            number = self.memory.name(name, now)
            return self._change(self.memory.ring.last).to_json() | {"number": number}

    def history(self) -> list[Json]:
        """The changes that can be taken back, from the first that is remembered."""
        with self.state.lock:
            return [self._change(step).to_json() for step in self.memory.history()]

    def rewind(self, steps: int | None = None, to: str | int | None = None) -> dict[str, Json]:
        """Take changes back: so many of them, or all after a checkpoint or a number."""
        with self.state.lock:
            self.state.settle()
            number = self.memory.find(steps, to)
            self.functions.put_back()
            self.memory.rewind(number)
            self.functions.look()
            now = self.state.settle()
            databases.agree(self.state)
            reading = ClockReading(now, self.state.clock.timeline.offset)
            return {**self._change(self.memory.ring.last).to_json(), "clock": reading.to_json()}

    def _change(self, step: Step) -> Change:
        names = tuple(name for name, at in self.memory.names.items() if at == step.number)
        return Change(step.number, step.time, step.what, step.counts, names)

    def _again(self, entries: Sequence[tuple[JournalEntry, Place]]) -> None:
        with self.state.remaking():
            result = self.replay(entries)
        if result.refused:
            first = result.refused[0]
            raise SandboxError(
                "The world cannot be made again", f"Change {first.number}, {first.what}: {first.why}."
            )

    def replay(self, entries: Iterable[tuple[JournalEntry, Place | None]]) -> ReplayResult:
        """Make changes again, as they came. The caller holds the world's lock."""
        return play(entries, self.state, self.gate, self._do)

    def _do(self, change: Mint | Deed) -> None:
        if isinstance(change, Mint):
            self.mint(change)
        else:
            self.deeds.do(change)

    # -- instances -------------------------------------------------------------------------------------

    def interrupt(self, instance: str, seconds: float = 0.0) -> dict[str, Json]:
        """Let EC2 take a Spot Instance back, so many seconds from now, or as soon as the warning allows."""
        with self.state.lock:
            told: dict[str, Json] = self.deeds.do(
                Deed("interrupt", {"instance": instance, "seconds": float(seconds)})
            )
        return told

    def cpu(self, instance: str, utilisation: str) -> dict[str, Json]:
        """Say how hard an instance works from now on, as a fraction of its vCPUs."""
        with self.state.lock:
            told: dict[str, Json] = self.deeds.do(
                Deed("cpu", {"instance": instance, "utilisation": str(utilisation)})
            )
        return told


def _short(time: timedelta) -> str:
    """`3d`, `2h30m`: a time as one would type it, without its fractions of a second."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            "This is no time", f"{text!r} cannot be read.", "Write it as in 2026-02-01T00:00; it is UTC."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
