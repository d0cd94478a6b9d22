"""The clock of a world beside that of its clients, and moto that follows it."""

from __future__ import annotations

import ast
import importlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox import moto_setup, moto_time
from labs.sandbox.clock import Clock, Timeline, is_stopped

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(), timedelta(days=400))


def test_a_timeline_without_jumps_is_the_clients_own() -> None:
    assert Timeline().world(NOON) == NOON
    assert Timeline().client(NOON) == NOON


def test_a_moment_is_told_by_the_offset_that_was_in_force_then() -> None:
    timeline = Timeline().jumped(NOON, 2 * HOUR).jumped(NOON + HOUR, 24 * HOUR)
    assert timeline.world(NOON - HOUR) == NOON - HOUR
    assert timeline.world(NOON) == NOON + 2 * HOUR
    assert timeline.world(NOON + HOUR) == NOON + 27 * HOUR
    assert timeline.client(NOON + 27 * HOUR) == NOON + HOUR


@settings(max_examples=50, derandomize=True)
@given(first=lengths, jumps=st.lists(st.tuples(moments, lengths), max_size=6), asked=moments)
def test_jumps_forward_never_turn_the_order_of_moments(
    first: timedelta, jumps: list[tuple[datetime, timedelta]], asked: datetime
) -> None:
    timeline = Timeline(first)
    for client, by in sorted(jumps):
        timeline = timeline.jumped(client, by)
    assert timeline.world(asked) <= timeline.world(asked + HOUR) - HOUR
    assert timeline.offset == first + sum((by for _, by in jumps), timedelta())
    assert timeline.client(timeline.world(NOON + timedelta(days=9999))) == NOON + timedelta(days=9999)


def test_a_clock_shows_the_machines_time_and_its_offset() -> None:
    before = datetime.now(UTC)
    assert before + HOUR <= Clock(HOUR).now() <= datetime.now(UTC) + HOUR
    assert before <= Clock(HOUR).client_now() <= datetime.now(UTC)


def test_a_stopped_clock_shows_its_moment_and_when_that_was_for_a_client() -> None:
    clock = Clock(HOUR)
    assert not is_stopped()
    with clock.at(NOON):
        assert is_stopped()
        assert clock.now() == NOON
        assert clock.client_now() == NOON - HOUR
    assert clock.now() > NOON


def test_a_jump_moves_what_comes_after_and_a_checkpoint_takes_it_back() -> None:
    clock = Clock()
    with clock.at(NOON):
        kept = clock.saved()
        clock.jump(HOUR)
    assert clock.timeline == Timeline(timedelta(), ((NOON, HOUR),))
    clock.restore(Timeline() if kept is None else kept)  # type: ignore[arg-type]
    assert clock.timeline == Timeline()


# moto


@pytest.fixture(scope="module")
def followed() -> Clock:
    """moto, on a clock of ours."""
    moto_setup.warm()
    moto_time.govern_moto()
    clock = Clock()
    moto_time.follow(clock)
    return clock


def test_every_clock_that_moto_reads_shows_the_worlds_time(followed: Clock) -> None:
    from moto.core.utils import unix_time, utcnow
    from moto.s3 import models as s3
    from moto.secretsmanager import models as secrets

    naive = NOON.replace(tzinfo=None)
    with followed.at(NOON):
        assert utcnow() == naive
        assert unix_time() == NOON.timestamp()
        assert s3.datetime.datetime.now(tz=UTC) == NOON
        assert s3.datetime.datetime.now().astimezone(UTC) == NOON
        assert secrets.time.time() == NOON.timestamp()
        assert s3.utcnow() == naive


def test_what_moto_makes_of_dates_are_plain_dates(followed: Clock) -> None:
    from moto.cloudwatch import models

    for made in (
        models.datetime(2026, 1, 2),
        models.datetime.now(),
        models.datetime.strptime("2026", "%Y"),
        models.datetime.fromtimestamp(0, UTC),
        models.datetime.fromisoformat("2026-01-02"),
    ):
        assert type(made) is datetime
        assert isinstance(made, models.datetime)


def asks_python(module_name: str) -> bool:
    """Whether a module asks Python itself for the time."""
    tree = ast.parse(Path(sys.modules[module_name].__file__ or "").read_text())
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    asking = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")
    names = (ast.unparse(function) for function in calls)
    return any(name.endswith(asking) or name == "time.time" for name in names)


@pytest.mark.usefixtures("followed")
def test_no_module_of_the_courses_services_asks_python_behind_our_back() -> None:
    modules = [f"moto.{'awslambda' if name == 'lambda' else name}" for name in moto_setup.SERVICES]
    for name in modules:
        importlib.import_module(f"{name}.models")
    loaded = [
        name
        for name, module in sys.modules.items()
        if name.startswith(tuple(f"{each}." for each in modules)) and getattr(module, "__file__", None)
    ]
    assert len(loaded) > 50
    assert {name for name in loaded if asks_python(name)} <= set(moto_time.ASK_PYTHON)
