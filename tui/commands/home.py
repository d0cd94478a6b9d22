"""Where everything begins: `start` and `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import Face, face_of, user_name

__all__ = ["HELP", "demo", "print_version", "start"]

HELP = """Skylab: ground school for AWS, on a sandbox that enforces IAM on your own machine.

Without a command it opens the app; with no terminal attached it prints the course map. With --plain it goes
on in lines: text out, lines in, for screen readers and pipes; a line with ? says what may be typed."""

DEMONSTRATED = "policies/bucket-or-object"
WITHOUT_CHECKS = (
    "Everything works here. This copy of the course has tasks, worlds and hints, and no checks: hand in the "
    "folder of your workspace, and whoever gave you the copy marks it."
)


def print_version() -> None:
    """The version of the installed project."""
    from importlib.metadata import version

    print(f"skylab {version('skylab')}")


def start(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where your work is kept.")],
    student: Annotated[str | None, typer.Option(help="Your name, as your instructor knows it.")] = None,
) -> None:
    """Make a workspace for your work.

    The folder holds your answers, your progress and what you did in sandboxes. If it is a workspace
    already, nothing changes.
    """
    from labs.course import Workspace, load_course
    from tui.draw.course import course_map
    from tui.draw.words import shown

    face = face_of(context)
    workspace = Workspace.create(folder, student or user_name())
    face.show(course_map(load_course(), workspace.progress.best))
    command = "skylab --plain" if face.plain else "skylab"
    face.tell(shown(f"\n{folder} is the workspace of {workspace.student}. Go there and run: {command}"))


def demo(context: typer.Context) -> None:
    """Show that everything works here.

    Prints the course map, starts a sandbox that says no, and marks one exercise twice: the starter and
    the solution. A copy without checks marks nothing, and says so.
    """
    from rich.text import Text

    from graders import Bench, judge
    from labs.course import load_course
    from labs.course.sealed import Sealed
    from tui.draw.course import course_map
    from tui.draw.layout import page
    from tui.draw.report import report

    face, course = face_of(context), load_course()
    face.show(course_map(course), Text())
    show_a_denial(face)
    if any(isinstance(each, Sealed) for unit in course.units for each in unit.exercises):
        face.show(Text(), page(Text(WITHOUT_CHECKS)))
        return
    exercise = course.exercise(DEMONSTRATED)
    variant = exercise.variant("demo")
    with Bench() as bench:
        for name, text in (("starter", exercise.starter(variant)), ("solution", exercise.solution(variant))):
            marked = judge(exercise, text, variant, bench)
            face.show(Text(), report(marked, f"{exercise.title} · the {name}, marked"))


def show_a_denial(face: Face) -> None:
    """Start a sandbox, have a user without permissions ask it for something, and show what it answers.

    Raises:
        SandboxError: it did not deny.
    """
    from botocore.exceptions import ClientError

    from labs.errors import SandboxError
    from labs.sandbox import World
    from tui.draw.events import event_line
    from tui.draw.layout import page
    from tui.draw.words import shown

    with World.start() as world:
        world.client("s3").create_bucket(Bucket="first-bucket")
        world.client("iam").create_user(UserName="alice")
        try:
            world.client("s3", as_="user/alice").list_objects_v2(Bucket="first-bucket")
        except ClientError as refusal:
            asked = (
                f"A sandbox runs at {world.endpoint}. Alice, who may do nothing yet, asks it for a listing."
            )
            answer = refusal.response["Error"]["Message"]
            face.show(page(shown(asked), *map(event_line, world.events()), shown(answer, "quiet")))
        else:
            raise SandboxError("The sandbox did not deny", "alice has no policy, and listed a bucket.", "")
