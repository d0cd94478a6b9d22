"""What requests of DynamoDB take: units by the sizes of their items, and the bytes that tables hold.

DynamoDB Developer Guide, "DynamoDB on-demand capacity mode" and "DynamoDB item sizes and formats": a write
takes a unit for each begun KB of the larger of the item before and after, a strong read one for each begun
4 KB; a transaction takes twice that, an eventual read half. Every table is metered as one on demand: the
price book has no provisioned capacity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from labs.sandbox.live import live
from labs.sandbox.metering.periods import Thing
from labs.sandbox.metering.requests import Served, Tally

__all__ = ["ItemsBefore", "items_before", "reads", "table_thing"]

_WRITES: Final = frozenset(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"])
_OVERHEAD: Final = 100  # bytes that DynamoDB stores beside each item, for its index
_WRITE, _READ = 1024, 4096

_Row = tuple[Any, Mapping[str, Any]]


def table_thing(table: Any) -> Thing:
    """The table as the meter of storage knows it."""
    _, _, _, region, account, _ = table.table_arn.split(":", 5)
    return Thing("dynamodb.storage", account, region, table.name)


class ItemsBefore:
    """How large the items of a request were before it."""

    def __init__(self, served: tuple[str, Mapping[str, Any]], account: str, region: str) -> None:
        self.operation, params = served
        self._rows = [row for row in _written(self.operation, params, account, region) if row[0] is not None]
        self._sizes = [_item_size(*row) for row in self._rows]
        self._seen: Sequence[tuple[Any, int, int]] | None = None

    def _changes(self) -> Sequence[tuple[Any, int, int]]:
        """Each item's table, and its size before and after the request."""
        if self._seen is None:
            sizes = zip(self._rows, self._sizes, strict=True)
            self._seen = [(table, before, _item_size(table, key)) for (table, key), before in sizes]
        return self._seen

    def added(self) -> Iterator[tuple[Thing, int]]:
        """Each table, and how many bytes it holds more by now."""
        for table, before, after in self._changes():
            by = after - before + _OVERHEAD * (bool(after) - bool(before))
            if by:
                yield table_thing(table), by

    def units(self) -> Iterator[Tally]:
        """The write units that the request took."""
        factor = 2 if self.operation == "TransactWriteItems" else 1
        for table, before, after in self._changes():
            units = max(1, -(-max(before, after) // _WRITE)) * factor
            thing = table_thing(table)
            where = thing.account, thing.region
            yield Tally("dynamodb.write", *where, self.operation, thing.resource, units)


def items_before(operation: str, params: Mapping[str, Any], account: str, region: str) -> ItemsBefore | None:
    """What is to be remembered before a request of DynamoDB; None when it writes nothing."""
    return ItemsBefore((operation, params), account, region) if operation in _WRITES else None


def _written(operation: str, params: Mapping[str, Any], account: str, region: str) -> Iterator[_Row]:
    def row(name: object, key: Any) -> _Row:
        return _table(name, account, region), key or {}

    match operation:
        case "BatchWriteItem":
            for name, requests in (params.get("RequestItems") or {}).items():
                for each in requests or ():
                    put, delete = each.get("PutRequest") or {}, each.get("DeleteRequest") or {}
                    yield row(name, put.get("Item") or delete.get("Key"))
        case "TransactWriteItems":
            for each in params.get("TransactItems") or ():
                for what in each.values():
                    yield row(what.get("TableName"), what.get("Item") or what.get("Key"))
        case _:
            yield row(params.get("TableName"), params.get("Item") or params.get("Key"))


def reads(served: Served) -> Iterator[Tally]:
    """The read units that a request took, in halves."""
    params = served.params
    match served.operation:
        case "GetItem":
            strong = bool(params.get("ConsistentRead"))
            yield from _read(served, params.get("TableName"), [params.get("Key")], 2 if strong else 1)
        case "BatchGetItem":
            for name, wanted in (params.get("RequestItems") or {}).items():
                halves = 2 if wanted.get("ConsistentRead") else 1
                yield from _read(served, name, wanted.get("Keys") or (), halves)
        case "TransactGetItems":
            for each in params.get("TransactItems") or ():
                get = each.get("Get") or {}
                yield from _read(served, get.get("TableName"), [get.get("Key")], 4)
        case "Query" | "Scan":
            table = _table(params.get("TableName"), served.account, served.region)
            if table is not None:
                yield _tally(served, table, _scanned(served, table), 2 if params.get("ConsistentRead") else 1)


def _read(served: Served, name: object, keys: Any, halves: int) -> Iterator[Tally]:
    table = _table(name, served.account, served.region)
    for key in keys if table is not None else ():
        yield _tally(served, table, _item_size(table, key or {}), halves)


def _tally(served: Served, table: Any, size: int, halves: int) -> Tally:
    thing, units = table_thing(table), max(1, -(-size // _READ)) * halves
    return Tally("dynamodb.read", thing.account, thing.region, served.operation, thing.resource, units)


def _scanned(served: Served, table: Any) -> int:
    """The bytes that a Query or a Scan went through: as many items as it says, of the table's mean size."""
    import json

    try:
        told = json.loads(served.answer)
    except ValueError:
        return 0
    sizes = [_size(item) for item in told.get("Items") or ()]
    scanned = int(told.get("ScannedCount") or 0)
    plain = not (served.params.get("ProjectionExpression") or served.params.get("AttributesToGet"))
    if plain and len(sizes) == scanned:
        return sum(sizes)
    everything = [item.size() for item in table.all_items()]
    return -(-sum(everything) * scanned // len(everything)) if everything else 0


def _table(name: object, account: str, region: str) -> Any:
    text = str(name or "")
    if text.startswith("arn:") and text.count(":") >= 5:
        _, _, _, region, account, text = text.split(":", 5)
        text = text.partition("/")[2]
    backend = live("dynamodb", account, region)
    return backend.tables.get(text) if backend is not None else None


def _item_size(table: Any, key: Mapping[str, Any]) -> int:
    """The bytes of the item with a key; 0 where there is none."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    names = [table.hash_key_attr, *([table.range_key_attr] if table.has_range_key else [])]
    if not all(isinstance(key.get(name), Mapping) for name in names):
        return 0
    item = table.get_item(*(DynamoType(key[name]) for name in names))
    return int(item.size()) if item is not None else 0


def _size(item: Mapping[str, Any]) -> int:
    from moto.dynamodb.models.dynamo_type import DynamoType

    return sum(len(str(name).encode()) + int(DynamoType(value).size()) for name, value in item.items())
