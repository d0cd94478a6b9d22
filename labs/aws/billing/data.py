"""Meters of databases and messages: RDS, DynamoDB on demand, SQS and SNS.

Sources: RDS User Guide, "On-Demand DB instances for Amazon RDS"; DynamoDB Developer Guide, "DynamoDB
on-demand capacity mode" (request units); Amazon SQS pricing; Amazon SNS pricing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import ClassVar, Final, Literal

from labs.aws.billing.charges import HOURS, Charge, Counted, Lasting, Tariff, prefix
from labs.aws.billing.money import quotient, times
from labs.aws.billing.periods import Calendar

__all__ = [
    "DynamodbRead",
    "DynamodbStorage",
    "DynamodbWrite",
    "RdsInstance",
    "RdsStorage",
    "SnsDelivery",
    "SnsPublish",
    "SqsRequest",
]

_RDS_LEAST_SECONDS: Final = 600
_MESSAGE_KB: Final = 64


def _units(kb: Decimal, size: int) -> Decimal:
    """How many units of some KB a payload takes: at least one, and a begun one is whole."""
    return max(Decimal(1), quotient(kb, size).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True, kw_only=True)
class RdsInstance(Lasting):
    """A DB instance while it is available; with `multi_az` its standby bills as it does."""

    meter: ClassVar[str] = "rds.instance"

    db_class: str
    multi_az: bool = False

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        name, rule = ("Multi-AZUsage", "rds.multi-az") if self.multi_az else ("InstanceUsage", "rds.running")
        usage = f"{prefix(self.where.region)}{name}:{self.db_class}"
        price = f"rds.instance:{self.db_class}"
        tariff = Tariff(self.meter, price, usage, rule, HOURS, not self.multi_az)
        return self.seconds(calendar, tariff, _RDS_LEAST_SECONDS, 1 + self.multi_az)


@dataclass(frozen=True, slots=True, kw_only=True)
class RdsStorage(Lasting):
    """Storage of a DB instance, stopped or not; with `multi_az` there are two copies."""

    meter: ClassVar[str] = "rds.storage"

    gib: Decimal
    multi_az: bool = False

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        usage = f"{prefix(self.where.region)}RDS:{'Multi-AZ-' if self.multi_az else ''}GP2-Storage"
        rule = "rds.storage-multi-az" if self.multi_az else "rds.storage"
        copies = times(self.gib, 1 + self.multi_az)
        return self.provisioned(calendar, Tariff(self.meter, "rds.storage", usage, rule), copies)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamodbWrite(Counted):
    """Writes to a table on demand, each of an item of `kb` KB."""

    meter: ClassVar[str] = "dynamodb.write"

    count: Decimal
    kb: Decimal = Decimal(1)
    mode: Literal["standard", "transactional"] = "standard"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        units = times(self.count, _units(self.kb, 1))
        factor = 2 if self.mode == "transactional" else 1
        usage = f"{prefix(self.where.region)}WriteRequestUnits"
        tariff = Tariff(self.meter, "dynamodb.write", usage, "dynamodb.write")
        return self.once(calendar, tariff, times(units, factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamodbRead(Counted):
    """Reads of a table on demand, each of an item of `kb` KB."""

    meter: ClassVar[str] = "dynamodb.read"

    count: Decimal
    kb: Decimal = Decimal(4)
    mode: Literal["strong", "eventual", "transactional"] = "strong"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        units = times(self.count, _units(self.kb, 4))
        factor = {"strong": Decimal(1), "eventual": Decimal("0.5"), "transactional": Decimal(2)}[self.mode]
        usage = f"{prefix(self.where.region)}ReadRequestUnits"
        tariff = Tariff(self.meter, "dynamodb.read", usage, "dynamodb.read")
        return self.once(calendar, tariff, times(units, factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamodbStorage(Lasting):
    """What a table stores, in GB."""

    meter: ClassVar[str] = "dynamodb.storage"

    gb: Decimal

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        usage = f"{prefix(self.where.region)}TimedStorage-ByteHrs"
        tariff = Tariff(self.meter, "dynamodb.storage", usage, "dynamodb.storage")
        return self.provisioned(calendar, tariff, self.gb)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsRequest(Counted):
    """Requests to a queue, empty receives too, each with `kb` KB of payload."""

    meter: ClassVar[str] = "sqs.request"

    count: Decimal
    kb: Decimal = Decimal(1)
    fifo: bool = False

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        kind, name = ("fifo", "Requests-FIFO-RBP") if self.fifo else ("standard", "Requests-RBP")
        tariff = Tariff(
            self.meter, f"sqs.request:{kind}", f"{prefix(self.where.region)}{name}", "sqs.request"
        )
        return self.once(calendar, tariff, times(self.count, _units(self.kb, _MESSAGE_KB)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsPublish(Counted):
    """Messages published to a topic, each of `kb` KB."""

    meter: ClassVar[str] = "sns.publish"

    count: Decimal
    kb: Decimal = Decimal(1)

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        tariff = Tariff(
            self.meter, "sns.publish", f"{prefix(self.where.region)}Requests-Tier1", "sns.publish"
        )
        return self.once(calendar, tariff, times(self.count, _units(self.kb, _MESSAGE_KB)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsDelivery(Counted):
    """Notifications that a topic delivered by one protocol."""

    meter: ClassVar[str] = "sns.delivery"

    protocol: Literal["http", "email", "sqs", "lambda"]
    count: Decimal

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        name = {"http": "HTTP", "email": "SMTP", "sqs": "SQS", "lambda": "LAMBDA"}[self.protocol]
        usage = f"{prefix(self.where.region)}DeliveryAttempts-{name}"
        tariff = Tariff(self.meter, f"sns.delivery:{self.protocol}", usage, "sns.delivery")
        return self.once(calendar, tariff, self.count)
