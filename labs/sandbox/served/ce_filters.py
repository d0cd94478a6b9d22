"""The filters and groups of Cost Explorer: AWS Cost Management API Reference, "Expression"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from labs.sandbox.metering.dimensions import DIMENSIONS, GROUPING, Kind
from labs.sandbox.served.ask import Declined

__all__ = ["Wanted", "filter_from", "groups_from", "invalid"]

Wanted = Callable[[Kind], bool]
_ROOTS: Final = ("And", "Or", "Not", "Dimensions", "Tags", "CostCategories")
_MOST_GROUPS: Final = 2


def invalid(message: str) -> Declined:
    """Cost Explorer's answer to what makes no sense."""
    return Declined("ValidationException", message)


def filter_from(expression: Mapping[str, Any] | None) -> Wanted:
    """Whether a kind of cost passes an Expression; without one each does.

    Raises:
        Declined: it is no expression.
    """
    if not expression:
        return lambda _: True
    roots = [name for name in _ROOTS if expression.get(name) is not None]
    if len(roots) != 1:
        found = "and ".join(f"{name} " for name in roots).strip() or "none"
        raise invalid(f"Expression has multiple roots, only one root is allowed. Roots found: {found}")
    root, held = roots[0], expression[roots[0]]
    match root:
        case "And" | "Or":
            if len(held) < 2:
                raise invalid(f"{root} expression must have at least 2 operands")
            parts = [filter_from(each) for each in held]
            together = all if root == "And" else any
            return lambda kind: together(part(kind) for part in parts)
        case "Not":
            part = filter_from(held)
            return lambda kind: not part(kind)
        case "Dimensions":
            return _matching(dimension(str(held.get("Key") or "")), held)
        case "Tags":
            return _matching(tag(str(held.get("Key") or "")), held)
    # There are no cost categories: everything is without one.
    return lambda _: "ABSENT" in (held.get("MatchOptions") or ())


def dimension(name: str) -> Callable[[Kind], str]:
    """How to read a dimension of a kind."""
    found = DIMENSIONS.get(name)
    if found is None:
        raise invalid(f"Dimension {name} is not supported. Supported dimensions: {', '.join(DIMENSIONS)}")
    return found


def tag(key: str) -> Callable[[Kind], str]:
    """How to read a tag of a kind; empty where it has none of that key."""
    return lambda kind: dict(kind.where.tags).get(key, "")


def _matching(read: Callable[[Kind], str], held: Mapping[str, Any]) -> Wanted:
    options = frozenset(held.get("MatchOptions") or ("EQUALS",))
    values = [str(value) for value in held.get("Values") or ()]
    if "ABSENT" in options:
        return lambda kind: not read(kind)
    if not values:
        raise invalid("Values must be specified for the dimension or tag")
    fold = str.casefold if "CASE_INSENSITIVE" in options else str
    wanted = [fold(value) for value in values]
    if "STARTS_WITH" in options:
        return lambda kind: fold(read(kind)).startswith(tuple(wanted))
    if "ENDS_WITH" in options:
        return lambda kind: fold(read(kind)).endswith(tuple(wanted))
    if "CONTAINS" in options:
        return lambda kind: any(value in fold(read(kind)) for value in wanted)
    return lambda kind: fold(read(kind)) in wanted


def groups_from(definitions: Sequence[Mapping[str, Any]]) -> tuple[Callable[[Kind], str], ...]:
    """How to read the key of a group, one part for each definition.

    Raises:
        Declined: there are too many, or one is of a dimension that cannot be grouped by.
    """
    if len(definitions) > _MOST_GROUPS:
        raise invalid(
            f"GroupBy can have at most {_MOST_GROUPS} group definitions, and {len(definitions)} were given"
        )
    return tuple(_group(str(each.get("Type") or ""), str(each.get("Key") or "")) for each in definitions)


def _group(kind_of_group: str, key: str) -> Callable[[Kind], str]:
    if kind_of_group == "TAG":
        read = tag(key)
        return lambda kind: f"{key}${read(kind)}"
    if kind_of_group == "COST_CATEGORY":
        return lambda _: f"{key}$"
    if kind_of_group != "DIMENSION":
        raise invalid("Group Definition type is invalid. Valid types are DIMENSION, TAG, COST_CATEGORY")
    if key not in GROUPING:
        valid = ", ".join(GROUPING)
        raise invalid(f"Group Definition dimension is invalid. Valid dimensions are {valid}")
    read = DIMENSIONS[key]
    absent = "No" + "".join(word.capitalize() if word != "AZ" else word for word in key.split("_"))
    return lambda kind: read(kind) or absent
