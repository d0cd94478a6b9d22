"""How the command line ends other than well: every error, interrupt and closed pipe has an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labs.errors import SkylabError

if TYPE_CHECKING:
    from tui.commands.face import Face

__all__ = ["every_end"]

INTERRUPTED, PIPE_CLOSED = 130, 141
"""The exit statuses that shells give to a program that SIGINT or SIGPIPE has ended."""


@contextmanager
def every_end(face: Callable[[], Face]) -> Iterator[None]:
    """Tell of an error as `face` does, and leave with the exit status of what went wrong in the block."""
    try:
        yield
    except SkylabError as error:
        from tui.draw.failure import failure

        face().tell(failure(error))
        raise SystemExit(error.exit_status) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has left. Python must not try to flush what is left of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None
