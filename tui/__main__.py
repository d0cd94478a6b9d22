"""`skylab`: the app, or one of its commands."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

__all__ = ["main"]

ENVIRONMENT_FAILED = 3
MANY = 50_000
"""After how many new objects garbage is looked for: to load boto3 makes as many, and no garbage."""


def main() -> NoReturn:
    """Run the command line and leave with its exit status."""
    try:
        _run()
    except SystemExit as end:
        _leave(end)
    _leave(SystemExit(0))


def _leave(end: SystemExit) -> NoReturn:
    """End this process as `sys.exit` would, without taking it to pieces first, which takes up to 0.1 s.

    What waits for the end is heard, as ever: what is registered for it, and threads that must be let finish.
    """
    others = [each for each in threading.enumerate() if each is not threading.current_thread()]
    if not isinstance(end.code, int | None) or not all(each.daemon for each in others):
        raise end
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # closed, full, or none at all: Python says so, or bears it
        raise end from None
    os._exit(end.code or 0)


def _run() -> None:
    for stream in (sys.stdout, sys.stderr):
        # What a student wrote is shown whatever the terminal's encoding can hold.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    gc.disable()  # what is loaded stays, and to look for garbage in it takes a tenth of the time
    try:
        if not sys.argv[1:]:
            from tui.opening import alone

            sys.exit(alone())
        from tui.first import launched_for_check

        launched = launched_for_check(sys.argv[1:])
        from tui.commands.application import application

        command = application()
        gc.freeze()
        gc.set_threshold(MANY)
        gc.enable()
        command(prog_name="skylab", obj=launched)
    except Exception:
        import traceback

        # Python's own exit status for this, 1, means an honest no.
        traceback.print_exc()
        print("\nThis is a fault of Skylab and not yours. Please report the lines above.", file=sys.stderr)
        sys.exit(ENVIRONMENT_FAILED)


if __name__ == "__main__":
    main()
