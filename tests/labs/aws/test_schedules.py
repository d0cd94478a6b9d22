"""Schedule expressions, and when they are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.schedules import Rate, parse_schedule
from labs.errors import InputError

FRIDAY = datetime(2026, 1, 30, 10, 2, 3, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))


# EventBridge User Guide, "Setting a schedule pattern for scheduled rules (legacy) in Amazon EventBridge": its
# example expressions, and what they say.
@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("cron(0 10 * * ? *)", "2026-01-31 10:00", "2026-02-01 10:00"),
        ("cron(15 12 * * ? *)", "2026-01-30 12:15", "2026-01-31 12:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-30 18:00", "2026-02-02 18:00"),
        ("cron(0 8 1 * ? *)", "2026-02-01 08:00", "2026-03-01 08:00"),
        ("cron(0/15 * * * ? *)", "2026-01-30 10:15", "2026-01-30 10:30"),
        ("cron(0/10 * ? * MON-FRI *)", "2026-01-30 10:10", "2026-01-30 10:20"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-01-30 10:05", "2026-01-30 10:10"),
        ("cron(0 9 ? * 2#1 *)", "2026-02-02 09:00", "2026-03-02 09:00"),
        ("cron(0 9 ? * 6L *)", "2026-02-27 09:00", "2026-03-27 09:00"),
        ("cron(0 9 L * ? *)", "2026-01-31 09:00", "2026-02-28 09:00"),
        ("cron(0 0 15W * ? *)", "2026-02-16 00:00", "2026-03-16 00:00"),
        ("cron(0 0 1 JAN,JUL ? 2027-2028)", "2027-01-01 00:00", "2027-07-01 00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00", "2032-02-29 00:00"),
        ("rate(5 minutes)", "2026-01-30 10:03", "2026-01-30 10:08"),
        ("rate(1 hour)", "2026-01-30 10:58", "2026-01-30 11:58"),
    ],
)
def test_a_schedule_is_due_when_its_expression_says(text: str, first: str, second: str) -> None:
    schedule, since = parse_schedule(text), datetime(2026, 1, 30, 9, 58, tzinfo=UTC)
    one = schedule.after(FRIDAY, since)
    assert one is not None
    assert f"{one:%Y-%m-%d %H:%M}" == first
    two = schedule.after(one, since)
    assert f"{two:%Y-%m-%d %H:%M}" == second


def test_a_schedule_whose_years_are_over_is_never_due_again() -> None:
    assert parse_schedule("cron(0 0 1 1 ? 2020-2026)").after(FRIDAY, FRIDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "rate(5 minute)",
        "rate(1 minutes)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "every 5 minutes",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 ? * 8 *)",
        "cron(5-1 10 * * ? *)",
        "cron(0 10 * FOO ? *)",
        "cron(0 10 ? * 2#6 *)",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="This is no schedule"):
        parse_schedule(text)


@given(MOMENTS, st.sampled_from(["cron(7 3/5 ? * 3,6 *)", "cron(0/20 8 1-5 * ? *)", "cron(59 23 L * ? *)"]))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_the_next_time_is_the_first_after_the_moment(moment: datetime, text: str) -> None:
    """Nothing lies between: from a moment just before it, the same time comes next."""
    schedule = parse_schedule(text)
    following = schedule.after(moment, moment)
    assert following is not None
    assert following > moment
    before = following - timedelta(seconds=1)
    assert schedule.after(max(before, moment), moment) == following
    assert schedule.after(moment + (following - moment) / 2, moment) == following


@given(MOMENTS, st.integers(1, 90), st.timedeltas(timedelta(), timedelta(days=30)))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_rate_counts_from_when_the_rule_was_made(since: datetime, minutes: int, passed: timedelta) -> None:
    rate = Rate(timedelta(minutes=minutes))
    following = rate.after(since + passed, since)
    assert (following - since) % rate.every == timedelta()
    assert timedelta() < following - (since + passed) <= rate.every
