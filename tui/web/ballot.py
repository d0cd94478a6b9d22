"""The votes of a class: one for each device and poll, changed until the vote closes, counted, never named.

A device is a random number that the server gave out, and nothing else is known of it. The presenter says what
is asked; the page hears of an answer only when the class has seen it, so nothing can give it away before.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labs.course.walkthrough import Option

__all__ = ["MOST_DEVICES", "Allowance", "Ballot", "Question"]

MOST_DEVICES = 2000
"""Devices whose votes are taken in one presentation."""
VOTES_OF_A_DEVICE = (1.0, 10)
"""How many a second, and how many at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the class is asked now: the poll of a slide, by the slide's number.

    `code` is what the question is about, where it is about some. `answer` is empty until it is `revealed`,
    and stays so where the class decides.
    """

    slide: int
    title: str
    text: str
    options: tuple[Option, ...]
    code: tuple[str, ...] = ()
    open: bool = True
    revealed: bool = False
    answer: str = ""

    @property
    def state(self) -> str:
        """A word that changes whenever the page has to."""
        return f"{self.slide}-{'revealed' if self.revealed else 'open' if self.open else 'closed'}"


@dataclass(slots=True)
class Allowance:
    """So many things a second, and some more at once; the clock counts seconds."""

    rate: float
    most: float
    clock: Callable[[], float]
    left: float = field(init=False)
    seen: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.seen = self.most, self.clock()

    def take(self) -> bool:
        """Use one, if one is left."""
        now = self.clock()
        self.left = min(self.most, self.left + (now - self.seen) * self.rate)
        self.seen = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Ballot:
    """What is asked and what was answered; the presenter and the page's server may use it at once."""

    def __init__(self, most_devices: int = MOST_DEVICES, clock: Callable[[], float] = time.monotonic) -> None:
        self.most_devices, self.clock = most_devices, clock
        self.changes = 0
        self._lock = threading.Lock()
        self._question: Question | None = None
        self._votes: dict[int, dict[str, str]] = {}
        self._devices: dict[str, Allowance] = {}

    @property
    def question(self) -> Question | None:
        """What is asked now; None between polls."""
        return self._question

    @property
    def devices(self) -> int:
        """How many devices have voted so far."""
        return len(self._devices)

    def ask(self, question: Question | None) -> None:
        """Say what is asked from now on."""
        with self._lock:
            self._question = question

    def vote(self, device: str, slide: int, letter: str) -> str:
        """Take a vote in place of the device's earlier one; returns why not, empty when it was taken."""
        with self._lock:
            asked = self._question
            if asked is None or asked.slide != slide:
                return "The presentation has gone on; that was another question."
            if not asked.open:
                return "The vote was closed before yours came."
            if letter not in {each.letter for each in asked.options}:
                return "That is none of the choices."
            if device not in self._devices and len(self._devices) >= self.most_devices:
                return f"{self.most_devices} devices have voted; no more are taken."
            if not self._devices.setdefault(device, Allowance(*VOTES_OF_A_DEVICE, self.clock)).take():
                return "That was very often. Wait a few seconds, and vote again."
            votes = self._votes.setdefault(slide, {})
            if votes.get(device) != letter:
                votes[device] = letter
                self.changes += 1
            return ""

    def vote_of(self, device: str, slide: int) -> str:
        """What a device has voted in a slide's poll; empty when nothing."""
        with self._lock:
            return self._votes.get(slide, {}).get(device, "")

    def counts(self, slide: int) -> Mapping[str, int]:
        """How many devices chose each letter that was chosen."""
        with self._lock:
            return Counter(self._votes.get(slide, {}).values())
