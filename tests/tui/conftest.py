"""What tests of the app and of its commands share: a workspace with work of three kinds in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.course import Workspace, load_course
from tests.tui.handed_in import ANSWER, CODE, WORLD


@pytest.fixture
def three_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that holds something of each of the three exercises; it is that of the environment."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    for name in (CODE, WORLD, ANSWER):
        workspace.write(load_course().exercise(name), "ec2 = client('ec2')\n")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    return workspace
