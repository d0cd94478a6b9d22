"""The ring of steps: what was done last in a world, with images of some of its states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from labs.sandbox.entries import Change, Deed, JournalEntry, Mint
from labs.sandbox.image import Image
from labs.sandbox.journal_file import Place

__all__ = ["BYTES", "STEPS", "Ring", "Step", "step_of"]

STEPS = 200
BYTES = 1 << 25


@dataclass(frozen=True, slots=True)
class Step:
    """One change: its number, when it was made, and what it was; number 0 is the beginning of the world.

    `place` is where the journal has it. `counts` says whether somebody meant to make it: credentials that
    were handed out on the way are steps as well, but nobody would think of undoing them. `after` is the last
    event before it and `event` its own; both are None where the ring has let go of the step and the journal
    tells it.
    """

    number: int
    time: datetime
    what: str
    place: Place | None = None
    counts: bool = True
    after: int | None = None
    event: str | None = None
    image: Image | None = field(default=None, repr=False)


def step_of(
    entry: JournalEntry,
    place: Place | None,
    what: str = "",
    *,
    after: int | None = None,
    event: str | None = None,
) -> Step:
    """The step that a change is."""
    in_passing = _is_in_passing(entry.change)
    return Step(entry.number, entry.time, what or str(entry), place, not in_passing, after, event)


def _is_in_passing(change: Change) -> bool:
    """Whether a change came about on the way of another one: nobody set out to make it."""
    match change:
        case Mint():
            return True
        case Deed(kind=kind, arguments=arguments):
            return kind == "wait" or (kind == "lambda" and "begins" not in arguments)
        case request:  # made by a function, as botocore tells where AWS_EXECUTION_ENV says so
            return "exec-env/AWS_Lambda_" in (request.header("user-agent") or "")


class Ring:
    """The last steps of a world, oldest first. Whoever has its lock may call.

    The first step has an image, unless moto held something then that has none. Images share the contents of
    S3 objects with the world; those that the world no longer has count as weight of the ring.
    """

    def __init__(self, first: Step, *, steps: int = STEPS, size: int = BYTES) -> None:
        self._most, self._size = steps, size
        self._steps = [first]
        self._named: dict[int, Step] = {}
        self._weight = _Weight()
        self._weight.add(first)

    @property
    def last(self) -> Step:
        """The last change that was made."""
        return self._steps[-1]

    @property
    def steps(self) -> Sequence[Step]:
        """The steps that the ring holds."""
        return self._steps

    @property
    def pictured(self) -> tuple[Step, ...]:
        """All steps with an image, in order: also those that have a name and are in the ring no more."""
        found = {step.number: step for step in (*self._named.values(), *self._steps) if step.image}
        return tuple(found[number] for number in sorted(found))

    @property
    def without_image(self) -> int:
        """How many steps were made since the last one that has an image."""
        since = (place for place, step in enumerate(reversed(self._steps)) if step.image is not None)
        return next(since, len(self._steps))

    def add(self, step: Step) -> None:
        """One step more."""
        self._steps.append(step)

    def picture(self, image: Image) -> None:
        """Give the last step an image; the oldest go where there are too many, or they weigh too much.

        Those after an image cannot be reached without it, so they go with it.
        """
        self._pack_last()
        self._steps[-1] = replace(self._steps[-1], image=image)
        self._weight.add(self._steps[-1])
        while len(self._steps) > 1:
            second = next(place for place, step in enumerate(self._steps) if place and step.image is not None)
            if len(self._steps) - second < self._most and self._weight.beside(self.last) <= self._size:
                return
            for step in self._steps[:second]:
                if step.number not in self._named:
                    self._weight.take(step)
            del self._steps[:second]

    def _pack_last(self) -> None:
        """Make the last image small that is not the last any more."""
        place = next((n for n in reversed(range(len(self._steps))) if self._steps[n].image is not None), None)
        if place is not None and (image := self._steps[place].image) is not None:
            self._weight.take(self._steps[place])
            self._steps[place] = replace(self._steps[place], image=image.pack())
            self._weight.add(self._steps[place])
            if self._steps[place].number in self._named:
                self._named[self._steps[place].number] = self._steps[place]

    def keep(self, names: int) -> None:
        """Keep the image of the last step for longer, because it has a name.

        Args:
            names: how many are kept at most.
        """
        self._named[self.last.number] = self.last
        while len(self._named) > names:
            oldest = self._named.pop(next(iter(self._named)))
            if oldest.number < self._steps[0].number:
                self._weight.take(oldest)

    def cut(self, number: int) -> None:
        """Forget the steps after a number."""
        gone = [step for step in (*self._steps, *self._named.values()) if step.number > number]
        for step in {step.number: step for step in gone}.values():
            self._weight.take(step)
        self._steps = [step for step in self._steps if step.number <= number]
        self._named = {at: step for at, step in self._named.items() if at <= number}


class _Weight:
    """How many bytes images take, each value that several of them share once."""

    def __init__(self) -> None:
        self._bytes = 0
        self._used: dict[int, int] = {}

    def add(self, step: Step) -> None:
        if step.image is None:
            return
        self._bytes += len(step.image.data)
        for value, size in step.image.values:
            times = self._used.get(id(value), 0)
            self._used[id(value)] = times + 1
            self._bytes += 0 if times else size

    def take(self, step: Step) -> None:
        if step.image is None:
            return
        self._bytes -= len(step.image.data)
        for value, size in step.image.values:
            self._used[id(value)] -= 1
            if not self._used[id(value)]:
                del self._used[id(value)]
                self._bytes -= size

    def beside(self, newest: Step) -> int:
        """The bytes of all images, but for the values that the newest one shares with the world."""
        return self._bytes - (sum(size for _, size in newest.image.values) if newest.image else 0)
