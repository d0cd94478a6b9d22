"""The class report: one HTML page for the teacher that stands alone, in the look of the feedback pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from graders.exports.statistics import ClassStatistics, Copy, Item, statistics_of
from graders.feedback import SIGNS, WORDS, marked, style
from graders.names import printable
from graders.report import STATES
from graders.results import ClassResult, Unread
from labs.course import misconception

__all__ = ["class_report"]

MOST_BELIEFS = 6
TIME = " Time: the median that the workspaces of so many students tell."
WIDTH, HEIGHT, FLOOR = 30, 90, 110  # of a bar, and where the bars stand, in the drawing's own units


def class_report(result: ClassResult) -> str:
    """The page: the whole class, each exercise, what looks copied, and what could not be read."""
    told = statistics_of(result.exercises, result.submissions)
    body = "\n".join(_parts(result, told))
    title = escape(printable(f"{result.course.title()}: class report"))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style()}{resources.files("graders.exports").joinpath("class_report.css").read_text("utf-8")}</style>
</head>
<body class="report">
{body}
</body>
</html>
"""


def _parts(result: ClassResult, told: ClassStatistics) -> Iterator[str]:
    when = result.when.replace("T", " ").removesuffix("Z")
    students = _count(told.students, "student")
    yield f"""<header>
<p class="quiet">{marked(result.course.title())} · graded {marked(when)} UTC</p>
<h1>Class report</h1>
<p class="sum">{students} · mean {_percent(told.mean)} · median {_percent(told.middle)}</p>
</header>"""
    yield _section("All points", _histogram(told.totals, "students", "share of all points"))
    yield _section("Exercises", _overview(told.items))
    yield from map(_item, told.items)
    if told.copies:
        yield _section("Made for another variant", _copies(told.copies))
    if result.errors:
        yield _section("Not read, or not known", _unread(result.errors))
    yield _section("How programs were shut in", _isolation(told))


def _section(title: str, body: str) -> str:
    return f'<section class="exercise">\n<h2>{escape(title)}</h2>\n{body}\n</section>'


def _overview(items: Sequence[Item]) -> str:
    timed = any(item.minutes is not None for item in items)
    rows = "\n".join(_row(item, timed=timed) for item in items)
    return f"""<div class="scroll"><table>
<thead><tr><th>Exercise</th><th>Handed in</th><th>Mean</th><th>Discrim.</th>
{"<th>Time</th>" if timed else ""}</tr></thead>
<tbody>
{rows}
</tbody></table></div>
<p class="quiet">Mean: of the points, by those who handed in. Discrimination: how this exercise goes along
with the others, from −1 to 1; near nothing or below, look at the question.{TIME if timed else ""}</p>"""


def _row(item: Item, *, timed: bool) -> str:
    handed_in = sum(item.states.values()) - item.states.get("missing", 0)
    numbers = [str(handed_in), _percent(item.difficulty), _correlation(item.discrimination)]
    numbers += [_minutes(item)] if timed else []
    return f"<tr><td>{marked(item.title)}</td>{''.join(f'<td>{each}</td>' for each in numbers)}</tr>"


def _item(item: Item) -> str:
    states = " · ".join(
        f'<span class="{state}">{SIGNS.get(state, "✗")} {item.states[state]} {WORDS[state]}</span>'
        for state in STATES
        if item.states.get(state)
    )
    return f"""<section class="exercise">
<div class="head"><h2>{marked(item.title)}</h2>
<span class="points">{marked(item.points or "0")} points</span></div>
<p class="quiet">{marked(item.id)}</p>
<p>{states}</p>
{_histogram(item.shares, "students", "share of the points") if any(item.shares) else ""}
{_beliefs(item)}
</section>"""


def _beliefs(item: Item) -> str:
    if not item.beliefs:
        return ""
    shown = list(item.beliefs.items())[:MOST_BELIEFS]
    most = max(item.beliefs.values())
    return "<ul>\n" + "\n".join(_belief(name, count, most) for name, count in shown) + "\n</ul>"


def _belief(name: str, count: int, most: int) -> str:
    known = misconception(name)
    return f"""<li class="criterion"><div class="line"><span>{marked(known.belief)}
<span class="quiet">({marked(name)})</span></span><span class="points">{_count(count, "student")}</span></div>
<div class="bar"><span style="width:{100 * count / most:.0f}%"></span></div>
<p class="why quiet">{marked(known.refutation)}</p></li>"""


def _histogram(counts: Sequence[int], what: str, over: str) -> str:
    """A bar for each tenth, as a drawing with its numbers in words for whoever cannot see it."""
    most = max(counts) or 1
    bars = "".join(_bar(place, count, HEIGHT * count / most) for place, count in enumerate(counts))
    tenths = [f"{10 * place} to {10 * place + 10} %: {count}" for place, count in enumerate(counts) if count]
    label = f"{what} by {over}: {', '.join(tenths) or 'none'}"
    right = WIDTH * len(counts)
    return f"""<figure><svg viewBox="0 0 {right} {FLOOR + 22}" role="img" aria-label="{label}">
{bars}<line x1="0" y1="{FLOOR}" x2="{right}" y2="{FLOOR}"/>
<text class="edge" x="3" y="{FLOOR + 16}">0 %</text>
<text class="edge last" x="{right - 3}" y="{FLOOR + 16}">100 %</text></svg>
<figcaption class="quiet">{what.capitalize()} by {over}</figcaption></figure>"""


def _bar(place: int, count: int, height: float) -> str:
    if not count:
        return ""
    left, top = place * WIDTH, FLOOR - height
    return f"""<rect x="{left + 3}" y="{top:.1f}" width="{WIDTH - 6}" height="{height:.1f}"/>
<text x="{left + WIDTH / 2:.0f}" y="{top - 4:.1f}">{count}</text>"""


def _copies(copies: Sequence[Copy]) -> str:
    rows = "\n".join(
        f"<li>{marked(each.student)}: {marked(each.exercise)} fits the variant of "
        f"{marked(', '.join(each.fits))}</li>"
        for each in copies
    )
    return f"""<p class="quiet">These answers fail for the student's own variant and were made for another's.
It is a reason to look, not a proof; the students' pages say nothing of it.</p>
<ul>{rows}</ul>"""


def _unread(errors: Sequence[Unread]) -> str:
    rows = "\n".join(
        f"<li><b>{marked(each.source)}</b>: {marked(each.error.title)}. "
        f'<span class="quiet">{marked(each.error.detail)}</span></li>'
        for each in errors
    )
    return f"<ul>{rows}</ul>"


def _isolation(told: ClassStatistics) -> str:
    if not told.isolation:
        return '<p class="quiet">No program was run.</p>'
    rows = "\n".join(
        f"<li>{_count(count, 'program')}: {marked(', '.join(layers))}</li>"
        for layers, count in told.isolation.items()
    )
    return f"<ul>{rows}</ul>"


def _minutes(item: Item) -> str:
    if item.minutes is None:
        return "–"
    return f'{item.minutes:.0f} min <span class="quiet">({item.told_time})</span>'


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _correlation(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
