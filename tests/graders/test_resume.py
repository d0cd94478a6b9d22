"""A batch that is killed goes on where it was: nothing is judged twice, and nothing differs in the end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

COURSE = """
import time
from pathlib import Path
from skylab_toy_course import Number, ToyUnit
from labs.course import Course

HERE = Path(__file__).parent

class Logged(Number):
    '''A number whose check writes down for whom it was asked.'''

    def mark(self, text, variant):
        with open(HERE / "judged.log", "a") as file:
            file.write(variant.student + "\\n")
        time.sleep(0.05)
        return super().mark(text, variant)

class LoggedUnit(ToyUnit):
    def _load(self, name):
        from skylab_toy_course import CLASSES, HERE as TOYS
        kind = Logged if name == "number" else CLASSES[name]
        return kind(self, name, TOYS / "exercises" / name)

def load():
    return Course((LoggedUnit("toy", 0, "Toys", "For tests.", (), HERE, ("double", "number")),))
"""
PROGRAM = """
import sys
from pathlib import Path
from graders import grade_folder
from graders.box import Limits
from graders.worker import course_of

folder, out, loader, *words = sys.argv[1:]
grade_folder(Path(folder), Path(out), course_of(loader), loader=loader, workers=2, limits=Limits(wall=5.0),
             exercises=["number"] if "number" in words else None, regrade="regrade" in words)
"""
STUDENTS = 18
AT_HAND = 4
"""Works that a kill may cost: for each of two workers the one at hand, and one answered and not yet kept."""
SLOW = "import time\ntime.sleep(0.05)\ndef double(n):\n    return 2 * n\n"


class Killable:
    """A class that is graded by a process of its own, which can be killed."""

    def __init__(self, classroom: Any, root: Path) -> None:
        self.classroom = classroom
        self.log = root / "judged.log"
        (root / "logged_course.py").write_text(COURSE)
        self.path = os.pathsep.join([str(root), os.environ["PYTHONPATH"]])
        for number in range(STUDENTS):
            student = f"student{number:02}"
            answer = classroom.number(student) if number % 3 else "number = -1\n"
            classroom.hand_in(student, double=SLOW, number=answer)
        (classroom.folder / "nobody").mkdir()
        (classroom.folder / "broken.zip").write_bytes(b"no zip")

    def start(self, out: Path, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROGRAM, str(self.classroom.folder), str(out), "logged_course:load"]
        return subprocess.Popen([*command, *words], env={**os.environ, "PYTHONPATH": self.path})

    def run(self, out: Path, *words: str) -> dict[str, Any]:
        """Grade to the end; the results without the times that it took."""
        assert self.start(out, *words).wait() == 0
        written = json.loads((out / "results.json").read_text("utf-8"))
        for submission in written["submissions"]:
            for report in submission["exercises"]:
                del report["ms"]
        return dict(written)

    def kill_after(self, out: Path, verdicts: int, *words: str, run: int = 1) -> dict[tuple[str, str], str]:
        """Grade until a run has so many verdicts, and kill; those that were kept, with their moments."""
        process = self.start(out, *words)
        deadline = time.monotonic() + 120
        while len(kept(out, run)) < verdicts:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        self.wait_for_workers()
        return kept(out, run)

    def wait_for_workers(self) -> None:
        """What was at hand when the batch was killed may still be written down; then the workers end."""
        before, size = -1, 0
        while before != size:
            time.sleep(0.3)
            before, size = size, len(self.judged())

    def judged(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []


def kept(out: Path, run: int) -> dict[tuple[str, str], str]:
    """Each verdict on a work that a run has kept, with its moment."""
    if not (out / "results.sqlite").exists():
        return {}
    query = "SELECT source, exercise, report || judged FROM verdict WHERE run = ? AND work != ''"
    connection = sqlite3.connect(f"file:{out / 'results.sqlite'}?mode=ro", uri=True, timeout=30)
    try:
        rows = connection.execute(query, (run,)).fetchall()
    except sqlite3.OperationalError:  # its tables are being made
        return {}
    finally:
        connection.close()
    return {(source, exercise): verdict for source, exercise, verdict in rows}


@pytest.fixture
def killable(classroom: Any, tmp_path: Path) -> Killable:
    return Killable(classroom, tmp_path)


@pytest.mark.slow
def test_a_batch_that_is_killed_twice_ends_as_if_it_never_was(killable: Killable, tmp_path: Path) -> None:
    undisturbed = killable.run(tmp_path / "undisturbed")
    killable.log.unlink()

    out = tmp_path / "killed"
    first = killable.kill_after(out, 8)
    second = killable.kill_after(out, len(first) + 6)
    assert len(second) < 2 * STUDENTS, "it was killed in the middle"
    assert {key: second[key] for key in first} == first
    at_second_kill = Counter(killable.judged())
    assert killable.run(out) == undisturbed

    assert {key: kept(out, 1)[key] for key in second} == second
    counts = Counter(killable.judged())
    done = {source for source, exercise in second if exercise == "toy/number"}
    assert {student: counts[student] for student in done} == {s: at_second_kill[s] for s in done}
    assert set(counts) == {f"student{number:02}" for number in range(STUDENTS)}
    in_flight = sum(counts.values()) - STUDENTS
    assert in_flight <= 2 * AT_HAND, "only what was at hand, at two kills"


@pytest.mark.slow
def test_a_regrade_that_is_killed_goes_on_and_tells_the_changes_of_the_whole(
    killable: Killable, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    killable.run(out, "number")
    killable.log.unlink()
    classroom = killable.classroom
    for number in range(0, STUDENTS, 3):
        student = f"student{number:02}"
        classroom.hand_in(student, number=classroom.number(student))
    first = killable.kill_after(out, 8, "number", "regrade", run=2)
    result = killable.run(out, "number", "regrade")
    assert {key: kept(out, 2)[key] for key in first} == first
    assert len(killable.judged()) <= STUDENTS + AT_HAND
    changed = [(each["student"], each["to"]["state"], each["why"]) for each in result["changes"]]
    assert changed == [
        (f"student{number:02}", "pass", "the work is another") for number in range(0, STUDENTS, 3)
    ]
