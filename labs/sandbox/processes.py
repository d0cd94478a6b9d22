"""Processes of worlds: starting one, hearing from it, and ending it."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from labs import errors
from labs.errors import SandboxError, SkylabError
from labs.sandbox.launching import launch
from labs.sandbox.values import Connection, Json

__all__ = [
    "START_TIMEOUT",
    "error_from",
    "finish",
    "read_answer",
    "read_log",
    "start_process",
]

START_TIMEOUT = 60.0  # seconds; loading moto on a cold, slow machine takes ten


def error_from(answer: Mapping[str, str]) -> SkylabError:
    """The error of our own tree that an answer stands for."""
    found = getattr(errors, answer.get("kind", ""), None)
    kind = found if isinstance(found, type) and issubclass(found, SkylabError) else SandboxError
    return kind(answer["title"], answer["detail"], answer["hint"])


def read_answer(process: subprocess.Popen[bytes], log: IO[bytes], timeout: float) -> dict[str, Json]:
    """The next line that the process prints.

    Raises:
        SandboxError: it ended or said nothing in time; the end of its log is in the detail.
    """
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(timeout) else b""
    if not line:
        process.kill()  # nobody could tell a late answer from the answer to the next question
        said = read_log(log).strip().rpartition("\n")[2]
        raise SandboxError(
            "The sandbox did not start",
            said or f"It said nothing within {timeout:.0f} seconds.",
            "Run `skylab doctor` to see what is missing.",
        )
    answer: dict[str, Json] = json.loads(line)
    if "error" in answer:
        raise error_from(answer["error"])
    return answer


def read_log(log: IO[bytes]) -> str:
    """What a process has logged, or the last megabyte of it; the place where it writes is not moved."""
    size = os.fstat(log.fileno()).st_size
    length = min(size, 1 << 20)
    return os.pread(log.fileno(), length, size - length).decode(errors="replace")


def start_process(options: Mapping[str, Json]) -> tuple[Connection, Callable[[], None], IO[bytes]]:
    """A world in a process of its own: how to reach it, how to end it, and what it logs.

    Raises:
        SandboxError: it does not start.
    """
    log = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process; finish closes it
    process = launch("labs.sandbox.server", log)
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # read_answer says why it has ended
            process.stdin.write(json.dumps(options).encode() + b"\n")
            process.stdin.flush()
        connection = Connection.from_json(read_answer(process, log, START_TIMEOUT))
    except BaseException:
        finish(process, log)
        raise
    return connection, lambda: finish(process, log), log


def finish(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Let a process of ours end by closing its standard input; end it when it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it has ended already
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    log.close()
