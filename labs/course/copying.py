"""Whose variant an answer was made for: what fits another student's numbers and names, and not one's own.

An answer is traced by what it holds: names, ids and amounts that stand in somebody else's task or solution,
not in its own, and in none of a hundred tasks that nobody has. Two people may come to the same small number;
so short traces alone are no evidence, and what is right for its own variant is never anybody else's. It is a
reason to look, not a proof: a teacher decides.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from labs.course.exercise import Exercise
from labs.course.kinds.answer import AnswerExercise
from labs.course.marks import Kind
from labs.course.variants import Variant, seed_of
from labs.errors import SkylabError

__all__ = ["Traces", "seeds_it_fits", "seeds_that_fit", "traces_of"]

NOBODYS: Final = 100
"""Tasks that nobody has: what stands in one of them is no trace."""
ENOUGH: Final = 8
"""Characters of traces that are evidence: a bucket's name, an account, two amounts."""
FIGURES: Final = 2
"""Figures, names or amounts that have to be another's where the traces are shorter."""

Understood: TypeAlias = frozenset[tuple[int, str]]
"""Criteria by number, each with `pass` or the belief behind the miss."""

_WORD = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")


@dataclass(frozen=True, slots=True)
class Traces:
    """What each variant of an exercise leaves in an answer: `words`, by seed.

    `nobodys` are tasks that nobody has, and the words `common` of theirs are no evidence.
    """

    exercise: Exercise
    words: Mapping[int, frozenset[str]]
    nobodys: tuple[Variant, ...]
    common: frozenset[str]


def seeds_it_fits(exercise: Exercise, answer: str, own: Variant, seeds: Iterable[int]) -> tuple[int, ...]:
    """The seeds of a class that an answer was made for, though it was handed in for another one.

    For many answers to one exercise, make `traces_of` it once and ask `seeds_that_fit`.

    Args:
        answer: what was handed in, as text.
        own: the variant that it was handed in for.
        seeds: those of the class; its own among them does no harm.
    """
    return seeds_that_fit(answer, own, traces_of(exercise, seeds))


def traces_of(exercise: Exercise, seeds: Iterable[int]) -> Traces:
    """What to look for in answers to an exercise, in a class that has these seeds."""
    seeds_of_nobody = (seed_of(exercise.id, "", -number) for number in range(1, NOBODYS + 1))
    nobodys = tuple(variant_of(exercise, seed) for seed in seeds_of_nobody)
    common = frozenset().union(*map(_words_of, nobodys))
    words = {seed: _words_of(variant_of(exercise, seed)) - common for seed in dict.fromkeys(seeds)}
    return Traces(exercise, words, nobodys, common)


def seeds_that_fit(answer: str, own: Variant, traces: Traces) -> tuple[int, ...]:
    """The seeds of the class that an answer was made for, in the order of the class."""
    if own.exercise.kind is Kind.WORLD:
        return _seed_of_journal(answer, own, traces)
    held = _words(answer) - traces.common - _words_of(own)
    shared = {seed: held & words for seed, words in traces.words.items() if seed != own.seed}
    if own.exercise.kind is Kind.CODE:  # a program is not run here: what it names has to do
        return tuple(seed for seed, words in shared.items() if _is_enough(words))
    suspects = {seed: words for seed, words in shared.items() if words}
    if not suspects or _is_right(answer, own):
        return ()
    at_home = _understood(answer, own)
    return tuple(seed for seed, words in suspects.items() if _made_for(answer, seed, words, at_home, traces))


def _is_enough(words: Iterable[str]) -> bool:
    return sum(map(len, words)) >= ENOUGH


def _made_for(answer: str, seed: int, words: frozenset[str], at_home: Understood, traces: Traces) -> bool:
    """Whether an answer that holds some traces of a seed does better there than at home."""
    there = variant_of(traces.exercise, seed)
    gained = _understood(answer, there) - at_home
    return bool(gained) and (_is_enough(words) or _all_is_right(answer, there, at_home, traces))


def _all_is_right(answer: str, there: Variant, at_home: Understood, traces: Traces) -> bool:
    """Whether an answer is right throughout, with several figures that are wrong at home, by no accident."""
    exercise = traces.exercise
    if not isinstance(exercise, AnswerExercise):
        return False
    fields = exercise.fields(there)
    figures = {number for number, each in enumerate(fields) if each.type != "choice"}
    passed = {number for number, said in at_home if said == "pass"}
    return (
        len(figures - passed) >= FIGURES
        and _is_right(answer, there)
        and not any(_is_right(answer, variant) for variant in traces.nobodys)
    )


def _is_right(answer: str, variant: Variant) -> bool:
    try:
        return all(each.state == "pass" for each in variant.exercise.mark(answer, variant))
    except SkylabError:
        return False


def variant_of(exercise: Exercise, seed: int) -> Variant:
    """The variant of a seed, whoever has it."""
    return Variant(exercise, "", 0, seed, exercise.values(random.Random(seed)))


def _understood(answer: str, variant: Variant) -> Understood:
    """Which criteria of a variant an answer meets, and which it misses by a belief that is known."""
    try:
        criteria = variant.exercise.mark(answer, variant)
    except SkylabError:
        return frozenset()
    return frozenset(
        (number, said)
        for number, each in enumerate(criteria)
        if (said := "pass" if each.state == "pass" else each.misconception)
    )


def _words_of(variant: Variant) -> frozenset[str]:
    """Everything that can be named after reading a task and its solution."""
    exercise = variant.exercise
    solution = "" if exercise.kind is Kind.WORLD else exercise.solution(variant)
    return _words(exercise.prompt(variant)) | _words(solution)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_THOUSANDS.sub("", text.casefold())))


def _seed_of_journal(answer: str, own: Variant, traces: Traces) -> tuple[int, ...]:
    """A journal says of which variant its world is."""
    try:
        label = json.loads(answer.partition("\n")[0]).get("label")
    except (ValueError, AttributeError, RecursionError):
        return ()
    seeds = (seed for seed in traces.words if label == f"{own.exercise.id}#{seed}")
    return tuple(seed for seed in seeds if seed != own.seed)
