"""The Condition element of a statement, read and compiled.

Source: IAM User Guide, "IAM JSON policy elements: Condition" and "IAM JSON policy elements: Condition
operators".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.json_text import Json, fail, kind, show
from labs.aws.iam.operators import OPERATORS, find_operator
from labs.aws.iam.patterns import Matcher
from labs.aws.iam.reading import nearest, texts_at

__all__ = ["read_conditions"]


def read_conditions(written: Json, path: str, variables: bool) -> tuple[ConditionElement, ...]:
    """One element for each operator with each of its keys; `variables` says whether the Version has them."""
    found: list[ConditionElement] = []
    if not isinstance(written, Mapping):
        fail(
            path,
            "A Condition is a JSON object",
            f"This is {kind(written)}.",
            'Write {"Operator": {"key": "value"}}.',
        )
    for operator, keys in written.items():
        spelling = find_operator(operator)
        where = f"{path}.{operator[:60]}"
        if spelling is None:
            fail(
                where,
                "AWS has no such condition operator",
                f"It is {show(operator)}.",
                _operator_hint(operator),
            )
        if not isinstance(keys, Mapping):
            fail(
                where,
                "A condition operator takes a JSON object",
                f"This is {kind(keys)}.",
                f'Write "{operator}": {{"aws:SourceIp": "203.0.113.0/24"}}.',
            )
        counts = variables and spelling.operator.family in ("string", "arn")
        for key, values in keys.items():
            if ":" not in key.strip(":"):
                fail(
                    f"{where}.{key[:60]}",
                    "A condition key is a service, a colon and a name",
                    f"This is {show(key)}.",
                    "Write it as in aws:SourceIp or s3:prefix.",
                )
            texts = texts_at(values, f"{where}.{key[:60]}", plain=True)
            matchers = tuple([_matcher(spelling.operator.name, text, counts) for text in texts])
            found.append(ConditionElement(spelling, operator, key.lower(), key, texts, matchers, counts))
    return tuple(found)


@lru_cache(maxsize=4096)
def _matcher(operator: str, text: str, variables: bool) -> Matcher:
    return OPERATORS[operator].compile(text, variables)


def _operator_hint(written: str) -> str:
    quantifier, colon, rest = written.rpartition(":")
    if rest == "NullIfExists":
        return "Null asks whether a key exists, so it takes no IfExists."
    bare = rest.removesuffix("IfExists").removesuffix("ifExists")
    near = nearest(bare, tuple(OPERATORS))
    if near is None:
        return "String, Numeric, Date, Bool, BinaryEquals, IpAddress, Arn and Null are the families."
    suffix = "IfExists" if rest.lower().endswith("ifexists") and near != "Null" else ""
    prefix = f"{nearest(quantifier, ('ForAllValues', 'ForAnyValue')) or 'ForAnyValue'}:" if colon else ""
    return f"Did you mean {prefix}{near}{suffix}?"
