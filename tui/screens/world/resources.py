"""What exists in the world, as a tree that folds: services, kinds, and each thing with its facts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static, Tree
from textual.widgets.tree import TreeNode

from tui.draw.words import clipped, counted, shown
from tui.screens.world.parts import Part
from tui.widgets.line import Hanging, Lines, foreign
from tui.widgets.rows import MARK

if TYPE_CHECKING:
    from labs.sandbox import Resource, World
    from tui.session import Session

__all__ = ["ResourceTree", "ResourcesPart"]

LONGEST_ID = 26
LABEL = 9
NOTHING_YET = "Nothing exists in this sandbox yet."


class ResourcesPart(Part):
    """The tree, and below it the marked thing with its ARN."""

    NAME = "resources"

    def __init__(self) -> None:
        super().__init__()
        self.held: tuple[Resource, ...] | None = None

    def compose(self) -> ComposeResult:
        yield ResourceTree()
        yield Static(id="resource-detail")

    def read(self, session: Session, world: World) -> tuple[Resource, ...]:
        return world.resources()

    def take(self, value: tuple[Resource, ...]) -> None:
        if value == self.held:
            return
        self.held = value
        self.query_one(ResourceTree).fill(value)
        if not value:
            self.wait(NOTHING_YET)

    def wait(self, text: str) -> None:
        if not self.held:
            self.query_one("#resource-detail", Static).update(foreign(f"  {text}", "$dim"))

    def target(self) -> Widget:
        return self.query_one(ResourceTree)

    @on(Tree.NodeHighlighted)
    def marked(self, event: Tree.NodeHighlighted[Any]) -> None:
        event.stop()
        thing = event.node.data
        detail = self.query_one("#resource-detail", Static)
        if thing is None or isinstance(thing, tuple):
            detail.update("")
            return
        facts = [("ARN", thing.arn), ("", thing.summary)]
        detail.update(
            Lines(*(Hanging(foreign(name, "$dim"), foreign(each), LABEL) for name, each in facts if each))
        )

    def copy_text(self) -> str:
        node = self.query_one(ResourceTree).cursor_node
        return node.data.arn if node is not None and node.data and not isinstance(node.data, tuple) else ""


class ResourceTree(Tree[Any]):
    """The tree. The data of a branch is its path of names, that of a leaf its resource."""

    HELP_LINE = (
        "What exists in the sandbox. Up and Down mark a row, Enter or Space folds a branch; below stands the "
        "marked thing's ARN, which F7 copies."
    )

    def __init__(self) -> None:
        super().__init__("", id="resource-tree")
        self.show_root = False
        self.guide_depth = 3
        self.folded: set[tuple[str, ...]] = set()

    def fill(self, resources: Sequence[Resource]) -> None:
        """Build it again; what was folded stays so, and the mark stays where it was."""
        before = self.cursor_node.data if self.cursor_node is not None else None
        ordered = sorted(resources, key=lambda each: (each.service, each.kind, each.id))
        self.clear()
        for service, held in groupby(ordered, lambda each: each.service):
            things = list(held)
            branch = self._branch(self.root, (service,), counted(len(things), "resource"))
            for kind, alike in groupby(things, lambda each: each.kind):
                leaves = list(alike)
                twig = self._branch(branch, (service, kind), str(len(leaves)))
                for each in leaves:
                    twig.add_leaf(leaf_label(each), each)
        self.root.expand()
        self.call_after_refresh(self._mark, before)

    def _branch(self, parent: TreeNode[Any], path: tuple[str, ...], number: str) -> TreeNode[Any]:
        label = Text.assemble(shown(path[-1], "bold" if len(path) == 1 else ""), (f"  {number}", "dim"))
        return parent.add(label, path, expand=path not in self.folded)

    def _mark(self, before: Any) -> None:
        """Mark the thing that was marked, else the first row."""
        key = key_of(before)
        lines = range(self.last_line + 1)
        nodes = ((line, self.get_node_at_line(line)) for line in lines) if key else ()
        self.cursor_line = next((line for line, node in nodes if node and key_of(node.data) == key), 0)

    @on(Tree.NodeCollapsed)
    def was_folded(self, event: Tree.NodeCollapsed[Any]) -> None:
        event.stop()
        if event.node.data:
            self.folded.add(event.node.data)

    @on(Tree.NodeExpanded)
    def was_unfolded(self, event: Tree.NodeExpanded[Any]) -> None:
        event.stop()
        self.folded.discard(event.node.data)

    def render_label(self, node: TreeNode[Any], base_style: Style, style: Style) -> Text:
        """A sign before the marked row, so that it shows without colour; else what the tree draws."""
        label = super().render_label(node, base_style, style)
        marked = node is self.cursor_node and not node.allow_expand
        return Text.assemble((f"{MARK} ", style), label) if marked else label


def leaf_label(resource: Resource) -> Text:
    """An id and its summary, in columns."""
    return Text.assemble(
        shown(f"{clipped(resource.id, LONGEST_ID):<{LONGEST_ID}}"), shown(f"  {resource.summary}", "dim")
    )


def key_of(data: Any) -> Any:
    """What a row is known by, though the tree is built again."""
    return data if data is None or isinstance(data, tuple) else data.arn or (data.service, data.kind, data.id)
