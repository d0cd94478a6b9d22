from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from labs.sandbox import Nursery
from labs.sandbox.scratch import Scratch


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_nothing_is_made_before_it_is_needed(temporary: Path) -> None:
    Scratch().clear()
    assert not list(temporary.iterdir())


def test_a_place_is_for_its_owner_alone_and_goes_with_the_rest(temporary: Path) -> None:
    scratch = Scratch()
    place = scratch.place("homes", "i-1")
    assert scratch.place("homes", "i-1") == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    (place / "file").write_text("x")
    scratch.clear()
    assert not list(temporary.iterdir())
    assert scratch.place("homes").is_dir()


def test_what_a_killed_world_left_is_taken_away_and_what_a_living_one_has_is_not(temporary: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = temporary / f"skylab-{gone.pid}-abc"
    lives = temporary / f"skylab-{os.getppid()}-abc"
    other = temporary / "skylab-notes"
    for each in (left, lives, other):
        each.mkdir()
    Scratch().place("homes")
    assert not left.exists()
    assert lives.exists()
    assert other.exists()


def test_a_world_takes_its_folder_with_it(nursery: Nursery) -> None:
    with nursery.world(seed=1) as world:
        ec2 = world.client("ec2")
        image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
        run = ec2.run_instances(ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1)
        home = world.home(run["Instances"][0]["InstanceId"])
        assert home.is_dir()
    assert not home.exists()
