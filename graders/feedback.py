"""Reports as HTML: a page for each student, and the fragment that a notebook shows.

A page stands alone: no script, no font, no picture from elsewhere, nothing of a student's that is not
escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from html import escape
from importlib import resources

from graders.names import printable
from graders.report import Report
from labs.course import CounterExample, Criterion, misconception

__all__ = ["SIGNS", "WORDS", "fragment", "marked", "page", "style"]

SIGNS = {"pass": "✓", "partial": "◐", "missing": "○", "skipped": "·"}
WORDS = {
    "pass": "passed",
    "partial": "partly there",
    "fail": "not yet",
    "error": "could not be judged",
    "timeout": "did not end in time",
    "tampered": "wrote where it should not",
    "missing": "not handed in",
    "skipped": "not judged",
}


def page(course: str, student: str, reports: Sequence[Report]) -> str:
    """One student's feedback as a whole HTML document."""
    points = sum((report.points for report in reports), Decimal(0))
    most = sum((report.max for report in reports), Decimal(0))
    body = "\n".join(map(_exercise, reports))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(printable(f"{course.title()}: {student}"))}</title>
<style>
{style()}</style>
</head>
<body>
<header>
<p class="quiet">{marked(course.title())}</p>
<h1>{marked(student)}</h1>
<p class="sum">{points} of {most} points</p>
</header>
{body}
</body>
</html>
"""


def fragment(report: Report) -> str:
    """One report for a notebook: styled within itself, so that it changes nothing around it."""
    return f"""<div class="skylab-report">
<style>
.skylab-report ul {{ list-style: none; padding-left: 0; }}
.skylab-report .why {{ margin-left: 1.5rem; }}
.skylab-report .quiet {{ opacity: .7; }}
.skylab-report .state {{ font-weight: 600; }}
</style>
{_exercise(report)}
</div>"""


def _exercise(report: Report) -> str:
    notes = "\n".join(f"<p>{marked(note)}</p>" for note in (*_by_hand(report), *report.notes))
    criteria = "\n".join(map(_criterion, report.criteria))
    return f"""<section class="exercise">
<div class="head">
<h2>{marked(report.exercise.title)}</h2>
<span class="points">{report.points} of {report.max}</span>
</div>
<p>{_state(report.state)}
<span class="quiet">{marked(report.exercise.id)} · variant {report.variant.seed}</span></p>
{notes}
{f"<ul>{criteria}</ul>" if criteria else ""}
{_output(report.output)}
{_isolation(report.isolation)}
</section>"""


def _by_hand(report: Report) -> Iterator[str]:
    """What a person has set, and why: whoever has the points reads it."""
    if report.adjustment is not None:
        said = report.adjustment
        yield f"Set by hand: {report.points} points, where the verdict gives {report.judged}. {said.why}"


def _isolation(layers: Sequence[str]) -> str:
    if not layers:
        return ""
    return f'<p class="quiet">The program was shut in by: {marked(", ".join(layers))}.</p>'


def _criterion(criterion: Criterion) -> str:
    return f"""<li class="criterion">
<div class="line"><span><span class="{criterion.state}">{_sign(criterion.state)}</span>
{marked(criterion.name)} <span class="quiet">{_word(criterion.state)}</span></span>
<span class="points">{_points(criterion.points, criterion.max)}</span></div>
{f'<p class="why">{marked(criterion.message)}</p>' if criterion.message else ""}
{_misconception(criterion.misconception)}
{_counterexample(criterion.counterexample)}
</li>"""


def _misconception(identifier: str | None) -> str:
    if identifier is None:
        return ""
    known = misconception(identifier)
    return f"""<p class="why belief">You may think: {marked(known.belief)}<br>
It is not so: {marked(known.refutation)} <span class="quiet">({marked(identifier)})</span></p>"""


def _counterexample(example: CounterExample | None) -> str:
    if example is None:
        return ""
    sentence = f'<p class="why">{marked(example.sentence)}</p>'
    if example.command:
        return f'{sentence}\n<p class="why"><code>{escape(printable(example.shell))}</code></p>'
    if example.case is None:
        return sentence
    case = json.dumps(example.case, indent=2, ensure_ascii=False)
    return f"""{sentence}
<details><summary>The request and the policies, for <code>skylab explain</code></summary>
<pre>{escape(printable(case))}</pre></details>"""


def _output(output: str) -> str:
    if not output.strip():
        return ""
    text = escape(printable(output))
    return f"<details><summary>What the program printed</summary>\n<pre>{text}</pre></details>"


def _state(state: str) -> str:
    return f'<span class="state {state}">{_sign(state)} {_word(state)}</span>'


def _sign(state: str) -> str:
    return SIGNS.get(state, "✗")


def _word(state: str) -> str:
    return WORDS.get(state, state)


def _points(points: Decimal, most: Decimal) -> str:
    return f"{points} of {most}" if most else ""


@lru_cache(maxsize=4096)
def marked(text: str) -> str:
    """Text from anywhere: escaped first, and then what stands between backquotes set as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(printable(text)))


@cache
def style() -> str:
    """The style of all pages."""
    return resources.files("graders").joinpath("feedback.css").read_text("utf-8")
