"""A piece of work, as it is handed to the judge."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Work"]


@dataclass(frozen=True, slots=True)
class Work:
    """The text of the exercise's file, and what had to be done to find it: sentences for the report."""

    text: str
    notes: tuple[str, ...] = ()
