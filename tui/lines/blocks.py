"""Lines to put in order: each has a number, and a line of numbers is the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.course import OrderExercise
from labs.course.kinds.order import DIVIDER, blocks_of
from labs.errors import InputError
from tui.lines.exercise import ExerciseRoom
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from tui.lines.desk import Desk

__all__ = ["BlocksRoom"]


class BlocksRoom(ExerciseRoom):
    """An exercise of the kind order."""

    writing = "order N N …"
    exercise: OrderExercise

    def __init__(self, desk: Desk, exercise: OrderExercise) -> None:
        super().__init__(desk, exercise)
        above, below = blocks_of(exercise.starter(self.session.variant(exercise)))
        self.blocks = [*above, *below]
        """The lines as they are numbered: in the order of the starter, however they are moved."""

    def writing_words(self) -> tuple[Word, ...]:
        return (
            Word("blocks", "", "Read the lines, with your order.", lambda _: self.show_answer()),
            Word("order", "N N …", "Put lines in this order and leave the others out.", self.order, ("o",)),
        )

    def show_answer(self) -> None:
        self.talk.tell(*(f"{number}. {block.strip()}" for number, block in enumerate(self.blocks, start=1)))
        self.show_order()
        self.talk.tell("Type order and the numbers, as in: order 3 1 2. Lines not named are left out.")

    def show_order(self) -> None:
        """The numbers of the lines that are used, and of those that are left out."""
        above, below = blocks_of(self.text)
        known = {block.strip(): number for number, block in enumerate(self.blocks, start=1)}
        used, left = (" ".join(str(known.get(each.strip(), "?")) for each in part) for part in (above, below))
        self.talk.tell(f"Your order: {used or 'none'}. Left out: {left or 'none'}.")

    def order(self, text: str) -> None:
        """Put the lines of these numbers in this order; the others are left out."""
        numbers = [number_in(word, len(self.blocks), "line") for word in text.replace(",", " ").split()]
        twice = next((each for each in numbers if numbers.count(each) > 1), None)
        if not numbers or twice is not None:
            wrong = f"{twice} is there twice." if twice else "No number is given."
            raise InputError("This is no order", wrong, "As in: order 3 1 2")
        others = [each for each in range(1, len(self.blocks) + 1) if each not in numbers]
        lines = [*(self.blocks[each - 1] for each in numbers), DIVIDER]
        lines += [self.blocks[each - 1] for each in others]
        self.write("".join(f"{line}\n" for line in lines))
        self.show_order()
        self.talk.tell("Type check.")
