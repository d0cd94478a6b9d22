"""Work of every kind is judged; what cannot be is reported as what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from graders import Bench, Report, judge
from graders.judging import UNSEEN
from graders.runs import Program, run_program
from labs.course import CodeExercise, Course, Variant
from labs.course.kinds.use import Use
from labs.course.stage import label_of, open_world

MAKE = """
import boto3

def make(name):
    boto3.client("s3").create_bucket(Bucket=name)
    return name

def put(name):
    print("putting into", name)
    boto3.client("s3").put_object(Bucket=name, Key="a", Body=b"x")
"""


def report_on(course: Course, name: str, text: str | None, bench: Bench) -> Report:
    exercise = course.exercise(name)
    return judge(exercise, text, exercise.variant("alice"), bench)


@pytest.fixture
def journal(toy: Course, tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def work_on(
    course: Course, bench: Bench, journal: Path, *, as_: str = "user/learner", student: str = "alice"
) -> str:
    """Solve `tidy` in a world of its own, as somebody, and hand in the journal."""
    exercise = course.exercise("tidy")
    variant = exercise.variant(student)
    with open_world(exercise, variant, journal=journal, nursery=bench.nursery) as world:
        world.client("s3", as_=as_).delete_bucket(Bucket=variant.values["old"])
    return journal.read_text("utf-8")


def test_a_program_that_does_what_is_asked_passes(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "bucket", MAKE, bench)
    assert (report.state, report.points, report.max) == ("pass", Decimal(3), Decimal(3))
    assert "seccomp" in report.isolation
    assert "landlock-tcp" in report.isolation
    assert report.output.startswith("putting into training-")


def test_a_program_is_judged_by_the_world_and_not_by_its_word(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "bucket", "def make(name): return name\ndef put(name): return 'done'", bench)
    assert (report.state, report.points) == ("fail", Decimal(0))
    assert report.misconceptions == ("S1",)


def test_half_of_the_work_earns_its_half(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "double", "def double(n): return 4", bench)
    assert (report.state, report.points, report.max) == ("partial", Decimal(1), Decimal(2))


def test_a_call_that_builds_on_a_failed_one_is_not_made(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "bucket", "def make(name): return 1 / 0\ndef put(name): return 1", bench)
    assert report.criteria[1].message == "put() was not called: the call that it builds on failed."
    assert report.criteria[1].state == "skipped"
    assert not report.misconceptions


def test_what_is_right_in_ones_own_variant_alone_is_right_nowhere(toy: Course, bench: Bench) -> None:
    own = toy.exercise("bucket").variant("alice").values["bucket"]
    report = report_on(toy, "bucket", f"{MAKE.replace('(name):', '(_):')}\nname = {own!r}\n", bench)
    assert report.criteria[0].state == "fail"
    assert report.variant.values["bucket"] == own
    assert report.notes == (UNSEEN,)


class TwoWorlds(Bench):
    """A bench whose hidden variants are those of two students, and which remembers whose it gave."""

    def __init__(self, *, many: bool) -> None:
        super().__init__(allow_reduced=False, worlds=2, many=many)
        self.many = many
        self.given: list[str] = []

    def hidden_variant(self, exercise: CodeExercise, number: int, draw: str) -> Variant:
        name = "first" if number == 0 else "second"
        self.given.append(name)
        return exercise.variant(name)


@pytest.fixture(scope="module", params=[False, True], ids=["side by side", "one by one"])
def two_worlds(request: pytest.FixtureRequest) -> Iterator[TwoWorlds]:
    with TwoWorlds(many=request.param) as bench:
        yield bench


def program_for(course: Course, student: str) -> str:
    """A program that makes the bucket of one variant, whatever it is asked for."""
    name = course.exercise("bucket").variant(student).values["bucket"]
    return MAKE.replace("(name):", "(_):") + f"\nname = {name!r}\n"


@pytest.mark.parametrize(
    ("student", "state", "note"),
    [("first", "partial", " It is the one numbered 2 of 2."), ("second", "partial", "numbered 1 of 2.")],
)
def test_a_program_must_do_it_in_every_world(
    toy: Course, two_worlds: TwoWorlds, student: str, state: str, note: str
) -> None:
    report = report_on(toy, "bucket", program_for(toy, student), two_worlds)
    assert report.state == state
    assert report.notes[0].endswith(note)


def test_a_program_that_does_it_in_every_world_passes_and_one_by_one_others_stop_at_the_first(
    toy: Course, two_worlds: TwoWorlds
) -> None:
    two_worlds.given.clear()
    assert report_on(toy, "bucket", MAKE, two_worlds).passed
    assert sorted(two_worlds.given) == ["first", "second"]
    two_worlds.given.clear()
    report_on(toy, "bucket", "def make(name): return name\ndef put(name): return 1", two_worlds)
    assert sorted(two_worlds.given) == (["first"] if two_worlds.many else ["first", "second"])


def test_nobody_can_work_out_a_hidden_variant(toy: Course) -> None:
    exercise = toy.exercise("bucket")
    assert isinstance(exercise, CodeExercise)
    variant = exercise.variant("alice")
    with Bench() as one, Bench() as other:
        seeds = {
            each.hidden_variant(exercise, number, "draw").seed for each in (one, other) for number in (0, 1)
        }
    assert len({*seeds, variant.seed}) == 5


def test_what_a_program_made_use_of_is_known(toy: Course, bench: Bench) -> None:
    exercise = toy.exercise("bucket")
    assert isinstance(exercise, CodeExercise)
    variant = exercise.variant("alice")
    arn = f"arn:aws:s3:::{variant.values['bucket']}"
    least = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{arn}/a"}],
    }
    curious = MAKE + "    boto3.client('s3').list_objects_v2(Bucket=name)\n"
    with bench.hidden_world(exercise, variant) as world:
        run = run_program(Program(curious, "task.py"), exercise.calls(variant), world, bench).run
    assert [each.operation for each in run.calls_of("PutObject", as_="user/writer")] == ["PutObject"]
    assert run.calls_of("PutObject", as_="user/somebody") == ()
    assert run.used("user/writer") == {Use("s3:PutObject", f"{arn}/a"), Use("s3:ListBucket", arn)}
    assert [str(each) for each in run.beyond(least, "user/writer")] == [f"s3:ListBucket on {arn}"]


def test_a_learners_mistake_is_named_with_its_line(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "double", "def double(n):\n    return n['x']\n", bench)
    assert report.criteria[0].message.startswith("task.py, line 2, in double(): TypeError: ")


def test_a_program_that_cannot_be_loaded_is_an_error_with_its_line(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "double", "def double(n)\n    return 2 * n\n", bench)
    assert (report.state, report.points, report.max) == ("error", Decimal(0), Decimal(2))
    assert report.criteria[0].message == "task.py, line 1: SyntaxError: expected ':'"


def test_what_is_not_handed_in_is_missing(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "double", None, bench)
    assert (report.state, report.points, report.max) == ("missing", Decimal(0), Decimal(2))


def test_an_answer_is_judged_without_a_box_or_a_world(toy: Course) -> None:
    variant = toy.exercise("number").variant("alice")
    with Bench() as bench:
        report = judge(variant.exercise, f"number = {variant.values['number']}", variant, bench)
        assert bench.is_cold
    assert (report.state, report.isolation) == ("pass", ())


def test_a_file_that_is_no_toml_is_an_error_with_the_place(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "number", "number = = 1", bench)
    assert report.state == "error"
    assert "line 1" in report.criteria[0].message


def test_a_check_that_fails_is_the_courses_fault(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "broken", "number = 1", bench)
    assert (report.state, report.points) == ("error", Decimal(0))
    assert "no fault of yours" in report.criteria[0].message
    assert "ZeroDivisionError" in report.criteria[0].message


def test_a_world_is_judged_by_its_journal(toy: Course, bench: Bench, journal: Path) -> None:
    report = report_on(toy, "tidy", work_on(toy, bench, journal), bench)
    assert (report.state, report.notes) == ("pass", ())


def test_an_empty_journal_changes_nothing(toy: Course, bench: Bench, journal: Path) -> None:
    only_its_head = work_on(toy, bench, journal).splitlines()[0] + "\n"
    for text in ("", only_its_head):
        assert report_on(toy, "tidy", text, bench).state == "partial"


def test_the_administrators_keys_do_not_solve_an_exercise(toy: Course, bench: Bench, journal: Path) -> None:
    report = report_on(toy, "tidy", work_on(toy, bench, journal, as_="admin"), bench)
    assert report.state == "partial"
    assert report.notes[0].startswith("Refused again: change 1, DELETE /old-")


@pytest.mark.parametrize("name", ["root", "user/other"])
def test_keys_that_the_learner_was_not_given_are_left_out(
    toy: Course, bench: Bench, journal: Path, name: str
) -> None:
    lines = work_on(toy, bench, journal).splitlines()
    time = json.loads(lines[-1])["time"]
    forged = json.dumps({"number": 9, "time": time, "mint": {"kind": "principal", "subject": name}})
    report = report_on(toy, "tidy", "\n".join([*lines, forged]) + "\n", bench)
    assert f"credentials for principal {name}" in report.notes[0]


def test_a_request_that_was_changed_is_refused(toy: Course, bench: Bench, journal: Path) -> None:
    values = toy.exercise("tidy").variant("alice").values
    text = work_on(toy, bench, journal).replace(f'/{values["old"]}"', f'/{values["kept"]}"')
    report = report_on(toy, "tidy", text, bench)
    assert report.state == "partial"
    assert report.notes


def test_a_request_cannot_pretend_to_come_from_elsewhere(toy: Course, bench: Bench, journal: Path) -> None:
    text = work_on(toy, bench, journal).replace('"client":"127.0.0.1"', '"client":"10.0.0.1"')
    assert "10.0.0.1" in report_on(toy, "tidy", text, bench).notes[0]


def test_the_journal_of_another_student_does_not_count(toy: Course, bench: Bench, journal: Path) -> None:
    report = report_on(toy, "tidy", work_on(toy, bench, journal, student="bob"), bench)
    assert report.state == "error"
    assert "another world" in report.criteria[0].message


@pytest.mark.parametrize("text", ["no journal\n", "{}\n", '{"journal": "skylab", "version": 99}\n'])
def test_what_is_no_journal_is_an_error(toy: Course, bench: Bench, text: str) -> None:
    report = report_on(toy, "tidy", text, bench)
    assert report.state == "error"
    assert "/tmp" not in report.criteria[0].message


def test_a_student_cannot_work_out_another_users_keys(toy: Course, bench: Bench) -> None:
    exercise = toy.exercise("bucket")
    assert isinstance(exercise, CodeExercise)
    variant = exercise.variant("alice")
    with open_world(exercise, variant, nursery=bench.nursery) as world:
        known = {name: world.credentials(name).secret_access_key for name in ("admin", "user/writer")}
    with bench.hidden_world(exercise, variant) as hidden:
        for name, secret in known.items():
            assert hidden.credentials(name).secret_access_key != secret


def test_a_report_comes_back_from_json_as_it_was(toy: Course, bench: Bench) -> None:
    report = report_on(toy, "bucket", "def make(name): return name", bench)
    again = Report.from_json(json.loads(json.dumps(report.to_json())), report.variant)
    assert again == report


def test_the_labels_of_journals_tell_variants_apart(toy: Course) -> None:
    exercise = toy.exercise("tidy")
    assert label_of(exercise.variant("alice")) != label_of(exercise.variant("bob"))
