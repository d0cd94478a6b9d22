"""Usage documents: what is read, and the precise error for what is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.billing import (
    Bill,
    UsageError,
    bill,
    bill_to_json,
    focus_csv,
    focus_violations,
    usage_from_json,
)
from labs.aws.billing.compute import Ec2Instance
from labs.aws.billing.meters import METERS
from labs.errors import InputError
from tests.labs.aws.billing.ledgers import bill_of, total

INSTANCE = {
    "meter": "ec2.instance",
    "type": "t3.micro",
    "start": "2026-01-05T00:00:00Z",
    "end": "2026-01-05T01:00:00Z",
}

CONTRACT: dict[str, Any] = {
    "id": "b1",
    "account": {"created": "2024-01-01", "free_tier": "none"},
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-02-01T00:00:00Z",
    "usage": [
        {**INSTANCE, "cpu": 1.0, "credits": "unlimited", "market": "on-demand", "rate": "0.0104"},
        {"meter": "ebs.volume", "type": "gp3", "gib": 100, "iops": 3000, "mibps": 125},
        {"meter": "ebs.snapshot", "gib": 8},
        {"meter": "s3.storage", "bytes": 107374182400},
        {"meter": "s3.request", "operation": "PUT", "count": 1000},
        {"meter": "transfer", "path": "cross-region", "gb": "100", "region_to": "eu-west-1"},
        {"meter": "nat.gateway", "gb": "100"},
        {"meter": "ipv4"},
        {"meter": "vpce.interface", "azs": 2, "gb": "0"},
        {"meter": "alb", "new_connections_per_s": 0, "active_connections": 0, "gb_per_hour": "0"},
        {"meter": "lambda", "requests": 1000000, "ms": 200, "mb": 512, "arch": "x86"},
        {"meter": "rds.instance", "class": "db.t3.micro", "multi_az": False},
        {"meter": "rds.storage", "gib": 20},
        {"meter": "dynamodb.write", "count": 1, "kb": 1, "mode": "standard"},
        {"meter": "dynamodb.read", "count": 1, "kb": 4, "mode": "strong"},
        {"meter": "dynamodb.storage", "gb": "30"},
        {"meter": "sqs.request", "count": 1, "kb": 64, "fifo": False},
        {"meter": "sns.publish", "count": 1, "kb": 64},
    ],
}


def test_the_form_of_the_contract_is_read() -> None:
    usage = usage_from_json(CONTRACT)

    assert len(usage.items) == 18
    assert usage.account.created == datetime(2024, 1, 1, tzinfo=UTC)
    first = usage.items[0]
    assert isinstance(first, Ec2Instance)
    assert (first.cpu, first.rate) == (Decimal(1), Decimal("0.0104"))
    assert first.start == datetime(2026, 1, 5, tzinfo=UTC)


def test_the_answer_has_the_form_of_the_contract() -> None:
    answer = bill_to_json(bill(usage_from_json(CONTRACT)))

    assert isinstance(answer["total"], str)
    lines: Any = answer["lines"]
    for line in lines:
        assert {"meter", "usage_type", "quantity", "unit", "rate", "cost", "rule", "source"} <= set(line)
        assert Decimal(line["quantity"]) * Decimal(line["rate"]) == pytest.approx(Decimal(line["cost"]))
    assert lines[0]["usage_type"] == "BoxUsage:t3.micro"


def test_a_period_without_ends_is_the_bills_and_what_lies_outside_is_left_away() -> None:
    january = {"start": "2026-01-01", "end": "2026-02-01"}

    assert total({"meter": "ipv4"}, **january) == Decimal("3.72")
    assert total({"meter": "ipv4", "start": "2025-06-01", "end": "2026-01-02"}, **january) == Decimal("0.12")
    assert total({**INSTANCE, "start": "2025-06-01", "end": "2025-07-01"}, **january) == 0
    request = {"meter": "s3.request", "operation": "PUT", "count": 1000}
    assert total({**request, "at": "2026-02-01"}, **january) == 0
    assert total({**request, "at": "2026-01-31"}, **january) == Decimal("0.005")


def test_a_bill_until_before_its_usage_costs_nothing() -> None:
    later = {"meter": "sqs.request", "count": 5, "at": "2026-02-01"}

    assert total(later, INSTANCE, end="2026-01-01") == 0


def test_times_may_have_an_offset_or_none() -> None:
    there = {**INSTANCE, "start": "2026-01-05T01:00:00+01:00", "end": "2026-01-05T01:00:00"}

    assert total(there) == total(INSTANCE)


def test_numbers_are_the_digits_that_were_written() -> None:
    assert total({"meter": "transfer", "path": "internet-out", "gb": 0.1}) == Decimal("0.009")
    assert total({"meter": "transfer", "path": "internet-out", "gb": "0.1"}) == Decimal("0.009")


def test_a_rate_is_in_the_form_in_which_the_page_lists_the_price() -> None:
    put = {"meter": "s3.request", "operation": "PUT", "count": 2000, "rate": "0.01"}
    result = bill_of(put)

    assert result.total == Decimal("0.02")
    assert result.lines[0].formula == "2,000 requests × $0.01 per 1,000"
    assert result.lines[0].source == "the rate given with the usage"


def test_usage_without_any_time_is_of_the_price_books_month() -> None:
    [line] = bill_of({"meter": "sqs.request", "count": 1}).lines

    assert line.month.name == "2026-11"


def test_tags_zone_and_region_reach_the_export() -> None:
    tagged = {**INSTANCE, "resource": "i-0a1", "zone": "us-east-1a", "tags": {"team": "red, blue"}}
    text = focus_csv(bill_of(tagged))

    assert '"{""team"": ""red, blue""}"' in text
    assert "us-east-1a" in text
    assert focus_violations(text) == ()
    assert bill_of({**INSTANCE, "region": "sa-east-1"}).lines[0].usage_type == "SAE1-BoxUsage:t3.micro"


# Errors

TIME = "2026-01-05T00:00:00Z"
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"meter": "ec2.instances"}, "usage[0].meter", "Perhaps ec2.instance was meant"),
    ({}, "usage[0].meter", "no such meter"),
    ({"meter": 7}, "usage[0].meter", "no such meter"),
    ({**INSTANCE, "start": "2026-01-05T02:00:00Z"}, "usage[0].end", "ends before it starts"),
    ({**INSTANCE, "start": "yesterday"}, "usage[0].start", "not a moment"),
    ({**INSTANCE, "start": 20260105}, "usage[0].start", "not a moment"),
    ({**INSTANCE, "start": "1999-01-01"}, "usage[0].start", "AWS bills since 2006"),
    ({**INSTANCE, "type": "t9.micro"}, "usage[0].type", "no price for ec2.instance t9.micro"),
    ({**INSTANCE, "type": "t3.mikro"}, "usage[0].type", "Perhaps t3.micro was meant"),
    ({**INSTANCE, "type": ["t3.micro"]}, "usage[0].type", "not a text"),
    ({"meter": "ec2.instance", "end": TIME}, "usage[0].type", "needs type"),
    ({**INSTANCE, "cpu": 2}, "usage[0].cpu", "fraction from 0 to 1"),
    ({**INSTANCE, "cpu": [{"seconds": 60}]}, "usage[0].cpu[0].utilisation", "not a number"),
    ({**INSTANCE, "cpu": [{"second": 60}]}, "usage[0].cpu[0].second", "no such key"),
    ({**INSTANCE, "market": "spott"}, "usage[0].market", "Perhaps spot was meant"),
    ({**INSTANCE, "rate": "-0.01"}, "usage[0].rate", "negative"),
    ({**INSTANCE, "rate": "NaN"}, "usage[0].rate", "not a number"),
    ({**INSTANCE, "rate": "1e3"}, "usage[0].rate", "not a number"),
    ({**INSTANCE, "rate": True}, "usage[0].rate", "not a number"),
    ({**INSTANCE, "colour": "red"}, "usage[0].colour", "no such key"),
    ({**INSTANCE, "region": "us-east-9"}, "usage[0].region", "Perhaps us-east-"),
    ({**INSTANCE, "region": "eu-west-1"}, "usage[0].region", "the book has this for us-east-1"),
    ({**INSTANCE, "tags": {"a": 1}}, "usage[0].tags.a", "not a text"),
    ({"meter": "rds.instance", "class": "db.x"}, "usage[0].class", "no price"),
    ({"meter": "ebs.volume", "type": "gp4", "gib": 8}, "usage[0].type", "It may be gp3, gp2"),
    ({"meter": "ebs.volume", "type": "gp3", "gib": -8}, "usage[0].gib", "negative"),
    ({"meter": "ebs.volume", "type": "gp3", "gib": float("nan")}, "usage[0].gib", "not a number"),
    ({"meter": "ebs.volume", "type": "gp3", "gib": float("inf")}, "usage[0].gib", "not a number"),
    ({"meter": "ebs.volume", "type": "gp3", "gib": 1e300}, "usage[0].gib", "No bill has such a number"),
    ({"meter": "ebs.volume", "type": "gp3", "gib": None}, "usage[0].gib", "needs gib"),
    ({"meter": "s3.request", "operation": "EAT", "count": 1}, "usage[0].operation", "no operation of S3"),
    ({"meter": "s3.request", "operation": "Getaway", "count": 1}, "usage[0].operation", "no operation"),
    ({"meter": "s3.request", "operation": "GET", "count": 1.5}, "usage[0].count", "whole number"),
    ({"meter": "transfer", "path": "sideways", "gb": 1}, "usage[0].path", "It may be internet-out"),
    ({"meter": "vpce.interface", "azs": 0}, "usage[0].azs", "at least one"),
    ({"meter": "rds.instance", "class": "db.t3.micro", "multi_az": "yes"}, "usage[0].multi_az", "true nor"),
]


@pytest.mark.parametrize(("item", "path", "said"), BAD, ids=lambda value: str(value)[:40])
def test_an_error_names_the_item_the_key_and_what_to_do(item: dict[str, Any], path: str, said: str) -> None:
    document: Any = {"from": "2026-01-01", "to": "2026-02-01", "usage": [item]}

    with pytest.raises(UsageError) as caught:
        bill(usage_from_json(document))

    error = caught.value
    assert error.path == path
    assert path in error.detail
    assert error.hint
    assert said.lower() in str(error).lower()


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"use": []}, "use"),
        ({"usage": {}}, "usage"),
        ({"usage": [[]]}, "usage[0]"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"month": "31d"}, "month"),
        ({"month": "730h", "to": "2026-02-01"}, "to"),
        ({"account": []}, "account"),
        ({"account": {"free_tier": "some"}}, "account.free_tier"),
        ({"account": {"created": "long ago"}}, "account.created"),
        ({"account": {"id": "12"}}, "account.id"),
        ({"account": {"earned": [{"usd": 20}]}}, "account.earned[0].at"),
        ({"account": {"earned": [{"at": "2026-01-01", "usd": -1}]}}, "account.earned[0].usd"),
        ({"usage": [{"meter": "ipv4", "end": TIME}]}, "usage[0].start"),
        ({"usage": [{"meter": "ipv4", "start": TIME}]}, "usage[0].end"),
        ({"usage": [INSTANCE, {**INSTANCE, "type": "x"}]}, "usage[1].type"),
    ],
    ids=str,
)
def test_an_error_of_the_document_names_its_place(document: dict[str, Any], path: str) -> None:
    with pytest.raises(UsageError) as caught:
        bill(usage_from_json(document))

    assert caught.value.path == path


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["2026-01-05", "t3.micro", "gp3", "GET", "1", "0.5", "-1", "us-east-1", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = sorted({key for item in CONTRACT["usage"] for key in item} | {"resource", "region", "tags", "at"})
ITEMS = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=6), JUNK, max_size=5).flatmap(
    lambda facts: st.sampled_from(sorted(METERS)).map(lambda meter: {"type": "gp3", **facts, "meter": meter})
)
DOCUMENTS = st.fixed_dictionaries(
    {"usage": st.lists(ITEMS, max_size=3) | JUNK},
    optional={"account": JUNK, "from": JUNK | st.just("2026-01-01"), "to": JUNK, "month": JUNK, "id": JUNK},
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(DOCUMENTS)
def test_whatever_is_given_is_billed_or_explained(document: dict[str, Any]) -> None:
    result = billed_or_explained(document)

    if isinstance(result, InputError):
        assert json.dumps(result.as_json())
        assert result.title
        assert result.hint
    else:
        assert json.dumps(bill_to_json(result))
        assert focus_violations(focus_csv(result), invoice=result.total) == ()


def billed_or_explained(document: dict[str, Any]) -> Bill | InputError:
    try:
        return bill(usage_from_json(document))
    except InputError as error:
        return error


PLAUSIBLE = st.sampled_from(CONTRACT["usage"]).flatmap(
    lambda item: st.sampled_from(sorted(item)).flatmap(
        lambda key: (JUNK | st.integers(0, 10**24) | st.floats(0, 1)).map(lambda value: {**item, key: value})
    )
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(PLAUSIBLE, max_size=3), st.sampled_from(["none", "legacy", "credits"]))
def test_usage_with_one_wrong_fact_is_billed_or_explained(items: list[Any], free_tier: str) -> None:
    document = {**CONTRACT, "usage": items, "account": {"free_tier": free_tier}}

    result = billed_or_explained(document)

    if isinstance(result, UsageError):
        assert result.path.startswith("usage[")
    else:
        assert not isinstance(result, InputError)
        assert focus_violations(focus_csv(result), invoice=result.total) == ()
