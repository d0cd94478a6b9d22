"""What a notebook hands in becomes the file that is judged, and the report shows itself."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders import check, task
from graders.notebook import text_of_answer
from labs.course import Course, Workspace, load_course
from labs.errors import CourseError, SubmissionError

FACTOR = 2


def helper(number: int) -> int:
    return FACTOR * number


def double(n: int) -> int:
    def inner() -> int:
        return helper(n)

    return math.floor(inner())


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return Workspace.create(tmp_path, "alice")


def solution(name: str, student: str = "alice") -> str:
    exercise = load_course().exercise(name)
    return exercise.solution(exercise.variant(student))


def test_a_policy_may_be_a_dictionary(workspace: Workspace) -> None:
    report = check("policies/bucket-or-object", json.loads(solution("bucket-or-object")))
    assert report.passed


def test_an_attempt_is_recorded_in_the_workspace(workspace: Workspace) -> None:
    check("bucket-or-object", solution("bucket-or-object"))
    assert workspace.progress.best(load_course().exercise("bucket-or-object")).state == "done"


def test_without_an_answer_the_file_of_the_workspace_is_judged(workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")
    assert check("bucket-or-object").state == "missing"
    workspace.write(exercise, solution("bucket-or-object"))
    assert check("bucket-or-object").passed


def test_what_is_handed_in_is_in_the_workspace_for_the_app(workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")
    check("bucket-or-object", solution("bucket-or-object"))
    assert workspace.read(exercise) == solution("bucket-or-object")


def test_an_answer_that_earns_less_replaces_no_better_one(workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")
    check("bucket-or-object", solution("bucket-or-object"))
    check("bucket-or-object", exercise.starter(exercise.variant("alice")))
    assert workspace.read(exercise) == solution("bucket-or-object")


def test_what_an_answer_replaces_is_kept(workspace: Workspace) -> None:
    workspace.write(load_course().exercise("bucket-or-object"), "my own draft")
    check("bucket-or-object", solution("bucket-or-object"))
    (kept,) = (workspace.folder / ".skylab" / "trash").glob("*/policy.json")
    assert kept.read_text("utf-8") == "my own draft"


def test_questions_without_an_answer_are_no_attempt(workspace: Workspace) -> None:
    exercise = load_course().exercise("which-decision")
    assert not check("which-decision", {"read": "", "delete": " "}).passed
    assert workspace.progress.best(exercise).attempts == 0
    assert workspace.read(exercise) is None


def test_a_task_shows_what_to_begin_with(workspace: Workspace) -> None:
    asked = task("which-decision")
    assert asked.starter.rstrip() in asked._repr_markdown_()


def test_hints_come_one_after_the_other_and_end_with_the_solution(workspace: Workspace) -> None:
    asked = task("bucket-or-object")
    hints = asked.exercise.hints(asked.variant)
    shown = [asked.hint().text for _ in range(len(hints) + 1)]
    assert all(hint.text in text for hint, text in zip(hints, shown, strict=False))
    assert shown[-1] == shown[-2]
    assert workspace.progress.best(asked.exercise).hints == len(hints)


def test_what_is_changed_in_the_world_of_a_task_is_handed_in(workspace: Workspace) -> None:
    asked = task("lift-the-deny")
    with asked.world() as world:
        iam = world.client("iam", as_="learner")
        group = asked.variant.values["group"]
        guard = iam.get_group_policy(GroupName=group, PolicyName="guard")["PolicyDocument"]
        guard["Statement"][0]["Resource"] = f"arn:aws:s3:::{asked.variant.values['bucket']}/keys/*"
        iam.put_group_policy(GroupName=group, PolicyName="guard", PolicyDocument=json.dumps(guard))
    assert check("lift-the-deny").passed


def test_a_path_is_read(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(solution("bucket-or-object"), "utf-8")
    assert check("bucket-or-object", path).passed


def test_where_there_is_no_workspace_one_is_made_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    asked = task("bucket-or-object")
    assert asked.variant.student == Workspace.open(tmp_path / "home/skylab").student
    assert check("bucket-or-object", solution("bucket-or-object", asked.variant.student)).passed


def test_the_work_of_somebody_else_is_judged_and_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert check("bucket-or-object", solution("bucket-or-object", "bob"), student="bob").passed
    assert list(tmp_path.iterdir()) == []


def test_a_task_shows_its_prompt(workspace: Workspace) -> None:
    asked = task("bucket-or-object")
    assert asked.exercise.prompt(asked.variant) in asked._repr_markdown_()


def test_an_exercise_that_does_not_exist_is_named() -> None:
    with pytest.raises(CourseError, match="no such exercise"):
        check("bucket-or-objekt", "{}", student="alice")


def test_a_function_comes_with_what_it_uses(toy: Course) -> None:
    text = text_of_answer(toy.exercise("double"), double)
    program: dict[str, Any] = {}
    exec(compile(text, "task.py", "exec"), program)
    assert program["double"](21) == 42


def test_several_functions_come_in_one_file(toy: Course) -> None:
    text = text_of_answer(toy.exercise("double"), [helper, double])
    assert text.count("def helper") == text.count("def double") == 1
    assert "import math as math" in text


def test_fields_become_toml(toy: Course) -> None:
    text = text_of_answer(toy.exercise("number"), {"number": 7, "a b": ['"x"', True, 1.5]})
    assert text == '"number" = 7\n"a b" = ["\\"x\\"", true, 1.5]\n'


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [("double", {"a": 1}), ("number", double), ("number", {"a": None}), ("double", 7), ("double", [1])],
)
def test_an_answer_of_the_wrong_kind_is_refused(toy: Course, exercise: str, answer: Any) -> None:
    with pytest.raises(SubmissionError, match="cannot be handed in like this"):
        text_of_answer(toy.exercise(exercise), answer)


def test_a_function_without_a_source_is_refused(toy: Course) -> None:
    made: dict[str, Callable[..., Any]] = {}
    exec("def double(n): return n", made)
    with pytest.raises(SubmissionError, match="source"):
        text_of_answer(toy.exercise("double"), made["double"])


def test_the_report_shows_itself_and_quotes_nothing_unescaped(workspace: Workspace) -> None:
    html = check("bucket-or-object", "<img src=x onerror=alert(1)>")._repr_html_()
    assert "<img" not in html
    assert "Bucket or object" in html
