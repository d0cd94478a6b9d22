"""On a Dask cluster a class gets the marks that it gets here, whatever happens to a worker meanwhile.

The scheduler and its workers are real ones, in processes of their own on loopback.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from graders import ClassResult, Progress
from graders.cluster import Cluster
from labs.errors import WorkerError

DOUBLE = "def double(n):\n    return 2 * n\n"
PATIENCE = 60.0


class Processes:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # It takes a port itself and says which: one that is picked for it may be another's by then.
        told = folder / "scheduler.json"
        self.scheduler = self._start(
            *("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"),
            *("--scheduler-file", str(told)),
        )
        self.address = _address(told)
        self.workers = [
            self._start(
                *("dask_worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"),
                *("--no-dashboard", "--name", str(number), "--local-directory", str(folder)),
            )
            for number in range(2)
        ]

    def _start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
        log = (self.folder / f"{module}.log").open("ab")
        with log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def wait(self) -> None:
        """Until both workers have told the scheduler that they are there."""
        from distributed import Client

        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=PATIENCE)

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def _address(told: Path) -> str:
    """Where a scheduler is, once it has told so."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):  # it is not there, or not whole
            return str(json.loads(told.read_text("utf-8"))["address"])
        time.sleep(0.05)
    raise TimeoutError(f"no scheduler within {PATIENCE:.0f} seconds")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def dask(toy: object, tmp_path: Path) -> Iterator[Processes]:
    """A cluster of two workers, which find the toy course where this process does."""
    processes = Processes(tmp_path)
    try:
        processes.wait()
        yield processes
    finally:
        processes.end()


def marks(result: ClassResult) -> dict[str, list[tuple[str, str, str]]]:
    return {
        each.source: [(report.exercise.id, report.state, str(report.points)) for report in each.exercises]
        for each in result.submissions
    }


def hand_in(classroom: Any, students: int) -> None:
    for number in range(students):
        student = f"student{number:02}"
        program = DOUBLE if number % 2 else "def double(n):\n    return 4\n"
        classroom.hand_in(student, double=program, number=classroom.number(student))
    classroom.hand_in("student00", deadly="number = 1\n", broken="number = 1\n")
    (classroom.folder / "broken.zip").write_bytes(b"no zip")


@pytest.mark.slow
def test_a_cluster_gives_the_marks_of_this_machine_though_a_worker_is_lost(
    dask: Processes, classroom: Any, tmp_path: Path
) -> None:
    hand_in(classroom, 12)
    exercises = ("double", "number", "broken", "deadly")
    here = marks(classroom.grade(*exercises, workers=2))

    killed: list[int] = []
    told: list[Progress] = []

    def kill_one(progress: Progress) -> None:
        """In mid-batch, as soon as something has come from the cluster."""
        told.append(progress)
        if progress.fresh and not killed:
            killed.append(dask.workers[0].pid)
            os.kill(dask.workers[0].pid, signal.SIGKILL)

    classroom.out = tmp_path / "there"
    there = classroom.grade(*exercises, scheduler=dask.address, on_verdict=kill_one)
    assert killed
    assert len(told) == told[0].total, "each verdict came once"
    assert marks(there) == here
    assert dask.workers[1].poll() is None

    again = classroom.grade(*exercises, scheduler=dask.address)
    assert marks(again) == here
    assert classroom.fresh() == {("student00", "deadly")}, "what was judged there is kept here"


@pytest.mark.slow
def test_code_on_a_cluster_is_shut_in_as_it_is_here(dask: Processes, classroom: Any) -> None:
    stealing = "import os\ndef double(n):\n    return os.listdir('/root')\n"
    classroom.hand_in("mallory", double=stealing)
    tells = "def make(name):\n    print(name)\n    return name\ndef put(name):\n    pass\n"
    classroom.hand_in("alice", double=DOUBLE, bucket=tells)
    told = classroom.grade("double", "bucket", scheduler=dask.address)
    mallory, alice = (
        next(each for each in told.submissions if each.student == name).exercises[0]
        for name in ("mallory", "alice")
    )
    assert (mallory.state, alice.state) == ("fail", "pass")
    assert "PermissionError" in mallory.criteria[0].message
    assert {"landlock-files", "seccomp"} <= set(alice.isolation)
    here = classroom.grade("double", "bucket", regrade=True)
    outputs = {
        each.exercises[1].output
        for result in (told, here)
        for each in result.submissions
        if each.student == "alice"
    }
    assert len(outputs) == 1, "the hidden world is the same one there and here"


def test_a_scheduler_that_is_not_there_is_said(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graders.cluster.CONNECTING", 1.0)
    classroom.hand_in("alice", number="number = 1\n")
    nowhere = f"tcp://127.0.0.1:{_free_port()}"
    started = time.monotonic()
    with pytest.raises(WorkerError, match="cannot be reached") as said:
        classroom.grade(scheduler=nowhere)
    assert nowhere in said.value.detail
    assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://", "http://127.0.0.1:1", "", "tcp://127.0.0.1:port", "tcp://[::1:8786"]
)
def test_an_address_that_is_none_is_said(classroom: Any, address: str) -> None:
    classroom.hand_in("alice", number="number = 1\n")
    with pytest.raises(WorkerError, match="cannot be reached"):
        classroom.grade(scheduler=address)


@pytest.mark.slow
def test_when_the_scheduler_is_lost_what_was_judged_is_kept(dask: Processes, classroom: Any) -> None:
    for number in range(60):
        classroom.hand_in(f"student{number:02}", number="number = 1\n")
    told: list[Progress] = []

    def kill_it(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 5:
            dask.scheduler.kill()

    with pytest.raises(WorkerError, match="lost"):
        classroom.grade(scheduler=dask.address, on_verdict=kill_it)
    assert 5 <= len(told) < 60
    classroom.grade()
    assert len(classroom.fresh()) == 60 - len(told)


class Deserted:
    """As much of Dask's client as is asked when nobody judges."""

    def get_executor(self, **_: object) -> None:
        return None

    def nthreads(self) -> dict[str, int]:
        return {}


def test_a_cluster_without_workers_is_waited_for_and_then_given_up() -> None:
    now = [100.0]
    lonely = Cluster(Deserted(), clock=lambda: now[0])
    assert lonely.width == 1
    lonely.assure()
    now[0] += 59
    lonely.assure()
    now[0] += 2
    with pytest.raises(WorkerError, match="no workers"):
        lonely.assure()


def test_without_dask_one_is_told_what_to_install(classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    classroom.hand_in("alice", number="number = 1\n")
    with pytest.raises(WorkerError, match=r"skylab\[cluster\]"):
        classroom.grade(scheduler="tcp://127.0.0.1:8786")
