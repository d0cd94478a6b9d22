"""How fast work is judged: one piece of each kind, and a whole class. Run it by hand; it prints figures.

python tests/benchmarks/bench_grade.py [STUDENTS]
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from graders import Bench, grade_folder, judge
from graders.box import Boxes
from labs.course import Exercise, Kind, Variant, load_course

ROUNDS = 10


def main() -> None:
    students = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    bench_box()
    exercises = [
        each for unit in load_course().units for each in unit.exercises if each.kind is not Kind.WORLD
    ]
    bench_judge(exercises)
    bench_class(exercises, students)


def bench_box() -> None:
    """A box from its start to its end, with one call."""
    with Boxes() as boxes:
        started = time.perf_counter()
        boxes.open({}).close()
        print(f"boxes ready after                   {1000 * (time.perf_counter() - started):8.0f} ms")
        took = []
        for _ in range(50):
            started = time.perf_counter()
            with boxes.open({}) as box:
                box.load("def double(n): return 2 * n", "task.py")
                box.call("double", [2])
                box.finish()
            took.append(1000 * (time.perf_counter() - started))
    print(f"one box, one call                   {statistics.median(took):8.1f} ms")


def bench_judge(exercises: list[Exercise]) -> None:
    """The solution of each exercise, with the parents warm: the median of some rounds."""
    with Bench() as bench:
        for exercise in exercises:
            variant = exercise.variant("alice")
            took = sorted(_judged(exercise, variant, bench) for _ in range(ROUNDS + 1))
            print(f"{exercise.id:35} {statistics.median(took):8.1f} ms")


def _judged(exercise: Exercise, variant: Variant, bench: Bench) -> float:
    text = exercise.solution(variant)
    started = time.perf_counter()
    report = judge(exercise, text, variant, bench)
    assert report.passed, report
    return 1000 * (time.perf_counter() - started)


def bench_class(exercises: list[Exercise], students: int) -> None:
    """A class whose students all hand in the solutions, from cold processes to the written results."""
    with tempfile.TemporaryDirectory() as folder:
        work, out = Path(folder) / "class", Path(folder) / "out"
        for number in range(students):
            for exercise in exercises:
                path = work / f"student{number:03}" / exercise.id / exercise.filename
                path.parent.mkdir(parents=True)
                path.write_text(exercise.solution(exercise.variant(f"student{number:03}")), "utf-8")
        started = time.perf_counter()
        result = grade_folder(work, out, exercises=[exercise.id for exercise in exercises])
        took = time.perf_counter() - started
        started = time.perf_counter()
        grade_folder(work, out, exercises=[exercise.id for exercise in exercises])
        again = time.perf_counter() - started
    assert all(report.passed for student in result.submissions for report in student.exercises)
    pieces = students * len(exercises)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{students} students, {pieces} pieces, {os.cpu_count()} workers  {took:8.1f} s")
    print(f"a piece                             {1000 * took / pieces:8.1f} ms")
    print(f"the same class again, unchanged     {again:8.1f} s")
    print(f"processor, without the worlds       {usage.ru_utime + usage.ru_stime:8.1f} s")


if __name__ == "__main__":
    main()
