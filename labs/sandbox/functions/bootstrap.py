"""What runs in the process of a function: it loads the handler, then runs it for each order that comes.

Standard library only, and nothing of Skylab: this file is started by its path, with Python's own modules and
no others in reach. Orders and answers are lines of JSON on two pipes of their own; what the handler prints
goes to standard output, which is its log. When the pipe of the orders closes, whoever held it has gone, and
the process ends with all that it started.

Source: Lambda Developer Guide, "Define Lambda function handler in Python", "Using the Lambda context object
to retrieve Python function information".
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from types import TracebackType
from typing import Any, NoReturn

MIB = 1 << 20
OPEN_FILES = 1024  # as on AWS
STACK = 2 * MIB  # bytes of a thread's stack: all of it counts as memory, used or not
# Where AWS has the code and what comes with it; a trace names these, and no folders of this machine.
TASK, SITE = "/var/task", "/var/lang/lib/python3/site-packages"


Shown = dict[str, str]  # by what a trace names folders of this machine


def main() -> NoReturn:
    """Serve until the pipe of the orders closes."""
    inbox: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    orders, answering = int(sys.argv[1]), int(sys.argv[2])
    for descriptor in (orders, answering):
        os.set_inheritable(descriptor, False)  # what the handler starts has no business with them
    answers = os.fdopen(answering, "wb", buffering=0)
    threading.Thread(target=_listen, args=(orders, inbox), daemon=True).start()
    threading.stack_size(STACK)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # both are text files here
    settings = inbox.get()
    _limit(settings["memory"], settings["storage"])
    sys.path[:0] = [settings["task"], *settings["layers"]]
    sys.meta_path.append(_Runtime(settings["site"], frozenset(settings["packages"])))
    log = _Log()
    logging.getLogger().addHandler(log)
    shown = {settings["task"]: TASK, settings["site"]: SITE}
    handler, fault = _load(settings["handler"], shown)
    _say(answers, {**(fault or {}), "memory": _memory()})
    while True:
        order = inbox.get()
        log.request_id = order["context"]["aws_request_id"]
        os.environ["_X_AMZN_TRACE_ID"] = order["trace"]
        _say(answers, {**_run(handler, order, shown), "memory": _memory()})


def _listen(orders: int, inbox: queue.SimpleQueue[dict[str, Any]]) -> None:
    with os.fdopen(orders, "rb") as lines:
        for line in lines:
            inbox.put(json.loads(line))
    os.kill(0, signal.SIGKILL)  # everything in this process group


def _say(answers: Any, answer: dict[str, Any]) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError):  # the handler has closed it
            stream.flush()
    data = memoryview(json.dumps(answer).encode() + b"\n")
    while data:
        data = data[answers.write(data) :]


# -- limits --------------------------------------------------------------------------------------------------


def _limit(memory: int, storage: int) -> None:
    """Let the function have so many MiB of memory beside the interpreter's own, and files of so many MiB."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (storage * MIB, storage * MIB))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    own = _status("VmData")
    if own is not None:  # where Linux tells it, Linux also enforces the limit
        limit = own + memory * MIB
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _status(name: str) -> int | None:
    """A size, in bytes, that Linux tells of this process."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as lines:  # noqa: PTH123  # pathlib takes longer to load than this whole file
            found = next((line for line in lines if line.startswith(f"{name}:")), "")
    except OSError:
        return None
    return int(found.split()[1]) * 1024 if found else None


def _memory() -> int:
    """The most memory, in bytes, that this process has had at once."""
    peak = _status("VmHWM")
    if peak is not None:
        return peak
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS tells bytes


# -- the handler ---------------------------------------------------------------------------------------------


class _Runtime:
    """Finds what AWS's Python runtime has beside the standard library, and nothing else that is installed."""

    def __init__(self, site: str, packages: frozenset[str]) -> None:
        self._site, self._packages = site, packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in self._packages:
            return None
        return PathFinder.find_spec(name, path or [self._site], target)


def _load(name: str, shown: Shown) -> tuple[Any, dict[str, Any] | None]:
    """The handler, or why there is none."""
    module, dot, function = name.rpartition(".")
    if not dot:
        text = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        return None, _fault("Runtime.MalformedHandlerName", text)
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module}': {error}"
        return None, _fault("Runtime.ImportModuleError", text)
    except SyntaxError as error:
        text = f"Syntax error in module '{module}': {error}"
        where = f'  File "{_shown(str(error.filename), shown)}" Line {error.lineno}\n    {error.text or ""}'
        return None, _fault("Runtime.UserCodeSyntaxError", text, [where])
    except MemoryError:
        _die()
    except Exception as error:
        return None, _raised(error, error.__traceback__, shown)
    handler = getattr(loaded, function, None)
    if handler is None:
        text = f"Handler '{function}' missing on module '{module}'"
        return None, _fault("Runtime.HandlerNotFound", text)
    return handler, None


def _run(handler: Any, order: dict[str, Any], shown: Shown) -> dict[str, Any]:
    context = Context(order["context"], order["milliseconds"])
    try:
        event = json.loads(order["event"])
    except ValueError as error:
        return _fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}")
    try:
        result = handler(event, context)
    except MemoryError:
        _die()
    except Exception as error:
        return _raised(error, error.__traceback__, shown)
    try:
        return {"result": json.dumps(result, default=_number)}
    except Exception as error:
        return _fault("Runtime.MarshalError", f"Unable to marshal response: {error}")


def _number(value: Any) -> Any:
    """A Decimal, which DynamoDB gives out, as a number; nothing else has a form in JSON."""
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _die() -> NoReturn:
    """End as a process does that has used up its memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit


def _fault(kind: str, text: str, trace: list[str] | None = None) -> dict[str, Any]:
    return {"fault": kind, "message": text, "trace": trace or []}


def _raised(error: BaseException, where: TracebackType | None, shown: Shown) -> dict[str, Any]:
    frames = [each for each in traceback.extract_tb(where) if not _is_ours(each.filename)]
    lines = [_shown(line, shown) for line in traceback.format_list(frames)]
    return _fault(type(error).__name__, str(error), lines)


def _is_ours(filename: str) -> bool:
    return filename == __file__ or filename.startswith("<frozen importlib")


def _shown(text: str, shown: Shown) -> str:
    for place, name in shown.items():
        text = text.replace(place, name)
    return text


class _Log(logging.Handler):
    """The root logger's handler, with the form that AWS's runtime gives to each record."""

    request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text}\n{''.join(traceback.format_exception(*record.exc_info))}".rstrip()
        print(
            f"[{record.levelname}]\t{moment}.{int(record.msecs):03d}Z\t{self.request_id}\t{text}", flush=True
        )


class Context:
    """What a handler learns about itself."""

    def __init__(self, facts: dict[str, Any], milliseconds: int) -> None:
        self._ends = time.monotonic() + milliseconds / 1000
        vars(self).update(facts)
        self.identity = None
        self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still take."""
        return max(0, int((self._ends - time.monotonic()) * 1000))


if __name__ == "__main__":
    main()
