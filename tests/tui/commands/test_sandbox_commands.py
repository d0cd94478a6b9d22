"""`skylab sandbox`, `env` and `events`, and `explain --check` of what they show."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from typer.testing import Result

from labs.course import Workspace, load_course
from labs.sandbox import Connection, World

Skylab = Callable[..., Result]

DOCUMENTED = {"endpoint", "metadata_endpoint", "region", "account", "credentials", "control"}
EVENT_KEYS = {"time", "id", "principal", "service", "operation", "checks", "status", "error", "source"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that every command of the test means."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    return workspace


@pytest.fixture
def announced(workspace: Workspace, world: World) -> World:
    """A world that the workspace knows of, in which alice was refused a listing."""
    workspace.sandbox_file.write_text(json.dumps(world.connection.to_json()))
    world.client("s3").create_bucket(Bucket="training")
    world.client("iam").create_user(UserName="alice")
    with pytest.raises(ClientError):
        world.client("s3", as_="user/alice").list_objects_v2(Bucket="training")
    return world


def variables(result: Result) -> dict[str, str]:
    exports = [line.removeprefix("export ") for line in result.stdout.splitlines()]
    return {name: value for name, _, value in (line.partition("=") for line in exports)}


def test_env_gives_the_keys_of_whoever_is_asked_for(announced: World, skylab: Skylab) -> None:
    admin, alice = variables(skylab("env")), variables(skylab("env", "--as", "alice"))

    assert admin["AWS_ENDPOINT_URL"] == alice["AWS_ENDPOINT_URL"] == announced.endpoint
    assert admin["AWS_ACCESS_KEY_ID"] != alice["AWS_ACCESS_KEY_ID"]


def test_env_puts_an_aws_before_all_others_that_speaks_to_the_sandbox(
    announced: World, workspace: Workspace, skylab: Skylab
) -> None:
    first = variables(skylab("env"))["PATH"].strip("'").split(os.pathsep)[0]
    assert first == str(workspace.folder / ".skylab/bin")
    assert os.access(Path(first) / "aws", os.X_OK)


def test_env_on_an_instance_has_no_keys(announced: World, skylab: Skylab) -> None:
    ec2 = announced.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    started = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance = started["Instances"][0]["InstanceId"]

    found = variables(skylab("env", "--instance", instance))

    assert found["AWS_EC2_METADATA_SERVICE_ENDPOINT"] == announced.metadata_endpoint(instance)
    assert not [name for name in found if "KEY" in name or "TOKEN" in name]


@pytest.mark.parametrize(
    "words",
    [("--as", "nobody"), ("--instance", "i-0123456789abcdef0"), ("--as", "alice", "--instance", "i-1")],
)
@pytest.mark.usefixtures("announced")
def test_env_for_somebody_who_is_not_there_is_explained(words: tuple[str, ...], skylab: Skylab) -> None:
    result = skylab("env", *words)

    assert result.exit_code in (2, 3)
    assert result.stdout == ""
    assert result.stderr.startswith("✗ ")


@pytest.mark.usefixtures("announced")
def test_events_tell_who_asked_and_why_it_was_denied(skylab: Skylab) -> None:
    text = " ".join(skylab("events").stdout.split())

    assert "user/admin s3:CreateBucket ✓ allowed" in text
    assert "user/alice s3:ListObjectsV2 ✗ denied" in text
    assert "no identity-based policy" in text


@pytest.mark.usefixtures("announced")
def test_events_as_lines_have_the_documented_keys(skylab: Skylab) -> None:
    lines = [json.loads(line) for line in skylab("events", "--jsonl").stdout.splitlines()]

    assert [line["operation"] for line in lines][-1] == "ListObjectsV2"
    assert all(line.keys() >= EVENT_KEYS for line in lines)
    assert lines[-1]["error"] == "AccessDenied"
    assert {"action", "resource", "decision", "reason"} <= lines[-1]["checks"][0].keys()


def test_a_check_of_an_event_can_be_explained_in_full(announced: World, skylab: Skylab) -> None:
    check = announced.events()[-1].checks[0]

    result = skylab("explain", "--check", check.id, "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (answer["decision"], answer["reason"]) == (check.decision, check.reason)


@pytest.mark.parametrize("words", [("env",), ("events",), ("explain", "--check", "c1")])
@pytest.mark.usefixtures("workspace")
def test_without_a_sandbox_it_is_said_how_to_start_one(words: tuple[str, ...], skylab: Skylab) -> None:
    result = skylab(*words)

    assert result.exit_code == 3
    assert "skylab sandbox" in result.stderr


def test_a_sandbox_that_has_ended_without_saying_so_is_reported(workspace: Workspace, skylab: Skylab) -> None:
    gone = World.start()
    workspace.sandbox_file.write_text(json.dumps(gone.connection.to_json()))
    gone.close()

    result = skylab("events")

    assert result.exit_code == 3
    assert "cannot be reached" in result.stderr


def test_an_address_that_cannot_be_read_is_reported(workspace: Workspace, skylab: Skylab) -> None:
    workspace.sandbox_file.write_text('{"endpoint": 4')

    assert skylab("events").exit_code == 3


@pytest.mark.usefixtures("workspace")
def test_an_exercises_world_takes_no_other_settings(skylab: Skylab) -> None:
    assert skylab("sandbox", "--exercise", "x", "--seed", "4").exit_code == 2


def test_the_rules_beside_iams_are_listed_with_aws_s_pages(skylab: Skylab) -> None:
    text = " ".join(skylab("sandbox", "--rules").stdout.split())

    assert "ec2.vpc-range refuses InvalidVpc.Range AWS A VPC's block is" in text
    assert "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html" in text


def test_the_rules_are_data_as_well(skylab: Skylab) -> None:
    rules = json.loads(skylab("sandbox", "--rules", "--json").stdout)["rules"]

    assert len({each["rule"] for each in rules}) == len(rules) > 100
    (found,) = [each for each in rules if each["rule"] == "ec2.vpc-range"]
    assert (found["effect"], found["code"], found["operations"]) == (
        "refuses",
        "InvalidVpc.Range",
        ["ec2:CreateVpc"],
    )
    assert found["sourced"] is True


def test_an_event_tells_the_rule_that_refused_its_call(announced: World, skylab: Skylab) -> None:
    with pytest.raises(ClientError):
        announced.client("ec2").create_vpc(CidrBlock="169.254.0.0/16")

    line = json.loads(skylab("events", "--jsonl").stdout.splitlines()[-1])
    text = " ".join(skylab("events").stdout.split())

    (told,) = line["explanations"]
    assert (told["rule"], told["effect"]) == ("ec2.vpc-range", "refused")
    assert f"InvalidVpc.Range: {line['message']} {told['text']} {told['hint']} {told['source']}:" in text


@pytest.fixture
def started(workspace: Workspace) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `skylab WORDS…` as a process of its own; all are ended with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "SKYLAB_WORKSPACE": str(workspace.folder)},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


Started = Callable[..., "subprocess.Popen[str]"]


def first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_prints_one_line_and_runs_until_a_signal(
    number: signal.Signals, started: Started, workspace: Workspace
) -> None:
    process = started("sandbox", "--json", "--seed", "5")
    connection = first_line(process)

    assert connection.keys() >= DOCUMENTED
    assert json.loads(workspace.sandbox_file.read_text()) == {**connection, "as": "admin"}
    assert stat.S_IMODE(workspace.sandbox_file.stat().st_mode) == 0o600
    world = World.connect(Connection.from_json(connection))
    assert world.client("sts").get_caller_identity()["Account"] == connection["account"]

    process.send_signal(number)
    rest, told = process.communicate(timeout=20)

    assert (process.returncode, rest, told) == (0, "", "")
    assert not workspace.sandbox_file.exists()


def test_a_second_sandbox_keeps_its_address_when_the_first_ends(
    started: Started, workspace: Workspace
) -> None:
    first, second = started("sandbox", "--json"), None
    first_line(first)
    second = started("sandbox", "--json")
    address = first_line(second)

    first.terminate()
    first.communicate(timeout=20)

    assert json.loads(workspace.sandbox_file.read_text())["endpoint"] == address["endpoint"]


def test_a_journal_brings_the_world_back(started: Started, tmp_path: Path) -> None:
    journal = str(tmp_path / "world.jsonl")
    for attempt in range(2):
        process = started("sandbox", "--json", "--journal", journal)
        s3 = World.connect(Connection.from_json(first_line(process))).client("s3")
        if attempt == 0:
            s3.create_bucket(Bucket="kept")
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        process.terminate()
        process.communicate(timeout=20)

        assert names == ["kept"]


def test_events_follow_until_they_are_interrupted(started: Started, announced: World) -> None:
    process = started("events", "--follow", "--jsonl")
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.extend(process.stdout or ()), daemon=True)
    reader.start()
    announced.client("s3").create_bucket(Bucket="later")
    for _ in range(100):
        if any('"CreateBucket"' in line and len(seen) >= 4 for line in seen):
            break
        reader.join(0.1)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    reader.join(5)

    assert [json.loads(line)["sequence"] for line in seen] == [event.sequence for event in announced.events()]
    assert process.returncode == 130


def test_in_the_world_of_an_exercise_one_is_whom_the_exercise_says(
    started: Started, skylab: Skylab, workspace: Workspace
) -> None:
    exercise = load_course().exercise("lift-the-deny")
    process = started("sandbox", "--json", "--exercise", exercise.name)
    world = World.connect(Connection.from_json(first_line(process)))

    found = variables(skylab("env"))
    boto3.client(
        "iam",
        endpoint_url=found["AWS_ENDPOINT_URL"],
        region_name=found["AWS_REGION"],
        aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
    ).list_groups()

    assert world.events()[-1].principal == f"arn:aws:iam::{world.account}:user/learner"
    assert workspace.world_journal(exercise).is_file()
