"""Texts with wildcards and policy variables, compiled to tests.

A text is cut into tokens: plain strings, the wildcards `*` and `?`, and variables such as `${aws:username}`
or `${aws:PrincipalTag/team, 'none'}`. A pattern without variables is compiled once; one with variables is
compiled for each set of values they take, and those are remembered. What a variable stands for is always
plain text: a `*` in a tag is an asterisk, not a wildcard. Matching never backtracks, so no pattern can make
it slow.

Source: IAM User Guide, "IAM policy elements: Variables and tags" and "IAM JSON policy elements: Resource".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from labs.aws.iam.requests import Request

__all__ = [
    "Matcher",
    "after_fifth_colon",
    "any_of",
    "arn_matcher",
    "arn_parts",
    "fill",
    "glob",
    "resource_matcher",
    "text_matcher",
    "tokenize",
    "unresolved",
    "values_of",
    "within_parts",
]


class Wild(Enum):
    """The two wildcards, and the form of the first that stays within one part of an ARN."""

    ANY = "*"
    ONE = "?"
    ANY_BUT_COLON = "[*]"

    __hash__ = object.__hash__  # members are singletons, and Enum's own hash is slow: it is written in Python


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable: the condition key in lower case, and what stands in when the key is absent."""

    key: str
    default: str | None = None


Token: TypeAlias = str | Wild | Variable
Tokens: TypeAlias = tuple[Token, ...]
Matcher: TypeAlias = Callable[[str, Request], object]
"""Whether a value from the request matches: anything that is true or false."""
Values: TypeAlias = tuple[str, ...]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
# A tag's key may hold spaces.
_REFERENCE = re.compile(r"\s*([^\s,']+|[^\s,'/]+/[^,']*[^\s,'])\s*(?:,\s*'([^']*)'\s*)?")
_ESCAPED = {"*", "?", "$"}
_WILD = {"*": Wild.ANY, "?": Wild.ONE}
_PIECE = re.compile(r"([*?])")


def tokenize(text: str, *, variables: bool, wildcards: bool = True) -> Tokens:
    """Cut a text of a policy into tokens; `${*}`, `${?}` and `${$}` stand for the characters themselves."""
    if variables and "${" in text:
        return _merged(_cut(text, wildcards))
    if wildcards and ("*" in text or "?" in text):
        return _merged(_wild(text))
    return (text,) if text else ()


def _cut(text: str, wildcards: bool) -> Iterator[Token]:
    done = 0
    for match in _VARIABLE.finditer(text):
        inside = _meaning(match[1])
        if inside is None:
            continue
        plain = text[done : match.start()]
        yield from _wild(plain) if wildcards else (plain,)
        yield inside
        done = match.end()
    yield from _wild(text[done:]) if wildcards else (text[done:],)


def _meaning(inside: str) -> str | Variable | None:
    """An escaped character or a variable; None when the braces hold neither, and are plain text."""
    if inside in _ESCAPED:
        return inside
    reference = _REFERENCE.fullmatch(inside)
    return Variable(reference[1].lower(), reference[2]) if reference else None


def _wild(text: str) -> Iterator[Token]:
    for piece in _PIECE.split(text):
        yield _WILD.get(piece, piece)


def _merged(tokens: Iterable[Token]) -> Tokens:
    """The tokens with neighbouring texts joined and repeated `*` made one."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if isinstance(token, str) and isinstance(last, str):
            merged[-1] = last + token
        elif token != "" and not (token is last is Wild.ANY):
            merged.append(token)
    return tuple(merged)


def fill(tokens: Tokens, values: Values) -> Tokens:
    """The tokens with each variable replaced by its value, in their order."""
    left = iter(values)
    return _merged(next(left) if isinstance(token, Variable) else token for token in tokens)


def values_of(tokens: Tokens, request: Request) -> Values | None:
    """The value of each variable, in their order; None when one has neither value nor default."""
    values: list[str] = []
    for token in tokens:
        if isinstance(token, Variable):
            value = request.single(token.key)
            if value is None:
                value = token.default
            if value is None:
                return None
            values.append(value)
    return tuple(values)


@lru_cache(maxsize=4096)
def glob(tokens: Tokens) -> Matcher:
    """A matcher of whole texts, for tokens that hold no variable; it does not look at the request."""
    match tokens:
        case ():
            return lambda value, request: not value
        case (Wild.ANY,):
            return lambda value, request: True
        case (str(text),):
            return lambda value, request: value == text
        case (str(prefix), Wild.ANY):
            return lambda value, request: value.startswith(prefix)
        case (Wild.ANY, str(suffix)):
            return lambda value, request: value.endswith(suffix)
        case (str(prefix), Wild.ANY, str(suffix)):
            least = len(prefix) + len(suffix)
            return lambda value, request: (
                len(value) >= least and value.startswith(prefix) and value.endswith(suffix)
            )
    return _by_expression(tokens)


def _by_expression(tokens: Tokens) -> Matcher:
    """A matcher whose regular expression is compiled when it is first needed: most never are."""
    fits: Callable[[str], object] | None = None

    def matches(value: str, request: Request) -> object:
        nonlocal fits
        if fits is None:
            fits = re.compile(_expression(tokens), re.DOTALL).fullmatch
        return fits(value)

    return matches


_SPELLED = {Wild.ANY: ".*", Wild.ONE: ".", Wild.ANY_BUT_COLON: "[^:]*"}


def _expression(tokens: Tokens) -> str:
    """A regular expression in linear time.

    Every `*` but the last takes the nearest place where the text up to the next `*` fits, and holds it (an
    atomic group): a later place could not do better.
    """
    pieces: list[str] = []
    run: list[str] = []
    star: str | None = None
    for token in tokens:
        if token is Wild.ANY or token is Wild.ANY_BUT_COLON:
            pieces.append("".join(run) if star is None else f"(?>{star}?{''.join(run)})")
            star, run = _SPELLED[token], []
        else:
            run.append(_SPELLED[token] if isinstance(token, Wild) else re.escape(str(token)))
    pieces.append("".join(run) if star is None else star + "".join(run))
    return "".join(pieces)


def _matcher(tokens: Tokens) -> Matcher:
    variables = tuple(token for token in tokens if isinstance(token, Variable))
    if not variables:
        return glob(tokens)

    @lru_cache(maxsize=128)
    def compiled(values: Values) -> Matcher:
        return glob(fill(tokens, values))

    def matches(value: str, request: Request) -> object:
        values = values_of(variables, request)
        return values is not None and compiled(values)(value, request)

    return matches


def any_of(matchers: tuple[Matcher, ...]) -> Matcher:
    """A matcher of what any of these matches."""
    if len(matchers) == 1:
        return matchers[0]

    def matches(value: str, request: Request) -> bool:
        for each in matchers:  # noqa: SIM110  the inner loop: any() takes twice as long
            if each(value, request):
                return True
        return False

    return matches


def text_matcher(text: str, *, variables: bool, wildcards: bool) -> Matcher:
    """A matcher of whole texts, for the String operators."""
    return _matcher(tokenize(text, variables=variables, wildcards=wildcards))


def resource_matcher(text: str, *, variables: bool) -> Matcher:
    """A matcher of the Resource element.

    Variables count only after the fifth colon. A `*` that ends a part of the ARN runs on beyond the colon;
    one inside a part of the first five stays there.
    """
    cut = after_fifth_colon(text)
    head = tokenize(text[:cut], variables=False)
    if len(head) > 1:
        head = _merged(within_parts(head))
    return _matcher(_merged(head + tokenize(text[cut:], variables=variables)))


def within_parts(tokens: Tokens) -> Iterator[Token]:
    """The tokens of the first five parts of an ARN, where a `*` inside a part stays there."""
    for token, following in zip(tokens, (*tokens[1:], ":"), strict=True):
        ends_part = isinstance(following, str) and following.startswith(":")
        yield Wild.ANY_BUT_COLON if token is Wild.ANY and not ends_part else token


def after_fifth_colon(text: str) -> int:
    """Where the sixth part of an ARN begins; the length of the text when it has fewer parts."""
    place = -1
    for _ in range(5):
        place = text.find(":", place + 1)
        if place < 0:
            return len(text)
    return place + 1


def arn_matcher(text: str, *, variables: bool) -> Matcher:
    """A matcher for the Arn operators: each of the six parts by itself, so no wildcard reaches into the next
    part.

    `*` alone stands for every ARN, and a variable alone for the ARN that it holds.
    """
    tokens = tokenize(text, variables=variables)
    parts = arn_parts(tokens)
    if len(parts) != 6:
        alone = len(tokens) == 1 and not isinstance(tokens[0], str)
        return _matcher(tokens) if alone else _never
    matchers = tuple(_matcher(part) for part in parts)

    def matches(value: str, request: Request) -> bool:
        values = value.split(":", 5)
        return len(values) == 6 and all(
            fits(part, request) for fits, part in zip(matchers, values, strict=True)
        )

    return matches


def arn_parts(tokens: Tokens) -> list[Tokens]:
    """The tokens cut at the first five colons that the policy itself wrote."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, str):
            first, *others = token.split(":", 6 - len(parts))
            parts[-1].append(first)
            parts.extend([other] for other in others)
        else:
            parts[-1].append(token)
    return [_merged(part) for part in parts]


def _never(value: str, request: Request) -> bool:
    return False


def unresolved(text: str, request: Request) -> str | None:
    """The first variable in a text, as it is written, that has neither value nor default."""
    for match in _VARIABLE.finditer(text):
        variable = _meaning(match[1])
        if (
            isinstance(variable, Variable)
            and variable.default is None
            and request.single(variable.key) is None
        ):
            return match[1].strip()
    return None
