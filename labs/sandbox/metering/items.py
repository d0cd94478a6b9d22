"""What a world has metered, as the items that `labs.aws.billing` makes bills from.

The operations are those of AWS's usage reports: Amazon S3 User Guide, "Understanding your AWS billing and
usage reports for Amazon S3"; EBS, VPC and RDS user guides, on billing and usage reports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from labs.aws.billing.charges import Charge, Item, Lasting, Where
from labs.aws.billing.compute import LambdaRuns
from labs.aws.billing.data import (
    DynamodbRead,
    DynamodbStorage,
    DynamodbWrite,
    SnsDelivery,
    SnsPublish,
    SqsRequest,
)
from labs.aws.billing.meters import METERS
from labs.aws.billing.money import quotient, times
from labs.aws.billing.network import Transfer
from labs.aws.billing.periods import MICROSECOND, Calendar
from labs.aws.billing.storage import S3Request, S3Storage
from labs.sandbox.metering.counts import Count
from labs.sandbox.metering.meter import Metering
from labs.sandbox.metering.periods import Period, Thing
from labs.sandbox.metering.surplus import surplus_credits
from labs.sandbox.metering.tags import tags_of_store

__all__ = ["items_of"]

_GIB: Final = 2**30
_SECOND: Final = 1_000_000  # microseconds

_OPERATIONS: Final = {
    "ec2.instance": "RunInstances",
    "ebs.snapshot": "CreateSnapshot",
    "nat.gateway": "NatGateway",
    "ipv4": "AllocateAddressVPC",
    "vpce.interface": "VpcEndpoint",
    "alb": "LoadBalancing:Application",
    "rds.instance": "CreateDBInstance",
    "rds.storage": "CreateDBInstance",
}


def items_of(metering: Metering, account: str, until: datetime) -> Iterator[Item]:
    """What an account has used until a moment; what is there goes on being there."""
    for period in metering.periods.all():
        if period.thing.account == account and period.start < until:
            yield _lasting(period, metering.periods.tags(period.thing))
    for thing, stretches in metering.stores.all(until):
        if thing.account == account:
            where = _where(thing, tags_of_store(thing), "StandardStorage")
            for start, end, amount in stretches:
                yield Stored(where=where, start=start, end=end, amount=amount, kind=thing.meter)
    yield from _counted(metering, account)
    yield from surplus_credits(metering.periods, account, until)


# -- what lasts --------------------------------------------------------------------------------------------


def _where(thing: Thing, tags: tuple[tuple[str, str], ...], operation: str, zone: str = "") -> Where:
    return Where(thing.resource, thing.region, zone, tags, operation)


def _lasting(period: Period, tags: tuple[tuple[str, str], ...]) -> Item:
    facts: dict[str, Any] = dict(period.facts)
    meter = period.thing.meter
    operation = _OPERATIONS.get(meter, "")
    if meter == "ebs.volume":
        kind = facts["type"]
        operation = "CreateVolume" if kind == "standard" else f"CreateVolume-{kind.capitalize()}"
    where = _where(period.thing, tags, operation, period.zone)
    return METERS[meter](where=where, start=period.start, end=period.end, **facts)  # type: ignore[call-arg]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Lasting):
    """A stretch of a bucket or of a table: `amount` byte-microseconds."""

    meter: ClassVar[str] = "storage"

    amount: int
    kind: str

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        assert self.start is not None
        assert self.end is not None
        whole = (self.end - self.start) // MICROSECOND
        like: Item = (
            S3Storage(where=self.where, start=self.start, end=self.end, bytes=Decimal(1))
            if self.kind.startswith("s3.storage")
            else DynamodbStorage(where=self.where, start=self.start, end=self.end, gb=Decimal(1))
        )
        for charge in like.charges(calendar):
            tariff, part = charge.tariff, (charge.end - charge.start) // MICROSECOND
            if isinstance(like, DynamodbStorage):
                tariff = tariff.by(tariff.divisor * _SECOND * _GIB)
            elif storage_class := self.kind.partition(":")[2]:
                # The price book has S3 Standard alone: what else there is must not pass for it.
                usage = tariff.usage_type.replace("Timed", f"Timed-{storage_class}-")
                tariff = tariff._replace(price=self.kind, usage_type=usage)
            if part == whole:
                yield charge._replace(tariff=tariff, amount=self.amount)
            elif self.amount % whole == 0:
                yield charge._replace(tariff=tariff, amount=self.amount // whole * part)
            else:
                yield charge._replace(tariff=tariff.by(tariff.divisor * whole), amount=self.amount * part)


# -- what is counted ---------------------------------------------------------------------------------------


def _counted(metering: Metering, account: str) -> Iterator[Item]:
    sums: dict[Count, int] = defaultdict(int)
    for count, amount in metering.counts.all():
        if count.account == account:
            sums[count] += amount
    runs: dict[Count, list[int]] = defaultdict(lambda: [0, 0])
    for count, amount in sums.items():
        if count.meter.startswith("lambda."):
            place = 0 if count.meter == "lambda.requests" else 1
            runs[count._replace(meter="lambda")][place] += amount
        elif count.meter in _READERS:
            yield _READERS[count.meter](count, Decimal(amount), _place(count))
    for count, (requests, mb_ms) in runs.items():
        arch: Any = count.detail
        yield LambdaRuns(where=_place(count), at=count.start, requests=requests, mb_ms=mb_ms, arch=arch)


def _place(count: Count) -> Where:
    thing = Thing(count.meter, count.account, count.region, count.resource)
    return _where(thing, tags_of_store(thing), count.operation)


_Reader = Callable[[Count, Decimal, Where], Item]


def _s3(count: Count, amount: Decimal, where: Where) -> Item:
    return S3Request(where=where, at=count.start, operation=count.operation, count=amount)


def _transfer(count: Count, amount: Decimal, where: Where) -> Item:
    return Transfer(where=where, at=count.start, path="internet-out", gb=quotient(amount, _GIB))


def _sqs(count: Count, amount: Decimal, where: Where) -> Item:
    return SqsRequest(where=where, at=count.start, count=amount, fifo=count.detail == "fifo")


def _sns(count: Count, amount: Decimal, where: Where) -> Item:
    return SnsPublish(where=where, at=count.start, count=amount)


def _delivery(count: Count, amount: Decimal, where: Where) -> Item:
    protocol: Any = count.detail
    return SnsDelivery(where=where, at=count.start, count=amount, protocol=protocol)


def _write(count: Count, amount: Decimal, where: Where) -> Item:
    return DynamodbWrite(where=where, at=count.start, count=amount)


def _read(count: Count, amount: Decimal, where: Where) -> Item:
    """Reads are counted in halves of a unit."""
    return DynamodbRead(where=where, at=count.start, count=times(amount, Decimal("0.5")))


_READERS: Final[dict[str, _Reader]] = {
    "s3.request": _s3,
    "transfer": _transfer,
    "sqs.request": _sqs,
    "sns.publish": _sns,
    "sns.delivery": _delivery,
    "dynamodb.write": _write,
    "dynamodb.read": _read,
}
