"""What begins before the words of a command are read: the processes that judge, which take long to be warm.

To read one line of words takes Typer a tenth of that. The process that takes longest begins even before the
command line is loaded: `tui.first`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labs.errors import SkylabError
from tui.commands.face import Face

if TYPE_CHECKING:
    from graders import Bench
    from labs.course import Exercise, Workspace
    from labs.sandbox.launching import Launched

__all__ = ["BENCH", "bench_for_check", "handed_in_live"]

BENCH = "skylab.bench"
"""Under this name the context of a command has the bench that was begun for it."""


def bench_for_check(words: Sequence[str], launched: Launched | None = None) -> Bench | None:
    """A bench that warms up already, if these are the words of a check that will need one.

    What is wrong with the words is not said here; whoever reads them does.

    Args:
        launched: the parent process of its worlds, where that has begun to load; where it is not needed, it
            ends here.
    """
    bench = _bench_for_check(words, launched)
    if bench is None and launched is not None:
        launched.give_up()
    return bench


def _bench_for_check(words: Sequence[str], launched: Launched | None) -> Bench | None:
    folder, rest = None, list(words)
    while rest and rest[0].startswith("-"):
        name, _, value = rest.pop(0).partition("=")
        if name == "--workspace":
            folder = Path(value or (rest.pop(0) if rest else ""))
    if rest[:1] != ["check"] or not {"-h", "--help"}.isdisjoint(rest):
        return None
    names = [word for word in rest[1:] if not word.startswith("-")]
    with suppress(SkylabError):
        from labs.course import load_course

        course = load_course()
        workspace = Face(folder=folder).known_workspace()
        if workspace is not None and not workspace.desk_file.exists():
            live = handed_in_live([course.exercise(name) for name in names], workspace)
            return _begun(live, workspace, launched) if live else None
    return None


def handed_in_live(exercises: Sequence[Exercise], workspace: Workspace) -> list[Exercise]:
    """Those that are judged in a sandbox, and have something to be judged."""
    from labs.course import Kind

    live = [each for each in exercises if each.kind in (Kind.CODE, Kind.WORLD)]
    return [each for each in live if workspace.read(each) is not None]


def _begun(exercises: Sequence[Exercise], workspace: Workspace, launched: Launched | None) -> Bench:
    from graders import Bench
    from graders.box.services import named_in
    from labs.course import Kind

    # It is the learner's own code: a machine that cannot shut it in fully may run it all the same.
    bench = Bench(allow_reduced=True, launched=launched, alone=True)
    bench.begin(
        boxes=any(each.kind is Kind.CODE for each in exercises),
        services=named_in("".join(workspace.read(each) or "" for each in exercises)),
    )
    return bench
