"""Shapes of ARNs: the forms of the Service Authorization Reference, cut into plain texts and slots.

`arn:${Partition}:sqs:${Region}:${Account}:${QueueName}` has four slots, and each admits other texts.

Source: Service Authorization Reference, "Resource types defined by AWS services"; IAM User Guide, "ARNs".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from labs.aws.identifiers import is_account_id

__all__ = ["Part", "Shape", "Slot", "Vocabulary", "shape"]


class Slot(Enum):
    """A variable in the form of an ARN, by what may stand there."""

    PARTITION = "partition"
    REGION = "region"
    ACCOUNT = "account"
    NAME = "name"
    """Anything without a colon or a slash."""
    PATH = "path"
    """Anything without a colon: the name of a role with its path, of a log group, of a secret."""
    TEXT = "text"
    """Anything: the key of an object."""

    __hash__ = object.__hash__  # members are singletons, and Enum's own hash is slow: it is written in Python


Part: TypeAlias = str | Slot


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of an ARN: `head` up to the fifth colon, which most shapes of a service share, and `tail`.

    `service` is what the ARN names, which is not always whose action takes it; None where it names any.
    """

    form: str
    service: str | None
    head: tuple[Part, ...]
    tail: tuple[Part, ...]

    plain: str = field(init=False, repr=False)
    """The tail with `x` in its slots."""

    def __post_init__(self) -> None:
        plain = "".join(part if isinstance(part, str) else "x" for part in self.tail)
        object.__setattr__(self, "plain", plain)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words for each slot, the most readable first.

    `odd_regions` and `odd_accounts` say that a policy has wildcards inside of them, so that others than those
    listed must be looked for.
    """

    partitions: tuple[str, ...]
    regions: tuple[str, ...]
    accounts: tuple[str, ...]
    odd_regions: bool = False
    odd_accounts: bool = False
    numbers: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _words: Mapping[Slot, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = {
            Slot.PARTITION: self.partitions,
            Slot.REGION: self.regions,
            Slot.ACCOUNT: self.accounts,
        }
        object.__setattr__(self, "_words", words)
        object.__setattr__(self, "numbers", tuple(filter(is_account_id, self.accounts)))

    def of(self, slot: Slot) -> tuple[str, ...]:
        """The words for a slot, the default first."""
        return self._words.get(slot, ("x",))


_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|(\*)")
_PATHS: Final = re.compile(
    r"(WithPath|EntityPath|LogGroupName|LogStreamName|SecretId|LeadingSlash|RepositoryName|Alias)$"
)
_TEXTS: Final = re.compile(r"(ObjectName|Path|TopicName|TopicFilter|Uri|ARN|Arn|Pattern)$")
"""Variables whose values may hold a slash, or a colon as well, by the ends of their names."""
_BY_PLACE: Final = {1: Slot.PARTITION, 3: Slot.REGION, 4: Slot.ACCOUNT}


@lru_cache(maxsize=4096)
def shape(form: str) -> Shape:
    """The shape that a form of the reference describes; `*` in a form stands for any text."""
    parts: list[Part] = []
    colons = head = 0
    for piece in _pieces(form):
        if not isinstance(piece, str):
            parts.append(_slot(piece, colons))
            continue
        rest = piece
        if colons < 5 <= colons + piece.count(":"):
            rest = piece.split(":", 5 - colons)[-1]
            parts.append(piece[: len(piece) - len(rest)])
            head = len(parts)
        colons += piece.count(":")
        parts += [rest] if rest else []
    service = form.split(":")[2]
    return Shape(form, None if "$" in service else service, tuple(parts[:head]), tuple(parts[head:]))


def _pieces(form: str) -> Iterator[str | re.Match[str]]:
    done = 0
    for found in _VARIABLE.finditer(form):
        if found.start() > done:
            yield form[done : found.start()]
        yield found
        done = found.end()
    if done < len(form):
        yield form[done:]


def _slot(variable: re.Match[str], colons: int) -> Slot:
    if colons < 5:
        return _BY_PLACE.get(colons, Slot.NAME)
    if variable[2]:
        return Slot.TEXT
    if _PATHS.search(variable[1]):
        return Slot.PATH
    return Slot.TEXT if _TEXTS.search(variable[1]) else Slot.NAME
