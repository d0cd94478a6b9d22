"""What runs inside a box: shut the door, take in the learner's program, call its functions, answer, end.

All that is said from here on is said by a process that the learner controls. It is only data: the grader
checks its form, rebuilds the values and compares them outside.
"""

from __future__ import annotations

import os
import sys
import traceback

# Bound here before a learner's code runs, so that patching `builtins` or `os` does not reach them.
from builtins import BaseException, Exception, SyntaxError, isinstance, str, type  # noqa: UP029
from dataclasses import replace
from os import _exit
from types import ModuleType, TracebackType
from typing import Any

from graders.box.encode import NotPlain, encode
from graders.box.frames import receive, send
from graders.box.layers import Common, Walls, shut_in
from graders.box.limits import Limits
from graders.box.ready import ReadyClients

__all__ = ["hide_ourselves", "live"]

LONGEST_MESSAGE = 2000
FAILED = 70


def live(requests: int, replies: int, output: int, common: Common, clients: ReadyClients) -> None:
    """The life of one box, from the fork to its end; it never returns."""
    status = FAILED
    try:
        os.setsid()
        requests, replies, rules = _descriptors(requests, replies, output, common.rules)
        terms = receive(requests)
        limits = Limits(**terms["limits"])
        os.chdir(terms["folder"])
        os.environ.clear()
        os.environ.update(terms["environment"])
        common = replace(common, rules=rules)
        layers = shut_in(Walls(terms["folder"], tuple(terms["ports"]), limits, common))
        clients.offer(terms["environment"])
        send(replies, encode({"layers": layers}, limits.reply))
        _serve(requests, replies, limits.reply)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        _exit(status)  # whatever happens, the child never gets back into the loop of its parent


def hide_ourselves() -> None:
    """Take the grader's own modules out of sight: what runs in a box finds none of them among the loaded."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("graders", "labs", "__main__")]:
        del sys.modules[name]


def _descriptors(requests: int, replies: int, output: int, rules: int | None) -> tuple[int, int, int | None]:
    """Nothing to read on 0, the output on 1 and 2, the pipes on 3 and 4, rules on 5, no others."""
    wanted = (output, output, requests, replies, *([] if rules is None else [rules]))
    high = [os.dup2(descriptor, 100 + i) for i, descriptor in enumerate(wanted)]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for target, source in enumerate(high, start=1):
        os.dup2(source, target, inheritable=False)
    os.closerange(len(high) + 1, os.sysconf("SC_OPEN_MAX"))
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    return 3, 4, None if rules is None else 5


def _stream(descriptor: int, mode: str) -> Any:
    return open(descriptor, mode, encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def _serve(requests: int, replies: int, most: int) -> None:
    """Answer each request under its own number, until the grader hangs up."""
    program = ModuleType("task")
    sys.modules["task"] = sys.modules["__main__"] = program
    while (request := receive(requests)) is not None:
        try:
            answer = '"value":' + encode(_answer(program, request), most)
        except BaseException as error:
            answer = '"fault":' + encode(_describe(error, program), most)
        _flush()
        send(replies, "{" + f'"id":{encode(request["id"], most)},{answer}' + "}")


def _answer(program: ModuleType, request: dict[str, Any]) -> object:
    """Take in the program, or call one of its functions."""
    if "source" in request:
        program.__file__ = request["filename"]
        exec(compile(request["source"], request["filename"], "exec", dont_inherit=True), program.__dict__)
        return None
    function = program.__dict__.get(request["function"])
    if function is None:
        raise Absent(request["function"])
    return function(*request["arguments"])


class Absent(Exception):
    """The program defines no such function."""


def _describe(error: BaseException, program: ModuleType) -> dict[str, object]:
    """What went wrong, in plain values, at which line of the learner's own file."""
    if type(error) is NotPlain:
        return {"kind": "refused", "text": str(error)}
    if type(error) is Absent:
        return {"kind": "absent", "text": str(error)}
    line, function = _place(error.__traceback__, program.__file__)
    text = _plain(error)
    if isinstance(error, SyntaxError) and error.filename == program.__file__:
        line, function, text = error.lineno, None, _plain(error.msg)
    return {"kind": "raised", "name": type(error).__name__, "text": text, "line": line, "function": function}


def _place(trace: TracebackType | None, filename: str | None) -> tuple[int | None, str | None]:
    """The last line of the learner's file in a traceback, and the function that it stands in."""
    place: tuple[int | None, str | None] = (None, None)
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == filename:
            place = (trace.tb_lineno, None if code.co_name == "<module>" else code.co_name)
        trace = trace.tb_next
    return place


def _plain(thing: object) -> str:
    """The text of a thing whose own `__str__` may do anything."""
    try:
        text = str(thing)
        return text[:LONGEST_MESSAGE] if type(text) is str else ""
    except BaseException:
        return ""


def _flush() -> None:
    """Let what was printed come out before the answer does."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the learner may have put anything there
            continue
