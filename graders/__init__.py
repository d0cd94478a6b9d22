"""Judge one submission, run it shut in, grade a class, export marks.

The names load what they need when they are first used: importing `graders` alone loads nothing, so that the
process that runs student code can be kept free of the course.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graders.batch import grade_folder
    from graders.bench import Bench
    from graders.judging import judge
    from graders.notebook import check, task
    from graders.progress import Progress
    from graders.report import Report
    from graders.results import ClassResult, StudentResult

__all__ = [
    "Bench",
    "ClassResult",
    "Progress",
    "Report",
    "StudentResult",
    "check",
    "grade_folder",
    "judge",
    "task",
]

_HOMES = {
    "Bench": "bench",
    "ClassResult": "results",
    "Progress": "progress",
    "Report": "report",
    "StudentResult": "results",
    "check": "notebook",
    "grade_folder": "batch",
    "judge": "judging",
    "task": "notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'graders' has no attribute {name!r}")
    value = getattr(import_module(f"graders.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
