"""`prove`: is one policy wider than another?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.face import NO, YES, face_of

if TYPE_CHECKING:
    from labs.aws.iam import Policy
    from labs.aws.iam.prover import Comparison, Kind

__all__ = ["prove"]

File = Path | None
KEYS = ("id", "reference", "candidate", "kind")


def prove(
    context: typer.Context,
    reference: Annotated[
        File, typer.Argument(metavar="REFERENCE.json", help="The policy to measure by.", show_default=False)
    ] = None,
    candidate: Annotated[
        File, typer.Argument(metavar="CANDIDATE.json", help="The policy to judge.", show_default=False)
    ] = None,
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="identity; or resource, which trust policies are too.")
    ] = "identity",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Compare pairs from stdin, one JSON document a line.")
    ] = False,
) -> None:
    """Is the candidate wider than the reference, narrower, or equal?

    Each difference is shown by a request that was replayed through the evaluator. Exit status 0 when the
    candidate is proved to be no wider, 1 when it is wider, or when that could not be decided; with --jsonl 0
    once every line has its answer.
    """
    from labs.aws.iam.prover import comparison_to_json
    from tui.commands.lines import answer_lines
    from tui.draw.proof import proof

    if jsonl:
        answer_lines(lambda asked: comparison_to_json(comparison_of(asked)))
        raise typer.Exit(YES)
    comparison = comparison_of_files(reference, candidate, kind)
    face = face_of(context)
    if as_json:
        face.data(comparison_to_json(comparison))
    else:
        face.show(proof(comparison))
    raise typer.Exit(YES if comparison.not_wider else NO)


def comparison_of_files(reference: File, candidate: File, kind: str) -> Comparison:
    """The comparison that the arguments ask for.

    Raises:
        InputError: a file is missing or cannot be read, or there is no such kind of policy.
        PolicyError: one of the policies is malformed; the error names the file.
    """
    from labs.aws.iam.prover import compare
    from labs.errors import InputError
    from tui.commands.cases import load_policy

    if reference is None or candidate is None:
        raise InputError(
            "A proof compares two policies",
            f"{'Both files are' if reference is None else 'The candidate is'} missing.",
            "skylab prove REFERENCE.json CANDIDATE.json",
        )
    known = known_kind(kind)
    return compare(load_policy(reference, known), load_policy(candidate, known), known)


def comparison_of(asked: Mapping[str, Any]) -> Comparison:
    """The comparison that a line of JSON asks for.

    Raises:
        InputError: a part is missing, unknown or of the wrong type.
        PolicyError: one of the policies is malformed; the error says which.
    """
    from labs.aws.iam.prover import compare
    from labs.errors import InputError

    for key in asked:
        if key not in KEYS:
            raise InputError(
                "Unknown key in the line", f"It is {key[:80]!r}.", f"Here may stand: {', '.join(KEYS)}."
            )
    kind = known_kind(asked.get("kind", "identity"))
    return compare(policy_of(asked, "reference", kind), policy_of(asked, "candidate", kind), kind)


def known_kind(kind: object) -> Kind:
    """The kind of policies that a text names.

    Raises:
        InputError: there is no such kind.
    """
    from labs.errors import InputError

    if kind == "identity":
        return "identity"
    if kind == "resource":
        return "resource"
    raise InputError(
        "No such kind of policy",
        f"It is {str(kind)[:80]!r}.",
        "Take identity or resource; policies of buckets, queues and keys and trust policies are the latter.",
    )


def policy_of(asked: Mapping[str, Any], name: str, kind: Kind) -> Policy:
    """One of the two policies of a line.

    Raises:
        InputError: it is missing, or no JSON object.
        PolicyError: it is malformed.
    """
    from labs.aws.iam import parse_policy
    from labs.errors import InputError, PolicyError

    document = asked.get(name)
    if not isinstance(document, Mapping):
        raise InputError(
            f"The line has no {name} policy",
            f'Under "{name}" stands {"nothing" if document is None else "another kind of value"}.',
            "Give the document itself, a JSON object.",
        )
    try:
        return parse_policy(document, name, type=kind)
    except PolicyError as error:
        where = f"In the {name}: {error.detail}"
        raise PolicyError(error.title, where, error.hint, path=error.path) from None
