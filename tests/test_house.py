"""The house rules that a machine can check: what is committed, what is imported, what the README promises."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tui.commands.application import application

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-notebooks.lock", "requirements-test.lock")

# Spelled in two halves, so that this file does not name what it forbids.
FORBIDDEN_IN_LOCKS = ("://", "--index-url", "--extra-index-url", "--find-links")
MACHINE_PATHS = ("/wo" + "rk/", "/tmp/br" + "ief", "/ro" + "ot/", "/opt/py" + "pi")
INDEX_HOSTS = ("pypi." + "org", "pythonhosted." + "org")


def tracked() -> list[Path]:
    """Every file under version control that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8192]]


def pins(lock: str) -> dict[str, str]:
    """What a lock file installs: name to version."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: what is committed cannot be listed")


@pytest.mark.usefixtures("checkout")
def test_no_committed_file_names_a_machine_path() -> None:
    found = {
        f"{file.relative_to(ROOT)}: {path}"
        for file in tracked()
        for path in MACHINE_PATHS
        if path in file.read_text(encoding="utf-8", errors="replace")
    }

    assert found == set()


@pytest.mark.usefixtures("checkout")
def test_no_committed_file_names_a_package_index() -> None:
    found = {
        f"{file.relative_to(ROOT)}: {host}"
        for file in tracked()
        for host in INDEX_HOSTS
        if host in file.read_text(encoding="utf-8", errors="replace")
    }

    assert found == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_place_to_install_from(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert [each for each in FORBIDDEN_IN_LOCKS if each in text] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_file_has_a_hash(lock: str) -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text())

    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(("smaller", "larger"), [LOCKS[:2], LOCKS[1:]])
def test_a_larger_lock_holds_everything_of_the_smaller_one_in_the_same_versions(
    smaller: str, larger: str
) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_the_locks_hold_what_builds_the_project() -> None:
    assert all("hatchling" in pins(lock) for lock in LOCKS)


def test_the_documented_pins_are_exact() -> None:
    wanted = {"textual": "8.2.8", "tree-sitter": "0.25.2", "tree-sitter-json": "0.24.8"}

    assert wanted.items() <= pins(LOCKS[0]).items()


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("labs.aws.iam", ("moto", "boto3", "botocore", "rich", "textual")),
        ("labs.aws.dissection", ("moto", "boto3", "botocore", "rich", "textual")),
        ("labs.aws.network.addresses", ("moto", "boto3", "botocore", "rich", "textual")),
        ("labs.sandbox", ("moto", "boto3", "botocore", "werkzeug")),
        ("labs.course", ("moto", "boto3", "botocore", "labs.units", "textual")),
        ("tui.opening", ("moto", "boto3", "botocore", "rich", "textual", "typer", "labs.course", "graders")),
        (
            "tui.commands.application",
            ("moto", "boto3", "botocore", "rich", "textual", "labs.course", "graders"),
        ),
    ],
)
def test_importing_a_part_does_not_load_what_it_can_do_without(
    module: str, unwanted: tuple[str, ...]
) -> None:
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.splitlines()

    assert sorted(set(unwanted) & set(loaded)) == []


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def group() -> TyperGroup:
    group = get_command(application())
    assert isinstance(group, TyperGroup)
    return group


def commands() -> set[str]:
    return set(group().commands)


def test_the_readme_names_every_command() -> None:
    missing = {name for name in commands() if f"skylab {name}" not in readme()}

    assert missing == set()


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    code = re.findall(r"```.*?```|`[^`]+`", readme(), re.DOTALL)
    named = {word for each in code for word in re.findall(r"\bskylab ([a-z]+(?:-[a-z]+)*)\b", each)}

    assert named - commands() == set()


def test_every_option_that_the_readme_shows_exists() -> None:
    shared = {option for each in group().params for option in each.opts}
    unknown = set()
    for line, name in re.findall(r"(.*\bskylab ([a-z]+(?:-[a-z]+)*)\b.*)", readme()):
        command = group().commands.get(name)
        beneath = command.commands.values() if isinstance(command, TyperGroup) else ()
        params = [each for found in (command, *beneath) if found for each in found.params]
        known = shared | {option for each in params for option in each.opts}
        unknown |= {f"{name} {option}" for option in re.findall(r"--[a-z-]+", line) if option not in known}

    assert unknown == set()


def test_the_readme_gives_the_two_commands() -> None:
    assert "python3 bootstrap.py\n" in readme()
    assert "python3 bootstrap.py test\n" in readme()


def test_the_readme_links_to_files_that_are_there() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", readme())

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_source_file_is_longer_than_a_reader_can_hold() -> None:
    sources = [file for folder in ("labs", "graders", "tui") for file in (ROOT / folder).rglob("*.py")]
    long = {str(file.relative_to(ROOT)): lines for file in sources if (lines := length(file)) > 480}

    assert long == {}


def length(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())
