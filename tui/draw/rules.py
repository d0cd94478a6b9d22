"""The rules of AWS by which the sandbox corrects moto: what AWS does, what moto does, and AWS's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from tui.draw.layout import indented, row
from tui.draw.words import counted, listed, shown

if TYPE_CHECKING:
    from labs.sandbox.strict import Rule

__all__ = ["rule_entry", "rules_page"]

_STYLES = {"refuses": "denied", "repairs": "allowed", "drops": "partly", "met elsewhere": "quiet"}


def rules_page(rules: Iterable[Rule]) -> RenderableType:
    """How many rules there are, and all of them, one below the other."""
    held = tuple(rules)
    return Group(
        shown(
            f"{counted(len(held), 'rule')} of AWS that this sandbox keeps. moto, on which it runs, does not."
        ),
        *(part for each in held for part in (Text(), rule_entry(each))),
    )


def rule_entry(rule: Rule) -> RenderableType:
    """A rule's id, what it does and with which code; below, AWS and moto beside each other, and the page."""
    effect = Text.assemble(shown(rule.effect, _STYLES[rule.effect]), " ", shown(rule.code))
    first = row(shown(rule.id, "title"), effect, widths=(36, None))
    return Group(first, *(indented(each, 4) for each in _details(rule)))


def _details(rule: Rule) -> Iterator[RenderableType]:
    yield row(Text("AWS", "quiet"), shown(rule.says), widths=(4, None))
    yield row(Text("moto", "quiet"), shown(rule.moto), widths=(4, None))
    if rule.operations:
        yield shown(listed(rule.operations), "quiet")
    if not rule.sourced:
        yield shown("Not documented: seen in AWS's answers only.", "quiet")
    yield shown(f"{rule.source.page}: {rule.source.url}", "quiet")
