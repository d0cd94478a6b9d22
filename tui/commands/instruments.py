"""Instruments that need neither an exercise nor a sandbox: `arn` and `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import NO, YES, face_of

__all__ = ["arn", "explain"]

Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
Policies = Annotated[
    list[Path] | None,
    typer.Option("--policy", "-p", metavar="FILE", help="An identity-based policy; repeat it."),
]
Levels = list[Path] | None


def arn(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="ARN", help="The text to take apart.")],
    as_json: Json = False,
) -> None:
    """Take an ARN apart.

    What each part means, what is wrong and what was probably meant. Exit status 0 when it is an ARN that
    AWS could have, 1 when it is not.
    """
    from dataclasses import asdict

    from labs.aws.dissection import dissect
    from tui.draw.arn import dissected

    face, dissection = face_of(context), dissect(text)
    if as_json:
        face.data({"ok": dissection.ok, **asdict(dissection)})
    else:
        face.show(dissected(dissection))
    raise typer.Exit(YES if dissection.ok else NO)


def explain(
    context: typer.Context,
    policy: Policies = None,
    action: Annotated[str | None, typer.Option("--action", "-a", help="For example s3:GetObject.")] = None,
    resource: Annotated[
        str | None, typer.Option("--resource", "-r", metavar="ARN", help="The resource.")
    ] = None,
    principal: Annotated[
        str, typer.Option("--principal", metavar="ARN", help="Who asks.")
    ] = "arn:aws:iam::123456789012:user/learner",
    condition_key: Annotated[
        list[str] | None,
        typer.Option(
            "--context", "-c", metavar="KEY=VALUE", help="A condition key; repeat it, also for one key."
        ),
    ] = None,
    resource_account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="Who owns the resource, where its ARN does not say.")
    ] = None,
    resource_policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The resource's own policy.")
    ] = None,
    boundary: Annotated[Path | None, typer.Option(metavar="FILE", help="The permissions boundary.")] = None,
    session_policy: Annotated[Path | None, typer.Option(metavar="FILE", help="The session policy.")] = None,
    scp: Annotated[
        Levels,
        typer.Option("--scp", metavar="FILE", help="A service control policy; repeated, a level each."),
    ] = None,
    rcp: Annotated[
        Levels,
        typer.Option("--rcp", metavar="FILE", help="A resource control policy; repeated, a level each."),
    ] = None,
    case: Annotated[
        Path | None, typer.Option("--case", metavar="FILE", help="A whole question as JSON; - reads stdin.")
    ] = None,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="ID", help="A check of the running sandbox, as `events` shows it."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every statement, not only those that matter.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="With JSON: every stage, policy and statement.")
    ] = False,
    as_json: Json = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer questions from stdin, one JSON document a line.")
    ] = False,
) -> None:
    """Would AWS allow it, and why.

    Exit status 0 when it is allowed, 1 when it is denied; with --jsonl 0 once every line has its answer.
    """
    from labs.aws.iam import case_from_json, decision_to_json
    from labs.aws.iam import explain as decide
    from tui.commands.cases import Question, case_answerer
    from tui.commands.lines import answer_lines, load_json
    from tui.draw.decision import ladder

    face = face_of(context)
    if jsonl:
        answer_lines(case_answerer(trace=trace))
        raise typer.Exit(YES)
    if check is not None:
        question = case_from_json(face.world().case(check))
    elif case is not None:
        question = case_from_json(load_json(case))
    else:
        question = Question(
            principal=principal,
            action=action,
            resource=resource,
            resource_account=resource_account,
            context=tuple(condition_key or ()),
            identity=tuple(policy or ()),
            resource_policy=resource_policy,
            boundary=boundary,
            session=session_policy,
            scps=tuple(scp or ()),
            rcps=tuple(rcp or ()),
        ).read()
    decision = decide(*question)
    if as_json:
        answer = decision_to_json(decision)
        face.data(answer if trace else {key: value for key, value in answer.items() if key != "trace"})
    else:
        face.show(ladder(decision, every=every))
    raise typer.Exit(YES if decision.allowed else NO)
