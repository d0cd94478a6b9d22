"""A learner's copies of the notebooks: made once, brought up to date, and never overwritten once changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.course import Workspace
from labs.course.notebooks import Copied, own_copies
from labs.errors import WorkspaceError

NAME = "03-policies.ipynb"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "work", "alice")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / NAME).write_text("first", "utf-8")
    return folder


def own(workspace: Workspace, name: str = NAME) -> Path:
    return workspace.folder / "notebooks" / name


def how(done: tuple[Copied, ...]) -> list[str]:
    return [each.how for each in done]


def test_the_first_time_each_is_copied_and_the_second_time_nothing_is_done(
    workspace: Workspace, course: Path
) -> None:
    assert own_copies(workspace, course) == (Copied(NAME, "new", own(workspace)),)
    assert own_copies(workspace, course) == ()
    assert own(workspace).read_text("utf-8") == "first"


def test_what_the_learner_changed_stays_as_it_is(workspace: Workspace, course: Path) -> None:
    own_copies(workspace, course)
    own(workspace).write_text("mine", "utf-8")

    assert own_copies(workspace, course) == ()
    assert own(workspace).read_text("utf-8") == "mine"


def test_a_newer_notebook_takes_the_place_of_a_copy_that_was_not_changed(
    workspace: Workspace, course: Path
) -> None:
    own_copies(workspace, course)
    (course / NAME).write_text("second", "utf-8")

    assert how(own_copies(workspace, course)) == ["renewed"]
    assert own(workspace).read_text("utf-8") == "second"


def test_a_newer_notebook_is_put_beside_one_that_was_changed_and_that_once(
    workspace: Workspace, course: Path
) -> None:
    own_copies(workspace, course)
    own(workspace).write_text("mine", "utf-8")
    (course / NAME).write_text("second", "utf-8")
    beside = own(workspace, "03-policies.new.ipynb")

    assert own_copies(workspace, course) == (Copied(NAME, "beside", beside),)
    assert (own(workspace).read_text("utf-8"), beside.read_text("utf-8")) == ("mine", "second")

    beside.write_text("mine too", "utf-8")
    assert own_copies(workspace, course) == ()

    (course / NAME).write_text("third", "utf-8")
    assert [each.file.name for each in own_copies(workspace, course)] == ["03-policies.new-2.ipynb"]
    assert (own(workspace).read_text("utf-8"), beside.read_text("utf-8")) == ("mine", "mine too")


def test_a_copy_that_was_deleted_is_put_again(workspace: Workspace, course: Path) -> None:
    own_copies(workspace, course)
    own(workspace).unlink()

    assert how(own_copies(workspace, course)) == ["new"]


@pytest.mark.parametrize("lost", ["", "[]", '{"03-policies.ipynb": 3}', "{"])
def test_without_its_record_a_copy_that_differs_counts_as_changed(
    workspace: Workspace, course: Path, lost: str
) -> None:
    own_copies(workspace, course)
    (workspace.folder / ".skylab" / "notebooks.json").write_text(lost, "utf-8")
    (course / NAME).write_text("second", "utf-8")

    assert how(own_copies(workspace, course)) == ["beside"]
    assert own(workspace).read_text("utf-8") == "first"


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(
    workspace: Workspace, course: Path
) -> None:
    (workspace.folder / "notebooks").write_text("a file is in the way", "utf-8")

    with pytest.raises(WorkspaceError) as raised:
        own_copies(workspace, course)

    assert "notebooks" in raised.value.detail
