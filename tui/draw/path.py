"""A path as the hops that a packet makes, out and back, each with the rule that let it pass or did not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.text import Text

from labs.aws.network.paths import (
    Blocker,
    Call,
    Direction,
    End,
    EndKind,
    Hop,
    HopKind,
    Network,
    Path,
    Verdict,
    protocol_name,
)
from labs.aws.network.paths.hops import REFERENCE
from tui.draw.layout import indented, page, row, rule
from tui.draw.words import clipped, counted, marked, shown

__all__ = ["path_drawn"]

VERDICTS = {
    Verdict.REACHABLE: ("✓", "reachable", "allowed"),
    Verdict.PARTIAL: ("◐", "partial", "partly"),
    Verdict.BLOCKED: ("✗", "blocked", "denied"),
}
ARROWS = {Direction.FORWARD: "→", Direction.REPLY: "←"}
WAYS = {Direction.FORWARD: "on the way there", Direction.REPLY: "on the way back"}
WIDEST_LABEL = 40
ROOMY = 70
"""Columns from which labels may be as wide as they are."""
MARGINS = 6
"""The arrow, the sign, and the gaps between the columns."""
LONGEST_ID = 21
"""An id of AWS's is that long: eight letters or so, and seventeen digits."""


def path_drawn(path: Path, network: Network) -> RenderableType:
    """The whole answer: the verdict, both ways, and what blocks with its repair."""
    return page(
        _headline(path),
        *_remedies(path),
        rule(),
        *_way(path, path.forward, Direction.FORWARD),
        *_way(path, path.reply, Direction.REPLY),
        *_blockers(path, network),
    )


def _headline(path: Path) -> Text:
    text = Text.assemble(
        shown(_end(path.source), "accent"),
        (" → ", "quiet"),
        shown(_end(path.destination), "accent"),
        "  ",
        shown(_traffic(path)),
        "    ",
    )
    verdict = marked(*VERDICTS[path.verdict])
    verdict.stylize("bold")
    text.append_text(verdict)
    if path.verdict is Verdict.PARTIAL:
        whose = "client" if path.ports == path.client_ports else "destination"
        text.append(f": only {whose} ports {path.ports}", "partly")
    elif path.verdict is Verdict.BLOCKED and path.blockers:
        text.append(f" {WAYS[path.blockers[0].direction]}", "denied")
    return text


def _end(end: End) -> str:
    if end.kind is EndKind.SERVICE:
        return end.service
    return end.name or str(end.address)


def _traffic(path: Path) -> str:
    name = protocol_name(path.protocol)
    asked = path.question.ports
    return f"{name} {asked}" if asked is not None else name


def _remedies(path: Path) -> Iterator[RenderableType]:
    """The repairs at a glance; they are spelled out at the end."""
    repairs = [each.repair for each in path.blockers if each.repair is not None]
    if path.verdict is Verdict.REACHABLE:
        return
    if not path.repairable:
        yield Text("no repair makes this work as it was asked", "quiet")
    elif len(repairs) == 1:
        yield Text.assemble(("repair  ", "quiet"), shown(repairs[0].sentence))
    else:
        yield Text.assemble(("repair  ", "quiet"), f"{counted(len(repairs), 'change')}, below")


# Hops


def _way(path: Path, hops: Sequence[Hop], direction: Direction) -> Iterator[RenderableType]:
    if not hops:
        if direction is Direction.REPLY:
            yield Text(f"{ARROWS[direction]} no reply: the packet does not arrive", "quiet")
        return
    supposed = direction is Direction.REPLY and not path.destination_ports
    if supposed:
        yield Text(f"{ARROWS[direction]} the reply, if the packet arrived", "quiet")
    both = (*path.forward, *path.reply)
    label = 1 + min(WIDEST_LABEL, max(len(_label(each)) for each in both))
    # On a wide screen the signs stay beside what they are about.
    width = label + max(len(each.rule) for each in both) + MARGINS
    for hop in hops:
        yield Constrain(_Hop(hop, ARROWS[direction], label, supposed), width)
        supposed = supposed or not hop.passed


@dataclass(frozen=True, slots=True)
class _Hop:
    """One hop, in columns that the others have too; where there is little room, labels take less of it."""

    hop: Hop
    arrow: str
    label: int
    supposed: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width
        label = self.label if room >= ROOMY else min(self.label, room * 2 // 5)
        yield _hop(self.hop, self.arrow, label, room, supposed=self.supposed)


def _hop(hop: Hop, arrow: str, width: int, room: int, *, supposed: bool) -> RenderableType:
    """One hop in so much room; `supposed` when the packet does not really come so far."""
    passes = bool(hop.passed)
    plain = "quiet" if supposed else ""
    sign = ("✓", "allowed") if passes and not hop.lost else ("◐", "partly") if passes else ("✗", "denied")
    said = shown(hop.rule, sign[1] if hop.lost else plain)
    line = row(
        Text(arrow, plain or "accent"),
        shown(_label(hop), plain),
        said,
        Text(*sign),
        widths=(1, width, None, 1),
    )
    if hop.code is None:
        return line
    code = Text(hop.code.value, sign[1])
    if len(code) > room - width - MARGINS:  # it is one word: it begins further left rather than break
        return Group(line, row("", code, widths=(1, None)))
    return Group(line, row("", "", code, "", widths=(1, width, None, 1)))


def _label(hop: Hop) -> str:
    """`network ACL acl-2b out`; ends of the path go by their name alone."""
    name = hop.name or clipped(hop.component, LONGEST_ID)
    if hop.kind in (HopKind.SOURCE, HopKind.DESTINATION, HopKind.HOST):
        return name
    return " ".join(filter(None, (hop.kind.value, name, hop.side)))


# What blocks


def _blockers(path: Path, network: Network) -> Iterator[RenderableType]:
    if path.blockers:
        yield rule()
    for blocker in path.blockers:
        yield from _blocker(blocker, network)


def _blocker(blocker: Blocker, network: Network) -> Iterator[RenderableType]:
    name = network.name(blocker.component)
    title = Text.assemble(
        ("✗ ", "denied"),
        shown(f"{name} ({blocker.component})" if name else blocker.component, "title"),
        "  ",
        (blocker.code.value, "denied"),
        (f"  {WAYS[blocker.direction]}", "quiet"),
    )
    if blocker.behind:
        title.append(", seen once the others are repaired", "quiet")
    yield title
    yield indented(shown(blocker.detail), 2)
    if blocker.repair is None:
        yield indented(Text("no call repairs this", "quiet"), 2)
        return
    yield indented(Text.assemble(("repair  ", "quiet"), shown(blocker.repair.sentence)), 2)
    for call in blocker.repair.calls:
        yield indented(shown(_call(call), "quiet"), 10)


def _call(call: Call) -> str:
    """A call as one writes it in Python."""
    given = ", ".join(f"{key}={_value(value)}" for key, value in call.parameters.items())
    result = f"{call.label} = " if call.label else ""
    return f"{result}{call.service}.{call.operation}({given})"


def _value(value: Any) -> str:
    """A parameter in Python; a reference to an earlier response as the look-up that it stands for."""
    if isinstance(value, str) and (found := REFERENCE.match(value)):
        keys = "".join(f'["{key}"]' for key in found[2].split("."))
        rest = value[found.end() :]
        return f"{found[1]}{keys}" + (f" + {json.dumps(rest)}" if rest else "")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}": {_value(each)}' for key, each in value.items()) + "}"
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value)
