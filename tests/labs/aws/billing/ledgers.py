"""Random ledgers for the laws of bills, and short ways to write usage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from labs.aws.billing import Account, Bill, Usage, bill, usage_from_json
from labs.aws.billing.charges import Counted, Item, Lasting, Where
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
from labs.aws.billing.network import Alb, InterfaceEndpoint, Ipv4, NatGateway, Transfer
from labs.aws.billing.storage import EbsSnapshot, EbsVolume, S3Request, S3Storage

FIRST = datetime(2024, 1, 10, tzinfo=UTC)
SPAN = 100 * 86_400


def bill_of(*items: dict[str, Any], **rest: Any) -> Bill:
    """The bill of a document: `start` and `end` stand for its `from` and `to`."""
    names = {"start": "from", "end": "to"}
    return bill(usage_from_json({"usage": list(items), **{names.get(k, k): v for k, v in rest.items()}}))


def total(*items: dict[str, Any], **rest: Any) -> Decimal:
    """The total of a document."""
    return bill_of(*items, **rest).total


moments = st.integers(0, SPAN).map(lambda seconds: FIRST + timedelta(seconds=seconds))
amounts = st.integers(0, 10**6).map(lambda number: Decimal(number) / 8)
counts = st.integers(0, 3 * 10**6).map(Decimal)
wheres = st.sampled_from([Where(), Where("i-0a1"), Where("i-0a2", tags=(("team", "red"),))])


@st.composite
def _period(draw: st.DrawFn) -> dict[str, datetime | None]:
    start, end = sorted((draw(moments), draw(moments)))
    return {"start": start, "end": draw(st.sampled_from([end, end, None]))}


def _lasting(kind: type[Lasting], **facts: st.SearchStrategy[Any]) -> st.SearchStrategy[Item]:
    return st.builds(
        lambda period, where, rest: kind(**period, where=where, **rest),
        _period(),
        wheres,
        st.fixed_dictionaries(facts),
    )


def _counted(kind: type[Counted], **facts: st.SearchStrategy[Any]) -> st.SearchStrategy[Item]:
    return st.builds(
        lambda at, where, rest: kind(at=at, where=where, **rest),
        moments,
        wheres,
        st.fixed_dictionaries(facts),
    )


def one_of(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


plain_items: st.SearchStrategy[Item] = st.one_of(
    _lasting(
        Ec2Instance, type=one_of("t3.micro", "t3.small", "m5.large"), market=one_of("on-demand", "spot")
    ),
    _lasting(EbsVolume, type=one_of("gp3", "gp2", "io2", "st1"), gib=amounts, iops=counts, mibps=amounts),
    _lasting(EbsSnapshot, gib=amounts),
    _lasting(NatGateway, gb=amounts),
    _lasting(Ipv4, used_by=one_of("ec2", "other", "nothing")),
    _lasting(InterfaceEndpoint, azs=st.integers(1, 3), gb=amounts),
    _lasting(Alb, new_connections_per_s=amounts, active_connections=amounts, gb_per_hour=amounts),
    _lasting(RdsInstance, db_class=one_of("db.t3.micro"), multi_az=st.booleans()),
    _lasting(RdsStorage, gib=amounts),
    _counted(S3Request, operation=one_of("PUT", "GET", "DELETE", "ListObjectsV2"), count=counts),
    _counted(Transfer, path=one_of("internet-in", "cross-az", "same-az", "cross-region"), gb=amounts),
    _counted(DynamodbRead, count=counts, kb=amounts, mode=one_of("strong", "eventual")),
    _counted(DynamodbWrite, count=counts, kb=amounts),
    _counted(SnsDelivery, protocol=one_of("http", "email", "sqs"), count=counts),
)
"""Items of which a bill without Free Tier has neither tiers nor allowances."""

items: st.SearchStrategy[Item] = st.one_of(
    plain_items,
    _lasting(
        Ec2Instance,
        type=one_of("t3.micro", "t3.large", "t2.micro"),
        cpu=one_of("0.05", "0.5", "1").map(Decimal),
    ),
    _lasting(S3Storage, bytes=st.integers(0, 10**15).map(Decimal)),
    _lasting(DynamodbStorage, gb=amounts),
    _counted(Transfer, path=st.just("internet-out"), gb=amounts),
    _counted(Lambda, requests=counts, ms=amounts, mb=st.sampled_from([Decimal(128), Decimal(512)])),
    _counted(SqsRequest, count=counts, kb=amounts, fifo=st.booleans()),
    _counted(SnsPublish, count=counts, kb=amounts),
)

accounts = st.sampled_from(
    [
        Account(),
        Account("legacy", FIRST - timedelta(days=335)),
        Account("legacy", FIRST),
        Account("credits", FIRST),
        Account("credits"),
    ]
)


def ended(item: Item) -> Item:
    """The item with an end: what still runs spreads its traffic over whatever time is asked about."""
    if isinstance(item, Lasting) and item.end is None:
        return replace(item, end=FIRST + timedelta(seconds=SPAN))
    return item


def usage(of: list[Item], account: Account | None = None, until: datetime | None = None) -> Usage:
    """Usage over all the time that random ledgers may touch, or until a moment of it."""
    return Usage(tuple(of), account or Account(), FIRST, until or FIRST + timedelta(seconds=SPAN))
