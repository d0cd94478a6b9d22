"""DynamoDB: tables and their indexes; a transaction or a batch asks for each item's own action and table.

Source: Amazon DynamoDB Developer Guide, "Using IAM policy conditions" and "DynamoDB API permissions".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labs.sandbox.live import live
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene

__all__ = ["RULES"]

_VERBS = {
    "SELECT": "PartiQLSelect",
    "INSERT": "PartiQLInsert",
    "UPDATE": "PartiQLUpdate",
    "DELETE": "PartiQLDelete",
}
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
_STATEMENT = re.compile(r'(?:FROM|INTO|UPDATE)\s+"?([\w.-]+)"?', re.IGNORECASE)


def _table(scene: Scene, name: str) -> str:
    return name if name.startswith("arn:") else scene.arn("dynamodb", f"table/{name}")


def _on_table(action: str | None = None) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        table = _table(scene, scene.text("TableName"))
        if scene.params.get("IndexName"):
            table = f"{table}/index/{scene.text('IndexName')}"
        context = _keys(scene, scene.params)
        yield PlannedCheck(f"dynamodb:{action or scene.call.operation}", table, context=context)

    return rule


def _keys(scene: Scene, params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """dynamodb:LeadingKeys (values of the partition key) and dynamodb:Attributes, where parameters tell."""
    context: dict[str, ContextValue] = {}
    item = params.get("Key") or params.get("Item")
    leading = _leading_values(scene, params, [item] if isinstance(item, Mapping) else [])
    if leading:
        context["dynamodb:LeadingKeys"] = leading
    if isinstance(item, Mapping) and "Item" in params:
        context["dynamodb:Attributes"] = tuple(item)
    if params.get("Select"):
        context["dynamodb:Select"] = str(params["Select"])
    return context


def _leading_values(
    scene: Scene, params: Mapping[str, Any], items: Iterable[Mapping[str, Any]]
) -> tuple[str, ...]:
    """The values of the partition key that a call touches: of its items, or in its key condition."""
    key = _partition_key(scene, str(params.get("TableName", "")))
    if key is None:
        return ()
    values = [item[key] for item in items if key in item]
    for name, placeholder in _EQUALS.findall(str(params.get("KeyConditionExpression") or "")):
        if (params.get("ExpressionAttributeNames") or {}).get(name, name) == key:
            values.append((params.get("ExpressionAttributeValues") or {}).get(placeholder))
    # A value is written with its type: {"S": "ann"}.
    return tuple(str(next(iter(value.values()))) for value in values if isinstance(value, Mapping) and value)


def _partition_key(scene: Scene, table_name: str) -> str | None:
    dynamodb = live("dynamodb", scene.account, scene.region)
    table = dynamodb.tables.get(table_name.rpartition("/")[2]) if dynamodb else None
    return str(table.hash_key_attr) if table is not None else None


def _batch(action: str) -> Rule:
    """BatchGetItem and BatchWriteItem have an action of their own, asked once a table."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        requests: Mapping[str, Any] = scene.params.get("RequestItems") or {}
        for name, asked in requests.items():
            leading = _leading_values(scene, {"TableName": name}, _items(asked))
            context: dict[str, ContextValue] = {"dynamodb:LeadingKeys": leading} if leading else {}
            yield PlannedCheck(f"dynamodb:{action}", _table(scene, str(name)), context=context)

    return rule


def _items(asked: Any) -> Iterator[Mapping[str, Any]]:
    """The keys or items of one table in a batch: `{"Keys": […]}`, or a list of puts and deletions."""
    if isinstance(asked, Mapping):
        yield from asked.get("Keys") or ()
    else:
        for request in asked or ():
            yield (
                (request.get("PutRequest") or {}).get("Item")
                or (request.get("DeleteRequest") or {}).get("Key")
                or {}
            )


_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _transaction(scene: Scene) -> Iterator[PlannedCheck]:
    for item in scene.many("TransactItems"):
        for kind, part in item.items():
            if kind in _TRANSACTED and isinstance(part, Mapping):
                table = _table(scene, str(part.get("TableName", "")))
                yield PlannedCheck(f"dynamodb:{_TRANSACTED[kind]}", table, context=_keys(scene, part))


def _partiql(statement: str, scene: Scene) -> PlannedCheck:
    action = _VERBS.get(statement.lstrip().partition(" ")[0].upper(), "PartiQLSelect")
    found = _STATEMENT.search(statement)
    table = _table(scene, found[1]) if found else "*"
    return PlannedCheck(f"dynamodb:{action}", table, approximate=True)


def _statements(scene: Scene) -> Iterator[PlannedCheck]:
    if scene.params.get("Statement"):
        yield _partiql(scene.text("Statement"), scene)
    for each in (*scene.many("Statements"), *scene.many("TransactStatements")):
        yield _partiql(str(each.get("Statement", "")), scene)


def _on_resource(scene: Scene) -> Iterator[PlannedCheck]:
    resource = next(
        (scene.text(name) for name in ("ResourceArn", "StreamArn") if scene.params.get(name)), "*"
    )
    yield PlannedCheck(f"dynamodb:{scene.call.operation}", resource)


_ON_TABLE = (
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeKinesisStreamingDestination",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
)

RULES: Mapping[str, Rule] = {
    **{operation: _on_table() for operation in _ON_TABLE},
    "BatchExecuteStatement": _statements,
    "BatchGetItem": _batch("BatchGetItem"),
    "BatchWriteItem": _batch("BatchWriteItem"),
    "ExecuteStatement": _statements,
    "ExecuteTransaction": _statements,
    "ListTagsOfResource": _on_resource,
    "TagResource": _on_resource,
    "TransactGetItems": _transaction,
    "TransactWriteItems": _transaction,
    "UntagResource": _on_resource,
}
