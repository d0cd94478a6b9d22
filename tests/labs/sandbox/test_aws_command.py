"""The `aws` of shells that speak to the sandbox. Source: the AWS CLI's own table, `overridesslcommonname`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from awscli.customizations.overridesslcommonname import (  # type: ignore[import-untyped]
    SSL_COMMON_NAMES,
)

from labs.sandbox import World
from labs.sandbox.aws_command import SERVICES, first_on_path, put_command

HERE = "http://127.0.0.1:4566"
FAKE = """#!/bin/sh
for word do printf '<%s>' "$word"; done
[ -t 0 ] || cat
exit 37
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with the command, and behind it an AWS CLI that shows its words and its input."""
    other = tmp_path / "another place"
    other.mkdir()
    (other / "aws").write_text(FAKE)
    (other / "aws").chmod(0o755)
    return os.pathsep.join([str(put_command(tmp_path / "bin")), str(other), os.defpath])


def said(path: str, *words: str, given: str = "", **more: str) -> tuple[str, int]:
    environment = {"PATH": path, "AWS_ENDPOINT_URL": HERE, **more}
    done = subprocess.run(
        [f"{path.split(os.pathsep)[0]}/aws", *words],
        input=given,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr, done.returncode


def test_it_knows_each_service_for_which_the_cli_ignores_the_variable() -> None:
    assert set(SSL_COMMON_NAMES) == set(SERVICES)


def test_words_input_and_exit_status_pass_through(path: str) -> None:
    words = ("s3api", "put-object", "--metadata", 'a=b "c"', "$HOME", "", "*")
    text, status = said(path, *words, given="from stdin")
    assert text == '<s3api><put-object><--metadata><a=b "c"><$HOME><><*>from stdin'
    assert status == 37


@pytest.mark.parametrize("service", SERVICES)
def test_the_endpoint_is_told_to_services_that_would_not_ask(path: str, service: str) -> None:
    assert said(path, service, "list")[0] == f"<--endpoint-url><{HERE}><{service}><list>"


@pytest.mark.parametrize(
    "words",
    [
        ("--region", "eu-west-1", "sqs", "list-queues"),
        ("--output=json", "--no-sign-request", "sqs", "list-queues"),
        ("--profile", "rds", "--debug", "sqs", "list-queues"),
    ],
)
def test_the_service_is_found_behind_options(path: str, words: tuple[str, ...]) -> None:
    assert said(path, *words)[0].startswith(f"<--endpoint-url><{HERE}>")


@pytest.mark.parametrize(
    "words",
    [
        ("s3", "ls"),
        ("--profile", "sqs", "s3", "ls"),
        ("s3", "cp", "sqs", "rds"),
        ("--version",),
        ("sqs", "list-queues", "--endpoint-url", "http://elsewhere"),
        ("--endpoint-url=http://elsewhere", "sqs", "list-queues"),
    ],
)
def test_nothing_is_added_where_it_is_not_wanted(path: str, words: tuple[str, ...]) -> None:
    assert said(path, *words)[0] == "".join(f"<{word}>" for word in words)


def test_without_a_sandbox_it_is_the_cli_alone(path: str) -> None:
    assert said(path, "sqs", "list-queues", AWS_ENDPOINT_URL="")[0] == "<sqs><list-queues>"


def test_it_never_finds_itself_and_falls_back_to_the_cli_beside_python(tmp_path: Path) -> None:
    folder = put_command(tmp_path / "bin")
    assert folder is not None
    link = tmp_path / "link"
    link.symlink_to(folder)
    text, status = said(os.pathsep.join([str(folder), str(link), os.defpath]), "--version")
    assert (text.startswith("aws-cli/"), status) == (True, 0)


def test_it_is_written_once_and_stands_first(tmp_path: Path) -> None:
    folder = put_command(tmp_path / "bin")
    assert folder is not None
    before = (folder / "aws").stat()
    assert put_command(folder) == folder
    assert (folder / "aws").stat() == before
    once = first_on_path(folder, os.pathsep.join(["/usr/bin", "/bin"]))
    assert first_on_path(folder, once) == once == os.pathsep.join([str(folder), "/usr/bin", "/bin"])


def test_the_cli_makes_a_queue_and_looks_at_databases_in_the_sandbox(world: World, tmp_path: Path) -> None:
    folder = put_command(tmp_path / "bin")
    environment = {**world.environment(), "PATH": first_on_path(folder, str(Path(sys.executable).parent))}
    environment["PATH"] += os.pathsep + os.defpath

    def aws(*words: str) -> str:
        done = subprocess.run(["aws", *words], env=environment, capture_output=True, text=True)
        return done.stdout if not done.returncode else done.stderr

    url = json.loads(aws("sqs", "create-queue", "--queue-name", "jobs"))["QueueUrl"]
    assert url.endswith("/jobs")
    assert json.loads(aws("rds", "describe-db-instances")) == {"DBInstances": []}
    assert [event.operation for event in world.events()] == ["CreateQueue", "DescribeDBInstances"]
