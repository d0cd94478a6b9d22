"""`skylab`: the app, or one of its commands."""

from __future__ import annotations

import gc
import sys
import traceback

__all__ = ["main"]

ENVIRONMENT_FAILED = 3


def main() -> None:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # What a student wrote is shown whatever the terminal's encoding can hold.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    gc.disable()  # what is loaded stays, and to look for garbage in it takes a tenth of the time
    try:
        if not sys.argv[1:]:
            from tui.opening import alone

            sys.exit(alone())
        from tui.commands.application import application

        command = application()
        gc.freeze()
        gc.enable()
        command(prog_name="skylab")
    except Exception:
        # Python's own exit status for this, 1, means an honest no.
        traceback.print_exc()
        print("\nThis is a fault of Skylab and not yours. Please report the lines above.", file=sys.stderr)
        sys.exit(ENVIRONMENT_FAILED)


if __name__ == "__main__":
    main()
