"""A walkthrough becomes slides: nothing that gives an answer away is shown before its time."""

from __future__ import annotations

import pytest

from labs.course import Unit, load_course
from labs.course.walkthrough import Option, slides

TEXT = """\
# Who decides?

Say: every call is a question.

```text
aws s3 mb s3://training-data
aws iam create-role --role-name app \\
    --assume-role-policy-document file://trust.json
{"not": "a command"}
aws s3 ls s3://…
```

# Poll 1: nothing said

alice has one policy. She deletes an object. What happens?

- A. It is deleted. (I3)
- B. Denied.

Discuss in pairs. Answer: B. Show it:

```text
skylab explain --policy reader.json
```

# For the teacher

Thirty minutes.
"""


def test_prose_on_a_slide_without_a_poll_is_the_teachers() -> None:
    first = slides(TEXT)[0]

    assert first.title == "Who decides?"
    assert first.notes == "Say: every call is a question."
    assert first.poll is None


def test_commands_can_be_run_each_on_one_line_and_nothing_else_can() -> None:
    assert slides(TEXT)[0].calls == (
        "aws s3 mb s3://training-data",
        "aws iam create-role --role-name app --assume-role-policy-document file://trust.json",
    )


def test_a_poll_has_its_question_its_options_and_its_answer() -> None:
    poll = slides(TEXT)[1].poll

    assert poll is not None
    assert poll.question == "alice has one policy. She deletes an object. What happens?"
    assert poll.options == (Option("A", "It is deleted.", "I3"), Option("B", "Denied."))
    assert poll.answer == "B"


def test_what_comes_after_the_options_is_kept_for_later() -> None:
    slide = slides(TEXT)[1]

    assert slide.poll is not None
    assert "Answer" not in slide.poll.question
    assert slide.notes == "Discuss in pairs. Answer: B. Show it:"
    assert slide.calls == ("skylab explain --policy reader.json",)


def test_the_note_for_the_teacher_is_no_text_of_a_slide() -> None:
    last = slides(TEXT)[-1]

    assert (last.title, last.code, last.notes) == ("For the teacher", (), "Thirty minutes.")


@pytest.mark.parametrize("unit", load_course().units, ids=lambda each: each.id)
def test_each_walkthrough_of_the_course_becomes_slides_with_polls(unit: Unit) -> None:
    made = slides(unit.walkthrough)
    polls = [slide.poll for slide in made if slide.poll is not None]

    assert len(polls) >= 4
    for poll in polls:
        assert len(poll.options) >= 2
        assert not any(
            option.text.endswith(")") and "(" + option.misconception in option.text
            for option in poll.options
            if option.misconception
        )
        assert "Answer" not in poll.question
