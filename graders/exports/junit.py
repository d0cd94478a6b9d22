"""JUnit XML, valid by the schema of Ant's reports: a suite for each student, a case for each criterion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from graders.names import printable
from graders.report import Report
from graders.results import StudentResult
from labs.course import Criterion

__all__ = ["junit"]


def junit(results: Iterable[StudentResult], when: str) -> Iterator[str]:
    """The lines of the document, with one student at a time in memory.

    Args:
        when: the moment of the run, as in "2026-01-31T12:00:00Z"; the schema wants it without the zone.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, result in enumerate(results):
        yield from _suite(number, result, when.removesuffix("Z"))
    yield "</testsuites>\n"


def _suite(number: int, result: StudentResult, when: str) -> Iterator[str]:
    cases = [(report, each) for report in result.exercises for each in report.criteria or (None,)]
    kinds = [_kind(report, each) for report, each in cases]
    attributes = {
        "id": str(number),
        "name": result.student or "student",
        "package": "skylab",
        "hostname": "localhost",
        "timestamp": when,
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{sum(report.ms for report in result.exercises) / 1000:.3f}",
    }
    yield f"<testsuite{_attributes(attributes)}>\n<properties>\n"
    yield _property("source", result.source)
    yield _property("points", str(result.points))
    yield _property("max", str(result.max))
    for report in result.exercises:
        yield _property(f"{report.exercise.id} points", str(report.points))
        yield _property(f"{report.exercise.id} max", str(report.max))
        yield _property(f"{report.exercise.id} state", report.state)
    yield "</properties>\n"
    for (report, each), kind in zip(cases, kinds, strict=True):
        yield _case(report, each, kind)
    yield "<system-out></system-out>\n<system-err></system-err>\n</testsuite>\n"


def _kind(report: Report, criterion: Criterion | None) -> str:
    if criterion is None:
        return "skipped" if report.state == "missing" else "error"
    if criterion.state in ("pass", "skipped"):
        return criterion.state
    return "error" if criterion.state == "error" else "failure"


def _case(report: Report, criterion: Criterion | None, kind: str) -> str:
    name = report.exercise.title if criterion is None else criterion.name
    seconds = report.ms / 1000 / max(1, len(report.criteria))
    attributes = {"name": name, "classname": report.exercise.id, "time": f"{seconds:.3f}"}
    message = report.state if criterion is None else criterion.message or criterion.state
    if kind == "pass":
        return f"<testcase{_attributes(attributes)}/>\n"
    if kind == "skipped":
        return f"<testcase{_attributes(attributes)}><skipped/></testcase>\n"
    told = {"message": message, "type": report.state}
    fault = f"<{kind}{_attributes(told)}>{_text(message)}</{kind}>"
    return f"<testcase{_attributes(attributes)}>{fault}</testcase>\n"


def _property(name: str, value: str) -> str:
    return f"<property{_attributes({'name': name, 'value': value})}/>\n"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f" {name}={_quoted(value)}" for name, value in values.items())


@lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    """A value of an attribute; a class of hundreds has the same ones again and again."""
    return quoteattr(printable(value))


def _text(text: str) -> str:
    return escape(printable(text))
