"""What a world keeps on disk only while it runs: the homes of its instances, the files of its databases.

It is no part of the world's memory: rewind, fork and save do not know of it, and it goes when the world ends.
Where a world was killed, the next one that needs a folder takes what was left away.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["Scratch"]

_NAME = re.compile(r"skylab-(\d+)-.+")


class Scratch:
    """The folder of one world, made when something is first put there."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def place(self, *names: str) -> Path:
        """A folder in it, made with those above it; only its owner may look into it.

        Args:
            names: each a single part of a path.
        """
        place = self._opened()
        for name in names:
            place = place / name
            place.mkdir(mode=0o700, exist_ok=True)
        return place

    def clear(self) -> None:
        """Forget all that is there."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _opened(self) -> Path:
        if self._folder is None:
            _sweep(Path(tempfile.gettempdir()))
            self._folder = Path(tempfile.mkdtemp(prefix=f"skylab-{os.getpid()}-"))
        return self._folder


def _sweep(among: Path) -> None:
    """Take away the folders of worlds whose process is gone, as far as we may."""
    for each in among.glob("skylab-*"):
        found = _NAME.fullmatch(each.name)
        if found is not None and not _lives(int(found[1])):
            shutil.rmtree(each, ignore_errors=True)


def _lives(pid: int) -> bool:
    with suppress(PermissionError):  # it is somebody else's, and lives
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True
