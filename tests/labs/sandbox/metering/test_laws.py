"""Laws of the meters, whatever is counted, stored and seen, in whatever order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labs.aws.billing import Usage, bill
from labs.aws.billing.charges import Where
from labs.sandbox.metering.counts import Count, Counts, hour_of, read_sums, write_sums
from labs.sandbox.metering.items import Stored
from labs.sandbox.metering.periods import Periods, Seen, Thing
from labs.sandbox.metering.stores import Stores

START = datetime(2026, 1, 31, 22, tzinfo=UTC)  # two hours before a month ends
BUCKET = Thing("s3.storage", "1" * 12, "us-east-1", "things")
MICROSECOND = timedelta(microseconds=1)

quickly = settings(max_examples=40, deadline=None, derandomize=True)
moments = st.lists(st.integers(0, 6 * 3600 * 10**6), min_size=1, max_size=12, unique=True).map(sorted)
counts = st.builds(
    Count,
    st.integers(0, 10**6),
    *[st.text(max_size=5) for _ in range(6)],
)
sums = st.dictionaries(counts, st.integers(1, 10**9), max_size=6)


def stored(steps: list[int], sizes: list[int]) -> tuple[Stores, int, datetime]:
    """Stores that were changed at some moments, the byte-microseconds that they held, the last moment."""
    stores, held, area, last = Stores(), 0, 0, 0
    for step, size in zip(steps, sizes, strict=False):
        area += held * (step - last)
        stores.add(BUCKET, size - held, START + step * MICROSECOND)
        held, last = size, step
    return stores, area, START + last * MICROSECOND


@given(moments, st.lists(st.integers(0, 10**12), min_size=12, max_size=12))
@quickly
def test_stretches_of_a_store_hold_every_byte_for_every_microsecond(
    steps: list[int], sizes: list[int]
) -> None:
    stores, area, end = stored(steps, sizes)

    stretches = [stretch for _, each in stores.all(end) for stretch in each]

    assert sum(stretch.amount for stretch in stretches) == area
    assert all(stretch.start < stretch.end <= end for stretch in stretches)
    assert len(stretches) <= 2 * 7  # of six hours, however often it changed
    again = Stores()
    again.restore(stores.saved())
    assert dict(again.all(end)) == dict(stores.all(end))


@given(moments, st.lists(st.integers(0, 10**12), min_size=12, max_size=12), st.integers(1, 5 * 3600))
@quickly
@example([0, 1, 2, 3, 4, 5, 3_038_834_211], [0, 0, 0, 0, 1, 15_950_496, 1, 0, 0, 0, 0, 0], 1)
def test_a_bill_of_what_was_stored_adds_up_over_any_cut_of_the_time(
    steps: list[int], sizes: list[int], cut: int
) -> None:
    stores, _, _ = stored(steps, sizes)
    end, middle = START + timedelta(hours=8), START + timedelta(seconds=cut)
    items: Any = tuple(
        Stored(where=Where("things"), start=low, end=high, amount=amount, kind="s3.storage")
        for _, each in stores.all(end)
        for low, high, amount in each
    )

    whole = bill(Usage(items, start=START, end=end)).total
    parts = (
        bill(Usage(items, start=START, end=middle)).total + bill(Usage(items, start=middle, end=end)).total
    )

    assert abs(whole - parts) < Decimal("1e-24")


@given(sums)
@quickly
def test_what_the_journal_writes_of_sums_it_reads_again(told: dict[Count, int]) -> None:
    assert read_sums(json.loads(json.dumps(write_sums(told)))) == told


@pytest.mark.parametrize(
    "wrong", [1, {}, [1], [[1, "a"]], [["x", *"abcdef", 1]], [[1, *"abcde", 2, 3]], [[1, *"abcdef", True]]]
)
def test_what_is_no_sum_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="its usage"):
        read_sums(wrong)


@given(st.lists(st.tuples(counts, st.integers(1, 100), st.sampled_from(("read", "write"))), max_size=12))
@quickly
def test_a_world_that_is_made_again_counts_the_same(calls: list[tuple[Count, int, str]]) -> None:
    """Writes count again by themselves, and their lines say what was read before them."""
    first, lines = Counts(), []
    for count, amount, kind in calls:
        first.add(count, amount, made_again=kind == "write")
        if kind == "write":
            lines.append((count, amount, dict(first.settle())))
    rest = dict(first.waiting)

    second = Counts()
    for count, amount, told in lines:
        with second.told(told):
            second.add(count, amount, made_again=True)
            second.add(count, amount, made_again=False)  # measured anew: the line has said it already
        second.settle()
    second.wait(rest)

    assert total(second) == total(first)


def total(counts: Counts) -> dict[Count, int]:
    found: dict[Count, int] = {}
    for count, amount in counts.all():
        found[count] = found.get(count, 0) + amount
    return found


def test_what_waits_is_not_mixed_with_changes_that_are_made_again() -> None:
    counts, count = Counts(), Count(1, "a", "b", "c")
    counts.add(count, 1, made_again=False)
    with counts.set_aside():
        counts.settle()
        assert total(counts) == {}
    assert counts.waiting == {count: 1}


@given(st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=8))
@quickly
def test_each_thing_is_there_from_the_look_that_first_saw_it_to_the_first_that_did_not(
    looks: list[set[int]],
) -> None:
    periods = Periods()
    for hour, there in enumerate(looks):
        seen = [Seen(Thing("ebs.volume", "a", "r", str(number)), ()) for number in sorted(there)]
        periods.look("ec2", seen, START + timedelta(hours=hour))

    end = len(looks) - 1
    for number in range(5):
        own = [each for each in periods.all() if each.thing.resource == str(number)]
        hours = sum(
            ((each.end or START + timedelta(hours=end)) - each.start) // timedelta(hours=1) for each in own
        )
        assert hours == sum(number in there for there in looks[:end])


def test_hours_are_those_of_utc() -> None:
    moment = datetime(2026, 1, 5, 9, 59, 59, 999_999, tzinfo=UTC)
    assert Count(hour_of(moment), "", "", "").start == datetime(2026, 1, 5, 9, tzinfo=UTC)
