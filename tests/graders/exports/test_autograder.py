"""The autograder for Gradescope is laid out as Gradescope does it, and run."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from graders.exports.autograder import autograder
from graders.exports.gradescope_run import student_of
from graders.roster import Entry, Roster
from labs.course import load_course

ROSTER = Roster((Entry("ann", "Ann Adams", {"Email": "a.adams@x.edu"}),))
META = {"users": [{"email": "a.adams@x.edu", "name": "Ann", "id": 7}]}


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    course = load_course()
    exercises = [course.exercise(name) for name in ("bucket-or-object", "which-decision")]
    return zipfile.ZipFile(io.BytesIO(autograder(exercises, roster=ROSTER)))


@pytest.fixture
def root(tmp_path: Path, archive: zipfile.ZipFile) -> Path:
    """What lies in /autograder before the first submission comes."""
    archive.extractall(tmp_path / "source")
    shutil.copy(tmp_path / "source/run_autograder", tmp_path)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission_metadata.json").write_text(json.dumps(META))
    return tmp_path


def run(root: Path) -> dict[str, Any]:
    environment = {"PATH": os.environ["PATH"], "SKYLAB_PYTHON": sys.executable}
    done = subprocess.run(
        ["bash", root / "run_autograder"],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    told: dict[str, Any] = json.loads((root / "results/results.json").read_text("utf-8"))
    return told


def test_a_submission_is_graded_in_the_variant_of_whoever_handed_in(root: Path) -> None:
    exercise = load_course().exercise("bucket-or-object")
    file = root / "submission/bucket-or-object.json"
    file.write_text(exercise.solution(exercise.variant("ann")))
    told = run(root)
    assert told["score"] == 6.0
    assert told["extra_data"]["student"] == "ann"
    assert [test["status"] for test in told["tests"]][-1] == "failed"


def test_there_are_results_when_everything_fails(root: Path) -> None:
    (root / "source/autograder.json").write_text("{")
    told = run(root)
    assert told["score"] == 0
    assert "no fault of yours" in told["output"]


def test_the_archive_holds_what_gradescope_starts_and_all_that_grading_needs(
    archive: zipfile.ZipFile,
) -> None:
    names = set(archive.namelist())
    assert {
        "setup.sh",
        "run_autograder",
        "skylab/graders/box/seccomp.py",
        "skylab/labs/course/misconceptions.toml",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("/") or ".." in name]
    for script in ("setup.sh", "run_autograder"):
        assert archive.getinfo(script).external_attr >> 16 & 0o111
        checked = subprocess.run(["bash", "-n"], input=archive.read(script), capture_output=True, check=False)
        assert checked.stderr == b""
    needed = archive.read("requirements.txt").decode().split()
    assert {"boto3", "moto[server]"} <= set(needed)
    assert not {"textual", "typer"} & set(needed)
    pinned = archive.read("constraints.txt").decode().splitlines()
    assert all("==" in line for line in pinned)
    assert {"boto3", "botocore", "moto"} <= {line.partition("==")[0] for line in pinned}


@pytest.mark.parametrize(
    ("metadata", "student"),
    [
        (META, "ann"),
        ({"users": [{"email": "bob@x.edu", "name": "Bob"}]}, "bob"),
        ({"users": [{"email": None, "name": "Ann Adams"}]}, "ann"),
        ({}, "student"),
    ],
)
def test_a_student_is_found_in_the_roster_or_by_the_email(metadata: dict[str, Any], student: str) -> None:
    assert student_of(metadata, ROSTER) == student
