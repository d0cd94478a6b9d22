"""Hand a world in: replay the changes that a learner made, in a fresh world, through its gate."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from labs.course import Variant, WorldExercise
from labs.course.stage import label_of
from labs.errors import JournalError, SubmissionError
from labs.sandbox import World
from labs.sandbox.journal import Deed, JournalEntry, JournalFile, Mint, read_journal
from labs.sandbox.raw import RawRequest

__all__ = ["replay_work"]

MOST_ENTRIES = 2000
SHOWN = 5
LOOPBACK = ("127.0.0.1", "::1")
LEARNERS_DEEDS = frozenset({"advance", "wait", "cpu", "interrupt", "lambda"})
"""What may come past the gate of a learner's world: time passes, things befall instances, functions end."""


def replay_work(exercise: WorldExercise, text: str, variant: Variant, world: World) -> tuple[str, ...]:
    """Replay a journal in a world that has been prepared, and say what of it did not count.

    The journal comes from a machine where its author holds the world's controls too. So keys that no request
    asked for are left out, but the learner's own and those that the metadata service hands to an instance;
    the administrator's are other ones in this world, so that what they signed is refused.

    Raises:
        SubmissionError: the text is no journal, or one of another exercise or another student.
    """
    if not text.strip():
        return ()  # nothing was changed, so there is nothing to replay
    journal = _parse(text)
    _must_fit(journal, variant)
    kept, notes = [], []
    for entry in journal.entries:
        reason = _objection(entry, exercise.learner)
        if reason is None:
            kept.append(entry)
        else:
            notes.append(f"Left out: change {entry.number}, {entry}: {reason}")
    result = world.replay(kept, journal.offset)
    notes += [f"Refused again: change {each.number}, {each.what}: {each.why}" for each in result.refused]
    return _first(notes)


def _parse(text: str) -> JournalFile:
    with tempfile.TemporaryDirectory(prefix="skylab-journal-") as folder:
        path = Path(folder) / "journal.jsonl"
        path.write_bytes(text.encode("utf-8"))
        try:
            journal = read_journal(path)
        except JournalError as error:
            detail = error.detail.replace(str(path), "journal.jsonl")
            raise SubmissionError(error.title, detail, error.hint) from None
    if len(journal.entries) > MOST_ENTRIES:
        raise SubmissionError(
            "The journal is too long",
            f"It has {len(journal.entries)} changes; at most {MOST_ENTRIES} are replayed.",
            "Reset the exercise and reach the goal with fewer calls.",
        )
    return journal


def _must_fit(journal: JournalFile, variant: Variant) -> None:
    if journal.label != label_of(variant) or journal.seed != variant.seed:
        raise SubmissionError(
            "The journal belongs to another world",
            f"It is labelled {journal.label!r}; this student's world is {label_of(variant)!r}.",
            "Hand in the journal of your own world of this exercise.",
        )


def _objection(entry: JournalEntry, learner: str) -> str | None:
    """Why a change does not count; None when it does."""
    match entry.change:
        case Mint(kind="principal", subject=subject) if _user(subject) != _user(learner):
            return f"this exercise is solved with the keys of {learner}."
        case Deed(kind=kind) if kind not in LEARNERS_DEEDS:
            return "it was not done with the learner's means."
        case RawRequest(client_address=address) if address not in LOOPBACK:
            return f"it says that it comes from {address}."
    return None


def _user(name: str) -> str:
    return name.removeprefix("user/")


def _first(notes: Sequence[str]) -> tuple[str, ...]:
    more = len(notes) - SHOWN
    return (*notes[:SHOWN], *([f"And {more} more."] if more > 0 else []))
