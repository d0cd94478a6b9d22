"""The tags of buckets, tables, queues, topics and functions, as they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from labs.sandbox.live import live, live_bucket
from labs.sandbox.metering.periods import Thing

__all__ = ["tags_of_store"]

Tags = tuple[tuple[str, str], ...]


def tags_of_store(thing: Thing) -> Tags:
    """The tags of what is not looked at after each change."""
    find = _FINDERS.get(thing.meter.partition(".")[0])
    found = find(thing) if find is not None and thing.resource else {}
    return tuple(sorted((str(key), str(value)) for key, value in found.items()))


def _bucket(thing: Thing) -> Mapping[str, str]:
    bucket = live_bucket(thing.resource)
    backend = live("s3", bucket.account_id, bucket.partition) if bucket is not None else None
    return backend.tagger.get_tag_dict_for_resource(bucket.arn) if backend is not None else {}


def _moved(thing: Thing) -> Mapping[str, str]:
    """Traffic is a bucket's, a queue's or a table's; only a bucket's name is like no other."""
    return _bucket(thing)


def _table(thing: Thing) -> Mapping[str, str]:
    backend = live("dynamodb", thing.account, thing.region)
    table = backend.tables.get(thing.resource) if backend is not None else None
    return _pairs(table.tags) if table is not None else {}


def _queue(thing: Thing) -> Mapping[str, str]:
    backend = live("sqs", thing.account, thing.region)
    queue = backend.queues.get(thing.resource) if backend is not None else None
    return dict(queue.tags) if queue is not None else {}


def _topic(thing: Thing) -> Mapping[str, str]:
    backend = live("sns", thing.account, thing.region)
    arn = f"arn:aws:sns:{thing.region}:{thing.account}:{thing.resource}"
    topic = backend.topics.get(arn) if backend is not None else None
    return dict(topic._tags) if topic is not None else {}


def _function(thing: Thing) -> Mapping[str, str]:
    backend = live("awslambda", thing.account, thing.region)
    for function in backend.list_functions() if backend is not None else ():
        if function.function_name == thing.resource:
            return dict(function.tags or {})
    return {}


def _pairs(tags: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in tags or ()}


_FINDERS: Final[Mapping[str, Callable[[Thing], Mapping[str, str]]]] = {
    "s3": _bucket,
    "transfer": _moved,
    "dynamodb": _table,
    "sqs": _queue,
    "sns": _topic,
    "lambda": _function,
}
