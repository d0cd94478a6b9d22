"""Judge one submission, run it shut in, grade a class, export marks.

The names load what they need when they are first used: importing `graders` alone loads nothing, so that the
process that runs student code can be kept free of the course.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.facade import facade

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

__getattr__, __dir__ = facade(
    __name__,
    {
        "batch": "grade_folder",
        "bench": "Bench",
        "judging": "judge",
        "notebook": "check task",
        "progress": "Progress",
        "report": "Report",
        "results": "ClassResult StudentResult",
    },
)
