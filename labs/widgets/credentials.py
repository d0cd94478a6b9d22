"""Where a program finds its credentials: the chain of an SDK, and the metadata service asked step by step."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

import ipywidgets

from labs.aws.ec2.credential_sources import CredentialSource, winning
from labs.aws.ec2.metadata import LONGEST_TOKEN, Options
from labs.aws.ec2.metadata_visit import ROLE, Exchange, Visit, exchanges
from labs.widgets.look import LABEL, styled, wide

__all__ = ["CredentialChain", "Exchange", "MetadataStepper", "Visit", "chain_html", "exchanges", "visit_html"]


def chain_html(found: Collection[CredentialSource]) -> str:
    """The chain as one HTML fragment: which source is used, and which are never looked at."""
    used = winning(found)
    if used is None:
        head = '<div class="headline no">✗ Unable to locate credentials</div>'
    else:
        head = f'<div class="headline">boto3 uses: <span class="accent">{used}</span></div>'
    items, decided = "", False
    for source in CredentialSource:
        word, tone = _word(source, found, decided)
        decided = decided or source is used
        items += (
            f'<li class="{"used" if source is used else "quiet"}">{source} '
            f'<span class="{tone}">{word}</span><br><span class="quiet">{escape(source.says)}</span></li>'
        )
    return styled("credentials", f"{head}<ol>{items}</ol>")


def _word(source: CredentialSource, found: Collection[CredentialSource], decided: bool) -> tuple[str, str]:
    if decided:
        return ("✗ there, and never looked at", "no") if source in found else ("· not looked at", "quiet")
    return ("✓ used", "yes") if source in found else ("– nothing there", "quiet")


class CredentialChain(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A box for each source of credentials; the chain below says which of those that are there wins.

    Args:
        found: the sources that have credentials at first, by their names.
    """

    def __init__(self, *found: str) -> None:
        there = {CredentialSource(name) for name in found}
        self.boxes = {
            source: ipywidgets.Checkbox(source in there, description=source.value, indent=False)
            for source in CredentialSource
        }
        self.chain = ipywidgets.HTML()
        for box in self.boxes.values():
            box.observe(self._refresh, names="value")
        super().__init__([*self.boxes.values(), self.chain])
        self._refresh()

    @property
    def used(self) -> CredentialSource | None:
        """The source that wins now."""
        return winning(source for source, box in self.boxes.items() if box.value)

    def _refresh(self, _change: object = None) -> None:
        self.chain.value = chain_html([source for source, box in self.boxes.items() if box.value])


# The metadata service


def visit_html(visit: Visit, steps: int) -> str:
    """The first steps of a visit as one HTML fragment, the last of them marked."""
    done = exchanges(visit)[:steps]
    rows = "".join(_row(number, each, here=number == len(done)) for number, each in enumerate(done, start=1))
    if len(done) < 3:
        head = '<div class="headline">Nothing is asked yet</div>' if not done else ""
    elif done[-1].reply.status == 200:
        head = '<div class="headline yes">✓ The program has the role\'s credentials</div>'
    else:
        head = '<div class="headline no">✗ The program has no credentials</div>'
    return styled("credentials", f"{head}<table>{rows}</table>")


def _row(number: int, each: Exchange, here: bool) -> str:
    request = each.request
    header = f"token {request.token}" if request.method == "GET" else f"ttl {request.ttl}"
    tone = "yes" if each.reply.status == 200 else "no"
    sign = "✓" if each.reply.status == 200 else "✗"
    return (
        f'<tr><td class="{"here" if here else ""}">{number}</td>'
        f"<td><code>{request.method} {escape(request.path)}</code><br>"
        f'<span class="quiet">{header}</span></td>'
        f'<td class="{tone}">{sign}&nbsp;{each.reply.word}</td><td>{escape(each.reply.says)}</td></tr>'
    )


class MetadataStepper(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """What an SDK asks of the metadata service, a request at a time; what was asked follows the settings."""

    def __init__(self) -> None:
        self.tokens = ipywidgets.Dropdown(
            options=[("version 2 only (required)", "required"), ("both versions (optional)", "optional")],
            description="tokens",
            layout=wide(),
            style=LABEL,
        )
        self.place = ipywidgets.Dropdown(
            options=[("on the instance", 1), ("in a container on it", 2)],
            description="program",
            layout=wide(),
            style=LABEL,
        )
        self.hop_limit = _slider(1, 1, 3, "hop limit")
        self.ttl = _slider(300, 0, LONGEST_TOKEN + 300, "ttl asked for, s", step=60)
        self.pause = _slider(0, 0, 600, "pause, s", step=30)
        self.has_role = ipywidgets.Checkbox(True, description="the instance has a role", indent=False)
        self.brings = ipywidgets.Checkbox(True, description="the program brings the token", indent=False)
        self.next = ipywidgets.Button(description="Next request")
        self.back = ipywidgets.Button(description="One back")
        self.answers = ipywidgets.HTML()
        self.steps = 0
        self.settings = (
            self.tokens,
            self.place,
            self.hop_limit,
            self.ttl,
            self.pause,
            self.has_role,
            self.brings,
        )
        for setting in self.settings:
            setting.observe(self._refresh, names="value")
        self.next.on_click(lambda _: self._step(1))
        self.back.on_click(lambda _: self._step(-1))
        super().__init__([*self.settings, ipywidgets.HBox([self.next, self.back]), self.answers])
        self._refresh()

    @property
    def visit(self) -> Visit:
        """What the settings say now."""
        role = ROLE if self.has_role.value else None
        options = Options(role, self.tokens.value, self.hop_limit.value)
        return Visit(options, self.place.value, self.ttl.value, self.pause.value, self.brings.value)

    def _step(self, by: int) -> None:
        self.steps = min(3, max(0, self.steps + by))
        self._refresh()

    def _refresh(self, _change: object = None) -> None:
        self.next.disabled = self.steps == 3
        self.back.disabled = self.steps == 0
        self.answers.value = visit_html(self.visit, self.steps)


def _slider(value: int, low: int, high: int, name: str, step: int = 1) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(
        value, min=low, max=high, step=step, description=name, layout=wide(), style=LABEL
    )
