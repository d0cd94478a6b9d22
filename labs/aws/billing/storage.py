"""Meters of storage: EBS volumes and snapshots, and what S3 keeps and is asked for.

Sources: Amazon EBS pricing; EBS User Guide, "How snapshots work"; Amazon S3 pricing; S3 User Guide,
"Understanding your AWS billing and usage reports for Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import ClassVar, Final, Literal, TypeAlias

from labs.aws.billing.charges import BYTE_HOUR, Charge, Counted, Lasting, Tariff, prefix
from labs.aws.billing.money import subtract, times
from labs.aws.billing.periods import MICROSECOND, Calendar

__all__ = [
    "REQUEST_CLASSES",
    "EbsSnapshot",
    "EbsVolume",
    "S3Request",
    "S3Storage",
    "VolumeType",
    "request_class",
]

VolumeType: TypeAlias = Literal["gp3", "gp2", "io2", "io1", "st1", "sc1", "standard"]

_LEAST_SECONDS: Final = 60
_GP3_IOPS, _GP3_MIBPS = Decimal(3000), Decimal(125)
_IO2_TIERS: Final = (
    ("ebs.iops:io2", "io2", Decimal(0), Decimal(32_000)),
    ("ebs.iops:io2:above-32000", "io2.tier2", Decimal(32_000), Decimal(64_000)),
    ("ebs.iops:io2:above-64000", "io2.tier3", Decimal(64_000), Decimal("Infinity")),
)
_GIB: Final = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class EbsVolume(Lasting):
    """A volume from its creation to its deletion, attached or not; IOPS and MiB/s where they cost."""

    meter: ClassVar[str] = "ebs.volume"

    type: VolumeType
    gib: Decimal
    iops: Decimal | None = None
    mibps: Decimal | None = None

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        size = self.provisioned(calendar, _storage(self.type, self.where.region), self.gib, _LEAST_SECONDS)
        return size if self.iops is None and self.mibps is None else chain(size, self._speed(calendar))

    def _speed(self, calendar: Calendar) -> Iterator[Charge]:
        for price, usage, rule, amount in self._performance():
            tariff = Tariff(self.meter, price, f"{prefix(self.where.region)}EBS:{usage}", rule)
            for charge in self.provisioned(calendar, tariff, amount, _LEAST_SECONDS):
                yield charge._replace(rate=None)

    def _performance(self) -> Iterator[tuple[str, str, str, Decimal]]:
        """What is provisioned beside the size: the price's key, the usage type, the rule, and how much."""
        iops, mibps = self.iops or Decimal(0), self.mibps or Decimal(0)
        if self.type == "gp3" and iops > _GP3_IOPS:
            yield "ebs.iops:gp3", "VolumeP-IOPS.gp3", "ebs.gp3-iops", subtract(iops, _GP3_IOPS)
        if self.type == "gp3" and mibps > _GP3_MIBPS:
            above = subtract(mibps, _GP3_MIBPS)
            yield "ebs.throughput:gp3", "VolumeP-Throughput.gp3", "ebs.gp3-throughput", above
        if self.type == "io1":
            yield "ebs.iops:io1", "VolumeP-IOPS.piops", "ebs.iops", iops
        if self.type == "io2":
            for price, usage, low, high in _IO2_TIERS:
                if iops > low:
                    yield price, f"VolumeP-IOPS.{usage}", "ebs.iops", subtract(min(iops, high), low)


@lru_cache(maxsize=256)
def _storage(volume_type: str, region: str) -> Tariff:
    name = {"io1": ".piops", "standard": ""}.get(volume_type, f".{volume_type}")
    usage = f"{prefix(region)}EBS:VolumeUsage{name}"
    return Tariff("ebs.volume", f"ebs.storage:{volume_type}", usage, "ebs.provisioned")


@dataclass(frozen=True, slots=True, kw_only=True)
class EbsSnapshot(Lasting):
    """A snapshot while it exists; `gib` is what it alone adds to those before it."""

    meter: ClassVar[str] = "ebs.snapshot"

    gib: Decimal

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        usage = f"{prefix(self.where.region)}EBS:SnapshotUsage"
        return self.provisioned(calendar, Tariff(self.meter, "ebs.snapshot", usage, "ebs.snapshot"), self.gib)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Storage(Lasting):
    """Bytes in S3 Standard for as long as they are there."""

    meter: ClassVar[str] = "s3.storage"

    bytes: Decimal

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        start, end = self.period(calendar)
        tariff = _stored(self.where.region)
        for span, low, high in calendar.pieces(start, end):
            amount = times(self.bytes, (high - low) // MICROSECOND)
            hourly = tariff.by(_GIB * BYTE_HOUR * span.month.hours)
            yield Charge(hourly, self.where, span, low, high, amount, self.rate)


@lru_cache(maxsize=64)
def _stored(region: str) -> Tariff:
    return Tariff("s3.storage", "s3.storage", f"{prefix(region)}TimedStorage-ByteHrs", "s3.byte-hours")


RequestClass: TypeAlias = Literal["tier1", "tier2", "free"]

REQUEST_CLASSES: Final[dict[str, RequestClass]] = {
    "put": "tier1",
    "copy": "tier1",
    "post": "tier1",
    "list": "tier1",
    "create": "tier1",
    "upload": "tier1",
    "complete": "tier1",
    "get": "tier2",
    "head": "tier2",
    "select": "tier2",
    "options": "tier2",
    "delete": "free",
    "abort": "free",
    "cancel": "free",
}
"""What an operation's first word costs: `tier1` 0.005 for a thousand, `tier2` 0.0004. A part of a multipart
upload is a PUT, and so are its beginning and its end."""


def request_class(operation: str) -> RequestClass | None:
    """The class of an HTTP method or an operation's name (`PUT`, `UploadPart`); None for another word."""
    lowered = operation.lower()
    if lowered in REQUEST_CLASSES:
        return REQUEST_CLASSES[lowered]
    return next((found for word, found in REQUEST_CLASSES.items() if _begins(operation, word)), None)


def _begins(operation: str, word: str) -> bool:
    """Whether the first word of a name in CamelCase is this one."""
    return operation.startswith(word.capitalize()) and operation[len(word) : len(word) + 1].isupper()


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Request(Counted):
    """Requests to S3 of one operation."""

    meter: ClassVar[str] = "s3.request"

    operation: str
    count: Decimal

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        return self.once(calendar, _requested(self.operation, self.where.region), self.count)


@lru_cache(maxsize=1024)
def _requested(operation: str, region: str) -> Tariff:
    found = request_class(operation) or "tier2"
    name = {"tier1": "Requests-Tier1", "tier2": "Requests-Tier2", "free": "Requests-NoCharge"}[found]
    return Tariff("s3.request", f"s3.request:{found}", f"{prefix(region)}{name}", f"s3.request-{found}")
