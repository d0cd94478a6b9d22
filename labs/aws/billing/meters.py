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
    choice,
    count,
    entries,
    entry,
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
    read: Callable[[object], Any]


class _Form(NamedTuple):
    """The keys that an item of a meter may have, and those that it needs."""

    fields: Mapping[str, _Field]
    needed: tuple[str, ...]


def read_item(written: object) -> Item:
    """The item that an object of a usage document stands for.

    Raises:
        UsageError: an unknown meter or key, a missing one, or a value of the wrong kind.
    """
    item = mapping(written)
    name = item.get("meter")
    kind = METERS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise refuse(name, "There is no such meter", meant(name, tuple(METERS)), path="meter")
    form = _FORMS[kind.meter]
    facts: dict[str, Any] = {}
    place: dict[str, Any] = {}
    key = ""
    try:
        for key, value in item.items():
            if value is None or key == "meter":
                continue
            if (field := form.fields.get(key)) is not None:
                facts[field.name] = field.read(value)
            elif (read := _PLACE.get(key)) is not None:
                place[key] = read(value)
    except UsageError as error:
        raise error.within(key) from None
    if len(facts) + len(place) + 1 < len(item):
        only(item, ("meter", *form.fields, *_PLACE))
    for needed in form.needed:
        if item.get(needed) is None:
            raise UsageError(
                f"{name} needs {needed}", "it is missing.", f'Add "{needed}" to the item.', path=needed
            )
    return kind(**facts, where=Where(**place)) if place else kind(**facts)


def _form(kind: type[Item]) -> _Form:
    """The form of a meter's items, from the annotations of its class."""
    hints = get_type_hints(kind)
    own = {_KEYS.get(each.name, each.name): each for each in fields(kind) if each.name != "where"}
    return _Form(
        {
            key: _Field(each.name, _SPECIAL.get(each.name) or _reader(hints[each.name]))
            for key, each in own.items()
        },
        tuple(key for key, each in own.items() if each.default is MISSING),
    )


def _reader(annotation: Any) -> Callable[[object], Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        [annotation] = [each for each in get_args(annotation) if each is not type(None)]
    if get_origin(annotation) is Literal:
        return partial(choice, allowed=get_args(annotation))
    return {datetime: moment, Decimal: number, int: whole, bool: flag, str: text}[annotation]


def _operation(value: object) -> str:
    operation = text(value)
    if request_class(operation) is None:
        raise refuse(
            value,
            "This is no operation of S3",
            "Write PUT, COPY, POST, LIST, GET, HEAD, SELECT, DELETE, or a name such as PutObject.",
        )
    return operation


def _tags(value: object) -> tuple[tuple[str, str], ...]:
    tags = mapping(value)
    return tuple(sorted((str(key), entry(text, tags, key)) for key in tags))


def _cpu(value: object) -> Decimal | tuple[Load, ...]:
    return entries(_load, value) if isinstance(value, list) else _fraction(value)


def _load(value: object) -> Load:
    load = mapping(value)
    only(load, ("seconds", "utilisation"))
    return Load(entry(number, load, "seconds"), entry(_fraction, load, "utilisation"))


def _fraction(value: object) -> Decimal:
    found = number(value)
    if found > 1:
        raise refuse(value, "A CPU utilisation is a fraction from 0 to 1", "Write 0.5 for 50 %.")
    return found


_KEYS: Final = {"db_class": "class"}
_region: Final = partial(choice, allowed=tuple(REGION_CODES))
_SPECIAL: Final[dict[str, Callable[[object], Any]]] = {
    "region_to": _region,
    "count": count,
    "requests": count,
    "operation": _operation,
    "cpu": _cpu,
}
_PLACE: Final[dict[str, Callable[[object], Any]]] = {
    "resource": text,
    "region": _region,
    "zone": text,
    "tags": _tags,
}
_FORMS: Final = {name: _form(kind) for name, kind in METERS.items()}
