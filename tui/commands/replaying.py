"""`replay`: put the counter-examples of an exercise to a running sandbox."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.face import YES, face_of

__all__ = ["replay"]


def replay(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name on the course map.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print each as one line of JSON.")] = False,
) -> None:
    """Put the counter-examples to your policy to a sandbox.

    Each is a request that meets another decision than it should. The sandbox's own IAM is asked for it, by a
    signed request; below stands the same request for the AWS CLI.
    """
    from rich.text import Text

    from graders import Bench, judge
    from labs.course import load_course
    from labs.errors import InputError
    from labs.sandbox import World
    from labs.sandbox.simulating import command_of, simulate
    from tui.draw.words import shown

    face, asked = face_of(context), load_course().exercise(exercise)
    workspace = face.workspace()
    with Bench(allow_reduced=True) as bench:
        report = judge(asked, workspace.read(asked), asked.variant(workspace.student), bench)
    examples = [each.counterexample for each in report.criteria if each.counterexample]
    cases = [example for example in examples if example.case is not None]
    if not cases:
        face.tell(Text("There is no counter-example that IAM decides.", "quiet"))
        raise typer.Exit(YES)
    with World.start() as world:
        for example in cases:
            assert example.case is not None
            try:
                decision, command = simulate(world, example.case), command_of(example.case)
            except InputError as error:
                decision, command = str(error), ""
            if as_json:
                face.data({"sentence": example.sentence, "decision": decision, "command": command})
            else:
                face.show(shown(f"{example.sentence}: {decision}"), Text(command, "quiet"), "")
    raise typer.Exit(YES)
