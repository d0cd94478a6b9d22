"""Practice on the command line: `drill` and `review`, in lines that pipes and screen readers can follow."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.course import Progress, Workspace
from labs.course.drills import drill_of
from labs.course.practice import EARNED
from labs.course.progress import Drilled
from labs.course.review import Review

Skylab = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Alice's workspace, which every command of the test means."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    return workspace


def answers(skill: str, *seeds: int) -> str:
    return "".join(f"{drill_of(skill).question(seed).answer}\n" for seed in seeds)


def believed(progress: Progress, misconception: str, days_ago: int) -> None:
    time = datetime.now(UTC) - timedelta(days=days_ago)
    progress.drilled(Drilled("hosts", 1, time, False, 3.0, misconception))


def documents(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestDrill:
    """`skylab drill`."""

    def test_a_drill_asks_marks_and_sums_up(self, skylab: Skylab, workspace: Workspace) -> None:
        result = skylab("drill", "hosts", "--seed", 3, "--count", 2, stdin=answers("hosts", 3) + "nonsense\n")

        assert result.exit_code == 0, result.output
        assert "✓ right" in result.stdout
        assert "✗ not so" in result.stdout
        assert f"it is {drill_of('hosts').question(4).answer}" in result.stdout
        assert "1 of 2 right." in result.stdout

    def test_the_same_seed_asks_the_same(self, skylab: Skylab, workspace: Workspace) -> None:
        first, second = (skylab("drill", "costs", "--seed", 5, stdin="") for _ in range(2))

        assert first.stdout == second.stdout
        assert drill_of("costs").question(5).prompt in first.stdout

    def test_a_wrong_answer_says_what_is_so_and_how_to_see_it(
        self, skylab: Skylab, workspace: Workspace
    ) -> None:
        seed = next(
            n for n in range(200) if "leave for your instances" in drill_of("hosts").question(n).prompt
        )
        question = drill_of("hosts").question(seed)
        believed_answer = str(question.field.slips[0].given)
        result = skylab("drill", "hosts", "--seed", seed, "--count", 1, stdin=f"{believed_answer}\n")

        assert "AWS keeps the first four and the last address." in " ".join(result.stdout.split())
        assert f"skylab cidr {question.situation.split()[-1].rstrip('.')}" in result.stdout
        assert [card.misconception.id for card in Review(workspace.progress).cards()] == ["C1"]

    def test_enter_alone_shows_the_answer(self, skylab: Skylab, workspace: Workspace) -> None:
        result = skylab("drill", "arns", "--seed", 2, "--count", 1, stdin="\n")

        assert "left open" in result.stdout
        assert "0 of 1 right." in result.stdout

    @pytest.mark.parametrize(
        ("skill", "shows"), [("decisions", "Identity-based policies"), ("hosts", "addresses")]
    )
    def test_what_shows_the_answer_can_be_run(
        self, skill: str, shows: str, skylab: Skylab, workspace: Workspace
    ) -> None:
        asked = skylab("drill", skill, "--seed", 11, "--count", 2, stdin="w\n\nwhy\n\n")

        assert "There is nothing to run yet." in asked.stdout
        assert asked.stdout.count("left open") == 2
        assert shows.casefold() in asked.stdout.casefold()

    @pytest.mark.parametrize("end", ["", "q\n", "QUIT\n"])
    def test_a_drill_ends_when_the_learner_does(self, end: str, skylab: Skylab, workspace: Workspace) -> None:
        result = skylab("drill", "arns", "--seed", 2, stdin=answers("arns", 2) + end)

        assert result.exit_code == 0
        assert "1 of 1 right." in result.stdout

    def test_streaks_go_on_from_one_run_to_the_next(self, skylab: Skylab, workspace: Workspace) -> None:
        skylab("drill", "arns", "--seed", 2, "--count", 2, stdin=answers("arns", 2, 3))
        result = skylab("drill", "arns", "--seed", 4, "--count", 1, stdin=answers("arns", 4))

        assert "3 in a row" in result.stdout

    def test_speed_is_shown_only_once_a_streak_is_earned(self, skylab: Skylab, workspace: Workspace) -> None:
        seeds = range(EARNED)
        result = skylab("drill", "arns", "--seed", 0, "--count", EARNED, stdin=answers("arns", *seeds))
        lines = [line for line in result.stdout.splitlines() if "in a row" in line]

        assert ["s a question" in line for line in lines] == [False] * (EARNED - 1) + [True]

    def test_a_drill_without_a_skill_asks_of_all(self, skylab: Skylab, workspace: Workspace) -> None:
        asked = documents(skylab("drill", "--seed", 0, "--count", 25, "--json", stdin="\n" * 25))

        assert len({each["question"]["skill"] for each in asked if "question" in each}) == 5

    def test_programs_get_a_line_for_each_question_and_verdict(
        self, skylab: Skylab, workspace: Workspace
    ) -> None:
        result = skylab("drill", "hosts", "--seed", 3, "--count", 1, "--json", stdin=answers("hosts", 3))
        question, verdict, sums = documents(result)

        assert question["question"]["seed"] == 3
        assert verdict["verdict"]["right"] is True
        assert (verdict["verdict"]["streak"], verdict["verdict"]["seconds"]) == (1, None)
        assert sums == {"right": 1, "asked": 1}

    def test_plain_lines_hold_no_colours_and_no_rules(self, skylab: Skylab, workspace: Workspace) -> None:
        result = skylab("drill", "hosts", "--plain", "--seed", 3, "--count", 1, stdin="\n")

        assert not set(result.stdout) & set("─│\x1b")

    def test_a_skill_that_is_not_there_is_said_to_be_so(self, skylab: Skylab, workspace: Workspace) -> None:
        result = skylab("drill", "hots", stdin="")

        assert result.exit_code == 2
        assert "Did you mean hosts?" in result.stderr


class TestReview:
    """`skylab review`."""

    def test_with_nothing_to_review_it_says_what_comes_here(
        self, skylab: Skylab, workspace: Workspace
    ) -> None:
        result = skylab("review", stdin="")

        assert result.exit_code == 0
        assert "Nothing to review" in result.stdout

    def test_with_nothing_due_it_says_when_the_next_is(self, skylab: Skylab, workspace: Workspace) -> None:
        believed(workspace.progress, "C1", days_ago=0)
        result = skylab("review", stdin="")

        assert "Nothing is due. The next review is in 23 hours" in " ".join(result.stdout.split())

    def test_what_is_due_is_asked_and_moves_away_when_it_is_right(
        self, skylab: Skylab, workspace: Workspace
    ) -> None:
        from labs.course import load_course
        from labs.course.review_questions import question_on

        believed(workspace.progress, "C1", days_ago=3)
        answer = question_on(load_course(), "C1", "alice", 1).answer
        result = skylab("review", stdin=f"{answer}\n")
        (card,) = Review(workspace.progress).cards()

        assert "✓ right" in result.stdout
        assert "1 of 1 right." in result.stdout
        assert "Nothing is due." in result.stdout
        assert card.due > datetime.now(UTC) + timedelta(days=1)

    def test_what_was_wrong_again_comes_back_the_next_day(self, skylab: Skylab, workspace: Workspace) -> None:
        believed(workspace.progress, "B3", days_ago=3)
        asked, verdict, sums = documents(skylab("review", "--json", stdin="\n"))
        (card,) = Review(workspace.progress).cards()

        assert asked["question"]["question"]
        assert verdict["verdict"]["right"] is False
        assert datetime.fromisoformat(verdict["verdict"]["due"]) == card.due
        assert (sums["right"], sums["asked"], sums["next"]["misconception"]) == (0, 1, "B3")
        assert card.due - datetime.now(UTC) < timedelta(days=1, minutes=1)

    def test_leaving_early_keeps_the_rest_due(self, skylab: Skylab, workspace: Workspace) -> None:
        believed(workspace.progress, "C1", days_ago=3)
        believed(workspace.progress, "C2", days_ago=3)
        skylab("review", stdin="\nq\n")

        assert len(Review(workspace.progress).due(datetime.now(UTC))) == 1

    def test_what_is_due_can_be_listed(self, skylab: Skylab, workspace: Workspace) -> None:
        believed(workspace.progress, "C1", days_ago=3)
        drawn = skylab("review", "--due").stdout
        (listed,) = documents(skylab("review", "--due", "--json"))

        assert "1 review" in drawn
        assert "A /24 has 254 usable in AWS." in drawn
        assert [each["misconception"] for each in listed["due"]] == ["C1"]
        assert listed["next"] is None

    def test_the_course_map_says_how_much_is_due(self, skylab: Skylab, workspace: Workspace) -> None:
        before = skylab().stdout
        believed(workspace.progress, "C1", days_ago=3)
        believed(workspace.progress, "C2", days_ago=3)

        assert "Due now" not in before
        assert "Due now  2 reviews · C1, C2   skylab review" in skylab().stdout

    def test_a_failed_check_is_reviewed(self, skylab: Skylab, workspace: Workspace) -> None:
        from labs.course import load_course

        exercise = load_course().exercise("read-a-block")
        wrong = next(each for each in exercise.wrong(exercise.variant("alice")) if each.misconception == "C8")
        workspace.write(exercise, wrong.text)
        assert skylab("check", "read-a-block").exit_code == 1

        assert [card.misconception.id for card in Review(workspace.progress).cards()] == ["C8"]
