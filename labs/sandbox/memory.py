"""The memory of a world: every state that it went through can be had again.

A step is one accepted change. The journal holds it for good, and from an image of an earlier state the
changes since then can be made again, exactly. So there need not be an image for each change: one is taken as
soon as the world is at rest, and in a rush of changes as often as costs little beside them. To go back is to
load the last image before, and to make at most a handful of changes again.

The ring holds the last few hundred steps and is bounded in bytes. What lies further back is made again from
the image of the beginning and from the journal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from labs.errors import InputError, SandboxError
from labs.sandbox.entries import JournalEntry
from labs.sandbox.image import Image, load_image, take_image
from labs.sandbox.journal_file import Place
from labs.sandbox.ring import Ring, Step, step_of
from labs.sandbox.state import WorldState

__all__ = ["Memory"]

NAMES = 50
SHARE = 20  # an image may be taken once this many times the cost of the last one has passed
RUSH = 8  # after so many changes without an image, the next one may take one at once
REST = 0.02  # seconds after a change, in which its answer leaves

Again = Callable[[Sequence[tuple[JournalEntry, Place]]], None]
"""Makes changes again; raises SandboxError when the world does not take one."""


class Memory:
    """Keeps the steps of one world. The world's lock orders all calls.

    Args:
        again: makes changes again, as a replay does.
        prepare: puts the world back to where preparation ended, where there is no image of that.
    """

    def __init__(self, state: WorldState, again: Again, prepare: Callable[[], None]) -> None:
        self.state = state
        self.names: dict[str, int] = {}
        self._again = again
        self._prepare = prepare
        self._ring: Ring | None = None
        self._beginning: Step | None = None
        self._pace = _Pace()

    @property
    def ring(self) -> Ring:
        """The steps.

        Raises:
            SandboxError: the world is still being prepared.
        """
        if self._ring is None:
            raise SandboxError("The world has no past yet", "It is still being prepared.")
        return self._ring

    def forget(self) -> None:
        """Remember nothing; `begin` begins anew."""
        self._ring, self._beginning, self.names = None, None, {}
        self._pace = _Pace()

    def begin(self, number: int = 0) -> None:
        """Here begins what can be taken back: after the change with this number, 0 for the preparation."""
        image = self._picture()
        now, last = self.state.clock.now(), self.state.ledger.last
        what = f"a copy after change {number}" if number else "the beginning"
        self._beginning = Step(number, now, what, counts=False, after=last, image=image)
        self._ring, self.names = Ring(self._beginning), {}

    def note(self, entry: JournalEntry, place: Place | None, what: str, request_id: str | None) -> None:
        """A change has been made: it is the last step now."""
        after = self.state.ledger.last
        self.ring.add(step_of(entry, place, what, after=after, event=request_id))
        self._pace.changed()
        if self.ring.without_image >= RUSH and self._pace.allows:
            self._picture_last()

    def name(self, name: str, at: datetime) -> int:
        """Give the last step a name, and an image; returns its number."""
        ring = self.ring
        if ring.last.image is None:
            self._picture_last()
        self.state.journal.note_checkpoint(name, ring.last.number, at)
        self.names[name] = ring.last.number
        ring.keep(NAMES)
        return ring.last.number

    @property
    def due(self) -> float | None:
        """When the last step may have its image, by the machine's monotonic clock; None when none is due."""
        if self._ring is None or self._ring.last.image is not None:
            return None
        return self._pace.due

    def rest(self) -> None:
        """The world is at rest: take the image of the last step, when it is due."""
        due = self.due
        if due is not None and time.monotonic() >= due:
            self._picture_last()

    def history(self) -> tuple[Step, ...]:
        """The steps that the ring holds, from the first; the beginning is one."""
        return tuple(self.ring.steps)

    # -- images ----------------------------------------------------------------------------------------

    def _picture_last(self) -> None:
        image = self._picture()
        if image is not None:
            self.ring.picture(image)

    def _picture(self) -> Image | None:
        began = time.monotonic()
        try:
            image = take_image(self.own())
        except SandboxError as broken:
            print(f"{broken}", file=sys.stderr)
            self._pace.give_up()
            return None
        self._pace.taken(time.monotonic() - began)
        return image

    def own(self) -> dict[str, object]:
        """What belongs to the world beside moto."""
        return {name: part.saved() for name, part in self.state.kept.items()}

    def put(self, own: Mapping[str, Any]) -> None:
        """Take over what an image held beside moto."""
        for name, saved in own.items():
            if name in self.state.kept:
                self.state.kept[name].restore(saved)
        self.state.forget_time()

    def _load(self, step: Step) -> None:
        assert step.image is not None
        self.put(load_image(step.image))

    # -- going back ------------------------------------------------------------------------------------

    def find(self, steps: int | None = None, to: str | int | None = None) -> int:
        """The number of the change to go back to, which is the last one that stays; 0 is the beginning.

        Args:
            steps: how many changes to take back; 1 unless `to` says otherwise.
            to: the name of a checkpoint, or the number of a change.

        Raises:
            InputError: there is no such change, or no such checkpoint.
        """
        if to is None:
            return self._back(1 if steps is None else steps)
        if isinstance(to, str) and to in self.names:
            return self.names[to]
        if str(to).isdecimal() and any(step.number == int(to) for step in self._since(int(to))):
            return int(to)
        known = (
            f"Its checkpoints are: {', '.join(self.names)}." if self.names else "It has no checkpoint yet."
        )
        raise InputError(
            "There is nothing of that name to go back to",
            f"This world has neither a checkpoint nor a change {str(to)!r}.",
            f"{known} `skylab history` lists its changes.",
        )

    def _back(self, steps: int) -> int:
        if steps < 1:
            raise InputError("That takes nothing back", f"{steps} is less than 1.", "Say how many changes.")
        for number in (self.ring.steps[0].number, 0):  # all of the journal is read only when it must be
            changes = self._since(number)
            counted = [place for place, step in enumerate(changes) if step.counts and place]
            if steps <= len(counted):
                return changes[counted[-steps] - 1].number
        raise InputError(
            "So much has not been done",
            f"{len(counted)} changes can be taken back, not {steps}.",
            "`skylab history` lists them.",
        )

    def _since(self, number: int) -> Sequence[Step]:
        """The steps from a number on; those that the ring has let go of as the journal tells them."""
        ring = self.ring.steps
        if number >= ring[0].number:
            return ring
        held = self.state.journal.held()
        told = [step_of(entry, place) for entry, place in zip(held.entries, held.places, strict=True)]
        first = Step(0, ring[0].time, "the beginning", counts=False)
        return [first, *(step for step in told if step.number < ring[0].number), *ring]

    def restore_last(self) -> None:
        """Put the world back to where the last step has left it."""
        self._go_back(self.ring.steps, self.ring.last.number)

    def start_over(self) -> None:
        """Put the world back to where preparation ended, and forget everything since."""
        beginning = self._beginning
        if beginning is not None and beginning.image is not None and beginning.number == 0:
            self._load(beginning)
        else:
            self._prepare()
        self.state.metering.counts.wait({})
        self.state.forget_time()
        self.begin()

    def rewind(self, number: int) -> None:
        """Put the world back to where it was after the change with this number; 0 is its beginning.

        Raises:
            SandboxError: the world cannot be made again. It stays as it is.
            JournalError: the journal cannot be written. The world stays as it is.
        """
        if self.ring.last.image is None:
            self._picture_last()
        last = self.ring.last
        steps = self._since(number)
        try:
            self._go_back(steps, number)
            self.state.journal.note_rewind(number, self.state.clock.now())
        except Exception:
            if last.image is not None:
                self._load(last)
            raise
        self.state.metering.counts.wait({})  # it was counted after the changes that are taken back
        self._take_back_events(steps, number)
        self.ring.cut(number)
        if not self.ring.steps:
            self._start_over(number, steps)
        self.names = {name: at for name, at in self.names.items() if at <= number}

    def _go_back(self, steps: Sequence[Step], number: int) -> None:
        pictured = (self._beginning, *self.ring.pictured)
        bases = [step for step in pictured if step is not None and step.image and step.number <= number]
        base = max(bases, key=lambda step: step.number, default=None)
        between = self._between(steps, base.number if base else 0, number)
        if base is not None:
            self._load(base)
        else:
            self._prepare()
            self.state.forget_time()
        self._again(list(zip(self.state.journal.read(between), between, strict=True)))

    def _between(self, steps: Sequence[Step], after: int, until: int) -> list[Place]:
        if after < steps[0].number:
            steps = self._since(after)
        return [step.place for step in steps if after < step.number <= until and step.place is not None]

    def _take_back_events(self, steps: Sequence[Step], number: int) -> None:
        """Let the ledger forget what came after the change."""
        stays = next((step for step in reversed(steps) if step.number <= number), None)
        gone = next((step for step in steps if step.number > number), None)
        if stays is None or gone is None:
            return
        ledger = self.state.ledger
        if gone.after is not None:
            after, own = gone.after, stays.event
            ledger.take_back(lambda event: event.sequence > after and event.id != own)
        else:
            until = f"{stays.time:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
            ledger.take_back(lambda event: event.time > until)

    def _start_over(self, number: int, steps: Sequence[Step]) -> None:
        """Begin another ring where the world stands: the old one did not reach back so far."""
        here = next(step for step in reversed(steps) if step.number <= number)
        self._ring = Ring(here)
        if here.image is None:
            self._picture_last()


class _Pace:
    """How often images are taken, by the machine's monotonic clock."""

    def __init__(self) -> None:
        self._next = self._changed = 0.0

    def changed(self) -> None:
        """A change has been made."""
        self._changed = time.monotonic()

    def taken(self, seconds: float) -> None:
        """An image has been taken, which took so long."""
        self._next = time.monotonic() + SHARE * seconds

    def give_up(self) -> None:
        """There is no image of what moto holds now, and there will be none after the next change."""
        self._next = float("inf")

    @property
    def allows(self) -> bool:
        """Whether one more would cost little beside what happened since the last one."""
        return time.monotonic() >= self._next

    @property
    def due(self) -> float | None:
        """When one may be taken of a world at rest."""
        return max(self._changed + REST, self._next) if self._next < float("inf") else None
