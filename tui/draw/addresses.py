"""Address blocks drawn: a block taken apart, and blocks as bars on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from labs.aws.network.addresses import (
    Answer,
    Block,
    Description,
    Exclusion,
    Judgement,
    NoPlan,
    Plan,
    Remark,
    beginning,
    scaled,
    summarise,
    verdict,
)
from labs.aws.network.addresses.answers import Computed, Join, Overlaps, Secondary, Size, Split
from tui.draw.layout import indented, page, row, rule
from tui.draw.plans import judgement_drawn, no_plan_drawn, plan_drawn
from tui.draw.words import counted, marked, shown

__all__ = ["answer_drawn"]

FACTS = (11, None)
MOST_BARS = 32


def answer_drawn(answer: Answer, *, plain: bool = False) -> RenderableType:
    """An answer about addresses; `plain` leaves out what only the eye reads."""
    match answer:
        case Plan():
            return plan_drawn(answer, plain=plain)
        case NoPlan():
            return no_plan_drawn(answer)
        case Judgement():
            return judgement_drawn(answer, plain=plain)
        case Description():
            return page(*_description(answer))
        case Split():
            return page(*_split(answer, plain))
        case Join():
            return page(*_join(answer, plain))
        case Exclusion():
            return page(*_exclusion(answer, plain))
        case Overlaps():
            return page(*_overlaps(answer, plain))
        case Computed():
            return page(*_computed(answer))
        case Size():
            return page(*_size(answer))
        case Secondary():
            return page(*_secondary(answer))


# One block


def _description(description: Description) -> Iterator[RenderableType]:
    block = description.block
    yield shown(block.written or block, "title")
    yield _verdict(description)
    yield rule()
    for name, value in _facts(description):
        yield row(Text(name, "quiet"), value, widths=FACTS)
    # For IPv4 AWS says the same of a subnet as of a VPC.
    remarks = description.as_vpc if block.version == 4 else (*description.as_vpc, *description.as_subnet)
    if remarks:
        yield Text()
        yield from map(_remark, dict.fromkeys(remarks))
    if description.reserved:
        yield Text()
        yield Text("AWS keeps in a subnet", "title")
        width = max(len(each.address) for each in description.reserved)
        for each in description.reserved:
            yield row(shown(each.address), shown(each.role, "quiet"), widths=(width + 1, None))
    if block.host:
        yield Text()
        yield Text("One text, several answers", "title")
        for answer in description.dialects:
            sign = Text("✓", "allowed") if answer.answer else Text("✗", "denied")
            said = shown(answer.answer or "refuses it")
            yield row(sign, Text(answer.who), said, shown(answer.why, "quiet"), widths=(1, 13, 18, None))


def _verdict(description: Description) -> Text:
    uses = [
        name
        for name, allowed in (("a VPC", description.vpc_allowed), ("a subnet", description.subnet_allowed))
        if allowed
    ]
    if not uses:
        return marked("✗", "AWS takes it neither for a VPC nor for a subnet", "denied")
    made = f", as {description.block}" if description.block.host else ""
    return marked("✓", f"AWS takes it for {' and for '.join(uses)}{made}", "allowed")


def _facts(description: Description) -> Iterator[tuple[str, Text]]:
    block, home = description.block, description.home
    yield "block", Text.assemble((str(block), "accent"), (f"   {block[0]} – {block[-1]}", ""))
    yield "addresses", Text(_sizes(block, description.usable))
    if block.version == 4:
        yield "netmask", Text(str(block.network.netmask))
        yield "bits", _bits(block)
        yield "begins", Text(beginning(block.prefix))
    name = "in several ranges" if home is None else home.name
    yield "range", Text.assemble(name, (f"   {home.block}" if home and home.block.prefix else "", "quiet"))


def _sizes(block: Block, usable: int | None) -> str:
    """How many addresses a block has, and how many of them resources can have; large numbers as powers."""
    if block.size > 2**32:
        return f"2^{block.bits - block.prefix}{'' if usable is None else ', all but 5 usable'}"
    return f"{block.size:,}{'' if usable is None else f', {usable:,} usable'}"


def _bits(block: Block) -> Text:
    """The written address in binary, the prefix set apart from the host bits."""
    bits = f"{block.start + block.host:032b}"
    text = Text()
    for place, bit in enumerate(bits):
        if place == block.prefix:
            text.append("|", "quiet")
        elif place and place % 8 == 0:
            text.append(".", "quiet")
        text.append(bit, "accent" if place < block.prefix else "")
    return text.append(f"   {block.prefix} of prefix | {32 - block.prefix} of host", "quiet")


def _remark(remark: Remark) -> RenderableType:
    sign = Text("✗", "denied") if remark.refused else Text("!", "partly")
    return row(sign, shown(remark.sentence), widths=(1, None))


def _secondary(answer: Secondary) -> Iterator[RenderableType]:
    word = (
        marked("✓", "AWS adds it", "allowed")
        if verdict(answer)
        else marked("✗", "AWS does not add it", "denied")
    )
    has = ", ".join(map(str, answer.existing))
    yield Text.assemble((str(answer.block), "title"), (f"   to a VPC that has {has}", "quiet"))
    yield word
    if answer.remarks:
        yield rule()
        yield from map(_remark, answer.remarks)


def _size(answer: Size) -> Iterator[RenderableType]:
    yield Text.assemble((f"/{answer.prefix}", "title"), f"   for {counted(answer.hosts, 'host')}")
    yield Text(f"{answer.addresses:,} addresses, {answer.usable:,} usable: AWS keeps 5", "quiet")


def _computed(answer: Computed) -> Iterator[RenderableType]:
    yield shown(answer.call, "quiet")
    for each in answer.blocks:
        yield Text.assemble((f"{each!s:20}", "accent"), (f"{each[0]} – {each[-1]}", ""))
    if answer.text:
        yield shown(answer.text, "accent")


# Several blocks


@dataclass(frozen=True, slots=True)
class Line:
    """One block with its bar: a sign for what it is, and a style."""

    block: Block
    sign: str = " "
    style: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Blocks below one another, each a bar on the scale of a whole: further right is a higher address."""

    lines: Sequence[Line]
    whole: Block
    plain: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names = max((len(str(line.block)) for line in self.lines), default=0)
        room = options.max_width - names - 5
        for line in self.lines:
            text = Text(f"{line.sign} {line.block!s:{names}}", line.style)
            if self.plain or room < 10:
                text.append(f"   {line.block[0]} – {line.block[-1]}", "quiet")
            else:
                x, width = scaled(line.block, self.whole, room)
                bar = "│" if width == 1 else f"├{'─' * (width - 2)}┤"
                text.append("   " + " " * x + bar)
            yield text


def _split(answer: Split, plain: bool) -> Iterator[RenderableType]:
    first = answer.parts[0]
    yield Text.assemble((str(answer.block), "title"), f"   {counted(len(answer.parts), 'part')}")
    yield Text(f"each a /{answer.prefix}: {_sizes(first, answer.usable)}", "quiet")
    yield rule()
    if len(answer.parts) <= MOST_BARS:
        yield Bars([Line(each) for each in answer.parts], answer.block, plain)
    else:
        yield Columns([str(each) for each in answer.parts])


def counted_addresses(number: int) -> str:
    """`1 address`, `4,096 addresses`."""
    return "1 address" if number == 1 else f"{number:,} addresses"


@dataclass(frozen=True, slots=True)
class Columns:
    """Many short texts, in columns as the width allows, read downwards."""

    texts: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(map(len, self.texts)) + 2
        across = max(1, options.max_width // width)
        down = -(-len(self.texts) // across)
        for place in range(down):
            yield Text("".join(f"{each:{width}}" for each in self.texts[place::down]).rstrip())


def _join(answer: Join, plain: bool) -> Iterator[RenderableType]:
    summary = answer.summary
    count = len(summary.blocks)
    if summary.one:
        yield marked("✓", f"they join to {summary.blocks[0]}", "allowed")
    elif answer.asked:
        yield marked("✗", f"they do not join to one block: {count} are left", "denied")
    else:
        yield Text(f"{counted(len(summary.given), 'block')} as {count}", "title")
    if summary.whole is None:
        yield Text("IPv4 and IPv6 blocks are never in one.", "quiet")
        yield rule()
        yield Columns([str(each) for each in summary.blocks])
        return
    if summary.extra:
        besides = ", ".join(map(str, summary.extra[:4])) + (" and more" if len(summary.extra) > 4 else "")
        yield Text(f"The smallest block over all is {summary.whole}; it holds {besides} besides.", "quiet")
    yield rule()
    lines = [Line(each, "·", "quiet") for each in summary.given]
    joined = [Line(each, "=", "accent") for each in summary.blocks if each not in summary.given]
    if len(lines) + len(joined) <= 2 * MOST_BARS:
        yield Bars([*lines, *joined], summary.whole, plain)
        yield Text("· given   = joined" if joined else "· given", "quiet")
    else:
        yield Columns([str(each) for each in summary.blocks])


def _exclusion(answer: Exclusion, plain: bool) -> Iterator[RenderableType]:
    holes = ", ".join(map(str, answer.holes))
    left = sum(each.size for each in answer.left)
    yield Text.assemble((str(answer.block), "title"), shown(f"   without {holes}"))
    yield Text(f"{counted_addresses(left)} left, in {counted(len(answer.left), 'block')}", "quiet")
    for each in answer.outside:
        yield row(Text("!", "partly"), Text(f"{each} lies outside: it takes nothing away."), widths=(1, None))
    yield rule()
    inside = [each for each in answer.holes if each not in answer.outside]
    lines = [Line(each, "=", "accent") for each in answer.left]
    lines += [Line(each, "–", "quiet") for each in inside if answer.block.covers(each)]
    if len(lines) <= 2 * MOST_BARS:
        yield Bars(sorted(lines, key=lambda line: line.block), answer.block, plain)
        yield Text("= left   – taken away", "quiet")
    else:
        yield Columns([str(each) for each in answer.left])


def _overlaps(answer: Overlaps, plain: bool) -> Iterator[RenderableType]:
    found = [pair for pair in answer.pairs if pair.overlap]
    if found:
        yield marked("✗", "they overlap", "denied")
    else:
        yield marked("✓", "they do not overlap", "allowed")
    yield rule()
    whole = summarise(answer.blocks).whole
    if whole is not None and len(answer.blocks) <= MOST_BARS:
        yield Bars([Line(each) for each in answer.blocks], whole, plain)
        yield Text()
    for pair in answer.pairs:
        sign = Text("✗", "denied") if pair.overlap else Text("✓", "allowed")
        yield row(sign, shown(pair.sentence), widths=(1, None))
    if not found and len(answer.blocks) > 2:
        yield indented(Text(f"All {len(answer.blocks)} blocks are apart."), 2)
