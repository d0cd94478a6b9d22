"""The garbage collector does not look twice through what a slow search has found to be in use."""

from __future__ import annotations

import gc

import pytest

from tui import calm
from tui.calm import Calm


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is set aside, told instead of done."""
    told: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: told.append("all that survived"))
    return told


@pytest.mark.parametrize(("slow", "times"), [(0.0, 1), (3600.0, 0)], ids=["slow", "quick"])
def test_what_survives_a_slow_search_of_all_is_set_aside(
    slow: float, times: int, frozen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calm, "SLOW", slow)
    keeper = Calm()
    keeper.begin()
    try:
        gc.collect(1)
        assert frozen == []
        gc.collect()
        assert len(frozen) == times
    finally:
        keeper.end()

    gc.collect()
    assert len(frozen) == times
    keeper.end()  # a second end does nothing


def test_searches_are_seldom_while_the_app_runs_however_it_was_opened() -> None:
    usual = gc.get_threshold()
    keeper = Calm()
    keeper.begin()
    try:
        assert gc.get_threshold() == calm.SELDOM
    finally:
        keeper.end()
    assert gc.get_threshold() == usual
