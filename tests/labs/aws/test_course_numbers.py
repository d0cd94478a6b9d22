"""The rows of the audited course numbers that are no money, each with the exact value of the reference."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labs.aws import course_numbers as course
from labs.aws.resilience import Span
from labs.errors import InputError


def test_row_20_a_local_batch_takes_18_ms() -> None:
    assert course.local_batch_ms() == Span.of(18)


def test_row_21_s3_makes_a_batch_3_6_to_9_2_times_as_long() -> None:
    assert course.s3_batch_ms() == Span.of(65, 165)
    factor = course.s3_batch_slowdown()
    assert (round(factor.low, 1), round(factor.high, 1)) == (Decimal("3.6"), Decimal("9.2"))


def test_row_22_three_tries_sleep_twice() -> None:
    assert course.backoff_sleeps_s(3) == (1, 2)
    assert course.backoff_sleeps_s(1) == ()


def test_row_23_the_loop_saves_eleven_checkpoints() -> None:
    saved = course.training_checkpoints(epochs=100, every=10)
    assert saved == (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    assert course.training_checkpoints(start=95) == (100,)
    with pytest.raises(InputError, match="at least one epoch"):
        course.training_checkpoints(every=0)


def test_row_24_t3_earns_what_the_credit_table_says() -> None:
    earned = {name: pair[1] for name, pair in course.credits_per_hour().items()}
    assert earned == {"t3.micro": 12, "t3.small": 24, "t3.medium": 24, "t3.large": 36}
    assert [pair[0] for pair in course.credits_per_hour().values()] == [6, 12, 24, 36]


def test_row_25_the_network_is_10_000_to_2_000_000_times_slower_than_memory() -> None:
    assert course.network_slowdown() == Span.of(10_000, 2_000_000)


def test_row_26_light_needs_72_5_ms_to_tokyo_and_back() -> None:
    bounds = course.virginia_to_tokyo()
    assert f"{bounds.km:.0f} {bounds.vacuum_ms:.1f} {bounds.fibre_ms:.1f}" == "10872 72.5 106.5"


def test_row_27_ten_million_objects_lose_one_in_ten_thousand_years() -> None:
    assert course.s3_years_per_loss(10_000_000) == 10_000


def test_row_28_four_nines_leave_52_56_minutes_a_year() -> None:
    assert course.s3_downtime_minutes() == Decimal("52.56")


def test_row_31_the_example_id_is_not_hexadecimal() -> None:
    fault = course.example_id_fault()
    assert fault is not None
    assert "g, h cannot be among them" in fault
