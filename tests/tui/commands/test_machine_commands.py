"""`skylab doctor`, `skylab lab` and `skylab demo`."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from labs.course.notebooks import Copied
from labs.sandbox.databases import installed
from tui.commands import checkup, machine
from tui.commands.checkup import Finding

Skylab = Callable[..., Result]


def test_every_finding_has_a_word_and_every_problem_says_what_to_do() -> None:
    for each in checkup.findings():
        assert each.found
        assert each.remedy or each.state != "problem"


def test_doctor_prints_a_line_for_each_finding(skylab: Skylab) -> None:
    result = skylab("doctor")

    assert result.exit_code in (0, 1)
    assert all(each.name in result.stdout for each in checkup.findings())


def test_doctor_as_json_prints_a_document_a_line(skylab: Skylab) -> None:
    found = [json.loads(line) for line in skylab("doctor", "--json").stdout.splitlines()]

    assert [each["name"] for each in found] == [each.name for each in checkup.findings()]
    assert all(each.keys() == {"name", "state", "found", "remedy"} for each in found)


def test_a_problem_is_a_no(skylab: Skylab, monkeypatch: pytest.MonkeyPatch) -> None:
    sick = Finding("Heart", "problem", "stopped", "Start it.")
    monkeypatch.setattr(checkup, "LOOKS", (lambda: sick,))

    result = skylab("doctor")

    assert result.exit_code == 1
    assert "✗ problem" in result.stdout
    assert "Start it." in result.stdout


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_PLACES", ())
    monkeypatch.setenv("PATH", "")
    found = checkup.database()
    assert (found.state, found.found) == ("note", "not found")
    assert "apt install postgresql" in found.remedy


def test_every_package_that_the_project_requires_is_looked_for() -> None:
    assert {"boto3", "moto", "textual", "tree-sitter"} <= set(checkup.required())
    assert "jupyterlab" not in checkup.required()


def test_a_missing_package_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "installed", lambda name: name != "moto")

    assert checkup.packages() == Finding("Packages", "problem", "missing: moto", "Run: python3 bootstrap.py")


@pytest.mark.parametrize(("size", "state"), [((80, 24), "ok"), ((79, 24), "problem"), ((120, 20), "problem")])
def test_a_small_terminal_is_a_problem(
    size: tuple[int, int], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_, **__: os.terminal_size(size))

    assert checkup.terminal().state == state


def test_a_kernel_that_cannot_shut_code_in_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graders.box.layers.available", lambda: ("own-process", "rlimits"))

    found = checkup.isolation()

    assert found.state == "problem"
    assert "landlock-files" in found.found


def test_lab_without_jupyterlab_says_how_to_get_it(skylab: Skylab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None)

    result = skylab("lab")

    assert result.exit_code == 3
    assert "python3 bootstrap.py lab" in result.stderr


def test_what_came_into_the_workspace_is_said_in_a_sentence_each() -> None:
    folder = Path("work", "notebooks")
    copied = (
        Copied("01-arns.ipynb", "new", folder / "01-arns.ipynb"),
        Copied("02-cidr.ipynb", "new", folder / "02-cidr.ipynb"),
        Copied("03-policies.ipynb", "beside", folder / "03-policies.new.ipynb"),
        Copied("05-billing.ipynb", "renewed", folder / "05-billing.ipynb"),
    )

    new, beside, renewed = machine.said_of(copied, folder)
    assert new == f"Your own copies of 01-arns.ipynb, 02-cidr.ipynb are in {folder}."
    assert "Yours stays; beside it lies 03-policies.new.ipynb" in beside
    assert "you had not changed yours" in renewed
    assert list(machine.said_of((), folder)) == []


def test_the_quiet_settings_are_ones_that_this_jupyterlab_knows() -> None:
    schemas = Path(sys.prefix, "share", "jupyter", "lab", "schemas")
    for plugin, settings in machine.QUIET.items():
        package, _, name = plugin.partition(":")
        schema = json.loads((schemas / package / f"{name}.json").read_text())
        for key, value in settings.items():
            allowed = schema["properties"][key]
            assert value in allowed.get("enum", [value])
            assert type(value) is {"boolean": bool, "string": str}[allowed["type"]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.slow
def test_lab_serves_the_notebooks_with_a_sandbox_and_ends_with_it(tmp_path: Path) -> None:
    workspace, port = tmp_path / "work", free_port()
    subprocess.run(
        [sys.executable, "-m", "tui", "start", str(workspace)], check=True, stdout=subprocess.DEVNULL
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "lab", "--no-browser", "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SKYLAB_WORKSPACE": str(workspace)},
    )
    try:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        token = next(found[1] for line in said if (found := re.search(r"token=(\w+)", line)))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2) as answer:
                    assert json.load(answer)["version"]
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.3)
        assert (workspace / ".skylab" / "sandbox.json").is_file()
        contents = f"http://127.0.0.1:{port}/api/contents?token={token}"
        with urllib.request.urlopen(contents, timeout=10) as answer:
            listed = {each["name"] for each in json.load(answer)["content"]}
        assert {"01-arns.ipynb", "05-billing.ipynb"} <= listed
        assert listed == {path.name for path in (workspace / "notebooks").iterdir()}
    finally:
        process.terminate()
        process.communicate(timeout=30)

    assert not (workspace / ".skylab" / "sandbox.json").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


@pytest.mark.slow
def test_the_demonstration_shows_the_map_a_denial_and_two_reports(skylab: Skylab) -> None:
    result = skylab("demo")

    text = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "Policies" in text
    assert "✗ denied" in text
    assert "not authorized to perform: s3:ListBucket" in text
    assert text.index("the starter, marked") < text.index("the solution, marked")
    assert "✓ all right" in text
