"""Make a world again from the entries of its journal.

Every request goes through the gate once more, at the time and with the number that it was recorded with: its
signature is checked, IAM is asked again, and what the gate refuses is refused here too, and reported. So a
journal that somebody has edited can do no more than its keys allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from labs.errors import SkylabError
from labs.sandbox.answers import error_of
from labs.sandbox.gate import Gate
from labs.sandbox.journal import JournalEntry, Mint
from labs.sandbox.state import WorldState
from labs.sandbox.values import Refusal, ReplayResult

__all__ = ["replay"]

Minter = Callable[[Mint], object]


def replay(entries: Iterable[JournalEntry], state: WorldState, gate: Gate, mint: Minter) -> ReplayResult:
    """Apply the entries in order. One that the world refuses changes nothing, and the next one follows."""
    applied, refused, last = 0, [], 0
    for entry in entries:
        if _follows(entry.number, last):
            last = entry.number
            with state.clock.at(entry.time), state.journal.numbered(entry.number):
                why = _apply(entry, gate, mint)
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


def _apply(entry: JournalEntry, gate: Gate, mint: Minter) -> str | None:
    """Apply one entry; None, or why it was refused."""
    if isinstance(entry.change, Mint):
        try:
            mint(entry.change)
        except SkylabError as refused:
            return str(refused)
        return None
    answer = gate.handle(entry.change, waiting=False)
    if answer.status < 400:
        return None
    code, message = error_of(answer)
    return f"{code}: {message}" if message else code
