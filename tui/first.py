"""What a command does before it is loaded itself: `skylab check` launches the process that takes longest.

Of the time until work in a sandbox is judged, more than half is that of loading moto. So the parent process
of the worlds begins as soon as a look at the words, and at the names of files, lets expect that it will be
needed; to load the command line and the course takes a third as long. Where the look deceived, the process
is given up, and nothing is lost but the look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.sandbox.launching import Launched

__all__ = ["launched_for_check"]

JUDGED_LIVE = ("task.py", "journal.jsonl")
"""The files of the kinds of exercises that are judged in a sandbox."""


def launched_for_check(words: Sequence[str]) -> Launched | None:
    """The parent process of worlds, launched, if these look like the words of a check that needs worlds."""
    if "check" not in words or not hasattr(os, "fork"):
        return None
    folder = _workspace(words)
    if (folder / ".skylab" / "desk.json").exists() or not any(_live(folder, words)):
        return None
    from labs.sandbox.launching import launch_nursery

    return launch_nursery()


def _live(folder: Path, words: Sequence[str]) -> Iterator[bool]:
    """Of each word, whether it names an exercise that has work to be judged in a sandbox."""
    for word in filter(_is_plain, words):
        for place in (word, f"*/{word}"):
            yield any(any(folder.glob(f"{place}/{file}")) for file in JUDGED_LIVE)


def _is_plain(word: str) -> bool:
    """Whether a word has nothing in it that would mean more than itself to glob."""
    return all(part.replace("-", "").isalnum() for part in word.split("/"))


def _workspace(words: Sequence[str]) -> Path:
    """The workspace that is most likely meant."""
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name == "--workspace":
            return Path(value if equals else "".join(words[number + 1 : number + 2]))
    named = os.environ.get("SKYLAB_WORKSPACE")
    if named:
        return Path(named).expanduser()
    here = Path.cwd()
    upward = (each for each in (here, *here.parents) if (each / ".skylab" / "workspace.json").is_file())
    return next(upward, Path.home() / "skylab")
