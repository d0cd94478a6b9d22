"""The content tests itself: over 20 seeds, full marks go to what is right, and to nothing else."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from graders import Bench, Report, judge
from labs.aws.iam import case_from_json, evaluate
from labs.course import Exercise, Kind, Unit, Variant, WorldExercise, load_course, misconceptions
from labs.course.stage import label_of
from tui.commands import application

SEEDS = 20
SEEDS_WITH_COMMANDS = 3
"""In how many of them the counter-examples that are commands run; most say the same in all."""
SHORTEST_STATEMENT, SHORTEST_SOURCE = 12, 8
WIDEST_CODE = 76
LIVE = (Kind.CODE, Kind.WORLD)
DETECTED = {
    "arns": {"A1", "A2", "A3", "A4", "A5", "A6", "E9", "I19", "S1", "S2"},
    "billing": {"B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "L1", "L3"},
    "cidr": {f"C{number}" for number in range(1, 18)},
    "instances": {f"E{number}" for number in range(1, 10)} | {"A5", "I7", "I8", "I9", "I11", "I22"},
    "policies": {f"I{number}" for number in range(1, 25)} - {"I7", "I8", "I9", "I22"} | {"S1", "S2"},
}
"""By unit, the misconceptions that it has to detect, each with a counter-example that can be run."""
HandIn: TypeAlias = Callable[[Variant, str], str]

COURSE = load_course()
EXERCISES = [exercise for unit in COURSE.units for exercise in unit.exercises]


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The graders' warm parents, one pair for each process that runs tests."""
    with Bench() as bench:
        yield bench


@pytest.fixture
def hand_in(bench: Bench, tmp_path: Path) -> HandIn:
    """The text that is handed in for a solution or a wrong answer.

    Where the world is the answer, that is a script which works as the learner: its journal is handed in.
    """

    def text_of(variant: Variant, work: str) -> str:
        exercise = variant.exercise
        if not isinstance(exercise, WorldExercise) or not work:
            return work
        journal = tmp_path / f"{variant.seed}-{len(list(tmp_path.iterdir()))}.jsonl"
        with bench.nursery.world(
            seed=variant.seed, prepare=lambda world: exercise.prepare(world, variant)
        ) as world:
            world.open_journal(journal, label=label_of(variant))
            environment = world.environment(exercise.learner)
            with bench.boxes.open(environment, bench.limits) as box:
                reply = box.load(work, "script.py")
                assert reply.fault is None, reply.fault.sentence("script.py")
                box.finish()
        return journal.read_text("utf-8")

    return text_of


def _variants(live: bool) -> list[tuple[Exercise, int]]:
    """Live exercises seed by seed, so that the processes of a test run share them out; the others at once."""
    wanted = [each for each in EXERCISES if (each.kind in LIVE) is live]
    return [(each, number) for each in wanted for number in (range(SEEDS) if live else [SEEDS])]


def _check(exercise: Exercise, number: int, bench: Bench, hand_in: HandIn) -> None:
    variant = exercise.variant(f"student-{number}")

    def report(work: str) -> Report:
        return judge(exercise, hand_in(variant, work), variant, bench)

    solution = report(exercise.solution(variant))
    starter = report(exercise.starter(variant))

    assert solution.state == "pass", [criterion.to_json() for criterion in solution.criteria]
    assert solution.points == exercise.points
    assert not solution.misconceptions
    assert starter.state != "pass"
    assert starter.points < exercise.points
    for wrong in exercise.wrong(variant):
        diagnosed = report(wrong.text)
        assert diagnosed.points < exercise.points, wrong.name
        assert diagnosed.misconceptions == (wrong.misconception,), wrong.name
        if exercise.unit.id in DETECTED:
            believed = [each for each in diagnosed.criteria if each.misconception]
            assert all(each.counterexample and each.counterexample.runs for each in believed), wrong.name
        _run_counter_examples(diagnosed, commands=number < SEEDS_WITH_COMMANDS)


def _run_counter_examples(report: Report, *, commands: bool) -> None:
    """A counter-example shows what it says, and its command has an answer."""
    for criterion in report.criteria:
        example = criterion.counterexample
        if example is not None and example.case is not None:
            allowed = evaluate(*case_from_json(dict(example.case))).allowed
            assert "is allowed" not in example.sentence or allowed
            assert "is denied" not in example.sentence or not allowed
        if example is not None and example.command and commands:
            status, said = _ran(example.command, example.given)
            assert status in (0, 1), f"{example.shell} ended with {status}: {said}"
            assert said.strip(), example.shell


@cache
def _ran(words: tuple[str, ...], given: str) -> tuple[int, str]:
    """The exit status of `skylab WORDS…`, and what it printed; a crash is not taken for an answer."""
    # Typer's own `invoke` would build all commands anew for each run.
    with CliRunner().isolation(input=given) as (_, _, printed):
        try:
            _skylab().main(args=list(words), prog_name="skylab")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
        return status, printed.getvalue().decode()


@cache
def _skylab() -> Any:
    return get_command(application())


@pytest.mark.parametrize(
    ("words", "given", "status"),
    [
        (("bill", "-"), '{"month": "730h", "usage": []}', 0),
        (("bill", "-"), "{}]", 2),
        (("cidr", "10.0.0.0/33"), "", 2),
    ],
)
def test_a_command_that_is_wrongly_used_is_noticed(words: tuple[str, ...], given: str, status: int) -> None:
    assert _ran(words, given)[0] == status


@pytest.mark.parametrize(
    "exercise", [each for each, _ in _variants(live=False)], ids=lambda exercise: exercise.id
)
def test_an_answer_that_is_not_run_gets_the_marks_it_deserves(
    exercise: Exercise, bench: Bench, hand_in: HandIn
) -> None:
    for number in range(SEEDS):
        _check(exercise, number, bench, hand_in)


@pytest.mark.parametrize(
    ("exercise", "number"), _variants(live=True), ids=lambda each: getattr(each, "id", str(each))
)
def test_work_in_a_world_gets_the_marks_it_deserves(
    exercise: Exercise, number: int, bench: Bench, hand_in: HandIn
) -> None:
    _check(exercise, number, bench, hand_in)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
class TestEveryExercise:
    """What holds of each exercise, whatever its kind."""

    def test_has_fifty_variants(self, exercise: Exercise) -> None:
        prompts = {exercise.prompt(exercise.variant(f"student-{number}")) for number in range(200)}

        assert len(prompts) >= 50

    def test_gives_the_same_student_the_same_text(self, exercise: Exercise) -> None:
        first, second = exercise.variant("ada"), exercise.variant("ada")

        assert exercise.prompt(first) == exercise.prompt(second)
        assert exercise.solution(first) == exercise.solution(second)
        assert exercise.variant("ada", number=1).seed != first.seed

    def test_leaves_no_placeholder_open(self, exercise: Exercise) -> None:
        variant = exercise.variant("ada")
        texts = [exercise.prompt(variant), exercise.starter(variant), exercise.solution(variant)]
        texts += [hint.text for hint in exercise.hints(variant)]
        texts += [wrong.text for wrong in exercise.wrong(variant)]

        assert not [found for text in texts for found in re.findall(r"\{\{\s*\w+[^{}]*\}\}", text)]

    def test_helps_in_four_steps(self, exercise: Exercise) -> None:
        hints = exercise.hints(exercise.variant("ada"))

        assert [hint.level for hint in hints] == [1, 2, 3, 4]
        assert [hint.title for hint in hints[2:]] == ["A worked sibling", "The solution"]
        assert all(hint.text for hint in hints)

    def test_shows_code_that_fits_a_narrow_terminal(self, exercise: Exercise) -> None:
        variant = exercise.variant("ada")
        texts = [exercise.prompt(variant), *(hint.text for hint in exercise.hints(variant))]

        assert not [line for text in texts for line in _code_lines(text) if len(line) > WIDEST_CODE]

    def test_names_misconceptions_that_the_catalogue_has(self, exercise: Exercise) -> None:
        wrong = exercise.wrong(exercise.variant("ada"))

        assert len(wrong) >= 2
        assert {each.misconception for each in wrong} <= misconceptions().keys()


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_every_page_of_a_lesson_is_short_and_ends_with_a_question(unit: Unit) -> None:
    for page in unit.pages:
        words = len(page.text.split())

        assert words <= 600, page.title
        assert page.text.rstrip().splitlines()[-1].startswith("**Before you go on:**"), page.title
        assert not [line for line in _code_lines(page.text) if len(line) > WIDEST_CODE], page.title


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_a_unit_leaves_no_placeholder_open_in_its_lesson_and_walkthrough(unit: Unit) -> None:
    texts = [unit.walkthrough, *(page.text for page in unit.pages)]

    assert not [found for text in texts for found in re.findall(r"\{\{\s*\w+[^{}]*\}\}", text)]


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_no_price_is_typed_into_the_prose_of_a_unit(unit: Unit) -> None:
    """Prices come from the price book, through `{{name}}`; so the texts as they are written hold none."""
    texts = Path(str(unit.folder)).rglob("*.md")

    assert [text for text in texts if re.search(r"\$ ?\d", text.read_text("utf-8"))] == []


@pytest.mark.parametrize("unit", COURSE.units, ids=lambda unit: unit.id)
def test_the_facts_of_a_unit_name_their_sources(unit: Unit) -> None:
    """`[sources]` in unit.toml: a statement, and the page that it is from, one line each."""
    said = tomllib.loads((unit.folder / "unit.toml").read_text("utf-8"))
    sources = said.get("sources", {})

    assert all(isinstance(page, str) for page in sources.values())
    for statement, page in sources.items():
        assert len(statement) >= SHORTEST_STATEMENT, statement
        assert len(page) >= SHORTEST_SOURCE, statement
        assert "\n" not in statement + page, statement
        assert statement == statement.strip(), statement
        assert page == page.strip(), statement


@pytest.mark.parametrize(("unit", "wanted"), DETECTED.items())
def test_a_unit_detects_what_people_believe_of_its_subject(unit: str, wanted: set[str]) -> None:
    variants = (exercise.variant("ada") for exercise in COURSE.unit(unit).exercises)

    assert wanted <= {wrong.misconception for each in variants for wrong in each.exercise.wrong(each)}


def _code_lines(markdown: str) -> list[str]:
    blocks = re.findall(r"^```\w*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_first_unit_holds_every_kind() -> None:
    assert {exercise.kind for exercise in COURSE.unit("policies").exercises} == set(Kind)
