"""`check` for notebooks: hand in a dictionary, a text, a path or a function, and see the report."""

from __future__ import annotations

import atexit
import getpass
import inspect
import json
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from graders.bench import Bench
from graders.judging import judge
from graders.report import Report
from labs.course import CodeExercise, Exercise, OrderExercise, PolicyExercise, Variant, Workspace, load_course
from labs.course.kinds.answer import AnswerExercise, read_answers
from labs.course.marks import Kind
from labs.course.stage import open_world
from labs.errors import SubmissionError

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = ["Answer", "Shown", "Task", "check", "task", "text_of_answer"]

Answer = Mapping[str, Any] | str | Path | Callable[..., Any] | Iterable[Callable[..., Any]] | Iterable[str]


def check(exercise: str, answer: Answer | None = None, *, student: str | None = None) -> Report:
    """Judge an answer to one of the course's exercises; in a notebook the report shows itself.

    Args:
        exercise: the id, such as "policies/bucket-or-object".
        answer: a dictionary (the fields of an answer, or a policy), the text of the file, the path of a
            file, or a function or several; without one, the file in the workspace is judged.
        student: whose variant it is; the workspace's student by default, and only then is the mark recorded
            and the answer saved in the workspace, where the app shows it.

    Raises:
        CourseError: there is no such exercise.
        SubmissionError: the answer cannot be handed in like this.
        WorkspaceError: the workspace cannot be read.
    """
    asked = load_course().exercise(exercise)
    text = _workspace().read(asked) if answer is None else text_of_answer(asked, answer)
    report = judge(asked, text, _variant(asked, student), _bench())
    if student is None and not _blank(asked, text):
        _keep(_workspace(), report, None if answer is None else text)
    return report


def _blank(exercise: Exercise, text: str | None) -> bool:
    """Whether no question is answered yet, as in a notebook that is run whole for the first time."""
    if text is None or not isinstance(exercise, AnswerExercise):
        return False
    try:
        return not any(each.strip() for each in read_answers(text).values())
    except SubmissionError:
        return False


def _keep(workspace: Workspace, report: Report, text: str | None) -> None:
    """Record the mark, and save the answer where the app finds it, unless what is there earned more."""
    earned = workspace.progress.best(report.exercise).points
    if text is not None and report.points >= earned:
        workspace.hand_over(report.exercise, text)
    workspace.progress.record(report, text=text)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text in Markdown that shows itself in a notebook."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Task:
    """What an exercise asks of one student; in a notebook it shows itself."""

    exercise: Exercise
    variant: Variant

    @property
    def starter(self) -> str:
        """What the learner begins with; empty where that is a world."""
        if self.exercise.kind is Kind.WORLD:
            return ""
        return self.exercise.starter(self.variant)

    def world(self) -> World:
        """The exercise's world as the learner left it; each change in it is kept, and is what is handed in.

        Raises:
            CourseError: the exercise has no world.
            SandboxError, JournalError: the world cannot start, or the journal cannot be replayed.
        """
        workspace = _workspace()
        journal = workspace.world_journal(self.exercise)
        journal.parent.mkdir(parents=True, exist_ok=True)
        return open_world(self.exercise, self.variant, journal=journal, nursery=_bench().nursery)

    def hint(self) -> Shown:
        """The next hint, which shows itself; the last one is the solution, and stays.

        Raises:
            WorkspaceError: the workspace cannot be read.
        """
        progress = _workspace().progress
        hints = self.exercise.hints(self.variant)
        hint = hints[min(progress.best(self.exercise).hints, len(hints) - 1)]
        progress.hint_shown(self.exercise, hint.level)
        return Shown(f"**Hint {hint.level} of {len(hints)}: {hint.title}**\n\n{hint.text}")

    def _repr_markdown_(self) -> str:
        heading = f"**{self.exercise.title}** · {self.exercise.points} points"
        parts = [heading, self.exercise.prompt(self.variant)]
        if self.starter:
            parts += [
                "Begin with this:",
                fenced(self.starter.rstrip(), self.exercise.suffix.removeprefix(".")),
            ]
        return "\n\n".join(parts)


def task(exercise: str, *, student: str | None = None) -> Task:
    """What an exercise asks, in the variant of the workspace's student or of the one named.

    Raises:
        CourseError: there is no such exercise.
        WorkspaceError: the workspace cannot be read.
    """
    asked = load_course().exercise(exercise)
    return Task(asked, _variant(asked, student))


def text_of_answer(exercise: Exercise, answer: Answer) -> str:
    """The text of the file that an answer stands for.

    Raises:
        SubmissionError: this kind of exercise takes no answer of this kind.
    """
    match answer:
        case str():
            return answer
        case Path():
            return _read(answer)
        case Mapping() if isinstance(exercise, PolicyExercise):
            return json.dumps(answer, indent=2)
        case Mapping() if not isinstance(exercise, CodeExercise):
            return "".join(f"{_key(name)} = {_toml(value, name)}\n" for name, value in answer.items())
        case FunctionType() if isinstance(exercise, CodeExercise):
            return source_of([answer])
        case list() | tuple() if isinstance(exercise, OrderExercise) and _are_texts(answer):
            return "".join(f"{line}\n" for line in answer)
        case list() | tuple() if isinstance(exercise, CodeExercise) and _are_functions(answer):
            return source_of(answer)
    raise SubmissionError(
        "The answer cannot be handed in like this",
        f"It is of type {type(answer).__name__}, of which no {exercise.filename} can be made.",
        "Give a function for code, a dictionary for a policy or an answer, lines to be ordered, or a text.",
    )


def source_of(functions: Iterable[FunctionType]) -> str:
    """The text of a program that has these functions, and what they use of the notebook's own.

    What a function uses is found by the names in its code: other functions of the notebook come along with
    their source, modules as imports, and plain values as they are.
    """
    imports: dict[str, str] = {}
    values: dict[str, str] = {}
    sources: dict[str, str] = {}
    todo = list(functions)
    while todo:
        function = todo.pop(0)
        if function.__name__ in sources:
            continue
        sources[function.__name__] = _source(function)
        for name in _names(function.__code__):
            match function.__globals__.get(name):
                case ModuleType() as module:
                    imports[name] = f"import {module.__name__} as {name}"
                case FunctionType() as other if other.__module__ == function.__module__:
                    todo.append(other)
                case FunctionType() | type() as thing:
                    imports[name] = f"from {thing.__module__} import {thing.__name__} as {name}"
                case bool() | int() | float() | str() | list() | dict() | tuple() as value:
                    values[name] = f"{name} = {value!r}"
    blocks = ["\n".join(imports.values()), "\n".join(values.values()), *sources.values()]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _source(function: FunctionType) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function)).rstrip()
    except (OSError, TypeError) as error:
        raise SubmissionError(
            "The function's source cannot be found",
            f"{function.__name__}: {error}",
            "Run the cell that defines it once more, or hand in its text.",
        ) from None


def _names(code: Any) -> set[str]:
    """The global names in a function's code, and in the functions inside it."""
    inner = (constant for constant in code.co_consts if hasattr(constant, "co_names"))
    return set(code.co_names).union(*map(_names, inner))


def _are_texts(answer: Iterable[Any]) -> bool:
    return all(isinstance(item, str) for item in answer)


def _are_functions(answer: Iterable[Any]) -> bool:
    return all(isinstance(item, FunctionType) for item in answer)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SubmissionError("The file cannot be read", f"{path}: {error}") from None


def _toml(value: Any, name: str) -> str:
    """A plain value as TOML; its strings and JSON's are written alike."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(_toml(item, name) for item in value)}]"
    raise SubmissionError(
        "The answer cannot be handed in like this",
        f"{name} is of type {type(value).__name__}.",
        "Use text, numbers, True, False and lists of them.",
    )


def fenced(text: str, language: str) -> str:
    """A text as a block of code in Markdown, whatever it holds."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _key(name: object) -> str:
    return json.dumps(str(name), ensure_ascii=False)


def _variant(exercise: Exercise, student: str | None) -> Variant:
    """The variant of the student who is named, or else of the workspace's."""
    return exercise.variant(_workspace().student if student is None else student)


def _workspace() -> Workspace:
    """The workspace of whoever runs the notebook; ~/skylab is made when there is none, as the app does."""
    named = os.environ.get("SKYLAB_WORKSPACE")
    found = None if named else Workspace.find(Path.cwd())
    return found or Workspace.create(Path(named) if named else Path.home() / "skylab", getpass.getuser())


@cache
def _bench() -> Bench:
    """The bench of this notebook's process: its warm parents serve every check, and end with it."""
    bench = Bench()
    atexit.register(bench.close)
    return bench
