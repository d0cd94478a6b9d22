"""What is known of condition keys: which follow from the caller or the resource, and what values they take.

Source: IAM User Guide, "AWS global condition context keys" and "Single-valued vs. multivalued context keys";
Service Authorization Reference, "Condition keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from labs.aws import reference

__all__ = ["ALWAYS_THERE", "FROM_CALLER", "OWNER", "KeyKind", "ValueType", "kind_of"]

ValueType: TypeAlias = Literal["text", "arn", "bool", "numeric", "date", "address"]

FROM_CALLER: Final = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:username",
        "aws:principalisawsservice",
        "aws:principalservicename",
    }
)
"""Keys that the caller decides, presence included. (`aws:userid` has a value of its own for most callers.)"""

OWNER: Final = "aws:resourceaccount"
"""The key that the resource decides."""

ALWAYS_THERE: Final = frozenset({"aws:currenttime", "aws:epochtime", "aws:securetransport"})
"""Keys that AWS puts into every request, so that an example should rather have them than not."""

_TYPES: Final[dict[str, ValueType]] = {
    "String": "text",
    "ARN": "arn",
    "Bool": "bool",
    "Numeric": "numeric",
    "Date": "date",
    "IPAddress": "address",
}


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What values a key takes: their type, and whether it may have one of them or several.

    `type` is None for a key that no reference lists.
    """

    type: ValueType | None
    one: bool = True
    several: bool = False


@lru_cache(maxsize=4096)
def kind_of(key: str) -> KeyKind:
    """The kind of a key, its name in lower case."""
    tokens = reference.service("sts")
    listed = reference.key_type(key) or (tokens and tokens.keys.get(key))
    if listed:
        several = listed.startswith("ArrayOf")
        return KeyKind(_TYPES.get(listed.removeprefix("ArrayOf"), "text"), one=not several, several=several)
    claim_or_global = key.startswith("aws:") or "." in key.partition(":")[0]
    return KeyKind("text") if claim_or_global else KeyKind(None, one=True, several=True)
