"""A batch says how far it is, and how long the rest will take once it can tell."""

from __future__ import annotations

from typing import cast

import pytest

from graders.progress import Meter, Progress
from graders.report import Report, State


class FakeReport:
    """As much of a report as is counted."""

    def __init__(self, state: State) -> None:
        self.state = state


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def count(meter: Meter, state: State = "pass") -> Progress:
    return meter.count("alice", cast("Report", FakeReport(state)), fresh=True)


def test_verdicts_are_counted_by_state() -> None:
    meter = Meter(4)
    told = [count(meter, state) for state in ("pass", "fail", "pass")]
    assert [each.done for each in told] == [1, 2, 3]
    assert told[-1].states == {"pass": 2, "fail": 1}
    assert told[0].states == {"pass": 1}, "what was told stays as it was"
    assert told[-1].total == 4


def test_there_is_no_estimate_from_the_first_moment() -> None:
    clock = Clock()
    meter = Meter(1000, clock)
    clock.now += 0.5
    assert count(meter).left is None


def test_the_time_to_go_follows_from_the_pace() -> None:
    clock = Clock()
    meter = Meter(100, clock)
    for _ in range(20):
        clock.now += 0.5
        told = count(meter)
    assert told.left == pytest.approx(40.0)


def test_what_was_fast_long_ago_is_forgotten() -> None:
    clock = Clock()
    meter = Meter(1060, clock)
    for _ in range(1000):  # all of them kept from an earlier run
        clock.now += 0.001
        count(meter)
    for _ in range(40):
        clock.now += 1.0
        told = count(meter)
    assert told.left == pytest.approx(20.0, rel=0.1)


def test_at_the_end_there_is_nothing_left() -> None:
    meter = Meter(1)
    assert count(meter).left == 0.0
