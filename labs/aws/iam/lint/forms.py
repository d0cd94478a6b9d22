"""Whether a pattern of a policy and the form of an ARN have a text in common, and whether one covers another.

A form is `arn:${Partition}:s3:::${BucketName}/${ObjectName}`. Both sides are read at once: the places that
the pattern can have reached are the bits of one whole number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from labs.aws.iam.patterns import Tokens, Variable, Wild, tokenize

__all__ = ["covers", "example", "fits", "fitting"]

_PIECES: Final = re.compile(r"\$\{(\w+)\}|(\*)")
# Names that hold no slash, and a service whose names hold no colon. Elsewhere a name is taken to hold
# anything: a doubtful fit is no finding.
_WITHOUT_SLASH: Final = frozenset({"Partition", "Region", "Account", "BucketName", "AccessPointName"})
_WITHOUT_COLON: Final = ":ec2:"


def fits(text: str, form: str, *, variables: bool) -> bool:
    """Whether some ARN of this form matches the text of a Resource element."""
    return _fits(tokenize(text, variables=variables), form)


def fitting(texts: Iterable[str], forms: Iterable[str], *, variables: bool) -> frozenset[str]:
    """Those of the forms that fit one of the texts."""
    patterns = [tokenize(text, variables=variables) for text in texts]
    return frozenset(form for form in forms if any(_fits(tokens, form) for tokens in patterns))


@lru_cache(maxsize=4096)
def _fits(tokens: Tokens, form: str) -> bool:
    pattern = _compiled(tokens)
    state, done = 1, 0
    for found in _PIECES.finditer(form):
        state = pattern.read(state, form[done : found.start()])
        done = found.end()
        if found[2]:
            state |= pattern.some(state, "")
        else:
            whole = found[1] in _WITHOUT_SLASH
            state = pattern.some(state, ":/" if whole else ":" if _WITHOUT_COLON in form else "")
        if not state:
            return False
    return bool(pattern.read(state, form[done:]) & pattern.end)


@lru_cache(maxsize=1024)
def _compiled(tokens: Tokens) -> _Pattern:
    return _Pattern(tokens)


class _Pattern:
    """The pattern as masks: a bit for each place before, between and after its characters.

    `_go` has the places that a character moves on from, `_stay` those where a `*` lets a place stand.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._go: dict[str, int] = {}
        self._one = self._stay = 0
        place = 1
        for token in tokens:
            if token is Wild.ONE:
                self._one |= place
                place <<= 1
            elif isinstance(token, str):
                for character in token:
                    self._go[character] = self._go.get(character, 0) | place
                    place <<= 1
            else:  # a variable may hold anything
                self._stay |= place
        self.end = place

    def read(self, state: int, text: str) -> int:
        """The places after a text."""
        for character in text:
            state = (state & (self._go.get(character, 0) | self._one)) << 1 | state & self._stay
        return state

    def over(self, state: int, *, one: bool) -> int:
        """The places after a wildcard of another pattern: one unknown character, or any number of them."""
        return (state & self._one) << 1 | state & self._stay if one else state & self._stay

    def some(self, state: int, without: str) -> int:
        """The places after one or more characters of any kind, but for a few."""
        go = self._one
        for character, places in self._go.items():
            if character not in without:
                go |= places
        found, new = 0, state
        while new := ((new & go) << 1 | new & self._stay) & ~found:
            found |= new
        return found


@lru_cache(maxsize=4096)
def covers(outer: Tokens, inner: Tokens) -> bool:
    """Whether every text that the inner pattern matches is matched by the outer one.

    A `*` is covered by a `*` only, and a variable too: where that is too strict, the answer is no.
    """
    if outer == inner:
        return True
    if any(isinstance(token, Variable) for token in outer):
        return False
    pattern = _compiled(outer)
    state = 1
    for token in inner:
        if isinstance(token, str):
            state = pattern.read(state, token)
        else:
            state = pattern.over(state, one=token is Wild.ONE)
    return bool(state & pattern.end)


def example(form: str, like: str = "") -> str:
    """The form with `*` for what a policy would choose: a repair to show."""
    filled = re.sub(r"\$\{Partition\}", "aws", form)
    bucket = re.match(r"arn:[^:]*:s3:::([^/]+)", like)
    if bucket:
        filled = filled.replace("${BucketName}", bucket[1])
    return re.sub(r"\$\{\w+\}", "*", filled)
