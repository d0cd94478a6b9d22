"""bootstrap.py: clear words for a machine that lacks something, and no work when nothing changed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-notebooks.lock", "requirements-test.lock")
OLDEST_READER = (3, 6)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what bootstrap.py reads, under a path with spaces."""
    folder = tmp_path / "my course, unit 3"
    folder.mkdir()
    for name in ("bootstrap.py", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def bootstrap(checkout: Path) -> ModuleType:
    """The bootstrap module of that folder."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("bootstrap_under_test", checkout / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Pip:
    """Stands in for the processes that bootstrap runs, and remembers them; `breaks` is a word that fails."""

    def __init__(self, bootstrap: ModuleType, breaks: str = "") -> None:
        self.bootstrap = bootstrap
        self.breaks = breaks
        self.commands: list[list[str]] = []

    def run(self, command: list[str], problem: str, told: list[str], count: int = 0) -> None:
        self.commands.append(command)
        if "venv" in command:
            self.bootstrap.SCRIPTS.mkdir(parents=True, exist_ok=True)
            self.bootstrap.STAMP.unlink(missing_ok=True)
            if not self.bootstrap.PYTHON.exists():
                self.bootstrap.PYTHON.symlink_to(sys.executable)
        if self.breaks and self.breaks in command:
            self.bootstrap.STAMP.write_text("")
            raise KeyboardInterrupt

    @property
    def steps(self) -> list[str]:
        """The commands in a word each, those that ran side by side in one."""
        words = {"venv": "make", "--require-hashes": "packages", "-e": "project"}
        steps = [next(step for word, step in words.items() if word in command) for command in self.commands]
        return [step for step, before in zip(steps, ["", *steps], strict=False) if step != before]


@pytest.fixture
def pip(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Pip:
    pip = Pip(bootstrap)
    monkeypatch.setattr(bootstrap, "run", pip.run)
    monkeypatch.setattr(bootstrap, "has_pip", bootstrap.PYTHON.exists)
    return pip


def test_it_can_be_read_by_pythons_that_are_too_old() -> None:
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=OLDEST_READER)


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_python_that_it_asks_for_is_the_one_that_the_project_requires(bootstrap: ModuleType) -> None:
    declared = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text())

    assert declared is not None
    assert tuple(map(int, declared.groups())) == bootstrap.NEEDED


def test_an_old_python_is_told_what_to_install(checkout: Path) -> None:
    pretend = "import sys; sys.version_info = (3, 9, 2); import runpy; runpy.run_path(sys.argv[1])"

    done = subprocess.run(
        [sys.executable, "-c", pretend, str(checkout / "bootstrap.py")], capture_output=True, text=True
    )

    assert done.returncode == 3
    assert "needs Python 3.11 or newer; this is 3.9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_which_package_has_it(
    module: str, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(SystemExit) as leaving:
        bootstrap.ensure(bootstrap.BASE)

    assert leaving.value.code == 3
    assert "apt install python3-venv" in capsys.readouterr().err


def test_without_a_network_it_says_so_and_how_to_go_on(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    complaint = "ERROR: Could not find a version that satisfies the requirement boto3"
    failing = [sys.executable, "-c", f"print('noise'); print({complaint!r}); raise SystemExit(1)"]

    with pytest.raises(SystemExit) as leaving:
        bootstrap.run(failing, "pip could not install the packages.", [])

    told = capsys.readouterr().err
    assert leaving.value.code == 3
    assert complaint in told
    assert "noise" not in told
    assert "network" in told
    assert "run the same command again" in told


def test_what_several_installers_meet_is_told_once(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    for _ in range(3):
        with pytest.raises(SystemExit):
            bootstrap.run([sys.executable, "-c", "raise SystemExit(1)"], "pip failed.", told)

    assert capsys.readouterr().err.count("pip failed.") == 1


def test_the_first_run_makes_an_environment_and_installs_packages_by_hash_then_the_project(
    bootstrap: ModuleType, pip: Pip
) -> None:
    bootstrap.ensure(bootstrap.BASE)

    assert pip.steps == ["make", "packages", "project"]
    *parts, project = pip.commands[1:]
    files = [Path(command[command.index("-r") + 1]) for command in parts]
    whole = (bootstrap.ROOT / "requirements.lock").read_text()
    assert sorted("".join(file.read_text() for file in files).split()) == sorted(whole.split())
    assert all({"--no-deps", "--require-hashes"} <= set(command) for command in parts)
    assert {"--no-deps", "--no-build-isolation"} <= set(project)


def test_a_second_run_installs_nothing(bootstrap: ModuleType, pip: Pip) -> None:
    bootstrap.ensure(bootstrap.BASE)
    pip.commands.clear()

    bootstrap.ensure(bootstrap.BASE)

    assert pip.commands == []


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_into_the_same_environment(
    changed: str, bootstrap: ModuleType, pip: Pip
) -> None:
    bootstrap.ensure(bootstrap.BASE)
    pip.commands.clear()
    with (bootstrap.ROOT / changed).open("a") as file:
        file.write("# changed\n")

    bootstrap.ensure(bootstrap.BASE)

    assert pip.steps == ["packages", "project"]


def test_more_that_is_installed_is_enough_for_less(bootstrap: ModuleType, pip: Pip) -> None:
    bootstrap.ensure(bootstrap.TEST)
    pip.commands.clear()

    bootstrap.ensure(bootstrap.BASE)
    bootstrap.ensure(bootstrap.NOTEBOOKS)

    assert pip.commands == []


def test_less_that_is_installed_is_not_enough_for_more(bootstrap: ModuleType, pip: Pip) -> None:
    bootstrap.ensure(bootstrap.BASE)
    pip.commands.clear()

    bootstrap.ensure(bootstrap.NOTEBOOKS)

    assert pip.steps == ["packages", "project"]


@pytest.mark.parametrize("breaks", ["--require-hashes", "-e"])
def test_an_installation_that_broke_off_is_begun_anew_by_the_next_run(
    breaks: str, bootstrap: ModuleType, pip: Pip
) -> None:
    pip.breaks = breaks
    with pytest.raises(KeyboardInterrupt):
        bootstrap.ensure(bootstrap.BASE)
    pip.breaks = ""
    pip.commands.clear()

    bootstrap.ensure(bootstrap.BASE)

    assert pip.steps == ["make", "packages", "project"]


@pytest.mark.parametrize(
    ("says", "kept"), [("Collecting moto", "fingerprint"), ("Installing collected packages: moto", "")]
)
def test_what_is_installed_stays_good_until_pip_begins_to_change_it(
    says: str, kept: str, bootstrap: ModuleType
) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.STAMP.write_text("fingerprint")

    with pytest.raises(SystemExit):
        bootstrap.run([sys.executable, "-c", f"print({says!r}); raise SystemExit(1)"], "pip failed.", [])

    assert bootstrap.STAMP.read_text() == kept


def test_an_environment_that_broke_off_before_it_had_pip_is_made_anew(
    bootstrap: ModuleType, pip: Pip
) -> None:
    bootstrap.VENV.mkdir()

    bootstrap.ensure(bootstrap.BASE)

    assert pip.steps == ["make", "packages", "project"]


def test_a_checkout_that_was_moved_is_installed_again(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bootstrap.fingerprint(bootstrap.BASE)
    moved = bootstrap.ROOT.with_name("moved")
    bootstrap.ROOT.rename(moved)
    monkeypatch.setattr(bootstrap, "ROOT", moved)

    assert bootstrap.fingerprint(bootstrap.BASE) != before


def test_words_go_to_skylab_in_the_folder_that_the_user_is_in(checkout: Path, tmp_path: Path) -> None:
    done = run_installed(checkout, "arn", "arn:aws:s3:::bucket", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.split() == ["tui", "arn", "arn:aws:s3:::bucket", str(tmp_path)]


def test_without_words_and_without_a_terminal_it_gives_a_demonstration(
    checkout: Path, tmp_path: Path
) -> None:
    done = run_installed(checkout, cwd=tmp_path)

    assert done.stdout.split()[:2] == ["tui", "demo"]


def test_reaching_skylab_takes_well_under_a_second_when_nothing_changed(
    checkout: Path, tmp_path: Path
) -> None:
    run_installed(checkout, cwd=tmp_path)
    began = time.perf_counter()
    run_installed(checkout, cwd=tmp_path)

    assert time.perf_counter() - began < 1.5


def run_installed(checkout: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run bootstrap.py as if everything were installed: .venv has a Python whose `tui` prints its words."""
    venv = checkout / ".venv"
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        site = next(venv.glob("**/site-packages"))
        (site / "tui.py").write_text("import os, sys\nprint('tui', *sys.argv[1:], os.getcwd(), sep='\\n')\n")
        stamp = "b['STAMP'].write_text(b['fingerprint'](b['BASE']))"
        stamp = f"import runpy, sys; b = runpy.run_path(sys.argv[1]); {stamp}"
        subprocess.run([sys.executable, "-c", stamp, str(checkout / "bootstrap.py")], check=True)
    # A module of the same name in the user's folder must not be taken for Skylab.
    (cwd / "tui.py").write_text("raise SystemExit('the wrong tui')\n")
    return subprocess.run(
        [sys.executable, str(checkout / "bootstrap.py"), *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_every_check_runs_though_another_one_fails(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        ran.append(" ".join([Path(command[0]).name, *command[1:]]))
        assert "PYTHONDONTWRITEBYTECODE" not in options["env"]
        status = int(command[0].endswith("mypy"))
        return subprocess.CompletedProcess(command, status, stdout="what mypy found" if status else "")

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    monkeypatch.setattr(
        bootstrap.subprocess, "call", lambda command, **options: run(command, **options).returncode
    )

    assert bootstrap.check_everything(["-k", "words"]) == 1
    assert {"ruff check", "ruff format --check", "mypy", "lint-imports"} < set(ran)
    assert [words for words in ran if words.startswith("pytest -n auto") and words.endswith("-k words")]
    said = capsys.readouterr().err
    assert "what mypy found" in said
    assert said.endswith("Failed: mypy\n")
