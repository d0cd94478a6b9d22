"""LTI: a score for each student, one JSON object a line (1EdTech: "Assignment and Grade Services", Score)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from graders.exports.people import Standing, id_of, timestamp_of
from graders.names import printable

__all__ = ["scores"]

USER = ("lti user id", "lti_user_id", "userid", "user id", "sub")
"""Headings of the roster under which a platform's own id of the student may stand."""


def scores(everybody: Iterable[Standing], when: str) -> Iterator[str]:
    """The lines; who has handed in nothing gets no score.

    Args:
        when: the moment of the run, as in "2026-01-31T12:00:00Z".
    """
    for standing in everybody:
        yield json.dumps(_score(standing, when), ensure_ascii=False) + "\n"


def _score(standing: Standing, when: str) -> dict[str, object]:
    moment = timestamp_of(standing.result, when).removesuffix("Z")
    score: dict[str, object] = {
        "userId": printable(id_of(standing.result, USER)),
        "activityProgress": "Submitted" if standing.handed_in else "Initialized",
        "gradingProgress": "NotReady",
        "timestamp": f"{moment}.000Z",  # the specification asks for parts of a second
    }
    if standing.handed_in:
        # What could not be judged is for a person to look at before it counts.
        score["gradingProgress"] = "FullyGraded" if standing.looked_at else "PendingManual"
        score["scoreGiven"] = float(standing.points)
        score["scoreMaximum"] = float(standing.max)
    return score
