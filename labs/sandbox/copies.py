"""Copies of a world: the whole of it as a file, made again from one, or handed to a fork."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from labs.errors import JournalError, SandboxError
from labs.sandbox.clock import Timeline
from labs.sandbox.image import Image, load_image, take_image
from labs.sandbox.parcel import send
from labs.sandbox.processes import error_from
from labs.sandbox.steering import Steering
from labs.sandbox.values import Json, ReplayResult
from labs.sandbox.world_file import read_world, write_world

__all__ = ["Copies", "moto_version"]


@cache
def moto_version() -> str:
    """The moto that makes this world; to read it takes a millisecond."""
    return version("moto")


class Copies:
    """Gives a world away, and takes one over."""

    def __init__(self, steering: Steering, first_offset: timedelta) -> None:
        self.steering = steering
        self.state = steering.state
        self.first_offset = first_offset

    # -- files -----------------------------------------------------------------------------------------

    def export(self, path: str) -> dict[str, Json]:
        """Write the whole world to a file."""
        state = self.state
        with state.lock:
            state.settle()
            state.note_usage()
            about = {
                "seed": state.seed,
                "secret": state.secret.decode(),
                "label": state.journal.label,
                "moto": moto_version(),
                "offset": self.first_offset.total_seconds(),
            }
            write_world(Path(path), about, state.journal.preparation, state.journal.data())
            return {"path": path, "changes": len(state.journal.held().entries)}

    def take_over(self, path: str) -> dict[str, Json]:
        """Become the world that a file holds: this one must be fresh, with its seed and its secret."""
        held = read_world(Path(path))
        state, journal = self.state, self.state.journal
        with state.lock:
            if journal.marked:
                raise JournalError("The world is not fresh", "A world's file is opened in a new world.")
            prepared = self.steering.replay((entry, None) for entry in held.preparation)
            self.steering.begin()
            journal.label = held.journal.label
            state.clock.restore(Timeline(held.journal.offset))
            state.forget_time()
            journal.offset = held.journal.offset
            result = self.steering.replay((entry, None) for entry in held.journal.entries)
            _all_taken(path, prepared, held.moto)
            _all_taken(path, result, held.moto)
            state.metering.counts.wait(held.journal.usage)
            now = state.settle()
            for name, at in held.journal.names.items():
                self.steering.memory.names[name] = at
                journal.note_checkpoint(name, at, now)
        return result.to_json()

    # -- forks -----------------------------------------------------------------------------------------

    def fork(self, to: str, key: str) -> dict[str, Json]:
        """Have a nursery bear a copy of this world; returns the connection of the copy.

        Args:
            to: the address at which the nursery listens.
            key: by which it knows that the copy is ours.
        """
        order = {
            "seed": self.state.seed,
            "port": 0,
            "secret": self.state.secret.decode(),
            "offset": self.first_offset.total_seconds(),
            "functions": self.steering.functions.runner.on,
        }
        parcel = self.pack()
        try:
            told = send(to, key, order, parcel)
        except OSError as broken:
            raise SandboxError("The world cannot be forked", f"The nursery: {broken}.") from broken
        if "error" in told:
            raise error_from(told["error"])
        return told

    def pack(self) -> bytes:
        """The world as it is now, as a parcel for `unpack`."""
        state, journal = self.state, self.state.journal
        with state.lock:
            state.settle()
            memory = self.steering.memory
            remembers = journal.marked and state.keeper is not None
            data, values = take_image(memory.own()).portable()
            parcel = {
                "moto": moto_version(),
                "image": data,
                "values": values,
                "ledger": state.ledger.saved(),
                "preparation": list(journal.preparation),
                "journal": journal.data() if journal.marked else None,
                "number": memory.ring.last.number if remembers else 0,
                "last": journal.last,
                "usage": dict(state.metering.counts.waiting),
                "names": dict(memory.names),
            }
        return pickle.dumps(parcel, protocol=pickle.HIGHEST_PROTOCOL)

    def unpack(self, parcel: bytes) -> None:
        """Become the world that a parcel holds; it must come from a world of the same installation."""
        held: Mapping[str, Any] = pickle.loads(parcel)
        if held["moto"] != moto_version():
            raise SandboxError("The copy does not fit", f"It is of moto {held['moto']}.")
        state, journal = self.state, self.state.journal
        with state.lock:
            self.steering.memory.put(load_image(Image.from_portable(held["image"], held["values"])))
            state.metering.counts.wait(held["usage"])
            state.ledger.restore(held["ledger"])
            journal.preparation.extend(held["preparation"])
            journal.continue_from(held["journal"], held["last"])
            if held["journal"] is not None:
                self.steering.begin(number=held["number"])
                self.steering.memory.names |= held["names"]


def _all_taken(path: str, result: ReplayResult, moto: str) -> None:
    if result.refused:
        first = result.refused[0]
        raise JournalError(
            "The world cannot be made again from this file",
            f"{path}: change {first.number}, {first.what}, was refused: {first.why}.",
            f"The file was changed, or it needs the moto that it was written with, {moto}.",
        )
