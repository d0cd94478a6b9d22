"""The time and the past of a sandbox from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.course import Workspace
from labs.errors import InputError
from labs.sandbox import World
from tui.commands.steering import read_duration

Skylab = Callable[..., Result]


@pytest.fixture
def sandbox(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the workspace of the commands knows of."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    workspace.sandbox_file.write_text(json.dumps(world.connection.to_json()))
    world.client("s3").create_bucket(Bucket="first")
    return world


def data(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def words(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return " ".join(result.stdout.replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3d", timedelta(days=3)),
        ("2h30m", timedelta(hours=2, minutes=30)),
        ("1w 2D", timedelta(days=9)),
        ("1.5h", timedelta(minutes=90)),
        ("90s", timedelta(seconds=90)),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, time: timedelta) -> None:
    assert read_duration(text) == time


@pytest.mark.parametrize("text", ["", "3", "d", "3x", "-3d", "3d!", "d3"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no length of time"):
        read_duration(text)


def test_the_clock_is_shown(sandbox: World, skylab: Skylab) -> None:
    assert words(skylab("clock")).endswith("UTC, as on this machine")
    sandbox.advance(days=3)
    assert words(skylab("clock")).endswith("UTC, 3 days ahead of this machine")
    assert data(skylab("clock", "--json"))["offset"] == 3 * 86_400


def test_the_clock_is_moved_by_a_time_or_to_a_moment(sandbox: World, skylab: Skylab) -> None:
    moved = data(skylab("advance", "1d", "12h", "--json"))
    assert moved.keys() == {"before", "now", "offset", "happened"}
    assert sandbox.clock().offset == timedelta(days=1, hours=12)
    assert "2090-02-01 00:00:00 UTC" in words(skylab("advance", "--to", "2090-02-01T00:00"))


def test_what_fell_due_on_the_way_is_told(sandbox: World, skylab: Skylab) -> None:
    ec2 = sandbox.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    spot = {"MarketType": "spot"}
    launched = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        InstanceMarketOptions=spot,
    )
    instance = launched["Instances"][0]["InstanceId"]
    sandbox.advance(minutes=1)  # it runs by then, however slow this machine is
    sandbox.interrupt(instance, after=timedelta(minutes=30))
    assert instance in words(skylab("advance", "1h"))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("advance",), "How far is not said"),
        (("advance", "3d", "--to", "2090-01-01"), "How far is not said"),
        (("advance", "3"), "no length of time"),
        (("advance", "--to", "tomorrow"), "no time"),
        (("advance", "--to", "2020-01-01"), "Time does not run backwards"),
        (("rewind", "9"), "So much has not been done"),
        (("rewind", "1", "--to", "here"), "How far is said twice"),
        (("rewind", "--to", "nowhere"), "nothing of that name"),
        (("checkpoint", "7"), "no name for a checkpoint"),
        (("interrupt", "i-0123456789abcdef0"), "No such instance"),
        (("cpu", "i-0123456789abcdef0", "80"), "No such instance"),
        (("cpu", "i-0123456789abcdef0", "much"), "no percentage"),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_what_cannot_be_done_is_explained(asked: tuple[str, ...], why: str, skylab: Skylab) -> None:
    result = skylab(*asked)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert why in result.stderr


def test_changes_are_named_listed_and_taken_back(sandbox: World, skylab: Skylab) -> None:
    assert "s3 CreateBucket first ◆ early" in words(skylab("checkpoint", "early"))
    sandbox.client("s3").create_bucket(Bucket="second")
    sandbox.client("s3").create_bucket(Bucket="third")
    assert "s3 CreateBucket third" in words(skylab("history"))
    lines = [json.loads(line) for line in skylab("history", "--jsonl").stdout.splitlines()]
    assert [(line["number"], line["checkpoints"]) for line in lines] == [
        (0, []),
        (1, ["early"]),
        (2, []),
        (3, []),
    ]
    assert "s3 CreateBucket second" in words(skylab("rewind"))
    assert data(skylab("rewind", "--to", "early", "--json"))["number"] == 1
    assert [each["Name"] for each in sandbox.client("s3").list_buckets()["Buckets"]] == ["first"]
    assert "All changes are taken back." in words(skylab("rewind", "--to", "0"))


def test_a_sandbox_is_saved_and_opened_again(sandbox: World, skylab: Skylab, tmp_path: Path) -> None:
    file = tmp_path / "monday.world"
    result = skylab("save", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 change" in result.stderr
    assert skylab("save", file).exit_code == 2
    assert skylab("save", file, "--force").exit_code == 0
    with World.from_file(file) as opened:
        assert [each["Name"] for each in opened.client("s3").list_buckets()["Buckets"]] == ["first"]


@pytest.mark.parametrize("more", [("--seed", "4"), ("--start", "2030-01-01"), ("--exercise", "x")])
@pytest.mark.usefixtures("sandbox")
def test_a_saved_sandbox_brings_its_own_settings(more: tuple[str, ...], skylab: Skylab) -> None:
    assert skylab("sandbox", "--open", "any.world", *more).exit_code == 2


@pytest.mark.usefixtures("sandbox")
def test_a_file_that_is_no_sandbox_is_refused(skylab: Skylab, tmp_path: Path) -> None:
    (tmp_path / "text.world").write_text("hello")
    result = skylab("sandbox", "--open", tmp_path / "text.world")
    assert result.exit_code == 3
    assert "The world's file is damaged" in result.stderr


def test_an_instance_is_interrupted_and_put_to_work(sandbox: World, skylab: Skylab) -> None:
    ec2 = sandbox.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        InstanceMarketOptions={"MarketType": "spot"},
    )
    instance = launched["Instances"][0]["InstanceId"]
    assert skylab("cpu", instance, "80%").exit_code == 0
    assert f"{instance} will be interrupted at" in words(skylab("interrupt", instance))
    when = data(skylab("interrupt", instance, "--after", "1h", "--json"))["time"]
    assert when.endswith("Z")
    assert "was interrupted: terminate" in words(skylab("advance", "2h"))


def test_a_sandbox_can_begin_at_any_time(skylab: Skylab) -> None:
    assert skylab("sandbox", "--start", "noon").exit_code == 2
