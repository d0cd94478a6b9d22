"""Processes of functions: what they are given, how they may end, and that none is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from labs.sandbox.functions.environment import Environment, Ran
from labs.sandbox.functions.packing import Unpacked

Begin = Callable[..., tuple[Environment, "Ran | None"]]
PATIENCE = 20.0  # seconds


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins an environment of a function with this source."""
    made: list[Environment] = []

    def begun(source: str, handler: str = "app.handler", **more: Any) -> tuple[Environment, Ran | None]:
        task, folder = tmp_path / f"task{len(made)}", tmp_path / f"own{len(made)}"
        task.mkdir()
        folder.mkdir()
        (task / "app.py").write_text(textwrap.dedent(source), "utf-8")
        environment = Environment("key", "stream", folder, datetime.max)
        made.append(environment)
        variables = {"PATH": os.defpath, **more.pop("variables", {})}
        settings = {"handler": handler, "memory": 128, "storage": 512, "seconds": PATIENCE, **more}
        return environment, environment.begin(Unpacked(task), variables, **settings)

    yield begun
    for each in made:
        each.clear()


def _run(environment: Environment, event: Any = None, seconds: float = PATIENCE) -> Ran:
    return environment.run(json.dumps(event), {"aws_request_id": "r-1", "function_name": "f"}, seconds)


def test_one_process_runs_a_function_again_and_again(begin: Begin) -> None:
    environment, fault = begin(
        """
        import logging, os, sys
        runs = 0
        def handler(event, context):
            global runs
            runs += 1
            if event == "raise":
                raise KeyError("gone")
            if event == "set":
                return {1, 2}
            print("printed", event)
            logging.warning("careful")
            left = context.get_remaining_time_in_millis()
            known = sorted(set(os.environ) - {"LC_CTYPE"})  # which Python sets
            return [runs, context.aws_request_id, context.function_name, 0 < left <= 20000, known]
        """,
        variables={"COLOUR": "red"},
    )
    assert fault is None
    first = _run(environment, 1)
    assert json.loads(first.result) == [1, "r-1", "f", True, ["COLOUR", "PATH", "_X_AMZN_TRACE_ID"]]
    assert first.log[0] == "printed 1"
    assert first.log[1].startswith("[WARNING]\t")
    assert first.log[1].endswith("Z\tr-1\tcareful")
    assert first.memory > 1 << 20
    failed = _run(environment, "raise")
    assert (failed.fault, failed.message, failed.ended) == ("KeyError", "'gone'", False)
    assert failed.trace[0].startswith('  File "/var/task/app.py", line 8, in handler\n')
    unwritten = _run(environment, "set")
    assert unwritten.fault == "Runtime.MarshalError"
    assert unwritten.message == "Unable to marshal response: Object of type set is not JSON serializable"
    assert json.loads(_run(environment, 4).result)[0] == 4


@pytest.mark.parametrize(
    ("source", "handler", "fault", "message"),
    [
        ("import requests", "app.handler", "Runtime.ImportModuleError", "No module named 'requests'"),
        ("import labs", "app.handler", "Runtime.ImportModuleError", "No module named 'labs'"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("x = 1", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
        ("def", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
    ],
    ids=["not-installed", "not-ours", "no-handler", "bad-name", "syntax", "raises"],
)
def test_code_that_cannot_be_loaded_says_so_as_on_aws(
    begin: Begin, source: str, handler: str, fault: str, message: str
) -> None:
    environment, ran = begin(source, handler)
    assert ran is not None
    assert ran.fault == fault
    assert message in ran.message
    assert not environment.alive


def test_the_sdk_of_aws_is_there(begin: Begin) -> None:
    environment, fault = begin("import boto3\ndef handler(event, context): return boto3.__name__")
    assert fault is None
    assert _run(environment).result == '"boto3"'


def test_time_that_is_up_ends_the_process_and_all_that_it_started(begin: Begin) -> None:
    environment, _ = begin(
        """
        import subprocess, time
        def handler(event, context):
            print(subprocess.Popen(["sleep", "1000"]).pid)
            time.sleep(1000)
        """
    )
    ran = _run(environment, seconds=0.5)
    assert (ran.timed_out, ran.ended, ran.seconds) == (True, True, 0.5)
    assert not environment.alive or environment._over
    _wait_until(lambda: not _lives(int(ran.log[0])))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import sys\ndef handler(event, context): sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("import sys\ndef handler(event, context): sys.exit()", "Runtime exited without providing a reason"),
        (
            "import os\ndef handler(event, context): os.kill(os.getpid(), 9)",
            "Runtime exited with error: signal: killed",
        ),
    ],
    ids=["exit", "quietly", "killed"],
)
def test_a_process_that_ends_in_the_middle_tells_how(begin: Begin, source: str, message: str) -> None:
    environment, _ = begin(source)
    ran = _run(environment)
    assert (ran.fault, ran.message, ran.ended) == ("Runtime.ExitError", message, True)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit")
def test_more_memory_than_it_has_kills_a_function(begin: Begin) -> None:
    environment, _ = begin("def handler(event, context): return len(bytearray(event << 20))")
    assert _run(environment, 64).result == str(64 << 20)
    ran = _run(environment, 200)
    assert (ran.fault, ran.message) == ("Runtime.ExitError", "Runtime exited with error: signal: killed")


def test_a_long_log_and_a_large_answer_are_bounded(begin: Begin) -> None:
    environment, _ = begin(
        """
        def handler(event, context):
            print("x" * 10 + "\\n" * 2_000_000)
            return "y" * 7_000_000
        """
    )
    ran = _run(environment)
    assert ran.fault == "Function.ResponseSizeTooLarge"
    assert sum(map(len, ran.log)) < 1 << 20
    assert "bytes are lost" in ran.log[-1]


def test_a_function_does_not_outlive_the_process_that_began_it(tmp_path: Path) -> None:
    """Killed itself, so that it cannot tidy up: not even then."""
    (tmp_path / "app.py").write_text(
        "import os\npid = os.getpid()\ndef handler(e, c):\n  while 1: pass", "utf-8"
    )
    script = f"""
import json, os, sys, threading
from datetime import datetime
from pathlib import Path
from labs.sandbox.functions.environment import Environment
from labs.sandbox.functions.packing import Unpacked
environment = Environment("key", "stream", Path({str(tmp_path)!r}) / "own", datetime.max)
settings = dict(handler="app.handler", memory=128, storage=512, seconds=20)
environment.begin(Unpacked(Path({str(tmp_path)!r})), {{}}, **settings)
threading.Thread(target=environment.run, args=("1", {{"aws_request_id": ""}}, 1000)).start()
print(environment._process.pid, flush=True)
sys.stdin.read()
"""
    root = str(Path(__file__).parents[4])
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert _lives(child)
    parent.kill()
    parent.communicate()
    _wait_until(lambda: not _lives(child))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # gone before the opening, or before the reading
        return ""


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
