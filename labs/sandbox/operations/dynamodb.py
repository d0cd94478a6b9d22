"""DynamoDB: tables and their indexes; a transaction or a batch asks for each item's own action and table.

Source: Service Authorization Reference, "API operations defined by Amazon DynamoDB"; Amazon DynamoDB
Developer Guide, "Using IAM with DynamoDB transactions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labs.sandbox.operations.dynamodb_keys import item_keys, leading_keys
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, tag_context

__all__ = ["RULES"]

_VERBS = {
    "SELECT": "PartiQLSelect",
    "INSERT": "PartiQLInsert",
    "UPDATE": "PartiQLUpdate",
    "DELETE": "PartiQLDelete",
}
_STATEMENT = re.compile(r'(?:FROM|INTO|UPDATE)\s+"?([\w.-]+)"?(?:\."?([\w.-]+)"?)?', re.IGNORECASE)
# A restored table is filled on the caller's behalf.
_FILLING = ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem")


def _table(scene: Scene, name: str) -> str:
    return name if name.startswith("arn:") else scene.arn("dynamodb", f"table/{name}")


def _on_table(action: str | None = None) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        table = _table(scene, scene.text("TableName"))
        if scene.params.get("IndexName"):
            table = f"{table}/index/{scene.text('IndexName')}"
        context = item_keys(scene, scene.params)
        yield PlannedCheck(f"dynamodb:{action or scene.call.operation}", table, context=context)

    return rule


def _create_table(scene: Scene) -> Iterator[PlannedCheck]:
    table, tags = _table(scene, scene.text("TableName")), tag_context(scene.many("Tags"))
    yield PlannedCheck("dynamodb:CreateTable", table, context=tags)
    if tags:
        yield PlannedCheck("dynamodb:TagResource", table, context=tags)
    if scene.params.get("ResourcePolicy"):
        yield PlannedCheck("dynamodb:PutResourcePolicy", table)


def _restore(scene: Scene) -> Iterator[PlannedCheck]:
    table = _table(scene, scene.text("TargetTableName"))
    source = scene.text("BackupArn") or scene.text("SourceTableArn") or scene.text("SourceTableName")
    action = f"dynamodb:{scene.call.operation}"
    if source:
        yield PlannedCheck(action, _table(scene, source))
    yield PlannedCheck(action, table)
    for needed in _FILLING:
        yield PlannedCheck(f"dynamodb:{needed}", table)


def _batch(action: str) -> Rule:
    """BatchGetItem and BatchWriteItem have an action of their own, asked once a table."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        requests: Mapping[str, Any] = scene.params.get("RequestItems") or {}
        capacity = scene.params.get("ReturnConsumedCapacity")
        for name, asked in requests.items():
            items = list(_items(asked))
            context: dict[str, ContextValue] = {}
            if leading := leading_keys(scene, {"TableName": name}, items):
                context["dynamodb:LeadingKeys"] = leading
            plain = asked if isinstance(asked, Mapping) else {}
            named = [attribute for item in items for attribute in item]
            attributes = dict.fromkeys([*named, *_projected(scene, plain)])
            if attributes:
                context["dynamodb:Attributes"] = tuple(map(str, attributes))
            if capacity:
                context["dynamodb:ReturnConsumedCapacity"] = str(capacity)
            yield PlannedCheck(f"dynamodb:{action}", _table(scene, str(name)), context=context)

    return rule


def _projected(scene: Scene, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The attributes that the reading of one table in a batch is limited to."""
    found = item_keys(scene, asked).get("dynamodb:Attributes", ())
    return found if isinstance(found, tuple) else ()


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
                context = {**item_keys(scene, part), **_enclosed(scene)}
                if scene.params.get("ReturnConsumedCapacity"):
                    context["dynamodb:ReturnConsumedCapacity"] = scene.text("ReturnConsumedCapacity")
                yield PlannedCheck(f"dynamodb:{_TRANSACTED[kind]}", table, context=context)


def _enclosed(scene: Scene) -> dict[str, ContextValue]:
    """The operation that an item's own action is part of."""
    return {"dynamodb:EnclosingOperation": scene.call.operation}


def _partiql(scene: Scene, statement: str) -> PlannedCheck:
    """What a statement says is read roughly: its verb, its table and its index."""
    action = _VERBS.get(statement.split(None, 1)[0].upper() if statement.strip() else "", "PartiQLSelect")
    found = _STATEMENT.search(statement)
    table = _table(scene, found[1]) if found else "*"
    if found and found[2]:
        table = f"{table}/index/{found[2]}"
    context: dict[str, ContextValue] = _enclosed(scene) if scene.call.operation != "ExecuteStatement" else {}
    if action == "PartiQLSelect":
        context["dynamodb:FullTableScan"] = str(not re.search(r"\bWHERE\b", statement, re.IGNORECASE)).lower()
    return PlannedCheck(f"dynamodb:{action}", table, context=context, approximate=True)


def _statements(scene: Scene) -> Iterator[PlannedCheck]:
    if scene.params.get("Statement"):
        yield _partiql(scene, scene.text("Statement"))
    for each in (*scene.many("Statements"), *scene.many("TransactStatements")):
        yield _partiql(scene, str(each.get("Statement", "")))


def _on_resource(scene: Scene) -> Iterator[PlannedCheck]:
    resource = next(
        (scene.text(name) for name in ("ResourceArn", "StreamArn") if scene.params.get(name)), "*"
    )
    context = tag_context(scene.many("Tags"), scene.many("TagKeys"))
    yield PlannedCheck(f"dynamodb:{scene.call.operation}", resource, context=context)


def _list_tables(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("dynamodb:ListTables", scene.arn("dynamodb", "table/*"))


_ON_TABLE = (
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
    "CreateTable": _create_table,
    "ExecuteStatement": _statements,
    "ExecuteTransaction": _statements,
    "ListTables": _list_tables,
    "ListTagsOfResource": _on_resource,
    "RestoreTableFromBackup": _restore,
    "RestoreTableToPointInTime": _restore,
    "DeleteResourcePolicy": _on_resource,
    "GetResourcePolicy": _on_resource,
    "PutResourcePolicy": _on_resource,
    "TagResource": _on_resource,
    "TransactGetItems": _transaction,
    "TransactWriteItems": _transaction,
    "UntagResource": _on_resource,
}
