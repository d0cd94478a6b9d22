"""`skylab reach`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.sandbox import World
from tui.address import announce

Skylab = Callable[..., Result]

BASE = Path(__file__).parents[2] / "labs/aws/network/paths/base.json"
HOME = ("--describe", BASE)


def lines_of(*documents: Any) -> str:
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in documents)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_path_that_works_is_drawn_and_exits_0(skylab: Skylab) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "80", *HOME)

    assert result.exit_code == 0
    assert "internet → web (i-web)  tcp 80    ✓ reachable" in result.stdout
    assert "→ security group web in     tcp 80 from 0.0.0.0/0" in result.stdout
    assert "← security group web out    stateful: the reply is allowed" in result.stdout


def test_a_blocked_path_names_the_blocker_and_its_repair_and_exits_1(skylab: Skylab) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "22", *HOME)

    assert result.exit_code == 1
    assert "✗ web (sg-web)  ENI_SG_RULES_MISMATCH  on the way there" in result.stdout
    assert "repair  Let tcp 22 in from everyone in web (sg-web)." in result.stdout
    assert 'ec2.authorize_security_group_ingress(GroupId="sg-web"' in result.stdout


def test_a_partial_path_exits_1(skylab: Skylab) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "79-80", *HOME)

    assert result.exit_code == 1
    assert "◐ partial: only destination ports 80" in result.stdout


def test_the_answer_as_json_has_what_the_contract_names(skylab: Skylab) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "22", "--json", *HOME)

    (answer,) = answers(result)
    assert result.exit_code == 1
    assert answer["verdict"] == "blocked"
    assert answer["ports"] == []
    (blocker,) = answer["blockers"]
    assert (blocker["component"], blocker["code"], blocker["direction"]) == (
        "sg-web",
        "ENI_SG_RULES_MISMATCH",
        "forward",
    )
    assert blocker["repair"]["calls"][0]["operation"] == "authorize_security_group_ingress"


def test_flow_logs_are_printed_as_aws_would_write_them(skylab: Skylab) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "22", "--flow-logs", *HOME)

    assert result.exit_code == 1
    record = r"2 111111111111 eni-web 203\.0\.113\.77 10\.0\.1\.5 32768 22 6 1 60 \d+ \d+ REJECT OK\n"
    assert re.fullmatch(record, result.stdout)


def test_flow_logs_stand_in_the_json_too(skylab: Skylab) -> None:
    result = skylab(
        "reach", "--from", "i-web", "--to", "i-app", "--port", "8080", "--flow-logs", "--json", *HOME
    )

    assert [line.split()[2] for line in answers(result)[0]["flow_logs"]] == [
        "eni-web",
        "eni-app",
        "eni-app",
        "eni-web",
    ]


def test_each_line_has_its_answer_and_a_bad_one_costs_only_itself(skylab: Skylab) -> None:
    asked = lines_of(
        {"id": "a", "from": "internet", "to": "i-web", "protocol": "tcp", "port": 80, "client": "linux"},
        {"id": "b", "from": "internet", "to": "i-gone", "port": 80},
        "not json\n",
        {"id": "c", "from": "i-web", "to": "i-app", "port": 70000},
        {"id": "d", "from": "i-web", "to": "i-db", "port": "5432"},
    )

    result = skylab("reach", "--jsonl", *HOME, stdin=asked)

    found = answers(result)
    assert result.exit_code == 0
    assert [each["id"] for each in found] == ["a", "b", None, "c", "d"]
    assert [each.get("verdict") for each in found] == ["reachable", None, None, None, "blocked"]
    assert [each["error"]["title"] for each in found if "error" in each] == [
        '"to" names nothing in these documents',
        "This is not JSON",
        "This is no port",
    ]


def test_the_files_of_a_folder_are_read_together(skylab: Skylab, tmp_path: Path) -> None:
    folder = tmp_path / "described"
    folder.mkdir()
    for key, value in json.loads(BASE.read_text()).items():
        (folder / f"{key}.json").write_text(json.dumps({key: value}))

    result = skylab("reach", "--from", "internet", "--to", "i-web", "--port", "80", "--describe", folder)

    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is not JSON"),
        ('{"Volumes": []}', "describe no network"),
        ('{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "v", "CidrBlock": "10.0.0.0/33"}]}', "is damaged"),
        (
            '{"Vpcs": [], "Subnets": [{"SubnetId": "subnet-1", "VpcId": "v", "CidrBlock": "10.0.0.0/24"}]}',
            "points to something that is not there",
        ),
    ],
)
def test_documents_that_cannot_be_read_are_wrong_use(
    text: str, said: str, skylab: Skylab, tmp_path: Path
) -> None:
    file = tmp_path / "described.json"
    file.write_text(text)

    result = skylab("reach", "--from", "internet", "--to", "i-web", "--describe", file)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr


def test_an_empty_folder_is_wrong_use(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("reach", "--from", "internet", "--to", "i-web", "--describe", tmp_path / "here")

    assert result.exit_code == 2
    assert "The folder describes no network" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "internet"), "--to is missing"),
        ((), "--from and --to are missing"),
        (("--from", "internet", "--to", "i-web", "--port", "http"), "This is no port"),
        (("--from", "internet", "--to", "i-web", "--protocol", "tpc"), "no such protocol"),
        (("--from", "internet", "--to", "i-nobody"), "names nothing"),
    ],
)
def test_a_question_that_cannot_be_asked_is_wrong_use(
    words: tuple[str, ...], said: str, skylab: Skylab
) -> None:
    result = skylab("reach", *words, *HOME)

    assert result.exit_code == 2
    assert said in result.stderr


@pytest.fixture
def launched(skylab: Skylab, tmp_path: Path, world: World) -> str:
    """An instance that runs in the sandbox of the workspace `work`."""
    assert skylab("start", tmp_path / "work").exit_code == 0
    announce(tmp_path / "work" / ".skylab" / "sandbox.json", world)
    ec2 = world.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    world.advance(days=400)  # by then it runs
    return str(made["Instances"][0]["InstanceId"])


def test_without_documents_the_running_sandbox_is_read(skylab: Skylab, tmp_path: Path, launched: str) -> None:
    question = ("reach", "--from", launched, "--to", "169.254.169.254", "--port", "80")

    result = skylab("--workspace", tmp_path / "work", *question)

    assert result.exit_code == 0
    assert "the instance metadata service answers" in result.stdout


def test_flow_logs_of_the_sandbox_have_its_time(
    skylab: Skylab, tmp_path: Path, launched: str, world: World
) -> None:
    question = ("reach", "--from", launched, "--to", "1.1.1.1", "--port", "443", "--flow-logs")

    result = skylab("--workspace", tmp_path / "work", *question)

    start = int(result.stdout.split()[10])
    assert 0 <= world.clock().now.timestamp() - start < 600


def test_without_documents_and_sandbox_there_is_nothing_to_read(skylab: Skylab, tmp_path: Path) -> None:
    assert skylab("start", tmp_path / "work").exit_code == 0

    result = skylab("--workspace", tmp_path / "work", "reach", "--from", "internet", "--to", "i-web")

    assert result.exit_code == 3
    assert result.stdout == ""
