"""Sets of ports behave as sets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.paths import Ports

LIMIT = 40
pairs = st.tuples(st.integers(0, LIMIT), st.integers(0, LIMIT)).map(lambda pair: (min(pair), max(pair)))
sets = st.lists(pairs, max_size=5).map(lambda found: Ports.of(*found))


def members(ports: Ports) -> set[int]:
    return {port for port in range(LIMIT + 2) if port in ports}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(sets, sets)
def test_operations_are_those_of_sets(one: Ports, other: Ports) -> None:
    assert members(one & other) == members(one) & members(other)
    assert members(one | other) == members(one) | members(other)
    assert members(one - other) == members(one) - members(other)
    assert len(one) == len(members(one))
    assert bool(one) is bool(members(one))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(sets, sets)
def test_equal_sets_have_one_form(one: Ports, other: Ports) -> None:
    assert (one == other) is (members(one) == members(other))
    assert (one | other) - other == one - other
    assert one.complement().complement() == one


def test_neighbouring_intervals_become_one() -> None:
    assert Ports.of((80, 90), (91, 99), 100).ranges == ((80, 100),)


def test_an_interval_that_runs_backwards_is_empty() -> None:
    assert not Ports.of((90, 80))


def test_ports_are_written_as_one_says_them() -> None:
    assert str(Ports.of(80, (443, 445))) == "80, 443-445"
    assert str(Ports.of((0, 65535))) == "all ports"
    assert str(Ports()) == "none"
    assert Ports.of(80, (443, 445)).as_json() == [[80, 80], [443, 445]]
