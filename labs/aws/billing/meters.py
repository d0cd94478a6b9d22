"""All meters by name, and how an item of a usage document becomes one of them."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from labs.aws.billing.charges import REGION_CODES, Item, Where
from labs.aws.billing.compute import Ec2Instance, Lambda
from labs.aws.billing.data import (
    DynamodbRead,
    DynamodbStorage,
    DynamodbWrite,
    RdsInstance,
    RdsStorage,
    SnsDelivery,
    SnsPublish,
    SqsRequest,
)
from labs.aws.billing.fields import (
    Json,
    choice,
    flag,
    mapping,
    meant,
    moment,
    number,
    only,
    refuse,
    text,
    whole,
)
from labs.aws.billing.network import Alb, InterfaceEndpoint, Ipv4, NatGateway, Transfer
from labs.aws.billing.storage import EbsSnapshot, EbsVolume, S3Request, S3Storage, request_class
from labs.aws.ec2.credits import Load
from labs.errors import UsageError

__all__ = ["METERS", "read_item"]

METERS: Final[dict[str, type[Item]]] = {
    each.meter: each
    for each in (
        Ec2Instance,
        EbsVolume,
        EbsSnapshot,
        S3Storage,
        S3Request,
        Transfer,
        NatGateway,
        Ipv4,
        InterfaceEndpoint,
        Alb,
        Lambda,
        RdsInstance,
        RdsStorage,
        DynamodbWrite,
        DynamodbRead,
        DynamodbStorage,
        SqsRequest,
        SnsPublish,
        SnsDelivery,
    )
}


class _Field(NamedTuple):
    name: str
    read: Callable[[object, str], Any]
    required: bool


def read_item(written: Json, path: str) -> Item:
    """The item that stands at a path of a usage document.

    Raises:
        UsageError: an unknown meter or key, a missing one, or a value of the wrong kind.
    """
    item = mapping(written, path)
    name = item.get("meter")
    kind = METERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise refuse(f"{path}.meter", name, "There is no such meter", meant(name, tuple(METERS)))
    known = _FIELDS[kind.meter]
    facts: dict[str, Any] = {}
    place: dict[str, Any] = {}
    for key, value in item.items():
        field = known.get(key)
        if field is not None:
            if value is not None:
                facts[field.name] = field.read(value, f"{path}.{key}")
        elif key in _PLACE:
            if value is not None:
                place[key] = _PLACE[key](value, f"{path}.{key}")
        elif key != "meter":
            only(item, ("meter", *known, *_PLACE), path)
    if place:
        facts["where"] = Where(**place)
    for key, field in known.items():
        if field.required and field.name not in facts:
            raise UsageError(
                f"{name} needs {key}",
                f"At {path}.{key}: it is missing.",
                f'Add "{key}" to the item.',
                path=f"{path}.{key}",
            )
    try:
        return kind(**facts)
    except UsageError as error:
        where = f"{path}.{error.path}"
        raise UsageError(error.title, f"At {where}: {error.detail}", error.hint, path=where) from None


def _fields_of(kind: type[Item]) -> Mapping[str, _Field]:
    """The keys that an item of a meter may have, from the annotations of its class."""
    hints = get_type_hints(kind)
    return {
        {"db_class": "class"}.get(field.name, field.name): _Field(
            field.name,
            _SPECIAL.get(field.name) or _reader(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(kind)
        if field.name != "where"
    }


def _reader(annotation: Any) -> Callable[[object, str], Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        [annotation] = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is Literal:
        return partial(choice, allowed=get_args(annotation))
    return {datetime: moment, Decimal: number, int: whole, bool: flag, str: text}[annotation]


def _region(value: object, path: str) -> str:
    return str(choice(value, path, tuple(REGION_CODES)))


def _count(value: object, path: str) -> Decimal:
    found = number(value, path)
    if found != found.to_integral_value():
        raise refuse(path, value, "This is not a whole number", "Requests are counted: write 0, 1, 2 …")
    return found


def _operation(value: object, path: str) -> str:
    operation = text(value, path)
    if request_class(operation) is None:
        raise refuse(
            path,
            value,
            "This is no operation of S3",
            "Write PUT, COPY, POST, LIST, GET, HEAD, SELECT, DELETE, or a name such as PutObject.",
        )
    return operation


def _tags(value: object, path: str) -> tuple[tuple[str, str], ...]:
    tags = mapping(value, path)
    return tuple(sorted((str(key), text(tag, f"{path}.{key}")) for key, tag in tags.items()))


def _cpu(value: object, path: str) -> Decimal | tuple[Load, ...]:
    if not isinstance(value, list):
        return _fraction(value, path)
    loads = []
    for place, each in enumerate(value):
        where = f"{path}[{place}]"
        load = mapping(each, where)
        only(load, ("seconds", "utilisation"), where)
        seconds = number(load.get("seconds"), f"{where}.seconds")
        loads.append(Load(seconds, _fraction(load.get("utilisation"), f"{where}.utilisation")))
    return tuple(loads)


def _fraction(value: object, path: str) -> Decimal:
    found = number(value, path)
    if found > 1:
        raise refuse(path, value, "A CPU utilisation is a fraction from 0 to 1", "Write 0.5 for 50 %.")
    return found


_SPECIAL: Final[dict[str, Callable[[object, str], Any]]] = {
    "region_to": _region,
    "count": _count,
    "requests": _count,
    "operation": _operation,
    "cpu": _cpu,
}
_PLACE: Final[dict[str, Callable[[object, str], Any]]] = {
    "resource": text,
    "region": _region,
    "zone": text,
    "tags": _tags,
}

_FIELDS: Final = {name: _fields_of(kind) for name, kind in METERS.items()}
