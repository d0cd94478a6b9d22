"""Meters of the network: traffic by its path, NAT gateways, public addresses, endpoints, load balancers.

Sources: Amazon EC2 On-Demand Pricing, "Data Transfer"; Amazon VPC pricing; VPC User Guide, "Understand codes
for Amazon VPC in billing and usage reports"; AWS PrivateLink pricing; Elastic Load Balancing pricing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import ClassVar, Final, Literal, TypeAlias

from labs.aws.billing.charges import (
    BYTE_HOUR,
    HOURS,
    REGION_CODES,
    Charge,
    Counted,
    Lasting,
    Tariff,
    prefix,
)
from labs.aws.billing.money import times
from labs.aws.billing.periods import MICROSECOND, Calendar
from labs.aws.billing.prices import price_book

__all__ = ["IPV4_CHARGED_FROM", "Alb", "InterfaceEndpoint", "Ipv4", "NatGateway", "Path", "Transfer"]

Path: TypeAlias = Literal["internet-out", "internet-in", "cross-az", "cross-region", "same-az", "same-region"]

IPV4_CHARGED_FROM: Final = datetime(2024, 2, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Counted):
    """Traffic by its path; `same-region` is to S3 or DynamoDB in the Region. `gb` is what was moved, once."""

    meter: ClassVar[str] = "transfer"

    path: Path
    gb: Decimal
    region_to: str = ""
    addresses: Literal["private", "public"] = "private"

    def charges(self, calendar: Calendar) -> Iterable[Charge]:
        tariff, ends = _moved(self.path, self.where.region, self.region_to, self.addresses)
        return self.once(calendar, tariff, self.gb if ends == 1 else times(self.gb, ends))


@lru_cache(maxsize=1024)
def _moved(path: Path, region: str, region_to: str, addresses: str) -> tuple[Tariff, int]:
    """The tariff of a path, and at how many ends a GB is billed."""
    before, key, rule, ends = prefix(region), str(path), f"transfer.{path}", 1
    match path:
        case "internet-out":
            usage = f"{before}DataTransfer-Out-Bytes"
        case "internet-in":
            usage = f"{before}DataTransfer-In-Bytes"
        case "cross-az":
            usage, ends = f"{before}DataTransfer-Regional-Bytes", 2
        case "same-az" if addresses == "public":
            key, rule, ends = "same-az:public", f"{rule}-public", 2
            usage = f"{before}DataTransfer-Regional-Bytes"
        case "same-az":
            key, usage = "same-az:private", f"{before}DataTransfer-AZ-Bytes"
        case "same-region":
            usage = f"{before}DataTransfer-Service-Bytes"
        case "cross-region":
            usage = f"{before}AWS-Out-Bytes"
            if region_to:
                usage = f"{REGION_CODES[region]}-{REGION_CODES[region_to]}-AWS-Out-Bytes"
            if price_book().find(f"transfer:cross-region:{region_to}", region):
                key = f"cross-region:{region_to}"
    return Tariff("transfer", f"transfer:{key}", usage, rule), ends


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway(Lasting):
    """A NAT gateway; `gb` is all that it passed on, in both directions, spread evenly over its time."""

    meter: ClassVar[str] = "nat.gateway"

    gb: Decimal = Decimal(0)

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        hours, data = _gateway("nat", "NatGateway", self.meter, self.where.region)
        return chain(self.hours(calendar, hours), self.spread(calendar, data, self.gb))


@lru_cache(maxsize=64)
def _gateway(kind: str, name: str, meter: str, region: str) -> tuple[Tariff, Tariff]:
    """The tariffs of something that costs by the hour and by the GB."""
    before = prefix(region)
    return (
        Tariff(meter, f"{kind}.hours", f"{before}{name}-Hours", f"{kind}.hours"),
        Tariff(meter, f"{kind}.bytes", f"{before}{name}-Bytes", f"{kind}.bytes"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ipv4(Lasting):
    """A public IPv4 address, Elastic or not, in use or not; what uses it decides whether it may be free."""

    meter: ClassVar[str] = "ipv4"

    used_by: Literal["ec2", "other", "nothing"] = "ec2"

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        priced, before = _address(self.used_by, self.where.region)
        for charge in self.seconds(calendar, priced):
            if charge.end <= IPV4_CHARGED_FROM:
                charge = charge._replace(tariff=before, rate=None)
            yield charge


@lru_cache(maxsize=256)
def _address(used_by: str, region: str) -> tuple[Tariff, Tariff]:
    """What an address costs, and what it cost before addresses had a price, which began with a month."""
    usage = f"{prefix(region)}PublicIPv4:{'Idle' if used_by == 'nothing' else 'InUse'}Address"
    return (
        Tariff("ipv4", "ipv4", usage, "ipv4", HOURS, used_by == "ec2"),
        Tariff("ipv4", "ipv4:before-2024-02", usage, "ipv4.before-2024-02", HOURS, False),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceEndpoint(Lasting):
    """An interface VPC endpoint in some Availability Zones; `gb` is spread evenly over its time."""

    meter: ClassVar[str] = "vpce.interface"

    azs: int = 1
    gb: Decimal = Decimal(0)

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        hours, data = _gateway("vpce", "VpcEndpoint", self.meter, self.where.region)
        return chain(self.hours(calendar, hours, self.azs), self.spread(calendar, data, self.gb))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alb(Lasting):
    """An Application Load Balancer under an even load."""

    meter: ClassVar[str] = "alb"

    new_connections_per_s: Decimal = Decimal(0)
    active_connections: Decimal = Decimal(0)
    gb_per_hour: Decimal = Decimal(0)
    rule_evaluations_per_s: Decimal = Decimal(0)
    targets: Literal["instance", "ip", "lambda"] = "instance"

    def charges(self, calendar: Calendar) -> Iterator[Charge]:
        before = prefix(self.where.region)
        hours = Tariff(self.meter, "alb.hours", f"{before}LoadBalancerUsage", "alb.hours")
        units = Tariff(self.meter, "alb.lcu", f"{before}LCUUsage", "alb.lcu", _LCU * BYTE_HOUR)
        yield from self.hours(calendar, hours)
        load = self._load()
        start, end = self.period(calendar)
        for span, low, high in calendar.pieces(start, end):
            amount = times(load, (high - low) // MICROSECOND)
            yield Charge(units, self.where, span, low, high, amount)

    def _load(self) -> Decimal:
        """The dimension that counts, in 3,000ths of a capacity unit, so that none has to be rounded."""
        return max(
            times(self.new_connections_per_s, _LCU // 25),
            self.active_connections,
            times(self.gb_per_hour, _LCU * 5 // 2 if self.targets == "lambda" else _LCU),
            times(self.rule_evaluations_per_s, _LCU // 1000),
        )


_LCU: Final = 3000
"""One capacity unit: 25 new connections a second, 3,000 active ones, 1 GB an hour (0.4 GB where the targets
are Lambda functions) or 1,000 rule evaluations a second."""
