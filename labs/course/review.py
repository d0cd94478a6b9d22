"""Review: what was once believed comes back as a question, at the times that FSRS says.

A misconception that shows in a check or a drill becomes a card. Each review moves it further away when it was
right, and near again when it was not; so does the misconception when it shows again. Nothing is kept but what
happened: the cards follow from the progress of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from labs.course.misconceptions import Misconception, misconception, misconceptions
from labs.course.progress import Progress, Struck

if TYPE_CHECKING:
    import fsrs

__all__ = ["SITTING", "Review", "ReviewCard"]

SITTING: Final = timedelta(hours=6)
"""A misconception that shows again so soon is still the same mistake, corrected piece by piece."""


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One misconception to be reviewed: when, how often it showed, and how often a review was right."""

    misconception: Misconception
    due: datetime
    shown: int
    right: int

    def to_json(self) -> dict[str, object]:
        return {
            "misconception": self.misconception.id,
            "belief": self.misconception.belief,
            "refutation": self.misconception.refutation,
            "due": self.due.isoformat(timespec="seconds"),
            "shown": self.shown,
            "right": self.right,
        }


class Review:
    """The reviews of one learner."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def cards(self) -> tuple[ReviewCard, ...]:
        """Every card, the most urgent first."""
        return tuple(sorted(_cards(self._progress.struck()), key=lambda card: card.due))

    def due(self, now: datetime) -> tuple[ReviewCard, ...]:
        """The cards that are due, the most urgent first."""
        return tuple(card for card in self.cards() if card.due <= now)

    def next(self, now: datetime) -> ReviewCard | None:
        """The first card that is not due yet; None when there is none."""
        return next((card for card in self.cards() if card.due > now), None)

    def answer(self, name: str, *, right: bool, now: datetime) -> ReviewCard:
        """Keep how a review went; the card as it is then.

        Raises:
            CourseError: the catalogue has no such misconception.
        """
        known = misconception(name)
        self._progress.reviewed(known.id, right, now)
        return next(card for card in self.cards() if card.misconception == known)


def _cards(struck: Iterable[Struck]) -> Iterable[ReviewCard]:
    by_name: dict[str, list[Struck]] = {}
    for each in struck:
        if each.misconception in misconceptions():  # a later course may have given one up
            by_name.setdefault(each.misconception, []).append(each)
    for name, met in by_name.items():
        counted = _counted(met)
        yield ReviewCard(
            misconception(name),
            _scheduled(counted).due,
            sum(not each.right for each in counted),
            sum(each.right for each in counted),
        )


def _counted(met: Iterable[Struck]) -> list[Struck]:
    """What counts of all times that a misconception was met: of one sitting the first."""
    counted: list[Struck] = []
    for each in met:
        again = counted and not counted[-1].right and each.time - counted[-1].time < SITTING
        if each.reviewed or not again:
            counted.append(each)
    return counted


def _scheduled(met: Iterable[Struck]) -> fsrs.Card:
    """The card after all that happened; FSRS counts in whole days here, and adds no chance."""
    import fsrs

    card = fsrs.Card(card_id=0)
    for each in met:
        rating = fsrs.Rating.Good if each.right else fsrs.Rating.Again
        card, _ = _scheduler().review_card(card, rating, each.time.astimezone(UTC))
    return card


@cache
def _scheduler() -> fsrs.Scheduler:
    import fsrs

    return fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
