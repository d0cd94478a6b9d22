"""The line that says how far the marking is: calm on a terminal, sparse in a log."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest

from graders import Progress
from tui.draw.marking import MarkingLine, sentence, span


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def told(done: int, total: int = 1000, left: float | None = None, **states: int) -> Progress:
    return Progress(done, total, "alice", cast("Any", None), states or {"pass": done}, left=left)


def test_the_sentence_has_the_count_the_time_to_go_and_the_states_with_the_good_ones_first() -> None:
    progress = told(312, 3000, 98.0, missing=12, partial=20, **{"pass": 280})
    assert sentence(progress) == "312 of 3000 marked, about 2 min to go: 280 pass, 20 partial, 12 missing"
    assert sentence(told(3, 3, 0.0)) == "3 of 3 marked: 3 pass"
    assert sentence(told(1, 3)) == "1 of 3 marked: 1 pass"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((0.2, "about 5 s"), (12, "about 15 s"), (59.9, "about 60 s"), (61, "about 2 min")),
        *((3599, "about 1 h 00 min"), (3600, "about 1 h 00 min"), (7300, "about 2 h 02 min")),
    ],
)
def test_times_are_round(seconds: float, words: str) -> None:
    assert span(seconds) == words


def draw(redrawn: bool, steps: int, seconds: float, total: int = 1000, width: int = 80) -> str:
    """What is written over so many verdicts, each so many seconds after the last."""
    stream, clock = io.StringIO(), Clock()
    with MarkingLine(stream, redrawn=redrawn, clock=clock, width=lambda: width) as line:
        for done in range(1, steps + 1):
            clock.now += seconds
            line(told(done, total))
    return stream.getvalue()


def test_a_terminal_s_line_is_redrawn_a_few_times_a_second_at_most() -> None:
    text = draw(True, 1000, 0.01)
    assert 30 < text.count("\r") < 50
    assert text.count("\n") == 1
    assert text.endswith("\x1b[K\n")
    assert "1000 of 1000 marked" in text


def test_a_terminal_s_line_never_wraps() -> None:
    for part in draw(True, 50, 1.0, width=30).split("\r"):
        assert len(part.replace("\x1b[K", "").rstrip("\n")) < 30


def test_a_line_that_is_broken_off_is_ended() -> None:
    stream = io.StringIO()
    line = MarkingLine(stream, redrawn=True)
    line(told(1))
    line.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert stream.getvalue().endswith("\n")


def test_a_log_gets_ten_lines_and_no_control_characters() -> None:
    text = draw(False, 1000, 0.1)
    assert len(text.splitlines()) == 10
    assert not {"\r", "\x1b"} & set(text)


def test_a_log_hears_of_a_slow_batch_too() -> None:
    lines = draw(False, 20, 20.0, total=1000).splitlines()
    assert len(lines) == 10


def test_a_log_of_a_quick_batch_has_one_line() -> None:
    assert draw(False, 12, 0.05, total=12).splitlines() == ["12 of 12 marked: 12 pass"]
