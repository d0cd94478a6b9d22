"""Line mode: text out, lines in, for screen readers and pipes.

Each room reads out the drawings of `tui.draw` and works on the same `Session` as the app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.commands.face import Face
    from tui.web.polling import PollPage

__all__ = ["run_lines"]


def run_lines(face: Face, presenting: str = "", polls: PollPage | None = None) -> int:
    """Go on in line mode until the learner leaves; returns the exit status.

    Args:
        presenting: the unit whose walkthrough is shown at once, by its id or number.
        polls: the page on which the class votes, listening.

    Raises:
        CourseError: there is no such unit.
    """
    from labs.course import load_course
    from tui.lines.course import MapRoom
    from tui.lines.desk import Desk
    from tui.lines.present import PresentRoom
    from tui.lines.room import Room
    from tui.lines.talk import Talk
    from tui.session import Session

    course = load_course()
    desk = Desk(Session(face.workspace(), course), Talk(face))
    rooms: list[Room] = [MapRoom(desk)]
    if presenting:
        rooms.append(PresentRoom(desk, course.unit(presenting), polls))
    return desk.run(*rooms)
