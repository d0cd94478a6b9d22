"""A learner at work on the command line: `start`, `lesson`, `task`, `check`, `watch`, `hint`, `reset`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import Result

from graders import Report
from labs.course import Exercise, Variant, Workspace, load_course
from tui.draw.spoken import spoken

Skylab = Callable[..., Result]

NAME = "bucket-or-object"
REPORT_KEYS = {"exercise", "variant", "state", "points", "max", "criteria", "isolation", "ms"}
CRITERION_KEYS = {"name", "state", "points", "max", "message", "misconception", "counterexample"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Alice's workspace, which every command of the test means."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    return workspace


@pytest.fixture
def exercise() -> Exercise:
    return load_course().exercise(NAME)


@pytest.fixture
def variant(exercise: Exercise) -> Variant:
    return exercise.variant("alice")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_start_makes_a_workspace_and_shows_the_map(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("start", tmp_path / "mine", "--student", "carol")

    assert result.exit_code == 0
    assert NAME in result.stdout
    assert Workspace.open(tmp_path / "mine").student == "carol"


def test_start_again_leaves_a_workspace_to_whom_it_belongs(skylab: Skylab, workspace: Workspace) -> None:
    result = skylab("start", workspace.folder, "--student", "mallory")

    assert result.exit_code == 0
    assert Workspace.open(workspace.folder).student == "alice"


def test_start_where_nothing_can_be_made_is_explained(skylab: Skylab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = skylab("start", tmp_path / "file" / "work")

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_without_a_command_and_a_terminal_the_map_is_printed_and_nothing_is_made(
    skylab: Skylab, tmp_path: Path
) -> None:
    result = skylab()

    assert result.exit_code == 0
    assert all(unit.title in result.stdout for unit in load_course().units)
    assert list((tmp_path / "home").iterdir()) == []


def test_the_map_names_every_exercise_as_the_commands_take_it(skylab: Skylab) -> None:
    shown = skylab().stdout.split()

    assert [
        each.name for unit in load_course().units for each in unit.exercises if each.name not in shown
    ] == []


@pytest.mark.usefixtures("workspace")
def test_a_workspace_is_found_from_a_folder_inside_it(
    skylab: Skylab, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = workspace.folder / "policies"
    inside.mkdir()
    monkeypatch.delenv("SKYLAB_WORKSPACE")
    monkeypatch.chdir(inside)

    skylab("task", NAME)

    assert (inside / NAME / "policy.json").is_file()


def test_a_folder_that_is_no_workspace_is_refused(skylab: Skylab, tmp_path: Path) -> None:
    result = skylab("check", NAME, "--workspace", tmp_path)

    assert result.exit_code == 2
    assert "skylab start" in result.stderr


def test_a_lesson_goes_on_page_by_page(skylab: Skylab, workspace: Workspace) -> None:
    unit = load_course().unit("policies")

    first, second = skylab("lesson", "policies").stdout, skylab("lesson", "4").stdout

    assert unit.pages[0].title in first
    assert unit.pages[1].title in second
    assert workspace.progress.pages_read(unit) == {unit.pages[0].id, unit.pages[1].id}


@pytest.mark.usefixtures("workspace")
def test_the_next_step_is_told_beside_a_page(skylab: Skylab) -> None:
    unit = load_course().unit("policies")

    assert "Next: skylab lesson policies 2" in skylab("lesson", "policies").stderr
    assert f"Next: skylab task {unit.exercises[0].name}" in skylab("lesson", "4", str(len(unit.pages))).stderr


@pytest.mark.usefixtures("workspace")
def test_a_page_that_is_not_there_is_wrong_use(skylab: Skylab) -> None:
    result = skylab("lesson", "policies", "99")

    assert result.exit_code == 2
    assert f"{len(load_course().unit('policies').pages)} pages" in result.stderr


def test_a_plain_lesson_is_the_text_with_nothing_for_the_eye_alone(
    skylab: Skylab, workspace: Workspace
) -> None:
    page = load_course().unit("policies").pages[0]

    plain = skylab("lesson", "policies", "1", "--plain").stdout

    assert page.text.splitlines()[0].split()[0] in plain
    assert one_line(spoken(page.text)) in one_line(plain)
    assert not set(plain) & set("─│┌├▇✓✗")


def test_a_task_shows_what_is_asked_and_puts_the_starter_in_its_place(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    result = skylab("task", NAME, "--plain")

    assert one_line(spoken(exercise.prompt(variant))) in one_line(result.stdout)
    assert workspace.read(exercise) == exercise.starter(variant)


def test_a_task_does_not_touch_what_was_written(
    skylab: Skylab, workspace: Workspace, exercise: Exercise
) -> None:
    workspace.write(exercise, "mine")

    skylab("task", NAME)

    assert workspace.read(exercise) == "mine"


def test_a_right_answer_is_a_yes_and_the_map_remembers(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    workspace.write(exercise, exercise.solution(variant))

    result = skylab("check", NAME)

    assert result.exit_code == 0
    assert "✓ all right" in result.stdout
    assert "Next: skylab task least-privilege-reader" in result.stderr
    assert f"✓ {NAME}" in skylab().stdout


def test_a_wrong_answer_is_a_no_that_says_what_is_believed_wrongly_and_shows_it(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    wrong = next(each for each in exercise.wrong(variant) if each.misconception == "S1")
    workspace.write(exercise, wrong.text)

    result = skylab("check", NAME, "--why")

    assert result.exit_code == 1
    assert "Counter-example" in result.stdout
    assert "Any explicit deny?" in result.stdout


def test_a_report_as_json_has_the_documented_keys(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    workspace.write(exercise, exercise.starter(variant))

    report = json.loads(skylab("check", NAME, "--json").stdout)

    assert report.keys() >= REPORT_KEYS
    assert all(criterion.keys() >= CRITERION_KEYS for criterion in report["criteria"])
    assert report["exercise"] == exercise.id
    assert report["state"] != "pass"


def test_a_process_that_is_warm_judges_a_program_and_nothing_is_started_here(
    skylab: Skylab, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = load_course().exercise("parse-with-python")
    workspace.write(program, "def parse(text):\n    return None\n")
    workspace.desk_file.write_text("{}", "utf-8")
    report = Report(program, program.variant("alice"), "fail", Decimal(0), Decimal(program.points), ())
    monkeypatch.setattr("graders.desk.ask_desk", lambda file, text, variant: report)
    monkeypatch.setattr("graders.bench.Bench.begin", lambda *_, **__: pytest.fail("a bench was warmed"))

    result = skylab("check", program.name)

    assert result.exit_code == 1
    assert program.title in result.stdout
    assert workspace.progress.best(program).attempts == 1


def test_several_exercises_are_marked_in_the_order_asked_for_and_one_no_makes_it_a_no(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    workspace.write(exercise, exercise.solution(variant))

    result = skylab("check", "least-privilege-reader", NAME, "--json")

    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [report["state"] for report in reports] == ["missing", "pass"]
    assert result.exit_code == 1


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("command", ["task", "check", "hint", "reset", "watch"])
def test_an_exercise_that_is_not_there_is_wrong_use_with_the_nearest_name(
    command: str, skylab: Skylab
) -> None:
    result = skylab(command, "bucket-or-objects")

    assert result.exit_code == 2
    assert NAME in result.stderr


def test_hints_come_one_at_a_time_and_are_remembered(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    hints = exercise.hints(variant)

    for count in range(1, len(hints) + 2):
        text = skylab("hint", NAME, "--plain").stdout
        shown = min(count, len(hints))

        assert [f"Hint {each.level} of" in text for each in hints] == [each.level <= shown for each in hints]
        assert workspace.progress.best(exercise).hints == shown


def test_reset_puts_the_starter_back_and_keeps_what_there_was(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    workspace.write(exercise, "what I had")

    result = skylab("reset", NAME)

    kept = [file.read_text() for file in (workspace.folder / ".skylab" / "trash").rglob("policy.json")]
    assert result.exit_code == 0
    assert kept == ["what I had"]
    assert workspace.read(exercise) == exercise.starter(variant)


def test_watch_marks_what_is_saved_until_it_is_interrupted(
    workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    workspace.write(exercise, exercise.starter(variant))
    lines: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "watch", NAME],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SKYLAB_WORKSPACE": str(workspace.folder)},
    )
    saved = threading.Event()

    def read() -> None:
        for line in process.stdout or ():
            lines.append(line)
            if "allows nothing else" in line and not saved.is_set():
                saved.set()
            if "✓ all right" in line:
                process.send_signal(signal.SIGINT)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert saved.wait(20)
        for _ in range(100):
            # The watcher may not have begun to look when the first report is out.
            workspace.write(exercise, exercise.solution(variant))
            reader.join(0.2)
            if not reader.is_alive():
                break
        process.wait(timeout=20)
    finally:
        process.kill()
        _, told = process.communicate()

    assert any("✓ all right" in line for line in lines)
    assert "Traceback" not in told
    assert process.returncode == 130


def test_what_a_counter_example_prints_is_read_out_too_with_plain(
    skylab: Skylab, workspace: Workspace, exercise: Exercise, variant: Variant
) -> None:
    wrong = next(each for each in exercise.wrong(variant) if each.misconception == "I10")
    workspace.write(exercise, wrong.text)

    said = skylab("check", NAME, "--why", "--plain").stdout

    assert "1 error" in said
    assert not set(said) & set("─✓✗")
