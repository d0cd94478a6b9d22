"""`skylab`: the app, or one of its commands."""

from __future__ import annotations

import sys

from tui.commands import application

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        # What a student wrote is shown whatever the terminal's encoding can hold.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    application()(prog_name="skylab")


if __name__ == "__main__":
    main()
