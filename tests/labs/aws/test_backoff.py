from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.backoff import Backoff, contention, experiment, exponential, sleeps
from labs.errors import InputError

BLOG: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "resilience.json").read_text())[
    "backoff"
]
TOLERANCE = 0.03
backoffs = st.sampled_from(list(Backoff))
laws = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.mark.parametrize(("name", "calls"), BLOG["mean_calls"].items())
def test_the_experiment_comes_to_aws_s_numbers(name: str, calls: int) -> None:
    found = experiment(Backoff(name), runs=20, seed=547)
    assert found.mean_calls == pytest.approx(calls, rel=TOLERANCE)


def test_jitter_of_every_kind_beats_none() -> None:
    order = sorted(Backoff, key=lambda each: experiment(each, runs=5, seed=1).mean_calls)
    assert order[:3] == [Backoff.FULL_JITTER, Backoff.EQUAL_JITTER, Backoff.DECORRELATED_JITTER]
    assert order[3:] == [Backoff.EXPONENTIAL, Backoff.NONE]


def test_sleeps_without_jitter_double_up_to_the_cap() -> None:
    rng = random.Random(0)
    assert list(islice(sleeps(Backoff.EXPONENTIAL, 1, 20, rng), 7)) == [1, 2, 4, 8, 16, 20, 20]
    assert list(islice(sleeps(Backoff.EXPONENTIAL, 1, 20, rng, first=1), 3)) == [2, 4, 8]
    assert list(islice(sleeps(Backoff.NONE, 1, 20, rng), 3)) == [0, 0, 0]
    assert exponential(10**9, 5, 2000) == 2000


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: sleeps(Backoff.NONE, 0, 1, random.Random(0)), "base above 0"),
        (lambda: sleeps(Backoff.NONE, 2, 1, random.Random(0)), "base above 0"),
        (lambda: contention(Backoff.NONE, random.Random(0), clients=0), "contend"),
        (lambda: experiment(Backoff.NONE, runs=0), "at least one run"),
    ],
)
def test_a_wrong_number_is_refused_with_a_reason(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert caught.value.hint


@laws
@given(backoffs, st.integers(0, 1000), st.floats(0.01, 10), st.floats(1, 1000))
def test_every_sleep_keeps_within_its_bounds(
    backoff: Backoff, seed: int, base: float, stretch: float
) -> None:
    cap = base * stretch
    for attempt, sleep in enumerate(islice(sleeps(backoff, base, cap, random.Random(seed)), 30)):
        most = exponential(attempt, base, cap)
        low, high = {
            Backoff.NONE: (0.0, 0.0),
            Backoff.EXPONENTIAL: (most, most),
            Backoff.FULL_JITTER: (0.0, most),
            Backoff.EQUAL_JITTER: (most / 2, most),
            Backoff.DECORRELATED_JITTER: (base, cap),
        }[backoff]
        assert low <= sleep <= high


@laws
@given(backoffs, st.integers(0, 1000), st.integers(1, 8))
def test_a_run_is_repeated_by_its_seed_and_serves_every_client(
    backoff: Backoff, seed: int, clients: int
) -> None:
    run = contention(backoff, random.Random(seed), clients=clients)
    assert run == contention(backoff, random.Random(seed), clients=clients)
    # Each round, at least the first write of those that arrive succeeds.
    assert clients <= run.calls <= clients * (clients + 1) / 2
    assert run.finished > 0
