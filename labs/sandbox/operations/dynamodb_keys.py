"""DynamoDB's condition keys: which partitions and which attributes a request touches.

Source: Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labs.sandbox.live import live
from labs.sandbox.operations.plan import ContextValue, Scene

__all__ = ["item_keys", "leading_keys"]

_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
# A name that is neither a placeholder of a value, nor inside another attribute, nor a function.
_NAME = re.compile(r"(?<![:\w.#])(#?[A-Za-z_][\w-]*)(?![\w-]*\s*\()")
_WORDS = frozenset({"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"})
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_PLAIN = {
    "ReturnConsumedCapacity": "dynamodb:ReturnConsumedCapacity",
    "ReturnValues": "dynamodb:ReturnValues",
    "Select": "dynamodb:Select",
}


def item_keys(scene: Scene, params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The condition keys that the parameters of one operation on one table tell."""
    context: dict[str, ContextValue] = {
        key: str(params[name]) for name, key in _PLAIN.items() if params.get(name)
    }
    item = params.get("Key") or params.get("Item")
    if leading := leading_keys(scene, params, [item] if isinstance(item, Mapping) else []):
        context["dynamodb:LeadingKeys"] = leading
    if attributes := tuple(dict.fromkeys(_attributes(params))):
        context["dynamodb:Attributes"] = attributes
    return context


def leading_keys(
    scene: Scene, params: Mapping[str, Any], items: Iterable[Mapping[str, Any]]
) -> tuple[str, ...]:
    """The values of the partition key that a request touches: of its items, or in its key condition."""
    key = _partition_key(scene, str(params.get("TableName", "")), params.get("IndexName"))
    if key is None:
        return ()
    values = [item[key] for item in items if key in item]
    names = params.get("ExpressionAttributeNames") or {}
    for name, placeholder in _EQUALS.findall(str(params.get("KeyConditionExpression") or "")):
        if names.get(name, name) == key:
            values.append((params.get("ExpressionAttributeValues") or {}).get(placeholder))
    for name, condition in (params.get("KeyConditions") or {}).items():
        if name == key:
            values += condition.get("AttributeValueList") or ()
    # A value is written with its type: {"S": "ann"}.
    return tuple(str(next(iter(value.values()))) for value in values if isinstance(value, Mapping) and value)


def _partition_key(scene: Scene, table: str, index: object) -> str | None:
    account, region = scene.account, scene.region
    if table.startswith("arn:") and table.count(":") == 5:
        region, account = table.split(":")[3:5]
    dynamodb = live("dynamodb", account, region)
    found = dynamodb.tables.get(table.rpartition("/")[2]) if dynamodb else None
    if found is None:
        return None
    for each in (*found.global_indexes, *found.indexes) if index else ():
        if each.name == index:
            return next((str(key["AttributeName"]) for key in each.schema if key["KeyType"] == "HASH"), None)
    return str(found.hash_key_attr)


def _attributes(params: Mapping[str, Any]) -> Iterator[str]:
    """The top-level attributes that a request names."""
    for name in ("Key", "Item"):
        item = params.get(name)
        yield from map(str, item) if isinstance(item, Mapping) else ()
    yield from map(str, params.get("AttributesToGet") or ())
    for name in ("AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter"):
        yield from map(str, params.get(name) or ())
    names = params.get("ExpressionAttributeNames") or {}
    for expression in _EXPRESSIONS:
        for found in _NAME.findall(str(params.get(expression) or "")):
            if found.upper() not in _WORDS:
                yield str(names.get(found, found))
