"""How long `skylab check` takes, for one exercise of each kind: cold, in a process of its own, and warm.

    python tests/benchmarks/bench_check.py [--runs N] [EXERCISE…]

Cold is a whole process, from the shell's view, with the files in the system's cache. Warm is the app and
`skylab watch`: the warm parents are up, and the exercise was marked once before. The bounds are 1.2 s and
150 ms, and the machine should be idle; on a busy one the processor time says more. What is handed in is the
solution, which has most to be looked at.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from graders import Bench, judge
from graders.verifying import TestBench
from labs.course import Exercise, Kind, Workspace, load_course
from tui.__main__ import MANY

COLD, WARM = 1.2, 0.150
STUDENT = "ada"


def one_of_each_kind() -> list[Exercise]:
    """The first exercise of each kind, in the order of the course."""
    found: dict[Kind, Exercise] = {}
    for unit in load_course().units:
        for exercise in unit.exercises:
            found.setdefault(exercise.kind, exercise)
    return [found[kind] for kind in Kind]


def cold(exercise: Exercise, workspace: Workspace, runs: int) -> tuple[list[float], float]:
    """Seconds of whole processes, and the processor time of one with its children."""
    command = [sys.executable, "-P", "-m", "tui", "check", exercise.id]
    environment = {**os.environ, "SKYLAB_WORKSPACE": str(workspace.folder)}
    times = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - began)
        assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / runs


def warm(exercise: Exercise, text: str, bench: Bench, runs: int) -> list[float]:
    """Seconds of a judgement after the first, the record of it left out."""
    variant = exercise.variant(STUDENT)
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        report = judge(exercise, text, variant, bench)
        times.append(time.perf_counter() - began)
        assert report.state == "pass", report
    return times[1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE")
    said = parser.parse_args()
    course = load_course()
    chosen = [course.exercise(name) for name in said.exercises] or one_of_each_kind()
    gc.set_threshold(MANY)  # as the command has it, be it the app, `watch` or `check`
    print(f"{'exercise':<30} {'kind':<8} {'cold':>7} {'best':>7} {'cpu':>7}   {'warm':>7} {'best':>7}")
    with (
        tempfile.TemporaryDirectory() as folder,
        TestBench() as workshop,
        Bench(allow_reduced=True, alone=True) as bench,
    ):
        workspace = Workspace.create(Path(folder), STUDENT)
        for exercise in chosen:
            variant = exercise.variant(STUDENT)
            text = workshop.handed_in(variant, exercise.solution(variant))
            workspace.write(exercise, text)
            in_process = warm(exercise, text, bench, said.runs)
            whole, cpu = cold(exercise, workspace, said.runs)
            slow = median(whole) > COLD or median(in_process) > WARM
            print(
                f"{exercise.id:<30} {exercise.kind.value:<8}"
                f" {median(whole):>5.2f} s {min(whole):>5.2f} s {cpu:>5.2f} s"
                f"   {median(in_process) * 1000:>4.0f} ms {min(in_process) * 1000:>4.0f} ms"
                f"{'   over the bound' if slow else ''}",
                flush=True,
            )


if __name__ == "__main__":
    main()
