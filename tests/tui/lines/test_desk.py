"""Line mode: one loop, one grammar, and nothing typed that is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from typer.testing import Result

from labs.course import Unit, Workspace, load_course
from labs.course.drills import drill_of
from labs.course.progress import Drilled
from labs.errors import InputError
from tui.lines.words import Word, find, help_lines, number_in, unknown
from tui.session import Session

Typed = Callable[..., Result]


def after(said: str, line: str) -> str:
    """What was said after a line had been typed, up to the next prompt."""
    return said.split(f"?> {line}\n", 1)[1].split("?> ", 1)[0]


# The grammar


def test_a_line_begins_with_a_word_in_any_capitals() -> None:
    word = Word("open", "N", "Open item N.", str, ("o",))

    assert find("OPEN  3", [word]) == (word, " 3")
    assert find("o x y", [word]) == (word, "x y")
    assert find("opener", [word]) is None
    assert help_lines([word]) == ["open N: Open item N. Also: o."]


def test_a_word_that_nobody_knows_names_the_nearest() -> None:
    assert "Did you mean check?" in unknown("chekc", [Word("check", "", "", str)]).hint


@pytest.mark.parametrize("text", ["0", "4", "x", "", "-1", "1.0", "9" * 40])
def test_a_number_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="There is no such page"):
        number_in(text, 3, "page")


# The loop


def test_end_of_input_leaves_as_q_does(typed: Typed) -> None:
    left, asked = typed(), typed("q")

    assert left.exit_code == asked.exit_code == 0
    assert left.stdout.splitlines()[-1] == asked.stdout.splitlines()[-1] == "What you have written is saved."


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["nonsense"], 2),
        (["nonsense", "map"], 0),
        (["nonsense", "q"], 2),
        (["open and-or", "check"], 1),
        (["open no-such-thing"], 2),
    ],
)
def test_the_exit_status_is_that_of_the_last_line(typed: Typed, lines: list[str], status: int) -> None:
    assert typed(*lines).exit_code == status


def test_every_room_says_what_may_be_typed(typed: Typed) -> None:
    rooms = [
        "open 4",
        "lesson 4",
        "open and-or",
        "open in-what-order",
        "open home-folder",
        "open find-the-sid",
    ]
    rooms += ["open lift-the-deny", "instruments", "open planner", "open evaluator", "present 4"]

    said = typed(*(line for room in rooms for line in (room, "?")), "map", "drill hosts", "?").stdout

    helps = re.findall(r"or \?> \?\n.+?\nEverywhere:\n\?: Say what may be typed here.", said, re.DOTALL)
    assert len(helps) == len(rooms) + 1
    assert said.count("q: Leave Skylab.") == len(helps)


def test_a_fault_of_ours_is_told_and_one_can_go_on(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(Session, "next_hint", fail)

    result = typed("open and-or", "hint", "map")

    assert "A fault of Skylab and not yours: ZeroDivisionError: nothing to divide by" in result.stdout
    assert "Traceback" not in result.stdout
    assert result.stdout.count("Course map: ") == 2
    assert result.exit_code == 0


# The course


def test_the_map_tells_where_to_go_on_and_next_goes_there(typed: Typed, workspace: Workspace) -> None:
    course = load_course()
    said = typed("next", "next", "map").stdout

    first = course.units[0]
    assert f"Next: {first.title}, page 1, {first.pages[0].title}. Type next." in said
    assert f"Next: {first.title}, page 3, {first.pages[2].title}. Type next." in said
    assert len(workspace.progress.pages_read(first)) == 2


@pytest.mark.parametrize("unit", load_course().units, ids=lambda each: each.id)
def test_each_page_ends_with_the_next_step(unit: Unit, typed: Typed) -> None:
    pages = len(unit.pages)
    said = typed(f"lesson {unit.id} 1", *["next"] * pages, "back").stdout

    steps = re.findall(r"^Next: (?:page \d|this was).*$", said, re.MULTILINE)[:pages]
    assert [step for step in steps if "Type next" not in step] == []
    assert len(steps) == pages
    assert steps[-1] == f"Next: this was the last page. Type next for the exercise {unit.exercises[0].title}."
    assert f"name {unit.exercises[0].name}" in said


def test_a_lesson_turns_back_and_opens_any_page(typed: Typed) -> None:
    said = typed("lesson 4 2", "back", "back", "open 4", "lesson 3", "open 99", "contents").stdout

    assert "Page 1 of 17" in said
    assert "Page 3 of 17" in said
    assert "Problem: There is no such page." in said
    assert "3. How the decision falls, read" in said


# Practice


def test_a_drill_marks_each_line_and_asks_on(
    typed: Typed, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "first_question", staticmethod(lambda: 3))
    right = drill_of("hosts").question(3).answer

    said = typed("drill hosts", right, "nonsense", "", "next", "back").stdout

    answers = workspace.progress.drills("hosts")
    assert [each.right for each in answers] == [True, False, False, False]
    assert said.count("Your answer, why, back or ?> ") == 5
    assert "not so, it is" in said
    assert "left open, it is" in said


def test_why_runs_what_shows_the_last_answer(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "first_question", staticmethod(lambda: 0))

    said = typed("drill decisions", "nonsense", "why").stdout

    assert "Any explicit deny?" in said


def test_what_is_due_is_asked_once_and_then_when_it_comes_again(typed: Typed, workspace: Workspace) -> None:
    then = datetime.now(UTC) - timedelta(days=9)
    workspace.progress.drilled(Drilled("hosts", 1, then, False, 3.0, "C1"))

    said = typed("review", "nonsense", "back").stdout

    assert "1 review due. Type review." in said
    assert "0 of 1 right." in said
    assert "The next review is in" in said


# Instruments


def test_an_arn_is_taken_apart_as_soon_as_it_is_typed(typed: Typed) -> None:
    said = typed("instruments", "open 1", "arn:aws:s3:us-east-1:1:x", "next").stdout

    assert "no: region: us-east-1" in said
    assert "Perhaps you meant: arn:aws:s3:::x" in said
    assert "Example 1 of 5." in said


def test_an_entry_is_set_by_its_name_and_kept_for_the_app(typed: Typed, workspace: Workspace) -> None:
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    said = typed(
        "open evaluator", "action s3:PutObject", "resource arn:aws:s3:::b/k", "identity", policy, "."
    ).stdout

    assert said.rstrip().splitlines()[-1] == "What you have written is saved."
    assert "allowed\ns3:PutObject on arn:aws:s3:::b/k" in said
    held = Session(workspace, load_course()).draft("Policy evaluator")
    assert held["identity"] == f"{policy}\n"
    assert held["action"] == "s3:PutObject"


def test_a_document_is_read_from_a_file(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "nothing.json"
    file.write_text('{"Version": "2012-10-17", "Statement": []}')

    said = typed("open proof", f"candidate {file}", "candidate /no/such/file").stdout

    assert "narrower: it allows less, and nothing more" in said
    assert "Problem: A file cannot be read." in said


def test_a_document_stays_when_the_input_ends_and_is_emptied_by_a_word(
    typed: Typed, workspace: Workspace
) -> None:
    typed("open evaluator", "resource_policy nothing", "identity")

    held = Session(workspace, load_course()).draft("Policy evaluator")
    assert held["resource_policy"] == ""
    assert "s3:ListBucket" in held["identity"]


def test_a_choice_may_be_begun_and_a_wrong_one_is_refused(typed: Typed) -> None:
    said = typed("open credential", "environment y", "place con", "place nowhere").stdout

    assert "boto3 uses: environment" in said
    assert "Problem: This is no choice for runs on." in said


def test_a_plan_is_changed_by_words_and_judged(typed: Typed) -> None:
    said = typed(
        "instruments", "open cidr", "split web a", "undo", "undo", "take 10.0.0.128/25", "repair", "split nix"
    ).stdout

    assert "4 violations" in after(said, "split web a")
    assert "the plan holds" in after(said, "undo")
    assert "This is the plan as it was proposed." in said
    assert "Problem: There is no such subnet." in said
    assert "subnet web a/2, block 10.0.3.128/25" in after(said, "repair")


def test_a_line_of_a_bill_and_a_what_if_are_explained(typed: Typed) -> None:
    said = typed("open bill", "line 3", "what_if -2", "line 9").stdout

    assert "Rule: 100 GB-months" in after(said, "line 3")
    assert "What if: $15.98 to $12.33" in said
    assert "Problem: There is no such line." in said


# The presenter


def test_a_walkthrough_gives_no_answer_before_it_is_asked_for(typed: Typed) -> None:
    said = typed(
        "next", "votes 1 2 3", "votes 1", "next", "notes", "timer", "back", options=("present", "4")
    ).stdout

    assert "The answer is" not in after(said, "next")
    assert "A number for each of A B C." in after(said, "votes 1")
    assert said.count("The answer is B.") == 1
    assert "s left to discuss" in said
    assert "Slide 1 of 10: " in said.rsplit("?> back\n", 1)[1]


def test_a_class_votes_by_phone_and_the_page_ends_with_the_presentation(typed: Typed) -> None:
    result = typed(
        "next", "votes 1 2 3", "close", "votes", "back", options=("present", "4", "--poll", "127.0.0.1:0")
    )

    address = re.search(r"Vote on your phone: (http://127\.0\.0\.1:\d+)\. 0 by phone\.", result.stdout)
    assert address, result.stdout
    assert "0 by phone, 6 by hand.\nThe vote is closed." in after(result.stdout, "close")
    with pytest.raises(OSError, match="refused"):
        urlopen(address[1], timeout=5)
