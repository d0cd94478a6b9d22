"""The answers that a notebook holds: found by the question's id, else by a function's name, else by place.

An answer is what a cell hands to `check("UNIT/EXERCISE", …)`, or what stands in a cell whose id names the
exercise (`policies--bucket-or-object`, as nbgrader's `grade_id` or as the cell's own). A program is the
function that is asked for, with what it builds on. The notebook is not run: what is computed is no answer.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from graders.notebook import text_of_answer
from graders.submissions.cells import Document
from graders.submissions.literals import Computed, Values
from graders.submissions.pages import Page, answer_of, asked_in, page_of
from graders.submissions.programs import Statement, defined_in, program_of, statements_of
from graders.submissions.released import Released, released
from graders.submissions.work import Work
from labs.course import CodeExercise, Exercise, Unit
from labs.errors import SubmissionError

__all__ = ["Answers"]

Given = Work | SubmissionError


class Answers:
    """What one notebook answers of some exercises."""

    def __init__(self, name: str, document: Document, exercises: Sequence[Exercise]) -> None:
        self._name = name
        self._exercises = exercises
        self._units = {exercise.unit.id: exercise.unit for exercise in exercises}
        self._released = {unit: released(each) for unit, each in self._units.items()}
        self._spelled = _spelled(self._units.values(), self._released.values())
        self._pages = [page_of(cell, self._spelled.get) for cell in document.cells]
        self._headings = [_headings(page) for page in self._pages]
        self._notes = tuple(f"{name}: {repair}" for repair in document.repairs)
        self._by_id = {exercise.id: exercise for exercise in exercises}
        self._statements: list[Statement] = []
        self._handed: dict[tuple[int, str], Given] = {}
        self._left: dict[int, Any] = {}
        self._go_through()

    def all(self) -> dict[str, Given]:
        """The work that it holds, by exercise."""
        found = ((exercise.id, self._answer(exercise)) for exercise in self._exercises)
        return {name: work for name, work in found if work is not None}

    # -- through the notebook, from top to bottom --------------------------------------------------------

    def _go_through(self) -> None:
        for page in self._pages:
            if page.tree is not None and page.is_code:
                self._statements += statements_of(page.cell.number, page.text, page.tree)
        values = Values()
        for page in self._pages:
            if page.tree is not None and page.is_code:
                self._work_out(page, page.tree, values)

    def _work_out(self, page: Page, tree: ast.Module, values: Values) -> None:
        for statement in tree.body:
            for name, call in asked_in(statement, "check", self._spelled.get):
                if name in self._by_id and (expression := answer_of(call)) is not None:
                    given = self._given(self._by_id[name], page, expression, values)
                    self._handed[page.cell.number, name] = given
            values.run(statement)
        last = tree.body[-1] if tree.body else None
        shown = _shown(last)
        if shown is not None and not page.asks:
            try:
                self._left[page.cell.number] = copy.deepcopy(values.of(shown))
            except Computed as computed:
                self._left[page.cell.number] = computed

    def _given(self, exercise: Exercise, page: Page, expression: ast.expr, values: Values) -> Given:
        """The work that an expression stands for."""
        if isinstance(exercise, CodeExercise) and (names := _functions(expression)):
            return self._program(exercise, page, names)
        try:
            value = values.of(expression)
        except Computed as computed:
            return self._computed(page, computed)
        return self._text(exercise, value)

    def _text(self, exercise: Exercise, value: Any) -> Given:
        try:
            return Work(text_of_answer(exercise, value))
        except SubmissionError as error:
            return error
        except (ValueError, RecursionError) as error:
            return SubmissionError("The answer cannot be read from the notebook", f"{error}.")

    def _program(self, exercise: CodeExercise, page: Page, names: Iterable[str]) -> Given:
        asked = _functions_asked(exercise)
        text = program_of([*names, *sorted(asked)], page.cell.number, self._statements)
        return Work(text or page.text)

    def _computed(self, page: Page, computed: Computed) -> SubmissionError:
        return SubmissionError(
            "The answer cannot be read from the notebook",
            f"{self._name}, cell {page.cell.number}: it depends on {computed}, which is computed.",
            "Notebooks are read and not run: write the answer down as a plain value.",
        )

    # -- one exercise ------------------------------------------------------------------------------------

    def _answer(self, exercise: Exercise) -> Given | None:
        for how, pages in (
            ("", self._with_id(exercise)),
            ("by the name of its function", self._with_function(exercise)),
            ("by its place", self._in_place(exercise)),
        ):
            works = [(page, work) for page in pages if (work := self._work(exercise, page)) is not None]
            if works:
                page, work = self._choose(exercise, works)
                return self._with_notes(work, how, page, [each for each, _ in works])
        return None

    def _choose(self, exercise: Exercise, works: list[tuple[Page, Given]]) -> tuple[Page, Given]:
        """The last one counts; a copy that is still as it was handed out only where there is no other."""
        before = self._released[exercise.unit.id].sources.get(exercise.id, "").strip()
        changed = [each for each in works if each[0].cell.source.strip() != before]
        return (changed or works)[-1]

    def _with_notes(self, work: Given, how: str, page: Page, pages: Sequence[Page]) -> Given:
        if isinstance(work, SubmissionError):
            return work
        notes = list(self._notes)
        number = page.cell.number
        if how:
            notes.append(
                f"{self._name}: the question's id is lost; the answer was found {how}, in cell {number}."
            )
        if len(pages) > 1:
            numbers = ", ".join(str(each.cell.number) for each in pages)
            notes.append(f"{self._name}: it is answered in cells {numbers}; what counts is cell {number}.")
        if page.cell.kind != "code":
            notes.append(f"{self._name}: cell {number} is no code cell any more, and was read all the same.")
        if page.magics:
            taken = ", ".join(page.magics)
            notes.append(f"{self._name}: taken out of cell {number}, which is no Python: {taken}")
        return Work(work.text, tuple(notes))

    def _with_id(self, exercise: Exercise) -> list[Page]:
        """The cells that ask for it, or bear its id and ask for nothing else."""
        asking = [page for page in self._pages if exercise.id in page.asks]
        handing = [page for page in asking if self._work(exercise, page) is not None]
        return handing or [page for page in self._pages if page.named == exercise.id and not page.asks]

    def _with_function(self, exercise: Exercise) -> list[Page]:
        if not isinstance(exercise, CodeExercise):
            return []
        asked = _functions_asked(exercise)
        return [
            page
            for page in self._pages
            if page.is_code and page.tree is not None and asked & set(defined_in(page.tree))
        ]

    def _in_place(self, exercise: Exercise) -> list[Page]:
        """The first cell of code after the task or its heading, else where the course's notebook has it."""
        title = _letters(exercise.title)
        for number, page in enumerate(self._pages):
            if exercise.id in page.shows or any(title in heading for heading in self._headings[number]):
                after = self._pages[number + 1 :]
                if (found := next(_answers_after(after, exercise), None)) is not None:
                    return [found]
        known = self._released[exercise.unit.id]
        if known.cells != len(self._pages):
            return []
        return [
            page
            for page in self._pages
            if known.places.get(page.cell.number) == exercise.id and _is_free(page)
        ]

    def _work(self, exercise: Exercise, page: Page) -> Given | None:
        """What a cell holds for an exercise; None when it is nothing."""
        number = page.cell.number
        if (number, exercise.id) in self._handed:
            return self._handed[number, exercise.id]
        if page.tree is None or not page.is_code:
            return self._unparsed(exercise, page)
        if isinstance(exercise, CodeExercise):
            names = defined_in(page.tree)
            return self._program(exercise, page, names) if names else None
        value = self._left.get(number)
        if value is None:
            return None
        return self._computed(page, value) if isinstance(value, Computed) else self._text(exercise, value)

    def _unparsed(self, exercise: Exercise, page: Page) -> Given | None:
        """A cell that is no Python: a text that is the answer, or a program, which the judge reads."""
        if not page.text.strip():
            return None
        if isinstance(exercise, CodeExercise) or page.cell.kind != "code":
            return Work(page.text)
        return SubmissionError(
            "The answer cannot be read from the notebook",
            f"{self._name}, cell {page.cell.number} is not Python, {page.broken}.",
            "Run the cell: Python shows the place.",
        )


def _spelled(units: Iterable[Unit], notebooks: Iterable[Released]) -> Mapping[str, str]:
    """How exercises may be named in a notebook, with the id of each."""
    spelled: dict[str, str] = {}
    for unit in units:
        for name in unit.exercise_names:
            known = f"{unit.id}/{name}"
            for form in (name, known, f"{unit.id}--{name}"):
                spelled[form] = spelled[form.replace("-", "_")] = known
    for notebook in notebooks:
        spelled.update(notebook.ids)
    return spelled


@cache
def _functions_asked(exercise: CodeExercise) -> frozenset[str]:
    """The functions that are called, the same for everybody."""
    return frozenset(call.function for call in exercise.calls(exercise.variant("")))


def _functions(expression: ast.expr) -> tuple[str, ...]:
    """The names in an answer that is a function or several."""
    match expression:
        case ast.Name(id=name):
            return (name,)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return tuple(each.id for each in elements if isinstance(each, ast.Name))
    return ()


def _shown(statement: ast.stmt | None) -> ast.expr | None:
    """The value that a cell ends with."""
    match statement:
        case ast.Assign(value=value) | ast.Expr(value=value):
            return value
    return None


def _answers_after(pages: Sequence[Page], exercise: Exercise) -> Iterator[Page]:
    for page in pages:
        if page.cell.kind == "markdown" and page.cell.source.lstrip().startswith("#"):
            return
        if page.shows and exercise.id not in page.shows:
            return
        if _is_free(page) and not page.shows:
            yield page


def _is_free(page: Page) -> bool:
    return page.is_code and not page.asks and page.named is None


def _headings(page: Page) -> tuple[str, ...]:
    """The letters of the headings in a cell of text."""
    lines = page.cell.source.splitlines() if page.cell.kind == "markdown" else []
    return tuple(_letters(line) for line in lines if line.startswith("#"))


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
