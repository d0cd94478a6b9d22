"""An ARN to take apart while it is typed: its parts, what each means, and what is wrong with it."""

from __future__ import annotations

from html import escape

import ipywidgets

from labs.aws.arn import Dissection, Part, Problem, dissect
from labs.widgets.look import LABEL, styled, wide

__all__ = ["ArnDissector", "dissection_html"]


def dissection_html(found: Dissection) -> str:
    """A dissected ARN as one HTML fragment; every text of it is escaped."""
    return styled("arns", f"{_headline(found)}{_arn(found)}{_meanings(found)}{_problems(found.problems)}")


def _headline(found: Dissection) -> str:
    if found.ok:
        return '<div class="headline yes">✓ Nothing is wrong with it</div>'
    count = len(found.problems)
    words = "One thing is wrong" if count == 1 else f"{count} things are wrong"
    return f'<div class="headline no">✗ {words}</div>'


def _arn(found: Dissection) -> str:
    if not found.parts:
        return ""
    wrong = {problem.part for problem in found.problems}
    shown = [
        _part(Part("", "arn", ""), wrong=False),
        *(_part(each, each.name in wrong) for each in found.parts),
    ]
    return f'<div class="arn">{"<code class=colon>:</code>".join(shown)}</div>'


def _part(part: Part, wrong: bool) -> str:
    tone = " wrong" if wrong else "" if part.text else " empty"
    return (
        f'<span class="part{tone}"><code>{escape(part.text) or "&nbsp;"}</code>'
        f"<small>{'✗ ' if wrong else ''}{part.name}</small></span>"
    )


def _meanings(found: Dissection) -> str:
    rows = "".join(
        f'<tr><th scope="row">{part.name}</th><td><code>{escape(part.text)}</code></td>'
        f"<td>{escape(part.meaning)}</td></tr>"
        for part in found.parts
    )
    return f"<table>{rows}</table>" if rows else ""


def _problems(problems: tuple[Problem, ...]) -> str:
    return "".join(
        f'<div class="problem"><b>{escape(each.title)}</b>'
        f"<div>{escape(each.detail)} {escape(each.hint)}</div></div>"
        for each in problems
    )


class ArnDissector(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A field for an ARN; what it says is shown at each key. One that was probably meant can be taken over.

    Args:
        arn: the text to start with.
    """

    def __init__(self, arn: str = "arn:aws:s3:::training-data/data/a.csv") -> None:
        self.arn = ipywidgets.Text(arn, description="ARN", layout=wide(), style=LABEL)
        self.found = ipywidgets.HTML()
        self.suggestion = ipywidgets.Button(layout=ipywidgets.Layout(width="auto", display="none"))
        self.arn.observe(self._refresh, names="value")
        self.suggestion.on_click(self._take)
        super().__init__([self.arn, self.found, self.suggestion])
        self._refresh()

    def dissect(self) -> Dissection:
        """What the field holds, taken apart."""
        return dissect(self.arn.value)

    def _refresh(self, _change: object = None) -> None:
        found = self.dissect()
        self.found.value = dissection_html(found)
        self.suggestion.description = f"Take {found.suggestion}" if found.suggestion else ""
        self.suggestion.layout.display = "" if found.suggestion else "none"

    def _take(self, _button: object) -> None:
        if meant := self.dissect().suggestion:
            self.arn.value = meant
