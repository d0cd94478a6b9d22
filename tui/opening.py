"""`skylab` without a command: the app, line mode, or the course map on paper.

Nothing of the command line is imported for it: that takes longer than the app takes for its first screen.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from tui.commands.face import YES, Face
from tui.ending import every_end

__all__ = ["alone", "open_or_show_map"]


def alone() -> int:
    """`skylab` without a word; returns the exit status."""
    face = Face()
    with every_end(lambda: face):
        status = open_or_show_map(face)
        sys.stdout.flush()
    return status


def open_or_show_map(face: Face) -> int:
    """Open the app, or line mode; without a terminal print the course map; returns the exit status."""
    if face.plain:
        from tui.lines import run_lines

        return run_lines(face)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        show_map(face)
        return YES
    from tui.app import run

    return run(lambda: face.workspace().folder)


def show_map(face: Face) -> None:
    """Print the course map, with the learner's progress where there is a workspace."""
    from labs.course import load_course
    from labs.course.review import Review
    from tui.draw.course import course_map

    workspace = face.known_workspace()
    if workspace is None:
        face.show(course_map(load_course()))
        return
    due = Review(workspace.progress).due(datetime.now(UTC))
    face.show(course_map(load_course(), workspace.progress.best, due))
