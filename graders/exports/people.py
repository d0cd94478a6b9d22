"""Students as other systems know them: by the ids of the roster, and once each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from graders.results import StudentResult

__all__ = ["Standing", "id_of", "ids_of", "standings", "timestamp_of"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one student comes to, in the best of the submissions; `handed_in` is no where there is no work.

    `looked_at` says whether every piece of the work got a verdict of its own.
    """

    result: StudentResult
    points: Decimal
    max: Decimal
    handed_in: bool
    looked_at: bool


def standings(results: Iterable[StudentResult]) -> tuple[Standing, ...]:
    """One standing for each student; of several submissions that with the most points counts."""
    best: dict[str, Standing] = {}
    for result in results:
        states = {report.state for report in result.exercises}
        handed_in = states != {"missing"} or any(report.adjustment for report in result.exercises)
        standing = Standing(
            _without_reports(result), result.points, result.max, handed_in, "error" not in states
        )
        if result.student not in best or _rank(standing) > _rank(best[result.student]):
            best[result.student] = standing
    return tuple(best.values())


def ids_of(result: StudentResult) -> frozenset[str]:
    """What else the student is called, in small letters: the key and the ids, never the name."""
    ids = result.entry.ids.values() if result.entry else ()
    return frozenset(each.strip().casefold() for each in (result.student, *ids) if each.strip())


def id_of(result: StudentResult, headings: Sequence[str]) -> str:
    """The id under the first of these headings of the roster; the student's key where it has none of them."""
    ids = {heading.casefold(): value for heading, value in (result.entry.ids if result.entry else {}).items()}
    return next((ids[each] for each in headings if each in ids), result.student)


def timestamp_of(result: StudentResult, when: str) -> str:
    """When the marks are of: the run, or what has been set by hand since."""
    return max([when, *_adjusted(result)])


def _adjusted(result: StudentResult) -> Iterator[str]:
    return (report.adjustment.when for report in result.exercises if report.adjustment)


def _rank(standing: Standing) -> tuple[bool, Decimal]:
    return standing.handed_in, standing.points


def _without_reports(result: StudentResult) -> StudentResult:
    """The same without what is long, so that thousands may be held."""
    kept = tuple(report for report in result.exercises if report.adjustment)
    return StudentResult(result.student, result.source, kept, result.entry)
