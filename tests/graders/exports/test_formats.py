"""Gradescope, JUnit, LTI and nbgrader: each file has the form that the other side reads."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from graders.adjustments import Adjustment
from graders.exports.gradescope import failure_json, results_json
from graders.exports.junit import junit
from graders.exports.lti import scores
from graders.exports.nbgrader import marks, release
from graders.exports.people import standings
from graders.results import StudentResult
from graders.submissions import Submission, Work
from labs.course import load_course
from labs.course.notebooks import notebook_of
from tests.graders.exports.conftest import Make

WHEN = "2026-01-31T12:00:00Z"
HOSTILE = "<script>&\"'\x1b]0;x\x07\u202e\ufffe"


def by_hand(result: StudentResult, points: str) -> StudentResult:
    """The result with the first exercise's points set by hand, a day after the run."""
    first, *others = result.exercises
    said = Adjustment(
        "", "", Decimal(points), "Fine & well.", "me", "2026-02-01T12:00:00Z", first.points, first.state
    )
    return replace(result, exercises=(first.adjusted(said), *others))


# Gradescope


def test_gradescope_gets_a_test_for_each_criterion_and_all_points(result: Make) -> None:
    told = results_json(result("ann", number="fail", double="pass", tidy="missing"))
    assert told["score"] == 2.0 == sum(test["score"] for test in told["tests"])
    assert sum(test["max_score"] for test in told["tests"]) == 5.0
    assert [(test["number"], test["status"]) for test in told["tests"]] == [
        ("1.1", "passed"),
        ("1.2", "failed"),
        ("1.3", "failed"),
        ("2.1", "passed"),
        ("2.2", "passed"),
        ("3", "failed"),
    ]
    assert "ListBucket needs the bucket ARN" in told["tests"][1]["output"]
    assert told["extra_data"]["isolation"] == ["seccomp"]
    json.dumps(told)


def test_points_set_by_hand_are_the_score(result: Make) -> None:
    told = results_json(by_hand(result("ann", number="fail", double="pass"), "0.5"))
    assert told["score"] == 2.5
    assert "Set by hand: Fine & well." in told["output"]


def test_gradescope_gets_a_file_when_the_grader_fails() -> None:
    told = failure_json("No room.")
    assert (told["score"], told["tests"]) == (0, [])
    assert "no fault of yours" in told["output"]


# JUnit


def check_shape(element: ElementTree.Element, shapes: dict[str, Any]) -> None:
    """See that an element and all beneath it have the form that the schema wants."""
    shape = shapes[element.tag]
    wanted = shape.get("attributes", {})
    assert set(element.attrib) <= set(wanted)
    assert set(wanted) - set(shape.get("optional", ())) <= set(element.attrib)
    for name, value in element.attrib.items():
        assert re.fullmatch(wanted[name], value), (element.tag, name, value)
    assert re.fullmatch(shape["children"], "".join(f"{child.tag} " for child in element)), element.tag
    for child in element:
        check_shape(child, shapes)


def test_junit_has_the_form_of_the_schema_and_counts_what_it_holds(result: Make) -> None:
    students = [
        result("ann", number="pass", double="fail", tidy="error", bucket="missing"),
        result(HOSTILE, number="timeout"),
        result("", number="pass"),
    ]
    root = ElementTree.fromstring("".join(junit(students, WHEN)))
    shapes = tomllib.loads(Path(__file__).with_name("junit.toml").read_text("utf-8"))
    check_shape(root, shapes)
    counted = [[suite.get(name) for name in ("tests", "failures", "errors", "skipped")] for suite in root]
    assert counted == [["7", "1", "1", "2"], ["1", "0", "1", "0"], ["2", "0", "0", "0"]]
    for suite, counts in zip(root, counted, strict=True):
        kinds = ("testcase", "testcase/failure", "testcase/error", "testcase/skipped")
        assert [str(len(suite.findall(kind))) for kind in kinds] == counts
    points = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert points["toy/double points"] == "0"


# LTI


def test_a_score_for_each_student_in_the_words_of_the_platform(result: Make) -> None:
    students = [
        result("ann", ids={"LTI User ID": "u-1"}, number="pass", double="fail"),
        result("bob", number="missing"),
        result("carol", number="error"),
        by_hand(result("dave", number="fail"), "1"),
    ]
    told = [json.loads(line) for line in scores(standings(students), WHEN)]
    assert told[0] == {
        "userId": "u-1",
        "activityProgress": "Submitted",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-01-31T12:00:00.000Z",
        "scoreGiven": 1.0,
        "scoreMaximum": 3.0,
    }
    assert "scoreGiven" not in told[1]
    assert [each["gradingProgress"] for each in told] == [
        *("FullyGraded", "NotReady", "PendingManual", "FullyGraded"),
    ]
    assert told[3]["timestamp"] == "2026-02-01T12:00:00.000Z", (
        "a platform takes only scores newer than the last"
    )


# nbgrader


@pytest.fixture
def released() -> dict[str, Any]:
    unit = load_course().unit("policies")
    path = notebook_of(unit)
    assert path is not None
    document: dict[str, Any] = json.loads(release(unit, path.read_bytes()))
    return document


def test_a_released_notebook_has_a_solution_cell_with_points_for_each_answer(
    released: dict[str, Any],
) -> None:
    said = [cell["metadata"]["nbgrader"] for cell in released["cells"] if "nbgrader" in cell["metadata"]]
    answers = {each["grade_id"]: each for each in said if each["solution"]}
    assert answers["policies--bucket-or-object"] | {"checksum": ""} == {
        "grade": True,
        "grade_id": "policies--bucket-or-object",
        "locked": False,
        "points": 6,
        "schema_version": 3,
        "solution": True,
        "task": False,
        "cell_type": "code",
        "checksum": "",
    }
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", each["grade_id"]) for each in said)
    assert len({each["grade_id"] for each in said}) == len(said)
    assert all(each["locked"] and not each["grade"] for each in said if not each["solution"])


def test_the_checksum_is_the_one_that_nbgrader_computes(released: dict[str, Any]) -> None:
    cell = next(
        each
        for each in released["cells"]
        if each["metadata"].get("nbgrader", {}).get("grade_id") == "policies--bucket-or-object"
    )
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    # nbgrader.utils.compute_checksum: source, type, grade, solution, locked, id, and points of a grade cell
    expected = hashlib.md5(f"{source}codeTrueTrueFalsepolicies--bucket-or-object6.0".encode()).hexdigest()
    assert cell["metadata"]["nbgrader"]["checksum"] == expected


def test_a_released_notebook_that_comes_back_is_read_even_without_its_check(
    released: dict[str, Any], tmp_path: Path
) -> None:
    for cell in released["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "policies--bucket-or-object":
            cell["source"] = 'policy = {"Statement": ["mine"]}'
            del cell["id"]
    path = tmp_path / "ann.ipynb"
    path.write_text(json.dumps(released), "utf-8")
    exercise = load_course().exercise("bucket-or-object")
    work = Submission("ann", "ann.ipynb", path, {"ann.ipynb": path}).read([exercise]).works[exercise.id]
    assert isinstance(work, Work)
    assert json.loads(work.text) == {"Statement": ["mine"]}


def test_marks_have_the_columns_of_nbgraders_own_export(result: Make) -> None:
    students = [
        result("=ann", name="Adams, Ann", ids={"Email": "ann@x.edu"}, number="pass", double="fail"),
        result("bob", number="missing"),
    ]
    first, second = csv.DictReader(marks(students, WHEN).splitlines())
    assert first == {
        "assignment": "toy",
        "duedate": "",
        "timestamp": "2026-01-31 12:00:00",
        "student_id": "'=ann",
        "last_name": "Adams",
        "first_name": "Ann",
        "email": "ann@x.edu",
        "raw_score": "1",
        "late_submission_penalty": "0",
        "score": "1",
        "max_score": "3",
    }
    assert (second["timestamp"], second["score"]) == ("", "0")
