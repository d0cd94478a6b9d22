"""Walks through an automaton: every state that texts of a shape can lead to, each with a short text.

Two texts that lead to the same state are the same to every pattern, whatever follows them. So a walk needs
one text a state, and there are few states: where no pattern cares any more there is one.
"""

from __future__ import annotations

from collections import deque
from typing import Final, TypeAlias

from labs.aws.iam.prover.automaton import Automaton
from labs.aws.iam.prover.budget import Bound, Budget, Exhausted
from labs.aws.iam.prover.shapes import Part, Shape, Slot, Vocabulary

__all__ = ["Frontier", "account_numbers", "extend", "texts_of", "words_from"]

Frontier: TypeAlias = dict[int, str]
"""The states that some texts lead to, each with one of the shortest."""

_WITHOUT: Final = {Slot.REGION: ":/", Slot.NAME: ":/", Slot.PATH: ":", Slot.TEXT: ""}
"""The characters that a slot does not admit."""
_DIGITS: Final = "9876543210"

STATES: Final = 50_000
"""The most states of one walk: patterns with many wildcards can have more than a machine can hold."""


def texts_of(machine: Automaton, shape: Shape, words: Vocabulary, budget: Budget) -> Frontier:
    """Every state at the end of a text of the shape."""
    frontier = {machine.start: ""}
    for part in (*shape.head, *shape.tail):
        frontier = extend(machine, frontier, part, words, budget)
    return frontier


def extend(machine: Automaton, frontier: Frontier, part: Part, words: Vocabulary, budget: Budget) -> Frontier:
    """The states after one more part of a shape."""
    found: Frontier = {}
    if isinstance(part, str):
        budget.spend(len(frontier))
        for state, text in frontier.items():
            _keep(found, machine.read(state, part), text + part)
        return found
    undecided: Frontier = {}
    for state, text in frontier.items():
        if machine.settled(state):
            _keep(found, state, text + words.of(part)[0])
        else:
            undecided[state] = text
    if undecided:
        for state, text in _fill(machine, undecided, part, words, budget).items():
            _keep(found, state, text)
    return found


def _fill(machine: Automaton, frontier: Frontier, slot: Slot, words: Vocabulary, budget: Budget) -> Frontier:
    """The states after the texts that a slot admits: those of the vocabulary first, then any others."""
    found: Frontier = {}
    if slot in (Slot.PARTITION, Slot.REGION, Slot.ACCOUNT):
        for state, text in frontier.items():
            budget.spend(len(words.of(slot)))
            for word in words.of(slot):
                found.setdefault(machine.read(state, word), text + word)
    if slot is Slot.ACCOUNT and words.odd_accounts:
        return {**account_numbers(machine, frontier, budget), **found}
    if slot in _WITHOUT and (slot is not Slot.REGION or words.odd_regions):
        return {**words_from(machine, frontier, _WITHOUT[slot], budget), **found}
    return found


def words_from(machine: Automaton, frontier: Frontier, but: str, budget: Budget) -> Frontier:
    """The states after one or more characters, none of them in `but`."""
    found: Frontier = {}
    waiting = deque(sorted(frontier.items(), key=lambda each: len(each[1])))
    while waiting:
        state, text = waiting.popleft()
        for character in machine.characters(state, but):
            budget.spend()
            following = machine.step(state, character)
            if following not in found:
                found[following] = text + character
                waiting.append((following, text + character))
        if len(found) > STATES:
            raise Exhausted(Bound("states", STATES, budget.where))
    return found


def account_numbers(machine: Automaton, frontier: Frontier, budget: Budget) -> Frontier:
    """The states after twelve digits."""
    layer = frontier
    for _ in range(12):
        following: Frontier = {}
        for state, text in layer.items():
            waited = machine.awaits(state, _DIGITS)
            other = next((digit for digit in _DIGITS if digit not in waited), None)
            for digit in (*waited, other) if other else waited:
                budget.spend()
                _keep(following, machine.step(state, digit), text + digit)
        layer = following
    return layer


def _keep(frontier: Frontier, state: int, text: str) -> None:
    known = frontier.get(state)
    if known is None or len(text) < len(known):
        frontier[state] = text
