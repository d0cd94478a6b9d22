"""Many patterns read at once: an automaton whose state is one whole number.

Each pattern owns a run of bits, one for every place between its symbols. A set bit says "the text so far may
have brought this pattern here". Reading a character moves all bits of all patterns with a mask and a shift;
a `*` is a place where a bit may stay. There is no backtracking, and a state says everything about the
future, which is what makes it possible to search for texts instead of testing given ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = [
    "ANY",
    "ANY_IN_NAME",
    "ANY_IN_PART",
    "ONE",
    "ONE_IN_PART",
    "Automaton",
    "Hole",
    "Pattern",
    "Symbol",
]


@dataclass(frozen=True, slots=True)
class Hole:
    """A wildcard: one character or any number of them, but none of `but`."""

    many: bool
    but: str = ""


ANY: Final = Hole(True)
ONE: Final = Hole(False)
ANY_IN_PART: Final = Hole(True, ":")
ONE_IN_PART: Final = Hole(False, ":")
ANY_IN_NAME: Final = Hole(True, ":/")

Symbol: TypeAlias = str | Hole
"""A plain text, or a wildcard."""

_SPECIAL: Final = ":/"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one text of a policy matches; `fold` says that letter case does not count."""

    symbols: tuple[Symbol, ...]
    fold: bool = False


class Automaton:
    """The patterns, compiled.

    `start` is the state before the first character; `accept` marks the place after the last symbol of each
    pattern; `bits` has that mark for each pattern, in their order, and `runs` all of its places.
    """

    __slots__ = (
        "_awaited",
        "_go",
        "_go_other",
        "_literal",
        "_picky",
        "_stay",
        "_stay_other",
        "_written",
        "accept",
        "bits",
        "runs",
        "start",
        "sure",
    )

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        literal: dict[str, int] = {}
        ones: dict[str, int] = {}
        loops: dict[str, int] = {}
        awaited: dict[int, dict[str, None]] = {}
        self.start = 0
        bits: list[int] = []
        runs: list[int] = []
        place = first = 1
        for pattern in patterns:
            self.start |= place
            for symbol in pattern.symbols:
                if isinstance(symbol, Hole):
                    held = loops if symbol.many else ones
                    held[symbol.but] = held.get(symbol.but, 0) | place
                    if not symbol.many:
                        place <<= 1
                    continue
                for character in symbol:
                    forms = _forms(character) if pattern.fold else {character: None}
                    for form in forms:
                        literal[form] = literal.get(form, 0) | place
                    awaited[place] = forms
                    place <<= 1
            bits.append(place)
            place <<= 1
            runs.append(place - first)
            first = place
        self.bits = tuple(bits)
        self.runs = tuple(runs)
        self.accept = sum(bits)
        self._written = _union(literal.values())
        self._awaited = awaited
        self.sure = loops.get("", 0) & self.accept
        self._literal = literal
        self._go_other = _union(ones.values())
        self._stay_other = _union(loops.values())
        self._go = {
            character: literal.get(character, 0)
            | _union(mask for but, mask in ones.items() if character not in but)
            for character in {*literal, *_SPECIAL}
        }
        self._stay = {
            character: _union(mask for but, mask in loops.items() if character not in but)
            for character in _SPECIAL
        }
        self._picky = {
            character: _union(
                mask for held in (ones, loops) for but, mask in held.items() if character in but
            )
            for character in _SPECIAL
        }

    def step(self, state: int, character: str) -> int:
        """The state after one more character."""
        go = self._go.get(character, self._go_other)
        stay = self._stay.get(character, self._stay_other)
        return ((state & go) << 1) | (state & stay)

    def read(self, state: int, text: str) -> int:
        """The state after more characters."""
        go, go_other = self._go, self._go_other
        stay, stay_other = self._stay, self._stay_other
        if not state & ~self.sure:
            return state
        for character in text:
            state = ((state & go.get(character, go_other)) << 1) | (state & stay.get(character, stay_other))
        return state

    def settled(self, state: int) -> bool:
        """Whether every pattern is decided: it accepts whatever follows, or it never will."""
        return not state & ~self.sure

    def characters(self, state: int, but: str = "") -> list[str]:
        """One character for each way to go on from a state: those that some pattern waits for, and another.

        None of `but` is among them.
        """
        waited = [
            character for character, mask in self._literal.items() if mask & state and character not in but
        ]
        waited += [
            character
            for character, mask in self._picky.items()
            if mask & state and character not in but and character not in waited
        ]
        fresh = self.fresh(state)
        return [fresh, *waited] if fresh else waited

    def fresh(self, state: int) -> str | None:
        """A letter or digit that no pattern waits for in this state; None when each of them is waited for."""
        literal = self._literal
        for character in _FRESH:
            if not literal.get(character, 0) & state:
                return character
        return None

    def awaits(self, state: int, characters: Iterable[str]) -> list[str]:
        """Those of the characters that some pattern waits for."""
        literal = self._literal
        return [character for character in characters if literal.get(character, 0) & state]


_FRESH: Final = "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW_"


def _forms(character: str) -> dict[str, None]:
    """The characters that are equal to one when letter case does not count."""
    folded = character.lower()
    forms = (character, folded, character.upper())
    return {form: None for form in forms if len(form) == 1 and form.lower() == folded}


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
