"""What `skylab lint` found in a policy, and the findings that belong beside a decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.style import Style
from rich.text import Text

from labs.aws.iam.lint import Finding, Severity
from tui.draw.layout import indented, page, rule
from tui.draw.words import counted, shown

if TYPE_CHECKING:
    from tui.commands.documents import Linted

__all__ = ["beside", "lint_drawn"]

SIGNS = {
    Severity.ERROR: ("✗", "denied"),
    Severity.SECURITY: ("!", "denied"),
    Severity.WARNING: ("!", "partly"),
    Severity.SUGGESTION: ("·", "quiet"),
}


MOST = 3
"""How many findings stand beside a decision."""


def lint_drawn(result: Linted) -> RenderableType:
    """One document and its findings, the worst first."""
    return page(*_document(result))


def _document(result: Linted) -> Iterator[RenderableType]:
    yield shown(result.file, "title")
    yield _summary(result.findings)
    yield rule()
    for finding in result.findings:
        yield from _finding(finding)
        source = Text(_page(finding.source), "quiet")
        source.stylize(Style(link=finding.source))
        yield indented(source, 2)
        yield Text()


_GUIDES = {
    "/IAM/": "IAM User Guide",
    "/service-authorization/": "Service Authorization Reference",
    "/organizations/": "Organizations User Guide",
    "/vpc/": "AWS PrivateLink Guide",
}


def _page(source: str) -> str:
    """The page of a source as a reader would look for it; a terminal that can makes it a link."""
    guide = next((title for part, title in _GUIDES.items() if part in source), "AWS")
    return f"{guide}: {source.rsplit('/', 1)[1].partition('.html')[0]}"


def _summary(findings: Sequence[Finding]) -> Text:
    if not findings:
        return Text("✓ nothing to remark", "allowed")
    counts = Counter(each.severity for each in findings)
    worst = SIGNS[findings[0].severity]
    words = ", ".join(counted(counts[each], each.value) for each in Severity if counts[each])
    return Text(f"{worst[0]} {words}", worst[1])


def _finding(finding: Finding) -> Iterator[RenderableType]:
    sign, style = SIGNS[finding.severity]
    yield Text.assemble(
        (f"{sign} {finding.severity.value}", style),
        ("  ", ""),
        shown(finding.path or "the document", "quiet"),
    )
    yield indented(shown(finding.sentence), 2)
    yield indented(shown(finding.repair, "accent"), 2)


def beside(findings: Sequence[Finding], *, allowed: bool) -> tuple[RenderableType, ...]:
    """The findings that explain a decision, under a heading of their own; nothing where there is none."""
    if not findings:
        return ()
    blocks = [block for finding in findings[:MOST] for block in (Text(), *_finding(finding))]
    if len(findings) > MOST:
        blocks += [
            Text(),
            Text(f"and {len(findings) - MOST} more: look at the policy with skylab lint", "quiet"),
        ]
    return (
        page(Text(), rule(), Text("Worth knowing" if allowed else "Perhaps this is why", "title"), *blocks),
    )
