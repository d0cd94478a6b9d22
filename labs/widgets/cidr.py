"""A network drawn as blocks: split one, join two halves, give one a name, compare with another network.

Width is size within a row. A block whose parts do not fit side by side is drawn as its halves, a row each.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets

from labs.aws.network.addresses import (
    Block,
    Cell,
    Description,
    Overlap,
    Part,
    Plan,
    Requirements,
    Row,
    Subnet,
    Tier,
    describe,
    overlap,
    rows,
)
from labs.aws.network.addresses.sizes import SMALLEST
from labs.errors import AddressError, InputError, SkylabError
from labs.widgets.look import LABEL, fault, styled, table, wide

__all__ = ["CidrPlanner", "block_html", "joined", "plan_of", "split_in_two"]

COLUMNS = 96
MOST_ROWS = 16
UNNAMED = "free"


def split_in_two(blocks: tuple[Block, ...], block: Block) -> tuple[Block, ...]:
    """The blocks with one of them cut into its halves.

    Raises:
        AddressError: AWS makes no subnet so small.
    """
    if block.prefix >= SMALLEST:
        raise AddressError(
            f"{block} stays whole",
            f"Its halves would be /{block.prefix + 1}s, and the smallest subnet in AWS is a /{SMALLEST}.",
            "Join it with its other half, or split a larger block.",
        )
    return tuple(sorted((*(each for each in blocks if each != block), *block.halves)))


def joined(blocks: tuple[Block, ...], block: Block) -> tuple[Block, ...]:
    """The blocks with one of them joined with its other half.

    Raises:
        AddressError: its other half is not whole, or not there.
    """
    whole, other = block.parent, block.sibling
    if whole is None or other not in blocks:
        split = any(other is not None and other.covers(each) for each in blocks)
        raise AddressError(
            f"{block} has nothing to join with",
            f"Its other half is {other}, which {'is split' if split else 'is not part of the network'}.",
            f"Join the parts of {other} first." if split else "It is the whole network already.",
        )
    return tuple(sorted((*(each for each in blocks if not whole.covers(each)), whole)))


def plan_of(network: Block, blocks: tuple[Block, ...], names: Mapping[Block, str]) -> Plan:
    """The blocks as a plan: those with a name are subnets, the others free."""
    subnets = (Subnet(name, "a", block, name) for block, name in names.items() if block in blocks)
    return Plan(
        Requirements((network,), ("a",), tuple(Tier(name) for name in names.values())), tuple(subnets)
    )


def block_html(description: Description) -> str:
    """What there is to say of a block as one HTML fragment."""
    block = description.block
    facts = [
        ("from – to", f"<code>{block[0]} – {block[-1]}</code>"),
        ("addresses", f"{block.size:,}"),
    ]
    if description.usable is not None:
        kept = ", ".join(each.address for each in description.reserved)
        facts.append(("for resources", f"{description.usable:,}: AWS keeps <code>{kept}</code>"))
    remarks = {each.sentence: each for each in (*description.as_vpc, *description.as_subnet)}
    said = "".join(
        f'<div class="{"no" if each.refused else "quiet"}">{"✗" if each.refused else "!"} '
        f"{escape(each.sentence)}</div>"
        for each in remarks.values()
    )
    return f'<div class="headline accent">{block}</div>{table(facts)}{said}'


def _beside(network: Block, found: Overlap) -> str:
    """Another block beside the network: its part of it as a bar, and whether they overlap in words."""
    sign, tone = ("✗ They overlap.", "no") if found.overlap else ("✓ They are apart.", "yes")
    bar = ""
    if found.shared is not None:
        left = 100 * (found.shared.start - network.start) / network.size
        width = 100 * found.shared.size / network.size
        bar = f'<div class="bar"><span style="left:{left:.4f}%;width:{width:.4f}%"></span></div>'
    return f'<div class="{tone}">{sign}</div><div>{escape(found.sentence)}</div>{bar}'


class CidrPlanner(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A network as blocks. Choose one, then split it, join it with its other half, or give it a name.

    `subnets` holds the blocks that have a name, for `create_subnet`.

    Args:
        network: the block to start with, such as `10.0.0.0/16`.
        other: another network to compare with; none when it is empty.
    """

    def __init__(self, network: str = "10.0.0.0/16", other: str = "") -> None:
        # What is typed counts when the field is left: half a block is no block.
        self.network = _field(network, "network")
        self.name = _field("", "name of it")
        self.other = _field(other, "compare with")
        self.split = ipywidgets.Button(description="Split in two")
        self.join = ipywidgets.Button(description="Join with its half")
        self.rows = ipywidgets.VBox(layout=wide())
        self.found = ipywidgets.HTML()
        self._settling = False
        self._begin()
        self.network.observe(self._typed_network, names="value")
        self.name.observe(self._typed_name, names="value")
        self.other.observe(self._show, names="value")
        self.split.on_click(lambda _: self._change(split_in_two))
        self.join.on_click(lambda _: self._change(joined))
        buttons = ipywidgets.HBox([self.split, self.join])
        super().__init__([self.network, self.rows, buttons, self.name, self.other, self.found])
        self._typed_network()

    @property
    def subnets(self) -> dict[str, str]:
        """The blocks that have a name: name and block, in order of address."""
        return {name: str(block) for block, name in sorted(self._names.items())}

    @property
    def chosen(self) -> Block:
        """The block that is chosen."""
        return self._chosen

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, in order of address."""
        return self._blocks

    def choose(self, block: str) -> None:
        """Choose a block, as its button does.

        Raises:
            AddressError: the network is not cut into such a block.
        """
        wanted = Block.parse(block)
        if wanted not in self._blocks:
            held = ", ".join(map(str, self._blocks))
            raise AddressError("There is no such block", f"It is {wanted}.", f"There are {held}.")
        self._chosen = wanted
        self._show()

    def _begin(self, network: Block | None = None) -> None:
        self._network = network or Block(4, 10 << 24, 16)
        self._blocks, self._chosen = (self._network,), self._network
        self._names: dict[Block, str] = {}
        self._buttons: dict[Block, Any] = {}

    def _typed_network(self, _change: object = None) -> None:
        try:
            network = Block.parse(self.network.value.strip()).canonical
            plan_of(network, (network,), {})
        except SkylabError as error:
            self._show(error=error)
            return
        self._begin(network)
        self._draw()
        self._show()

    def _typed_name(self, _change: object = None) -> None:
        if self._settling:
            return
        name = self.name.value.strip()
        try:
            self._names = self._renamed(name)
        except InputError as error:
            self._show(error=error)
            return
        self._show()

    def _renamed(self, name: str) -> dict[Block, str]:
        others = {block: each for block, each in self._names.items() if block != self._chosen}
        names = {**others, self._chosen: name} if name else others
        plan_of(self._network, self._blocks, names)
        return names

    def _change(self, change: Any) -> None:
        before = self._chosen
        try:
            blocks = change(self._blocks, before)
            if len(_rows(self._network, blocks)) > MOST_ROWS:
                raise AddressError(
                    "That is more than can be drawn", f"{MOST_ROWS} rows are full.", "Join some."
                )
        except SkylabError as error:
            self._show(error=error)
            return
        self._blocks = blocks
        self._chosen = next(each for each in blocks if each.overlaps(before))
        self._names = {block: name for block, name in self._names.items() if block in blocks}
        self._draw()
        self._show()

    def _draw(self) -> None:
        """Make the buttons anew; when a block is only chosen they stay, and keep the keyboard's focus."""
        self._buttons = {}
        self.rows.children = [self._row(row) for row in _rows(self._network, self._blocks)]

    def _row(self, row: Row) -> Any:
        return ipywidgets.HBox([self._button(cell) for cell in row.cells], layout=wide())

    def _button(self, cell: Cell) -> Any:
        block = cell.part.subnets[0].block
        width = f"{100 * cell.width / COLUMNS:.3f}%"
        button = ipywidgets.Button(layout=ipywidgets.Layout(width=width, min_width="0"))
        button.add_class("skylab-block")
        button.on_click(lambda _: self.choose(str(block)))
        self._buttons[block] = button
        return button

    def _show(self, _change: object = None, *, error: SkylabError | None = None) -> None:
        for block, button in self._buttons.items():
            name = self._names.get(block, "")
            button.description = f"{name} {block}".strip()
            button.tooltip = f"{block}, {block.size:,} addresses, {name or UNNAMED}"
            _marked(button, "named", bool(name))
            _marked(button, "chosen", block == self._chosen)
        self._settling = True
        self.name.value = self._names.get(self._chosen, "") if error is None else self.name.value
        self._settling = False
        self.found.value = styled("cidr", fault(error) if error else self._said())

    def _said(self) -> str:
        plan = plan_of(self._network, self._blocks, self._names)
        count = len(self._blocks)
        summary = (
            f'<div class="quiet">{self._network}: {count} {"block" if count == 1 else "blocks"}, '
            f"{len(self._names)} with a name, {plan.share_free:.4g} % of the addresses free</div>"
        )
        return f"{block_html(describe(self._chosen))}{summary}{self._compared()}"

    def _compared(self) -> str:
        text = self.other.value.strip()
        if not text:
            return ""
        try:
            return _beside(self._network, overlap(self._network, Block.parse(text)))
        except AddressError as error:
            return fault(error)


def _marked(button: Any, mark: str, wanted: bool) -> None:
    (button.add_class if wanted else button.remove_class)(mark)


def _field(value: str, name: str) -> Any:
    return ipywidgets.Text(value, description=name, continuous_update=False, layout=wide(), style=LABEL)


def _rows(network: Block, blocks: tuple[Block, ...]) -> tuple[Row, ...]:
    """The rows in which blocks stand that fill a network."""
    drawn = tuple(Subnet("block", "a", block, str(block)) for block in blocks)
    return rows(Plan(Requirements((network,), ("a",)), drawn), COLUMNS, _least)


def _least(part: Part) -> int:
    return len(str(part.subnets[0].block)) + 4
