"""Where a presentation is: told by the one that runs, read by the notes on a second terminal.

It is one small file of the workspace, written whole at each change. It names the process that wrote it, so
that a presentation that was cut off does not seem to go on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from labs.course.workspace import write_whole
from tui.address import withdraw

__all__ = ["Presented", "Teller", "presentation_file", "presented", "presented_from_now_on"]

A_LOOK = 1.0
"""Seconds after which a reader looks again, though nothing was told: the other may have been cut off."""


@dataclass(frozen=True, slots=True)
class Presented:
    """The slide that the class sees, by its number from nought, and how far it is.

    `ran` is how many of its live calls have run; `until` is when the discussion ends, in seconds since 1970.
    """

    unit: str
    slide: int
    revealed: bool = False
    ran: int = 0
    votes: Mapping[str, int] = field(default_factory=dict)
    until: float | None = None
    process: int = field(default_factory=os.getpid)


def presentation_file(sandbox_file: Path) -> Path:
    """The file of a workspace that says what is presented, beside the one that says where the sandbox is."""
    return sandbox_file.with_name("presenting.json")


class Teller:
    """Tells where a presentation is, for as long as it runs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._told = ""

    def tell(self, now: Presented) -> None:
        """Tell it, if it is news. Notes are a help: a disk that takes no file does not end the class."""
        text = json.dumps(asdict(now)) + "\n"
        if text != self._told:
            with suppress(OSError):
                write_whole(self.file, text)
                self._told = text

    def end(self) -> None:
        """Take back what was told, unless another presentation has begun since."""
        withdraw(self.file, self._told)


def presented(file: Path) -> Presented | None:
    """What is presented now; None when nothing is."""
    try:
        said = json.loads(file.read_text("utf-8"))
        now = Presented(**said)
        running = runs(now.process)
    except (OSError, ValueError, TypeError):
        return None
    return now if running else None


def runs(process: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def presented_from_now_on(file: Path) -> Iterator[Presented | None]:
    """What is presented, at once, at each change, and once a second: there may be a clock to be shown."""
    from watchfiles import watch

    yield presented(file)
    changes = watch(
        file.parent,
        watch_filter=lambda _, name: Path(name).name == file.name,
        recursive=False,
        rust_timeout=int(1000 * A_LOOK),
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    for _ in changes:
        yield presented(file)
