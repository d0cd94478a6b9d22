"""Worlds for the tests of functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs.sandbox import moto_setup, moto_time
from labs.sandbox.clock import Clock
from labs.sandbox.control import Control
from labs.sandbox.ending import Ending
from tests.labs.sandbox.houses import House


@pytest.fixture(scope="session")
def _governed() -> None:
    """moto asks the clock of a world for the time."""
    moto_setup.warm()
    moto_time.govern_moto()


@pytest.fixture
def still(_governed: None, house: House) -> Iterator[House]:
    """A world in this process that plans what functions are to do, and runs none of them."""
    moto_time.follow(house.state.clock)
    control = Control(house.state, house.gate, Ending())
    control.steering.functions.runner.on = False
    control.steering.begin()
    yield house
    moto_time.follow(Clock())
