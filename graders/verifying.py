"""The content tests itself: what must hold of an exercise, and where it does not, what was found instead.

Full marks go to what is right and to nothing else; each wrong answer is diagnosed with its own misconception;
the texts fill, the hints help in four steps. `skylab verify` and the tests of the content are both this.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.bench import Bench
from graders.judging import judge
from graders.mutating import EQUAL, equals_of, mutants_of
from graders.report import Report
from labs.course import CodeExercise, Exercise, Kind, Variant, WorldExercise, misconceptions
from labs.course.scaffold import blanks_in
from labs.course.stage import label_of
from labs.errors import CourseError
from labs.sandbox import World

__all__ = [
    "SEEDS",
    "Finding",
    "RunCommand",
    "TestBench",
    "code_lines",
    "mark_faults",
    "open_places",
    "text_faults",
]

SEEDS = 20
STUDENTS, FEWEST_VARIANTS = 200, 50
FEWEST_WRONG = 2
WIDEST_CODE = 76
LAST_HINTS = ["A worked sibling", "The solution"]
LIVE = (Kind.CODE, Kind.WORLD)

RunCommand = Callable[[tuple[str, ...], str], tuple[int, str]]
"""Runs `skylab WORDS…` with what it reads; gives its exit status and what it printed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold of an exercise; `variant` is the number of it, where it is of one."""

    exercise: str
    what: str
    variant: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"exercise": self.exercise, "what": self.what, "variant": self.variant}

    def __str__(self) -> str:
        return self.what if self.variant is None else f"{self.what} (variant {self.variant})"


class TestBench(Bench):
    """A bench for the course's own work; its hidden variants are the same each time.

    All works of a variant meet one world, which is prepared once.
    """

    __test__ = False  # it is no test, whatever its name begins with

    def __init__(self) -> None:
        super().__init__(worlds=1, secret="verify")

    @contextmanager
    def hidden_world(
        self,
        exercise: CodeExercise | WorldExercise,
        variant: Variant,
        *,
        seed: int | None = None,
        again: bool = False,
    ) -> Iterator[World]:
        with super().hidden_world(exercise, variant, seed=seed, again=True) as world:
            yield world

    def handed_in(self, variant: Variant, work: str) -> str:
        """The text that is handed in for a solution or a wrong answer.

        Where the world is the answer, that is a script which works as the learner: its journal is handed in.

        Raises:
            CourseError: the script does not run to its end.
        """
        exercise = variant.exercise
        if not isinstance(exercise, WorldExercise) or not work:
            return work
        with (
            tempfile.TemporaryDirectory(prefix="skylab-verify-") as folder,
            self.hidden_world(exercise, variant, seed=variant.seed) as world,
        ):
            journal = Path(folder) / "journal.jsonl"
            world.open_journal(journal, label=label_of(variant))
            with self.boxes.open(world.environment(exercise.learner), self.limits) as box:
                reply = box.load(work, "script.py")
                if reply.fault is not None:
                    raise CourseError("A script of an exercise fails", reply.fault.sentence("script.py"))
                box.finish()
            return journal.read_text("utf-8")

    def report(self, variant: Variant, work: str) -> Report:
        """The report on a piece of the course's own work."""
        draw = f"{variant.student}/{variant.number}"
        return judge(variant.exercise, self.handed_in(variant, work), variant, self, draw=draw)

    def passes(self, variant: Variant, work: str) -> bool:
        """Whether a piece of work earns full marks; a script that fails has none."""
        try:
            return self.report(variant, work).passed
        except CourseError:
            return False


def mark_faults(
    exercise: Exercise, number: int, bench: TestBench, run: RunCommand | None = None
) -> Iterator[Finding]:
    """What does not hold of the marks of one variant.

    Args:
        run: runs the counter-examples that are commands; without it these are not run.
    """
    variant = exercise.variant(f"student-{number}")

    def found(what: str) -> Finding:
        return Finding(exercise.id, what, number)

    solution = bench.report(variant, exercise.solution(variant))
    if solution.state != "pass" or solution.points != exercise.points:
        yield found(f"The solution earns {_points(solution)}: {_reasons(solution)}")
    if solution.misconceptions:
        yield found(f"The solution is diagnosed with {', '.join(solution.misconceptions)}.")
    starter = bench.report(variant, exercise.starter(variant))
    if starter.state == "pass" or starter.points >= exercise.points:
        yield found("The starter earns full marks.")
    for wrong in exercise.wrong(variant):
        report = bench.report(variant, wrong.text)
        if report.points >= exercise.points:
            yield found(f"{wrong.name} earns full marks.")
        if report.misconceptions != (wrong.misconception,):
            told = ", ".join(report.misconceptions) or "nothing"
            yield found(f"{wrong.name} is diagnosed with {told}: {_reasons(report)}")
        for criterion in report.criteria:
            example = criterion.counterexample
            if criterion.misconception and not (example and example.runs):
                yield found(f"{wrong.name}: “{criterion.name}” has no counter-example that can be run.")
        yield from map(found, _false_examples(wrong.name, report, run))


def _false_examples(name: str, report: Report, run: RunCommand | None) -> Iterator[str]:
    """A counter-example shows what it says, and its command has an answer."""
    from labs.aws.iam import case_from_json, evaluate

    for criterion in report.criteria:
        example = criterion.counterexample
        if example is not None and example.case is not None:
            allowed = evaluate(*case_from_json(dict(example.case))).allowed
            if ("is allowed" in example.sentence and not allowed) or (
                "is denied" in example.sentence and allowed
            ):
                yield f"{name}: the counter-example says “{example.sentence}”, and it is not so."
        if example is not None and example.command and run is not None:
            status, said = run(example.command, example.given)
            if status not in (0, 1):
                yield f"{name}: {example.shell} ends with {status}: {said.strip()}"
            elif not said.strip():
                yield f"{name}: {example.shell} prints nothing."


def _points(report: Report) -> str:
    return f"{report.points:f} of {report.exercise.points} ({report.state})"


def _reasons(report: Report) -> str:
    fell = [f"{each.name}: {each.message}" for each in report.criteria if each.state != "pass"]
    return " · ".join(fell) or "no criterion fails"


def text_faults(exercise: Exercise) -> Iterator[Finding]:
    """What does not hold of the texts of an exercise."""
    for what in (*_blanks(exercise), *_texts(exercise), *_variety(exercise), *_equals(exercise)):
        yield Finding(exercise.id, what)


def _blanks(exercise: Exercise) -> Iterator[str]:
    for file in exercise.folder.iterdir():
        if file.is_file() and not file.name.startswith("."):
            for line, blank in blanks_in(file.read_bytes().decode("utf-8", "replace")):
                yield f"{file.name}, line {line}: a blank is left, {blank}"


def _texts(exercise: Exercise) -> Iterator[str]:
    variant = exercise.variant("ada")
    hints, wrong = exercise.hints(variant), exercise.wrong(variant)
    texts = {"prompt": exercise.prompt(variant)} | {f"hint {hint.level}": hint.text for hint in hints}
    works = {"starter": exercise.starter(variant), "solution": exercise.solution(variant)}
    works |= {each.name: each.text for each in wrong}
    for name, text in (*texts.items(), *works.items()):
        for place in open_places(text):
            yield f"The {name} leaves {place} open."
    if len(hints) != len(LAST_HINTS) + 2 or [hint.title for hint in hints[2:]] != LAST_HINTS:
        yield f"hints.md has the headings {[hint.title for hint in hints]}; the last two are {LAST_HINTS}."
    for hint in hints:
        if not hint.text:
            yield f"Hint {hint.level} is empty."
    for name, text in texts.items():
        for line in code_lines(text):
            if len(line) > WIDEST_CODE:
                yield f"The {name} shows code of {len(line)} columns; {WIDEST_CODE} fit: {line}"
    if len(wrong) < FEWEST_WRONG:
        yield f"There are {len(wrong)} wrong answers; {FEWEST_WRONG} is the least."
    for each in wrong:
        if each.misconception not in misconceptions():
            yield f"{each.name} names {each.misconception}, which the catalogue does not have."


def _variety(exercise: Exercise) -> Iterator[str]:
    prompts = {exercise.prompt(exercise.variant(f"student-{number}")) for number in range(STUDENTS)}
    if len(prompts) < FEWEST_VARIANTS:
        yield f"{STUDENTS} students see {len(prompts)} different texts; {FEWEST_VARIANTS} is the least."
    one, same = exercise.variant("ada"), exercise.variant("ada")
    if exercise.prompt(one) != exercise.prompt(same) or exercise.solution(one) != exercise.solution(same):
        yield "The same student gets another text each time."
    if exercise.variant("ada", number=1).seed == one.seed:
        yield "A student's second variant is the first."


def _equals(exercise: Exercise) -> Iterator[str]:
    """What is named as equal to the solution is a change of the solution as it is now."""
    equal = equals_of(exercise)
    made = {each.change for each in mutants_of(exercise.variant("student-0"))} if equal else set()
    for each in sorted({*equal} - made):
        yield f"{EQUAL} names a change that is none of the solution's: {each}"


def open_places(text: str) -> list[str]:
    """The places {{name}} that nothing has filled."""
    return re.findall(r"\{\{\s*\w+[^{}]*\}\}", text)


def code_lines(markdown: str) -> list[str]:
    """The lines of all fenced blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]
