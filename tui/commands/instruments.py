"""Instruments that need neither an exercise nor a sandbox: `arn`, `explain` and `lint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.face import NO, YES, face_of

__all__ = ["arn", "explain", "lint"]

Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
Policies = Annotated[
    list[Path] | None,
    typer.Option("--policy", "-p", metavar="FILE", help="An identity-based policy; repeat it."),
]
Levels = list[Path] | None
Jsonl = Annotated[
    bool, typer.Option("--jsonl", help="Answer questions from stdin, one JSON document a line.")
]


def arn(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="ARN", help="The text to take apart.")] = None,
    as_json: Json = False,
    jsonl: Jsonl = False,
) -> None:
    """Take an ARN apart.

    What each part means, what is wrong and what was probably meant. Exit status 0 when it is an ARN that
    AWS could have, 1 when it is not; with --jsonl 0 once every line has its answer.
    """
    from labs.aws.dissection import dissect
    from labs.errors import InputError
    from tui.commands.documents import answer_arn, arn_as_json
    from tui.commands.lines import answer_lines
    from tui.draw.arn import dissected

    face = face_of(context)
    if jsonl:
        answer_lines(answer_arn)
        raise typer.Exit(YES)
    if text is None:
        raise InputError(
            "No ARN is given", "There is nothing to take apart.", "skylab arn arn:aws:s3:::bucket"
        )
    dissection = dissect(text)
    if as_json:
        face.data(arn_as_json(dissection))
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
    endpoint_policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The policy of the VPC endpoint on the way.")
    ] = None,
    management_account: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="The organization's, which neither --scp nor --rcp binds."),
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
    jsonl: Jsonl = False,
) -> None:
    """Would AWS allow it, and why.

    Exit status 0 when it is allowed, 1 when it is denied; with --jsonl 0 once every line has its answer.
    """
    from tui.commands.cases import CaseStream, Question
    from tui.commands.lines import answer_lines, load_json

    if jsonl:
        stream = CaseStream(trace=trace)
        answer_lines(stream.answer, stream.read)
        raise typer.Exit(YES)

    from labs.aws.iam import case_from_json, decision_to_json
    from labs.aws.iam import explain as decide
    from labs.aws.iam.lint import explaining
    from tui.draw.decision import ladder
    from tui.draw.lint import beside

    face = face_of(context)
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
            endpoint=endpoint_policy,
            management=management_account,
        ).read()
    decision = decide(*question)
    findings = explaining(decision)
    if as_json:
        answer = decision_to_json(decision)
        shown = {key: value for key, value in answer.items() if trace or key != "trace"}
        face.data({**shown, "findings": [each.as_json() for each in findings]})
    else:
        face.show(ladder(decision, every=every), *beside(findings, allowed=decision.allowed))
    raise typer.Exit(YES if decision.allowed else NO)


def lint(
    context: typer.Context,
    policies: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Policy documents; - reads stdin.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--as", metavar="KIND", help="What they are for: managed, user, role, trust, bucket, …"),
    ] = None,
    as_json: Json = False,
    jsonl: Jsonl = False,
) -> None:
    """Look for what is wrong or doubtful in policy documents.

    Misspelt actions, resources that no action acts on, conditions that never hold, statements without effect,
    more access than was meant. Exit status 0 when nothing is found but suggestions, 1 otherwise; with --jsonl
    0 once every line has its answer.
    """
    from tui.commands.documents import answer_lint, linted
    from tui.commands.lines import answer_lines
    from tui.draw.lint import lint_drawn

    face = face_of(context)
    if jsonl:
        answer_lines(answer_lint)
        raise typer.Exit(YES)
    results = linted(policies or (), kind)
    if as_json:
        face.data({"ok": all(each.ok for each in results), "files": [each.as_json() for each in results]})
    else:
        face.show(*map(lint_drawn, results))
    raise typer.Exit(YES if all(each.ok for each in results) else NO)
