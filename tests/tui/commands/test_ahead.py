"""What begins before the words are read: a bench, for a check that will need one, and for no other."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import Result

from graders import Bench
from labs.course import Workspace, load_course
from labs.sandbox.launching import launch_nursery
from tests.tui.handed_in import ANSWER, CODE, WORLD
from tui.commands.ahead import bench_for_check

Skylab = Callable[..., Result]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each bench that was begun, whether boxes were."""
    found: list[bool] = []

    def begin(bench: Bench, *, boxes: bool, services: Sequence[str]) -> None:
        assert services == ("ec2",)
        found.append(boxes)

    monkeypatch.setattr(Bench, "begin", begin)
    return found


@pytest.mark.parametrize(
    ("words", "boxes"),
    [
        (["check", CODE], [True]),
        (["check", "parse-with-python"], [True]),
        (["check", WORLD], [False]),
        (["check", ANSWER, WORLD, "--why"], [False]),
        (["--plain", "check", WORLD, CODE], [True]),
        (["check", ANSWER], []),
        (["check", "no-such-exercise"], []),
        (["check", CODE, "--help"], []),
        (["check"], []),
        (["task", CODE], []),
        (["--workspace"], []),
        ([], []),
    ],
)
@pytest.mark.usefixtures("three_kinds")
def test_a_bench_is_begun_for_work_that_is_judged_in_a_sandbox(
    words: list[str], boxes: list[bool], begun: list[bool]
) -> None:
    assert (bench_for_check(words) is not None) == bool(boxes)
    assert begun == boxes


@pytest.mark.parametrize("option", ["--workspace={}", "--workspace {}"])
def test_what_is_handed_in_is_looked_for_in_the_workspace_that_is_named(
    option: str, three_kinds: Workspace, begun: list[bool], tmp_path: Path
) -> None:
    empty = Workspace.create(tmp_path / "empty", "bob")

    assert bench_for_check([*option.format(empty.folder).split(), "check", CODE]) is None
    assert bench_for_check([*option.format(three_kinds.folder).split(), "check", CODE]) is not None
    assert begun == [True]


def test_none_is_begun_where_the_app_or_watch_judges(three_kinds: Workspace, begun: list[bool]) -> None:
    three_kinds.desk_file.write_text("{}")

    assert bench_for_check(["check", CODE]) is None
    assert begun == []


@pytest.mark.usefixtures("three_kinds", "begun")
def test_a_process_that_was_launched_before_is_the_benchs() -> None:
    launched = launch_nursery()
    bench = bench_for_check(["check", CODE], launched)
    assert bench is not None
    with bench:
        assert launched.process.poll() is None
        assert bench.nursery.pid == launched.process.pid
        assert bench.nursery.world().client("s3").list_buckets()["Buckets"] == []

    assert launched.process.poll() is not None


@pytest.mark.usefixtures("three_kinds", "begun")
def test_a_process_that_was_launched_before_ends_where_it_is_not_needed() -> None:
    launched = launch_nursery()

    assert bench_for_check(["check", ANSWER], launched) is None
    assert launched.process.returncode == -signal.SIGKILL
    assert launched.log.closed


def test_a_bench_that_never_asked_for_a_world_ends_it_too() -> None:
    launched = launch_nursery()
    with Bench(launched=launched):
        pass

    assert launched.process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("three_kinds", "begun")
def test_words_that_are_wrong_close_it(skylab: Skylab, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Bench] = []

    def close(bench: Bench) -> None:
        closed.append(bench)

    monkeypatch.setattr(Bench, "close", close)

    assert skylab("check", CODE, "--sideways").exit_code == 2
    assert closed


@pytest.mark.usefixtures("three_kinds")
def test_a_bench_that_is_not_needed_after_all_is_not_waited_for() -> None:
    code = (
        "import time\nfrom graders import Bench\nbench = Bench(allow_reduced=True)\n"
        "_, boxes = bench.nursery, bench.boxes.start()\n"
        "began = time.perf_counter()\nbench.close()\nprint(time.perf_counter() - began)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 0.25, "it would take a second until the two were warm"


def test_a_mark_is_that_of_the_bench_that_was_begun(
    three_kinds: Workspace, skylab: Skylab, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = load_course().exercise(CODE)
    three_kinds.write(exercise, exercise.solution(exercise.variant("alice")))
    made = []
    build = Bench.__init__

    def built(bench: Bench, **settings: object) -> None:
        made.append(bench)
        build(bench, **settings)  # type: ignore[arg-type]  # they are passed on

    monkeypatch.setattr(Bench, "__init__", built)
    began = time.monotonic()
    result = skylab("check", CODE)

    assert result.exit_code == 0, result.output
    assert len(made) == 1
    assert time.monotonic() - began < 60
