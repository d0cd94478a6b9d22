"""A workspace loses nothing: what was typed is written whole, and a reset keeps what it replaces."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from labs.course import Exercise, Workspace, load_course, misconceptions
from labs.errors import WorkspaceError


@dataclass(frozen=True)
class Marked:
    """An attempt, as the graders' report is one."""

    exercise: Exercise
    state: str
    points: Decimal
    max: Decimal = Decimal(6)
    misconceptions: tuple[str, ...] = ()


@pytest.fixture
def exercise() -> Exercise:
    return load_course().exercise("bucket-or-object")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "work", "ada")


def test_a_workspace_is_found_from_a_folder_inside_it(workspace: Workspace) -> None:
    inside = workspace.folder / "policies" / "deep"
    inside.mkdir(parents=True)

    found = Workspace.find(inside)

    assert found is not None
    assert (found.folder, found.student) == (workspace.folder, "ada")


def test_a_folder_outside_is_in_no_workspace(tmp_path: Path) -> None:
    assert Workspace.find(tmp_path) is None


def test_a_workspace_that_is_there_keeps_its_student(workspace: Workspace) -> None:
    assert Workspace.create(workspace.folder, "eve").student == "ada"


@pytest.mark.parametrize("marker", ["", "{", "[]", '{"version": 1}', '{"version": 99, "student": "ada"}'])
def test_a_damaged_marker_is_an_error_that_says_where(workspace: Workspace, marker: str) -> None:
    (workspace.folder / ".skylab" / "workspace.json").write_text(marker)

    with pytest.raises(WorkspaceError) as raised:
        Workspace.open(workspace.folder)

    assert "workspace.json" in raised.value.detail


def test_starting_writes_the_starter_once(workspace: Workspace, exercise: Exercise) -> None:
    path = workspace.start(exercise)
    path.write_text("mine")

    workspace.start(exercise)

    assert path == workspace.folder / "policies" / "bucket-or-object" / "policy.json"
    assert workspace.read(exercise) == "mine"


def test_a_reset_keeps_what_was_there(workspace: Workspace, exercise: Exercise) -> None:
    workspace.write(exercise, "an hour's work")

    workspace.reset(exercise)

    kept = list((workspace.folder / ".skylab" / "trash").rglob("policy.json"))
    assert workspace.read(exercise) == exercise.starter(exercise.variant("ada"))
    assert [path.read_text() for path in kept] == ["an hour's work"]


def test_writing_leaves_no_draft_behind(workspace: Workspace, exercise: Exercise) -> None:
    path = workspace.write(exercise, "one")
    workspace.write(exercise, "two")

    assert [each.name for each in path.parent.iterdir()] == ["policy.json"]


def test_nothing_written_is_none(workspace: Workspace, exercise: Exercise) -> None:
    assert workspace.read(exercise) is None


def test_a_file_that_is_not_utf8_is_an_error_that_says_so(workspace: Workspace, exercise: Exercise) -> None:
    path = workspace.start(exercise)
    path.write_bytes(b"\xff\xfe{")

    with pytest.raises(WorkspaceError, match="UTF-8"):
        workspace.read(exercise)


def test_the_journal_of_a_world_is_what_is_handed_in(workspace: Workspace) -> None:
    course = load_course()

    world, code = course.exercise("lift-the-deny"), course.exercise("find-the-sid")

    assert workspace.world_journal(world) == workspace.path(world)
    assert workspace.world_journal(code).is_relative_to(workspace.folder / ".skylab")


def test_an_exercise_goes_from_new_to_done_and_stays_done(workspace: Workspace, exercise: Exercise) -> None:
    progress = workspace.progress
    states = [progress.best(exercise).state]
    workspace.start(exercise)
    states.append(progress.best(exercise).state)
    for state, points in (("fail", 0), ("partial", 4), ("pass", 6), ("fail", 0)):
        progress.record(Marked(exercise, state, Decimal(points)))
        states.append(progress.best(exercise).state)

    assert states == ["new", "started", "started", "partial", "done", "done"]
    assert progress.best(exercise).points == 6
    assert progress.best(exercise).attempts == 4
    assert [state for _, state, _ in progress.attempts(exercise)] == ["fail", "partial", "pass", "fail"]


def test_the_last_attempt_is_kept_with_what_was_handed_in(workspace: Workspace, exercise: Exercise) -> None:
    progress = workspace.progress
    assert progress.last(exercise) is None
    progress.record(Marked(exercise, "fail", Decimal(0)), text="first")
    progress.record(Marked(exercise, "partial", Decimal(4)), text="second")
    last = progress.last(exercise)
    assert last is not None
    assert (last.number, last.points, last.text) == (2, Decimal(4), "second")

    progress.record(Marked(exercise, "fail", Decimal(0)))
    last = progress.last(exercise)
    assert last is not None
    assert (last.number, last.text) == (3, None)  # whose text was not at hand


def test_a_workspace_is_untouched_until_something_is_read_or_begun(
    workspace: Workspace, exercise: Exercise
) -> None:
    progress = workspace.progress
    assert progress.is_untouched()
    assert not progress.has_seen("tour")
    progress.note_seen("tour")
    progress.note_seen("tour")
    assert progress.has_seen("tour")
    assert progress.is_untouched()

    progress.page_read(exercise.unit, exercise.unit.pages[0])
    assert not progress.is_untouched()


def test_each_misconception_has_a_topic_of_its_own_that_fits_a_list() -> None:
    topics = [each.topic for each in misconceptions().values()]

    assert len(set(topics)) == len(topics)
    assert all(topic.strip() == topic and 0 < len(topic) <= 26 for topic in topics)


def test_what_was_not_handed_in_is_no_attempt(workspace: Workspace, exercise: Exercise) -> None:
    workspace.progress.record(Marked(exercise, "missing", Decimal(0)))

    assert workspace.progress.best(exercise).state == "new"


def test_hints_and_pages_are_remembered(workspace: Workspace, exercise: Exercise) -> None:
    progress, unit = workspace.progress, exercise.unit
    progress.hint_shown(exercise, 1)
    progress.hint_shown(exercise, 2)
    progress.hint_shown(exercise, 1)
    progress.page_read(unit, unit.pages[0])
    progress.page_read(unit, unit.pages[0])

    assert progress.best(exercise).hints == 2
    assert progress.pages_read(unit) == {unit.pages[0].id}


def test_progress_of_a_newer_skylab_is_left_alone(workspace: Workspace, exercise: Exercise) -> None:
    workspace.progress.record(Marked(exercise, "pass", Decimal(6)))
    with sqlite3.connect(workspace.progress.path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(WorkspaceError, match="newer"):
        workspace.progress.best(exercise)


def test_a_damaged_progress_file_is_an_error_that_says_what_to_do(
    workspace: Workspace, exercise: Exercise
) -> None:
    workspace.progress.path.write_bytes(json.dumps({"no": "database"}).encode() * 100)

    with pytest.raises(WorkspaceError) as raised:
        workspace.progress.best(exercise)

    assert "Move that file away" in raised.value.hint
