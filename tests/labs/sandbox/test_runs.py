"""Short runs of the benchmarks that kill worlds and load them; by hand they make long ones."""

from __future__ import annotations

import pytest

from labs.sandbox import Nursery
from tests.benchmarks import kill_runs, load_runs


@pytest.mark.parametrize("seed", range(1, 6))
def test_nothing_that_was_acknowledged_is_lost_by_a_kill(nursery: Nursery, seed: int) -> None:
    assert kill_runs.run_once(nursery, seed, longest=0.25) is None


def test_nothing_is_lost_or_wrong_when_several_clients_call_at_once(nursery: Nursery) -> None:
    wrong, made, _ = load_runs.run(nursery, requests=240, number=8, parts=1)
    assert (wrong, made) == ([], 480)
