"""Notebooks that are handed in: answers are found by id, function or place; what is damaged is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.submissions import Reading, Submission, Work
from graders.submissions.cells import Cell, read_cells
from graders.submissions.magics import plain_python
from labs.course import Course, Exercise, load_course
from labs.course.notebooks import notebook_of
from labs.errors import SubmissionError

POLICY = {"Version": "2012-10-17", "Statement": []}


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **more}


def text(source: str, kind: str = "markdown") -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "source": source}


def notebook(*cells: Any, **more: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


class Desk:
    """Hands notebooks in and reads them for exercises."""

    def __init__(self, folder: Path, *exercises: Exercise) -> None:
        self.folder = folder
        self.exercises = exercises

    def read(self, data: bytes, name: str = "alice.ipynb") -> Reading:
        path = self.folder / name
        path.write_bytes(data)
        return Submission("alice", name, path, {name: path}).read(self.exercises)

    def work(self, *cells: Any) -> Work:
        """The work for the first exercise."""
        found = self.read(notebook(*cells)).works.get(self.exercises[0].id)
        assert isinstance(found, Work), found
        return found

    def why(self, *cells: Any) -> str:
        """Why the work for the first exercise cannot be read."""
        found = self.read(notebook(*cells)).works[self.exercises[0].id]
        assert isinstance(found, SubmissionError)
        return found.detail


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    course = load_course()
    return Desk(tmp_path, course.exercise("bucket-or-object"), course.exercise("which-decision"))


@pytest.fixture
def programs(tmp_path: Path, toy: Course) -> Desk:
    return Desk(tmp_path, toy.exercise("double"), toy.exercise("number"), toy.exercise("bucket"))


CHECK = 'check("policies/bucket-or-object", policy)'
ANSWER = code(f"policy = {POLICY}\n{CHECK}")

# By the question's id


def test_the_courses_own_notebook_is_read_as_it_is_handed_out(tmp_path: Path) -> None:
    course = load_course()
    path = notebook_of(course.unit("policies"))
    assert path is not None
    desk = Desk(tmp_path, *course.unit("policies").exercises)
    works = desk.read(path.read_bytes()).works
    assert {"policies/bucket-or-object", "policies/which-decision"} <= set(works)
    assert all(isinstance(work, Work) and not work.notes for work in works.values())
    policy = works["policies/bucket-or-object"]
    assert isinstance(policy, Work)
    assert json.loads(policy.text)["Statement"][0]["Effect"] == "Allow"


@pytest.mark.parametrize(
    "cells",
    [
        [ANSWER],
        [code(f"policy = {POLICY}"), code(CHECK)],
        [code(f"graders.check('bucket-or-object', answer={POLICY})")],
        [code("policy = {}\npolicy['Version'] = '2012-10-17'\npolicy['Statement'] = []\n" + CHECK)],
        [code("import json\n" + f"text = json.dumps({POLICY})\nreport = check('bucket-or-object', text)")],
        [code(f"policy = {POLICY}", metadata={"nbgrader": {"grade_id": "policies--bucket-or-object"}})],
        [code(f"policy = {POLICY}", metadata={"skylab": {"exercise": "policies/bucket-or-object"}})],
        [code(f"{POLICY}", id="policies--bucket-or-object")],
        [text(f"```json\n{json.dumps(POLICY)}\n```") | {"id": "policies--bucket-or-object"}],
    ],
)
def test_an_answer_is_found_by_its_id_wherever_that_stands(desk: Desk, cells: list[Any]) -> None:
    assert json.loads(desk.work(*cells).text) == POLICY


def test_the_last_answer_counts_and_the_others_are_told_of(desk: Desk) -> None:
    work = desk.work(code(f"{CHECK.replace('policy', '{}', 1)}"), code(f"policy = {{}}\n{CHECK}"), ANSWER)
    assert json.loads(work.text) == POLICY
    assert "answered in cells 2, 3" in work.notes[0] or "answered in cells 1, 2, 3" in work.notes[0]


@pytest.fixture
def handed_out() -> Cell:
    """The cell of the course's notebook that asks for the first exercise."""
    path = notebook_of(load_course().unit("policies"))
    assert path is not None
    return next(
        each for each in read_cells(path.read_bytes()).cells if 'check("policies/bucket' in each.source
    )


def test_an_answer_is_found_by_the_id_of_the_courses_own_cell(desk: Desk, handed_out: Cell) -> None:
    work = desk.work(code("pass"), code(f"policy = {POLICY}", id=handed_out.names[0]))
    assert json.loads(work.text) == POLICY
    assert work.notes == ()


def test_a_copy_that_is_still_as_it_was_handed_out_gives_way(desk: Desk, handed_out: Cell) -> None:
    work = desk.work(ANSWER, code(handed_out.source, id=handed_out.names[0]))
    assert json.loads(work.text) == POLICY


def test_a_check_call_tells_more_than_an_id_that_was_copied(desk: Desk, handed_out: Cell) -> None:
    cell = code('check("policies/which-decision", {"read": "Allow"})', id=handed_out.names[0])
    works = desk.read(notebook(cell, ANSWER)).works
    assert isinstance(works["policies/which-decision"], Work)
    policy = works["policies/bucket-or-object"]
    assert isinstance(policy, Work)
    assert json.loads(policy.text) == POLICY


def test_fields_become_a_file_as_the_workspace_has_it(desk: Desk) -> None:
    found = desk.read(notebook(code('check("which-decision", {"read": "Allow", "guest": ""})')))
    assert found.works["policies/which-decision"] == Work('"read" = "Allow"\n"guest" = ""\n')


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("check('bucket-or-object', make())", "make()"),
        ("policy = {}\nfor x in range(3):\n    policy[x] = x\n" + CHECK, "policy"),
        ("policy = {}\npolicy |= other\n" + CHECK, "policy"),
        ("a = 'x' * 10**9\ncheck('bucket-or-object', a)", "depends on a"),
        ("a = [0]\n" + "a = [a, a]\n" * 60 + "check('bucket-or-object', str(a))", "very large"),
        ("a = []\na.append(a)\ncheck('bucket-or-object', a)", "depends on a"),
        ("check('bucket-or-object', 10**10**10)", "10 ** 10 ** 10"),
        ("policy = {'Version': ,}\n" + CHECK, "is not Python, line 1"),
    ],
)
def test_what_only_running_the_notebook_would_give_is_said(desk: Desk, source: str, says: str) -> None:
    assert says in desk.why(code(source))


# By function


def run(source: str) -> dict[str, Any]:
    program: dict[str, Any] = {}
    exec(compile(source, "task.py", "exec"), program)
    return program


def test_a_program_brings_what_it_builds_on_and_nothing_else(programs: Desk) -> None:
    work = programs.work(
        code("import math, json\nFACTOR = 2"),
        code("world = World.start()\nprint(double(3))"),
        code("def helper(n):\n    return math.floor(FACTOR * n)\n\ndef unused():\n    pass"),
        code("@staticmethod\ndef double(n): return helper(n)\ncheck('toy/double', double)"),
    )
    assert "World" not in work.text
    assert "unused" not in work.text
    assert run(work.text.replace("@staticmethod\n", ""))["double"](21) == 42
    assert work.notes == ()


def test_a_functions_own_variables_bring_nothing_of_the_notebook_with_them(programs: Desk) -> None:
    work = programs.work(
        code("number = show_the_lesson()\nfor each in number: print(each)"),
        code("def double(n):\n    number = 2 * n\n    return [each for each in [number]][0]"),
    )

    assert "show_the_lesson" not in work.text
    assert "number = 2 * n" in work.text


def test_a_function_is_found_by_its_name_where_the_id_is_lost(programs: Desk) -> None:
    work = programs.work(
        code("x = 1"), code("def double(n):\n    return n\n"), code("def double(n):\n    return 2 * n")
    )
    assert run(work.text)["double"](4) == 8
    assert "by the name of its function, in cell 3" in work.notes[0]


def test_a_program_that_is_no_python_goes_to_the_judge_as_it_is(programs: Desk) -> None:
    assert "def double(n:" in programs.work(code("def double(n:\n    pass\ncheck('toy/double', double)")).text


# By place


def test_an_answer_is_found_after_its_task(desk: Desk) -> None:
    work = desk.work(code("task('policies/bucket-or-object')"), text("Think."), code(f"policy = {POLICY}"))
    assert json.loads(work.text) == POLICY
    assert "by its place, in cell 3" in work.notes[0]


def test_an_answer_is_found_beneath_its_heading(desk: Desk) -> None:
    work = desk.work(text("## Exercise: bucket or object?"), code(f"policy = {POLICY}"))
    assert json.loads(work.text) == POLICY


def test_an_answer_is_found_where_the_courses_notebook_has_it(desk: Desk, handed_out: Cell) -> None:
    path = notebook_of(load_course().unit("policies"))
    assert path is not None
    cells = [code("pass") for _ in read_cells(path.read_bytes()).cells]
    cells[handed_out.number - 1] = code(f"policy = {POLICY}")
    assert json.loads(desk.work(*cells).text) == POLICY


def test_the_answer_to_another_task_is_not_taken(desk: Desk) -> None:
    cells = (code("task('bucket-or-object')"), code("task('which-decision')"), code("{'read': 'Allow'}"))
    assert set(desk.read(notebook(*cells)).works) == {"policies/which-decision"}


# Damage


def repaired(desk: Desk, data: bytes) -> str:
    """What is said about a notebook whose answer is found all the same."""
    work = desk.read(data).works["policies/bucket-or-object"]
    assert isinstance(work, Work)
    assert json.loads(work.text) == POLICY
    return " ".join(work.notes)


def test_the_whole_cells_of_a_torn_notebook_are_rescued(desk: Desk) -> None:
    data = notebook(text("x"), ANSWER, code("y" * 100))
    assert "2 whole cells" in repaired(desk, data[:-150])


def test_a_notebook_with_the_marks_of_a_merge_is_read(desk: Desk) -> None:
    data = json.dumps(json.loads(notebook(ANSWER, code("x"))), indent=1)
    data = data.replace("  },\n", "  },\n<<<<<<< HEAD\n", 1)
    assert "damaged after line" in repaired(desk, data.encode())


def test_an_older_format_is_brought_up_to_date(desk: Desk) -> None:
    cells = [
        {"cell_type": "heading", "level": 1, "source": "x"},
        {"cell_type": "code", "input": ANSWER["source"]},
    ]
    data = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {}}).encode()
    assert "older format 3" in repaired(desk, data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_other_encodings_are_read(desk: Desk, encoding: str) -> None:
    said = repaired(desk, notebook(ANSWER).decode().encode(encoding))
    assert (encoding.upper() in said) is (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (notebook(7, ANSWER, nbformat=9), "Cell 1 is no cell"),
        (notebook(code(3), ANSWER), "Cell 1 has a text that is none"),  # type: ignore[arg-type]
        (notebook(text("x"), ANSWER, nbformat="four"), "format is four"),
        (notebook(ANSWER | {"cell_type": "query"}), "unknown kind"),
        (notebook(text(str(ANSWER["source"]))), "no code cell any more"),
        (notebook(ANSWER, *[code("")] * 3000), "3001 cells"),
        (notebook(code("%time\n!ls\n" + str(ANSWER["source"]))), "%time, !ls"),
        (notebook(ANSWER).replace(b'"metadata"', b'"\xff"'), "not UTF-8 at byte"),
    ],
)
def test_each_repair_is_told(desk: Desk, data: bytes, says: str) -> None:
    assert says in repaired(desk, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n",
        b"not a notebook",
        b"[]",
        b"7",
        b'{"cells": 3}',
        b'{"cells": []}',
        b"[" * 200_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_notebook_is_an_error_of_its_own(desk: Desk, data: bytes) -> None:
    with pytest.raises(SubmissionError, match="notebook"):
        desk.read(data)


def test_stored_outputs_are_not_looked_at(desk: Desk) -> None:
    output = {"output_type": "execute_result", "data": {"text/html": "6 of 6 points"}, "metadata": {}}
    assert desk.work(ANSWER | {"outputs": [output]}).text == desk.work(ANSWER).text


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_notebook_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(notebook(text("x"), ANSWER, code("y = 1")))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = read_cells(bytes(raw))
    except SubmissionError:
        return
    assert document.cells


# Magics


@pytest.mark.parametrize(
    ("source", "plain", "magics"),
    [
        ("%time\nx = 1", "\nx = 1", ("%time",)),
        ("x = !ls", "x = None", ("x = !ls",)),
        ("!echo 'it\\\n  goes on\ny = 2", "\n\ny = 2", ("!echo 'it\\",)),
        ("x = (7\n % 3)", "x = (7\n % 3)", ()),
        ("%pwd\nx = '''\n%not a magic\n'''", "\nx = '''\n%not a magic\n'''", ("%pwd",)),
        ("%%bash\nrm -rf /\n", "\n\n", ("%%bash",)),
        ("%%time\nx = 1", "\nx = 1", ("%%time",)),
        ("help?\nx = [1,\n%d]", "\nx = [1,\n%d]", ("help?",)),
        ("x = 1  # %time (", "x = 1  # %time (", ()),
    ],
)
def test_magics_are_taken_out_where_a_statement_may_begin(
    source: str, plain: str, magics: tuple[str, ...]
) -> None:
    found = plain_python(source)
    assert (found.text, found.magics) == (plain, magics)


@given(st.text(alphabet="%!?x='\"([{\n\\ #1"))
def test_taking_magics_out_keeps_the_lines(source: str) -> None:
    assert plain_python(source).text.count("\n") == source.count("\n")
