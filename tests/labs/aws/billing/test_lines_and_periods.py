"""How lines speak, and how time is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.billing import Usage, bill
from labs.aws.billing.charges import Where
from labs.aws.billing.compute import LambdaRuns
from labs.aws.billing.lines import number
from labs.aws.billing.money import plain, quotient, shown, subtract
from labs.aws.billing.periods import Calendar, billed_seconds, month_of, months_after, started_hours
from labs.aws.billing.storage import EbsSnapshot, S3Request, request_class
from labs.aws.ec2.snapshots import BLOCK_KIB, History
from tests.labs.aws.billing.ledgers import bill_of, total

T0 = datetime(2026, 1, 5, 10, tzinfo=UTC)


def instance(seconds: int, **rest: Any) -> dict[str, Any]:
    end = (T0 + timedelta(seconds=seconds)).isoformat()
    return {"meter": "ec2.instance", "type": "t3.micro", "start": T0.isoformat(), "end": end, **rest}


@pytest.mark.parametrize(
    ("item", "formula"),
    [
        (instance(600 * 3600), "600 h × $0.0104"),
        (instance(3600), "1 h × $0.0104"),
        (instance(5400), "1.5 h × $0.0104"),
        (instance(61), "61 s × $0.0104 an hour"),
        ({"meter": "s3.request", "operation": "PUT", "count": 1}, "1 request × $0.005 per 1,000"),
        ({"meter": "lambda", "requests": 4, "ms": 500, "mb": 1024}, "2 GB-seconds × $0.0000166667"),
        ({"meter": "sqs.request", "count": 2500000}, "2,500,000 requests × $0.40 per 1,000,000"),
        ({"meter": "dynamodb.write", "count": 1}, "1 write unit × $0.625 per 1,000,000"),
        ({"meter": "transfer", "path": "internet-in", "gb": "12.5"}, "12.5 GB × $0"),
    ],
    ids=str,
)
def test_a_formula_has_the_quantity_and_the_price_as_its_page_lists_it(item: Any, formula: str) -> None:
    assert bill_of(item).lines[0].formula == formula


def test_a_number_that_was_cut_says_so() -> None:
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": 100, "start": "2026-01-01", "end": "2026-01-02"}

    assert bill_of(volume).lines[0].formula == "≈ 3.225806 GB-months × $0.08"


def test_a_sentence_names_the_resource_the_periods_and_the_rule() -> None:
    three = [instance(20, resource="i-0a1") for _ in range(3)]

    assert bill_of(*three).lines[0].sentence == (
        "0.05 h × $0.0104: t3.micro i-0a1, 3 periods, by the second while running, at least 60 s for each "
        "start; stopped costs nothing."
    )


def test_a_line_has_the_page_its_month_and_what_the_course_says() -> None:
    [line] = bill_of(instance(3600)).lines

    assert line.source == "Amazon EC2 On-Demand Pricing, us-east-1, as of 2026-11"
    assert line.listed == "$0.0104 per hour"
    assert "7.59" in line.course
    assert not line.verify
    assert bill_of(instance(3600, type="c5.large")).lines[0].verify


def test_a_tier_says_where_it_begins() -> None:
    lines = bill_of({"meter": "transfer", "path": "internet-out", "gb": 20000}).lines

    assert [line.listed for line in lines] == ["$0.09 per GB", "$0.085 per GB, above 10,240 GB a month"]


def test_spot_without_a_rate_says_what_it_assumes() -> None:
    [line] = bill_of(instance(7200, market="spot")).lines

    assert line.rule == "ec2.spot-at-most"
    assert line.usage_type == "SpotUsage:t3.micro"
    assert line.cost == Decimal("0.0208")


def test_lines_of_what_is_alike_are_one() -> None:
    requests = [
        {"meter": "s3.request", "operation": name, "count": 1} for name in ("GET", "HeadObject", "GET")
    ]
    [line] = bill_of(*requests).lines

    assert (line.quantity, line.periods, line.where) == (Decimal(3), 3, Where())


def test_requests_of_two_operations_are_two_lines_where_the_operation_is_known() -> None:
    items = tuple(
        S3Request(where=Where("things", operation=name), operation=name, count=Decimal(2))
        for name in ("PutObject", "CopyObject")
    )
    lines = bill(Usage(items, start=T0, end=T0 + timedelta(hours=1))).lines

    assert [line.subject for line in lines] == [
        "Requests-Tier1 CopyObject things",
        "Requests-Tier1 PutObject things",
    ]


def test_runs_of_a_function_that_are_added_up_cost_what_they_cost_one_by_one() -> None:
    """The golden bill: 100,000 runs of 350 ms with 512 MB are 17,500 GB-seconds, and cost 0.29 + 0.02."""
    runs = LambdaRuns(requests=100_000, mb_ms=100_000 * 350 * 512)
    added = bill(Usage((runs,), start=T0, end=T0 + timedelta(hours=1)))
    one_by_one = bill_of({"meter": "lambda", "requests": 100_000, "ms": 350, "mb": 512})

    assert [line.quantity for line in added.lines] == [line.quantity for line in one_by_one.lines]
    assert added.total == one_by_one.total
    assert shown(added.total) == Decimal("0.31")


def test_services_come_dearest_first() -> None:
    bill = bill_of(
        instance(3600),
        {"meter": "ipv4", "start": "2026-01-01", "end": "2026-02-01"},
        account={"free_tier": "none"},
    )

    assert [label for label, _ in bill.subtotals] == ["Public IPv4", "EC2 compute"]


def test_deleting_a_snapshot_moves_what_a_later_one_still_needs() -> None:
    blocks = range(8 * 1024 * 1024 // BLOCK_KIB)
    history = History().write(blocks).snapshot("first").write(range(2048)).snapshot("second")
    history = history.write(range(4096, 6144)).snapshot("third")

    def monthly(history: History) -> Decimal:
        gib = {
            each.name: len(history.added_by(each.name)) * BLOCK_KIB / 1024 / 1024
            for each in history.snapshots
        }
        return total(
            *({"meter": "ebs.snapshot", "resource": name, "gib": size} for name, size in gib.items()),
            month="730h",
        )

    assert monthly(history) == 10 * Decimal("0.05")
    assert monthly(history.delete("second")[0]) == monthly(history)
    assert monthly(history.delete("third")[0]) == 9 * Decimal("0.05")
    assert EbsSnapshot(gib=Decimal(1)).meter == "ebs.snapshot"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("PUT", "tier1"),
        ("put", "tier1"),
        ("ListObjectsV2", "tier1"),
        ("CreateMultipartUpload", "tier1"),
        ("UploadPart", "tier1"),
        ("CompleteMultipartUpload", "tier1"),
        ("CopyObject", "tier1"),
        ("GetObject", "tier2"),
        ("HeadBucket", "tier2"),
        ("SelectObjectContent", "tier2"),
        ("DeleteObjects", "free"),
        ("AbortMultipartUpload", "free"),
        ("Getaway", None),
        ("", None),
    ],
)
def test_what_a_request_counts_as(operation: str, expected: str | None) -> None:
    assert request_class(operation) == expected


# Time


@pytest.mark.parametrize(
    ("seconds", "billed"), [(0, 0), (0.001, 60), (59, 60), (60, 60), (60.001, 61), (3600, 3600)]
)
def test_begun_seconds(seconds: float, billed: int) -> None:
    assert billed_seconds(T0, T0 + timedelta(seconds=seconds), 60) == billed
    assert billed_seconds(T0, T0 - timedelta(seconds=1), 60) == 0


@pytest.mark.parametrize(("seconds", "hours"), [(0, 0), (0.000001, 1), (3600, 1), (3601, 2), (5400, 2)])
def test_begun_hours(seconds: float, hours: int) -> None:
    assert started_hours(T0, T0 + timedelta(seconds=seconds)) == hours


@pytest.mark.parametrize(
    ("year", "month", "hours"), [(2026, 2, 672), (2024, 2, 696), (2026, 4, 720), (2026, 1, 744)]
)
def test_a_month_has_its_own_hours(year: int, month: int, hours: int) -> None:
    found = month_of(datetime(year, month, 15, tzinfo=UTC))

    assert (found.hours, found.seconds, found.name) == (hours, hours * 3600, f"{year}-{month:02}")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2025-01-15", 12, "2026-01-15"), ("2024-02-29", 12, "2025-02-28"), ("2025-08-31", 6, "2026-02-28")],
)
def test_months_later_is_the_same_day_or_the_months_last(start: str, months: int, end: str) -> None:
    assert months_after(datetime.fromisoformat(start), months) == datetime.fromisoformat(end)


moments = st.integers(0, 400 * 86_400).map(lambda seconds: T0 + timedelta(seconds=seconds))


@settings(deadline=None, derandomize=True)
@given(st.lists(moments, min_size=5, max_size=5))
def test_the_pieces_of_a_period_are_the_period(five: list[datetime]) -> None:
    start, end, first_year_ends, low, high = five
    start, end = sorted((start, end))
    low, high = sorted((low, high))
    calendar = Calendar(start, end, first_year_ends=first_year_ends)

    pieces = list(calendar.pieces(low, high))

    covered = sum((last - first for _, first, last in pieces), timedelta(0))
    assert covered == max(timedelta(0), min(end, high) - max(start, low))
    for span, first, last in pieces:
        assert span.month.start <= first < last <= span.month.end
        assert span.first_year == (first < first_year_ends) == (last <= first_year_ends)
        assert calendar.span_at(first) == span


# Money


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", "0.01"), ("0.0049999", "0.00"), ("22.776", "22.78"), ("-0.005", "-0.01")]
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, cents: str) -> None:
    assert str(shown(Decimal(amount))) == cents


def test_nothing_is_rounded_on_the_way() -> None:
    tiny = Decimal(1).scaleb(-60)

    assert subtract(Decimal(10) ** 30, tiny) != Decimal(10) ** 30
    assert plain(quotient(1, 3)) == "0." + "3" * 40
    assert (plain(Decimal("1E+3")), plain(Decimal("-0.0")), plain(Decimal("7.5920"))) == (
        "1000",
        "0",
        "7.592",
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [("-0.005", "-0.005"), ("1234567.5", "1,234,567.5"), ("0", "0"), ("0.00000012345", "0.000000123")],
)
def test_a_number_for_a_reader(value: str, text: str) -> None:
    assert number(Decimal(value))[0] == text
