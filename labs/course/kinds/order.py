"""Order: lines to be put in order, among them some that do not belong (Parsons problems).

The learner's file has a block on each line. What stands below the dividing line is left out, so that a block
is moved, never deleted. Any order is right in which each block comes after those that it needs.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from labs.course.exercise import Exercise
from labs.course.marks import CounterExample, Criterion, Kind, failed, passed, skipped
from labs.course.variants import Variant
from labs.errors import SubmissionError

__all__ = ["DIVIDER", "Block", "Inversion", "OrderExercise", "blocks_of", "needs_of"]

DIVIDER = "---- not needed ----"
"""Blocks below this line are left out."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the task, without an end of line.

    `after` names the texts of the blocks that must come before; None stands for the block listed before it.
    A block with `why` does not belong: `why` says so, and `misconception` names the belief behind using it.
    `command` is a counter-example that can be run, the words after `skylab`; it reads `stdin`.
    """

    text: str
    after: tuple[str, ...] | None = None
    why: str = ""
    misconception: str | None = None
    command: tuple[str, ...] = ()
    stdin: str = ""

    @property
    def belongs(self) -> bool:
        """Whether the solution has it."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Inversion:
    """A wrong order that is understood: `later` stands before `first`, which it needs."""

    first: str
    later: str
    misconception: str
    message: str
    command: tuple[str, ...] = ()
    stdin: str = ""


class OrderExercise(Exercise):
    """Put blocks in order. Subclasses give the blocks, in an order that works, and what goes wrong."""

    kind: ClassVar[Kind] = Kind.ORDER
    filename: ClassVar[str] = "order.txt"
    suffix: ClassVar[str] = ".txt"
    choosing: ClassVar[str] = "uses what is needed, and nothing else"
    ordering: ClassVar[str] = "in an order that works"

    @abstractmethod
    def blocks(self, variant: Variant) -> Sequence[Block]:
        """The blocks: those of the solution in an order that works, and those that do not belong."""

    def inversions(self, variant: Variant) -> Sequence[Inversion]:
        """Wrong orders that have a belief behind them."""
        return ()

    def starter(self, variant: Variant) -> str:
        """All blocks, shuffled by the variant's seed, and not in order by chance."""
        texts = [block.text for block in self.blocks(variant)]
        shuffled = random.Random(variant.seed).sample(texts, len(texts))
        if shuffled == texts:
            shuffled.reverse()
        return f"{_lines(shuffled)}{DIVIDER}\n"

    def solution(self, variant: Variant) -> str:
        """The blocks that belong, and the others below the line."""
        blocks = self.blocks(variant)
        used = _lines(block.text for block in blocks if block.belongs)
        return f"{used}{DIVIDER}\n{_lines(block.text for block in blocks if not block.belongs)}"

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        """Two criteria: the choice of blocks and, once that is right, their order.

        Raises:
            SubmissionError: a line is none of the blocks, or a block is there twice.
        """
        blocks = self.blocks(variant)
        used = _used(text, blocks)
        half = self.points // 2
        choice = self._mark_choice(used, blocks, half)
        if choice.state != "pass":
            return choice, skipped(self.ordering, self.points - half, "First choose the right blocks.")
        return choice, self._mark_order(used, blocks, variant, self.points - half)

    def _mark_choice(self, used: Sequence[str], blocks: Sequence[Block], points: int) -> Criterion:
        for block in blocks:
            if not block.belongs and block.text in used:
                return _failed(self.choosing, points, block.why, block)
        absent = [block.text for block in blocks if block.belongs and block.text not in used]
        if absent:
            count = "One block is" if len(absent) == 1 else f"{len(absent)} blocks are"
            return failed(self.choosing, points, f"{count} missing above the line.")
        return passed(self.choosing, points)

    def _mark_order(
        self, used: Sequence[str], blocks: Sequence[Block], variant: Variant, points: int
    ) -> Criterion:
        place = {text: number for number, text in enumerate(used)}
        for each in self.inversions(variant):
            if place[each.later] < place[each.first]:
                return _failed(self.ordering, points, each.message, each)
        for first, later in needs_of(blocks):
            if place[later] < place[first]:
                return failed(self.ordering, points, f"“{later.strip()}” comes too early.")
        return passed(self.ordering, points)


def blocks_of(text: str) -> tuple[list[str], list[str]]:
    """The lines above and below the dividing line; empty lines do not count."""
    above: list[str] = []
    below: list[str] = []
    target = above
    for line in text.splitlines():
        if line.strip() == DIVIDER:
            target = below
        elif line.strip():
            target.append(line.rstrip())
    return above, below


def _used(text: str, blocks: Sequence[Block]) -> list[str]:
    """The texts of the blocks above the line. Indentation is the learner's affair."""
    known = {block.text.strip(): block.text for block in blocks}
    above, below = (list(map(str.strip, lines)) for lines in blocks_of(text))
    for line in (*above, *below):
        if line not in known:
            raise SubmissionError(
                "A line is none of the task's",
                f"It is {line[:80]!r}.",
                "Move the lines and leave their text as it is; reset the exercise to have them back.",
            )
        if (*above, *below).count(line) > 1:
            raise SubmissionError("A line is there twice", f"It is {line[:80]!r}.", "Take one of them away.")
    return [known[line] for line in above]


def needs_of(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """Pairs of texts of blocks, of which the first must come before the second."""
    before: str | None = None
    for block in blocks:
        if not block.belongs:
            continue
        if block.after is not None:
            yield from ((first, block.text) for first in block.after)
        elif before is not None:
            yield before, block.text
        before = block.text


def _failed(name: str, points: int, message: str, fault: Block | Inversion) -> Criterion:
    example = CounterExample.of_command(fault.command, fault.stdin)
    return failed(name, points, message, misconception=fault.misconception, example=example)


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)
