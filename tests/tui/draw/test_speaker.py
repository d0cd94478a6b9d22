"""The notes on a second terminal: what the teacher reads while the class sees the slide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from labs.course.walkthrough import slides
from tui.draw.speaker import clock_text, speaker_drawn
from tui.draw.words import THEME
from tui.presenting import Presented

SLIDES = slides("""\
# Who decides?

Say: every call is a question.

```text
aws s3 ls
aws s3 mb s3://training
```

# Poll 1: nothing said

alice may read. She deletes an object. What happens?

- A. It is deleted. (S1)
- B. Denied.

Answer: B. Ask why.

# For the teacher

Thirty minutes.
""")
FIRST = Presented("policies", 0)
POLL = replace(FIRST, slide=1, votes={"A": 4, "B": 11})


def notes(now: Presented) -> str:
    console = Console(width=80, theme=THEME, color_system=None)
    with console.capture() as captured:
        console.print(speaker_drawn("Policies", SLIDES, now))
    return captured.get()


def test_the_notes_name_the_calls_that_have_run_and_the_next_one() -> None:
    said = notes(replace(FIRST, ran=1))

    assert "Policies · slide 1 of 3" in said
    assert "every call is a question" in said
    assert "aws s3 ls   has run" in said
    assert "aws s3 mb s3://training   x runs it" in said
    assert "Next  nothing said (a poll)" in said


def test_the_notes_name_the_answer_the_votes_and_what_the_wrong_ones_believe() -> None:
    said = notes(POLL)

    assert "alice may read" in said
    assert "Answer  B   the class does not see it yet" in said
    assert [line.split()[-1] for line in said.splitlines() if line.strip().startswith(("A   It", "✓"))] == [
        "4",
        "11",
    ]
    assert "/*" in said  # the belief S1
    assert "Ask why." in said
    assert "Next  the answer" in said
    assert "Next  For the teacher" in notes(replace(POLL, revealed=True))


def test_on_the_last_slide_nothing_follows() -> None:
    assert "this is the last slide" in notes(replace(FIRST, slide=2))


@pytest.mark.parametrize(
    ("until", "text"), [(None, ""), (100.0, ""), (110.0, "discuss 0:10"), (190.0, "discuss 1:30")]
)
def test_the_clock_shows_what_is_left_and_nothing_afterwards(until: float | None, text: str) -> None:
    assert clock_text(replace(FIRST, until=until), 100.0) == text
