"""Make a world again from the entries of its journal.

Every request goes through the gate once more, at the time and with the number that it was recorded with: its
signature is checked, IAM is asked again, and what the gate refuses is refused here too, and reported. So a
journal that somebody has edited can do no more than its keys allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from labs.errors import SkylabError
from labs.sandbox.answers import error_of
from labs.sandbox.entries import Deed, JournalEntry, Mint
from labs.sandbox.gate import Gate
from labs.sandbox.journal_file import Place
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState
from labs.sandbox.values import Refusal, ReplayResult

__all__ = ["Minter", "replay"]

Minter = Callable[[Mint], object]


def replay(
    entries: Iterable[tuple[JournalEntry, Place | None]],
    state: WorldState,
    gate: Gate,
    do: Callable[[Mint | Deed], object],
) -> ReplayResult:
    """Apply the entries in order. One that the world refuses changes nothing, and the next one follows.

    Args:
        entries: each with the place where it stands in the world's own journal already, if it does.
        do: makes what came past the gate; raises SkylabError to refuse it.
    """
    applied, refused, last = 0, [], 0
    for entry, place in entries:
        if _follows(entry.number, last):
            last = entry.number
            with (
                state.clock.at(entry.time),
                state.journal.numbered(entry.number, place),
                state.metering.counts.told(entry.usage),
            ):
                why = _apply(entry, gate, do)
        else:
            why = f"It is number {entry.number} and comes after number {last}"
        if why is None:
            applied += 1
        else:
            refused.append(Refusal(entry.number, str(entry), why))
    return ReplayResult(applied, tuple(refused))


def _follows(number: int, last: int) -> bool:
    """Numbers move away from zero: up in a journal, down in a preparation."""
    return number > last if last > 0 or number > 0 else number < last


def _apply(entry: JournalEntry, gate: Gate, do: Callable[[Mint | Deed], object]) -> str | None:
    """Apply one entry; None, or why it was refused."""
    if not isinstance(entry.change, RawRequest):
        try:
            do(entry.change)
        except (SkylabError, KeyError, TypeError, ValueError) as refused:
            return str(refused)
        return None
    answer = gate.handle(entry.change, waiting=False)
    if answer.status < 400:
        return None
    code, message = error_of(answer)
    return f"{code}: {message}" if message else code
