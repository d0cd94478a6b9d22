"""Lettered questions: each student has them in another order, under the letters a, b, c …

Where each answer is one of a few words, a copied file would otherwise be right for all; and a question that
has a name of its own tells by it what it is about.
"""

from __future__ import annotations

import json
import random
import re
import string
import textwrap
import tomllib
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from labs.course.exercise import WrongAnswer
from labs.course.kinds.answer import AnswerExercise, Field, read_answers
from labs.course.variants import Variant

__all__ = ["Lettered"]

_WIDTH = 76
_INDENT = "#    "
_PARTS = re.compile(r"^(?=\*\*[a-z]\.\*\* )", re.MULTILINE)


class Lettered(AnswerExercise):
    """Questions under letters, to be named before `AnswerExercise` or `PredictExercise` among the bases.

    `solution.toml` and `wrong/*.toml` are written with the questions' own names, which no learner sees. In
    all texts `{{letter_NAME}}` is the letter of a question; parts of the prompt that begin with one, as
    `**{{letter_NAME}}.** …`, come last, and are put in its order. There is no `starter.toml`: it follows
    from the labels, so each has to be a question that stands alone.
    """

    @abstractmethod
    def questions(self, variant: Variant) -> tuple[Field, ...]:
        """The questions with their answers, under their own names, in any order."""

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        """The questions under their letters, in the order of the variant."""
        asked = {field.name: field for field in self.questions(variant)}
        return tuple(
            replace(asked[name], name=letter, label=f"{letter}. {asked[name].label}")
            for name, letter in self.letters(variant).items()
        )

    def letters(self, variant: Variant) -> dict[str, str]:
        """The letter of each question by its own name, in the order of the letters."""
        order = random.Random(f"letters of {variant.seed}").sample(self._names, len(self._names))
        return dict(zip(order, string.ascii_lowercase, strict=False))

    def fillings(self, variant: Variant) -> Mapping[str, Any]:
        letters = {f"letter_{name}": letter for name, letter in self.letters(variant).items()}
        return {**variant.values, **letters}

    def prompt(self, variant: Variant) -> str:
        head, *parts = _PARTS.split(super().prompt(variant))
        return "\n\n".join(part.rstrip() for part in (head, *sorted(parts))) + "\n"

    def starter(self, variant: Variant) -> str:
        """The questions as comments, each above an empty answer."""
        fields = self.fields(variant)
        (usual, count), *_ = Counter(field.choices for field in fields).most_common(1)
        shared = usual if count > len(fields) / 2 else ()
        others = "" if count == len(fields) else ", where nothing else is said"
        blocks = [_comment(f"Each is one of: {_listed(shared)}{others}")] if shared else []
        for field in fields:
            own = "" if field.choices == shared else _comment(_asked_for(field), _INDENT)
            blocks.append(f'{_comment(field.label)}{own}{field.name} = ""\n')
        return "\n".join(blocks)

    def solution(self, variant: Variant) -> str:
        return self._lettered(super().solution(variant), variant)

    def wrong(self, variant: Variant) -> tuple[WrongAnswer, ...]:
        return tuple(
            replace(each, text=self._lettered(each.text, variant)) for each in super().wrong(variant)
        )

    def _lettered(self, text: str, variant: Variant) -> str:
        """Answers to the questions by name, as answers under their letters."""
        given = read_answers(text)
        letters = self.letters(variant)
        return "".join(
            f"{letter} = {json.dumps(given.get(name, ''), ensure_ascii=False)}\n"
            for name, letter in letters.items()
        )

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The questions' own names, as the solution has them."""
        return tuple(tomllib.loads((self.folder / "solution.toml").read_text("utf-8")))


def _asked_for(field: Field) -> str:
    if field.choices:
        return f"One of: {_listed(field.choices)}"
    return "A number" if field.type == "number" else "To be written out"


def _listed(choices: tuple[str, ...]) -> str:
    return ", ".join(f"“{choice}”" if "," in choice else choice for choice in choices)


def _comment(text: str, begin: str = "# ") -> str:
    lines = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=begin,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)
