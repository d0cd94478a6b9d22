"""The process that takes longest is launched before all else, where it will most likely be needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labs.course import CodeExercise, Workspace, WorldExercise, load_course
from labs.sandbox import launching
from tests.tui.handed_in import ANSWER, CODE, WORLD
from tui.first import JUDGED_LIVE, launched_for_check


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each launch, which launches nothing here."""
    found: list[str] = []

    def launch() -> str:
        found.append("launched")
        return "launched"

    monkeypatch.setattr(launching, "launch_nursery", launch)
    return found


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["check", CODE], True),
        (["check", "parse-with-python"], True),
        (["check", WORLD, "--why"], True),
        (["--plain", "check", ANSWER, "mend-the-policy"], True),
        (["check", ANSWER], False),
        (["check", "no-such-exercise"], False),
        (["check", "cidr/build-a-network"], False),  # nothing is handed in yet
        (["check", "*", "**", "../arns", "/", "//", "", "."], False),
        (["check"], False),
        (["task", CODE], False),
        (["check", "--workspace"], False),
        ([], False),
    ],
)
@pytest.mark.usefixtures("three_kinds")
def test_it_is_launched_for_a_check_of_work_that_is_judged_in_a_sandbox(
    words: list[str], needed: bool, launches: list[str]
) -> None:
    assert bool(launched_for_check(words)) is needed
    assert launches == ["launched"] * needed


def test_the_files_are_those_of_the_kinds_that_are_judged_in_a_sandbox() -> None:
    assert set(JUDGED_LIVE) == {CodeExercise.filename, WorldExercise.filename}


@pytest.mark.parametrize("option", ["--workspace={}", "--workspace {}"])
@pytest.mark.parametrize("behind", [False, True])
def test_the_workspace_may_be_named(
    option: str, behind: bool, three_kinds: Workspace, launches: list[str], tmp_path: Path
) -> None:
    empty = Workspace.create(tmp_path / "empty", "bob")
    for folder, count in ((empty.folder, 0), (three_kinds.folder, 1)):
        named, check = option.format(folder).split(), ["check", CODE]
        launched_for_check([*check, *named] if behind else [*named, *check])
        assert len(launches) == count


def test_it_may_be_the_nearest_one_upward_or_that_of_the_home(
    three_kinds: Workspace, launches: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SKYLAB_WORKSPACE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert launched_for_check(["check", CODE]) is None

    (three_kinds.folder / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(three_kinds.folder / "deep" / "down")
    assert launched_for_check(["check", CODE])

    monkeypatch.chdir(tmp_path)
    three_kinds.folder.rename(tmp_path / "skylab")
    assert launched_for_check(["check", CODE])
    assert len(launches) == 2


def test_none_is_launched_where_the_app_or_watch_judges(three_kinds: Workspace, launches: list[str]) -> None:
    three_kinds.desk_file.write_text("{}")

    assert launched_for_check(["check", CODE]) is None
    assert launches == []


def test_neither_the_command_line_nor_the_course_is_loaded_for_it(three_kinds: Workspace) -> None:
    code = (
        "import sys; from tui.first import JUDGED_LIVE, launched_for_check\n"
        f"launched = launched_for_check(['check', {CODE!r}]); loaded = set(sys.modules)\n"
        "assert launched.process.poll() is None; launched.give_up(); print(*loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"typer", "labs.course", "labs.sandbox.values", "labs.sandbox.nursery", "json"} & set(
        done.stdout.split()
    )


@pytest.mark.parametrize("word", [WORLD, ANSWER, "no-such-exercise"])
def test_a_check_launches_one_at_most_and_leaves_none_behind(three_kinds: Workspace, word: str) -> None:
    exercise = load_course().exercise(WORLD)
    three_kinds.write(exercise, "")
    code = (
        "import atexit, sys; from labs.sandbox import launching; from tui.__main__ import main\n"
        "launch, made = launching.launch, []\n"
        "launching.launch = lambda *words: made.append(launch(*words)) or made[-1]\n"
        "atexit.register(lambda: print('made', len(made), 'left', sum(m.poll() is None for m in made)))\n"
        f"sys.argv[1:] = ['check', {word!r}]; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert f"made {int(word == WORLD)} left 0" in done.stdout, done.stdout + done.stderr
    assert done.returncode == (2 if word == "no-such-exercise" else 1), done.stdout + done.stderr


@pytest.mark.parametrize("word", [ANSWER, "no-such-exercise"])
@pytest.mark.usefixtures("three_kinds")
def test_a_light_check_loads_nothing_heavy(word: str) -> None:
    code = (
        "import atexit, sys; from tui.__main__ import main\n"
        "atexit.register(lambda: print('loaded', *sys.modules))\n"
        f"sys.argv[1:] = ['check', {word!r}]; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "loaded" in done.stdout, done.stderr
    loaded = set(done.stdout.rpartition("loaded")[2].split())
    assert not loaded & {"boto3", "botocore", "labs.sandbox.values", "moto", "pydantic", "textual"}
