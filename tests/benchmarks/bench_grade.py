"""How fast a class is graded, in seconds and in processor time, and how much memory it takes. Run it by hand.

python tests/benchmarks/bench_grade.py [STUDENTS]            500 by default
python tests/benchmarks/bench_grade.py --memory [STUDENTS]   2000 by default, with two exercises

Must hold, on 2 processors: 500 submissions of six exercises, three of them programs against worlds of their
own, in at most 60 s; at most 25 ms of processor time for an exercise without a world, and 120 ms for one with
a world; memory that does not grow over 2,000 submissions.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from graders import Bench, Progress, StudentResult, grade_folder, judge
from graders.rounds import DRAWS
from labs.course import CodeExercise, Exercise
from labs.sandbox import quick_clients
from tests.benchmarks import bench_course
from tests.benchmarks.measure import Cpu, control_group, resident

ROUNDS, EACH = 5, 20
PURE_LIMIT, WORLD_LIMIT = 25.0, 120.0  # ms of processor time
CLASS_LIMIT = 60.0  # seconds

ReadCpu = Callable[[], Cpu]


def main() -> None:
    words = sys.argv[1:]
    with control_group() as meter:
        if meter is None:
            print("No control group can be made here, so that only this process's own time is known.")
        read = meter.read if meter else lambda: Cpu(*os.times()[:2])
        if "--memory" in words:
            words.remove("--memory")
            bench_memory(int(words[0]) if words else 2000)
        else:
            bench_pieces(read)
            bench_class(int(words[0]) if words else 500, read)


def bench_pieces(read: ReadCpu) -> None:
    """The solution of each exercise as a batch judges it, with everything warm: the best of some rounds.

    The hidden worlds are those of one sitting: each is met by many works, and was prepared when it is met.
    """
    quick_clients.quicken()  # as the workers of a batch do
    course = bench_course.load()
    print(f"{'a piece of':36}{'wall':>9}{'user':>9}{'system':>9}{'limit':>9}")
    with Bench(allow_reduced=False, many=True) as bench:
        for name in (*bench_course.SIX, "toy/double"):
            exercise = course.exercise(name)
            for number in range(DRAWS):
                _judge(exercise, number, bench)
            rounds = [_round(exercise, bench, read) for _ in range(ROUNDS)]
            wall, cpu = min(rounds, key=lambda got: got[1].total)
            limit = WORLD_LIMIT if isinstance(exercise, CodeExercise) else PURE_LIMIT
            holds = "holds" if cpu.total * 1000 <= limit else "BROKEN"
            times = (wall, cpu.user, cpu.system)
            shown = "".join(f"{1000 * each:7.1f}ms" for each in times)
            print(f"{exercise.id:36}{shown}{limit:7.0f}ms  {holds}")


def _round(exercise: Exercise, bench: Bench, read: ReadCpu) -> tuple[float, Cpu]:
    before, began = read(), time.perf_counter()
    for number in range(EACH):
        _judge(exercise, number, bench)
    wall, cpu = time.perf_counter() - began, read().since(before)
    return wall / EACH, Cpu(cpu.user / EACH, cpu.system / EACH)


def _judge(exercise: Exercise, number: int, bench: Bench) -> None:
    variant = exercise.variant(f"student{number}")
    text = bench_course.solution(exercise, variant)
    report = judge(exercise, text, variant, bench, draw=f"1/{number % DRAWS}")
    assert report.passed, report


def bench_class(students: int, read: ReadCpu) -> None:
    """A class whose students all hand in the solutions, from cold processes to the written results."""
    with tempfile.TemporaryDirectory() as folder:
        work, out = Path(folder) / "class", Path(folder) / "out"
        hand_in(work, students, bench_course.SIX)
        before, began = read(), time.perf_counter()
        result = _grade(work, out, bench_course.SIX)
        took, cpu = time.perf_counter() - began, read().since(before)
        assert all(report.passed for each in result for report in each.exercises)
        began = time.perf_counter()
        _grade(work, out, bench_course.SIX)
        again = time.perf_counter() - began
    pieces = students * len(bench_course.SIX)
    limit = CLASS_LIMIT * students / 500
    print(f"{students} students, {pieces} pieces, {len(os.sched_getaffinity(0))} processors")
    print(f"  wall          {took:8.1f} s   limit {limit:.0f} s: {'holds' if took <= limit else 'BROKEN'}")
    print(f"  processor     {cpu.user:8.1f} s user, {cpu.system:.1f} s system")
    each = 1000 * cpu.total / pieces
    print(f"  a piece       {1000 * took / pieces:8.1f} ms, {each:.1f} ms of processor time")
    print(f"  again, unchanged {again:5.1f} s")


def bench_memory(students: int) -> None:
    """What each kind of process holds, each time a quarter of a class is done."""
    exercises = ("policies/bucket-or-object", "toy/double")
    total = students * len(exercises)
    quarters = {total * quarter // 4 for quarter in range(1, 5)}

    def look(progress: Progress) -> None:
        if progress.done in quarters:
            held = ", ".join(f"{name} {size:.0f}" for name, size in sorted(resident().items()))
            print(f"  {progress.done:6} of {total}: {held}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        work, out = Path(folder) / "class", Path(folder) / "out"
        hand_in(work, students, exercises)
        print(f"{students} students, MiB:")
        _grade(work, out, exercises, look)
        print(f"  results written: batch {resident()['batch']:.0f}")


def _grade(
    work: Path, out: Path, exercises: Sequence[str], say: Callable[[Progress], None] | None = None
) -> Sequence[StudentResult]:
    result = grade_folder(
        work, out, bench_course.load(), exercises=exercises, loader=bench_course.LOADER, on_verdict=say
    )
    return result.submissions


def hand_in(work: Path, students: int, exercises: Sequence[str]) -> None:
    course = bench_course.load()
    for number in range(students):
        student = f"student{number:04}"
        for name in exercises:
            exercise = course.exercise(name)
            path = work / student / exercise.id / exercise.filename
            path.parent.mkdir(parents=True)
            path.write_text(bench_course.solution(exercise, exercise.variant(student)), "utf-8")


if __name__ == "__main__":
    main()
