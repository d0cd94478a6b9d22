"""The packet tracer: `reach`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.commands.face import NO, YES, Face, face_of

if TYPE_CHECKING:
    from labs.aws.network.paths import Network

__all__ = ["reach"]


class System(StrEnum):
    """The systems of clients, which send from different ports."""

    LINUX = "linux"
    WINDOWS = "windows"


def reach(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="WHO", help="An instance, an interface, an address, internet, or a service."
        ),
    ] = None,
    destination: Annotated[str | None, typer.Option("--to", metavar="WHO", help="As --from.")] = None,
    protocol: Annotated[
        str, typer.Option(metavar="NAME", help="tcp, udp, icmp, or the number of a protocol.")
    ] = "tcp",
    port: Annotated[
        str | None, typer.Option(metavar="N[-M]", help="The destination's port or ports; else all of them.")
    ] = None,
    client: Annotated[System, typer.Option(help="Which system the client has.")] = System.LINUX,
    describe: Annotated[
        Path | None,
        typer.Option(metavar="FILE|DIR", help="What `aws ec2 describe-…` printed; else the running sandbox."),
    ] = None,
    flow_logs: Annotated[
        bool, typer.Option("--flow-logs", help="Print what VPC Flow Logs would record of it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer questions from stdin, one JSON document a line.")
    ] = False,
) -> None:
    """Does the packet arrive, and does the answer come back.

    Exit status 0 when it does, 1 when something blocks it on all ports or some; with --jsonl 0 once every
    line has its answer.
    """
    from labs.aws.network.paths import Verdict, flow_log, path_to_json, question_from_json, trace
    from tui.commands.lines import answer_lines

    face = face_of(context)
    if jsonl:
        network = network_from(face, describe)
        answer_lines(lambda asked: path_to_json(trace(network, question_from_json(asked))))
        raise typer.Exit(YES)
    question = question_from_json(asked_for(source, destination, protocol, port, client))
    network = network_from(face, describe)
    path = trace(network, question)
    logs = flow_log(path, network, start=now(face, describe)) if flow_logs else ()
    if as_json:
        face.data(path_to_json(path) | ({"flow_logs": list(logs)} if flow_logs else {}))
    elif flow_logs:
        for line in logs:
            print(line)
    else:
        from tui.draw.path import path_drawn

        face.show(path_drawn(path, network))
    raise typer.Exit(YES if path.verdict is Verdict.REACHABLE else NO)


def asked_for(
    source: str | None, destination: str | None, protocol: str, port: str | None, client: System
) -> dict[str, Any]:
    """The question of the options, as a line of --jsonl would put it.

    Raises:
        InputError: an end of the path is missing.
    """
    from labs.errors import InputError

    missing = [name for name, end in (("--from", source), ("--to", destination)) if end is None]
    if missing:
        raise InputError(
            "The question is not complete",
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            "skylab reach --from internet --to i-0a1 --port 443",
        )
    return {"from": source, "to": destination, "protocol": protocol, "port": port, "client": client.value}


def network_from(face: Face, describe: Path | None) -> Network:
    """The network in a file or in all the files of a folder; without either, that of the running sandbox.

    Raises:
        InputError: a file cannot be read, or what it says does not fit together.
        SandboxError: no sandbox runs.
    """
    from labs.aws.network.paths import network_from_files
    from tui.commands.lines import load_json

    if describe is None:
        from labs.sandbox.described import network_of

        return network_of(face.world())
    return network_from_files({file.name: load_json(file) for file in files_of(describe)})


def files_of(describe: Path) -> list[Path]:
    """The file itself, or the JSON files of a folder in the order of their names.

    Raises:
        InputError: the folder has none.
    """
    from labs.errors import InputError

    if not describe.is_dir():
        return [describe]
    found = sorted(describe.glob("*.json"))
    if not found:
        raise InputError(
            "The folder describes no network",
            f"{describe} has no file whose name ends in .json.",
            "aws ec2 describe-vpcs > DIR/vpcs.json, and so on.",
        )
    return found


def now(face: Face, describe: Path | None) -> int:
    """When the packet is sent, in seconds since 1970: by the sandbox's clock where one is read."""
    import time

    return int(time.time()) if describe is not None else int(face.world().clock().now.timestamp())
